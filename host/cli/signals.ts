/**
 * The signals that end pub, sub and rr: each leaves in order at the first, and at once at the second.
 */
import { constants } from "node:os";

/** SIGHUP too: a terminal that is closed must not lose what was accepted. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export type EndingSignal = (typeof SIGNALS)[number];

/** Calls `end` at the first signal; what comes then acts as if nobody listened. Returns what stops listening. */
export function onEndingSignal(end: (signal: EndingSignal) => void): () => void {
  const listener = (signal: NodeJS.Signals) => {
    stop();
    end(signal as EndingSignal);
  };
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return stop;
}

/** The status that a shell shows for whom a signal has ended: 128 and its number. */
export function exitCodeOfSignal(signal: EndingSignal): number {
  return 128 + constants.signals[signal];
}
