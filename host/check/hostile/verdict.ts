/** What became of one fault. */
export interface Verdict {
  /** What was done, and at which point. */
  readonly name: string;
  /** The statement of the standard, or the section. */
  readonly rule: string;
  /**
   * closed     the peer closed
   * kept       the peer went on as if nothing had happened, and still answers
   * silent     the peer neither closed nor answered within the time
   * unreached  the peer did not come to the point
   */
  readonly outcome: "closed" | "kept" | "silent" | "unreached";
  /** Whether the peer had to do something else. */
  readonly isFault: boolean;
  readonly ms: number;
}

/** One line for people. */
export function verdictLine({ name, rule, outcome, isFault, ms }: Verdict): string {
  return `${isFault ? "WRONG" : "ok   "} ${outcome.padEnd(9)} ${String(Math.round(ms)).padStart(6)} ms  ${name} [${rule}]`;
}
