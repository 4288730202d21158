/** A link in the words of another tool: the text, and a line for everything that the tool has no words for. */
export interface Written {
  readonly text: string;
  readonly missing: readonly string[];
}
