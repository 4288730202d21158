/**
 * How much went through a broker a minute, as a moving average over one, five and fifteen minutes: mosquitto's
 * $SYS/broker/load. What lies t minutes back counts e^-t (e^-t/5, e^-t/15), as in the load of a Unix machine.
 */
const MINUTE_MS = 60_000;

/** The spans, minutes. */
export const LOAD_SPANS = [1, 5, 15] as const;

export class LoadAverage {
  #lastTotal = 0;
  readonly #averages = LOAD_SPANS.map(() => 0);

  /** `total` is what has been counted so far; `elapsedMs`, above 0, the time since the update before. */
  update(total: number, elapsedMs: number): void {
    const perMinute = ((total - this.#lastTotal) * MINUTE_MS) / elapsedMs;
    this.#lastTotal = total;
    LOAD_SPANS.forEach((span, index) => {
      const weight = Math.exp(-elapsedMs / (span * MINUTE_MS));
      this.#averages[index] = perMinute + weight * (this.#averages[index] - perMinute);
    });
  }

  /** The averages a minute, in the order of the spans, with two decimals. */
  get texts(): string[] {
    return this.#averages.map(average => average.toFixed(2));
  }
}
