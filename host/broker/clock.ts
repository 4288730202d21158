/**
 * The time of a broker on sockets: the computer's, or one that a test advances.
 *
 * The machine has no clock; whoever serves it (realtime.ts) tells it the time and wakes it. With a `TestClock` a keep-alive
 * of a minute, a session that expires in a week and a will that is delayed by an hour are over when a test says so, and
 * not one millisecond before.
 */
export interface Clock {
  /** Whole milliseconds, from any origin, that do not go backwards. */
  now(): number;
  /** Calls back once when `dueMs` has come; returns how to forget it. */
  at(dueMs: number, callback: () => void): () => void;
}

/** setTimeout takes no more. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** The computer's. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Math.floor(performance.now()),
  at(dueMs, callback) {
    const delayMs = Math.min(Math.max(dueMs - SYSTEM_CLOCK.now(), 0), MAX_DELAY_MS);
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Stands still until `advance`. */
export class TestClock implements Clock {
  #nowMs = 0;
  readonly #waiting = new Set<{ dueMs: number; callback: () => void }>();

  now(): number {
    return this.#nowMs;
  }

  at(dueMs: number, callback: () => void): () => void {
    const entry = { dueMs, callback };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  /** Lets `ms` pass, 0 or more, stopping wherever something is due. What the broker sends then leaves its sockets. */
  advance(ms: number): void {
    if (!Number.isInteger(ms) || ms < 0) throw new RangeError(`a clock advances by whole milliseconds, not by ${ms}`);
    const targetMs = this.#nowMs + ms;
    for (let entry = this.#first(targetMs); entry !== undefined; entry = this.#first(targetMs)) {
      this.#waiting.delete(entry);
      this.#nowMs = Math.max(this.#nowMs, entry.dueMs);
      entry.callback();
    }
    this.#nowMs = targetMs;
  }

  #first(limitMs: number) {
    let first: { dueMs: number; callback: () => void } | undefined;
    for (const entry of this.#waiting) {
      if (entry.dueMs <= limitMs && (first === undefined || entry.dueMs < first.dueMs)) first = entry;
    }
    return first;
  }
}
