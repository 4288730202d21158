/** The part of a stream that a command writes to. */
export interface Out {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}
