/**
 * A bucket that holds one second's worth of tokens and fills at the rate. Who takes more than there are waits until the
 * bucket is level again; nothing is thrown away, for the peer's own TCP slows it down.
 */
export class RateLimit {
  readonly #perSecond: number;
  #tokens: number;
  #filledMs: number;

  /** `perSecond` is above 0. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#filledMs = nowMs;
  }

  /** Takes `count` tokens; how long to wait before any more may be taken, ms. */
  take(count: number, nowMs: number): number {
    const filled = this.#tokens + ((nowMs - this.#filledMs) * this.#perSecond) / 1000;
    this.#tokens = Math.min(this.#perSecond, filled) - count;
    this.#filledMs = nowMs;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens * 1000) / this.#perSecond);
  }
}
