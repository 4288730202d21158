/**
 * The clock as the link sees it: what time it is, and "call me then".
 *
 * The link, and the TCP over it, are written against these two members only, so that the same code runs in virtual
 * time (host/simulation/virtual-time.ts) and, between the two halves of a proxy, in real time. A handler is an object and
 * not a closure: scheduling an event then allocates nothing, and a day of telemetry is millions of events.
 *
 * There is no cancel. Whoever needs one keeps a deadline and looks at it when it is woken: see timer.ts.
 */

/** Receives an event when its time has come. */
export interface DueHandler {
  /** `argument` is the number given to {@link Scheduler.at}. */
  due(argument: number): void;
}

/** A source of time. All times are integer microseconds from the start of the run, below 2^53. */
export interface Scheduler {
  readonly nowUs: number;
  /**
   * Calls `handler.due(argument)` once, at `timeUs`. Events at the same time come in the order in which they were asked for.
   * Throws RangeError when `timeUs` lies in the past or is no integer.
   */
  at(timeUs: number, handler: DueHandler, argument: number): void;
}
