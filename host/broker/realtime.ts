/**
 * Real time for a broker: a clock, one timer, and one flush a turn of the event loop.
 *
 * All sockets that were readable in a turn are read before anything is written, so that what a hundred publishers sent
 * leaves for their subscriber in one write.
 */
import type { Broker } from "./broker.ts";

/** setTimeout takes no more. */
const MAX_DELAY_MS = 0x7fff_ffff;

export class RealTime {
  readonly #broker: Broker;
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #isTurnPlanned = false;
  #isStopped = false;

  /** The broker must have been made with `flushing: "manual"`. */
  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Milliseconds of a clock that never goes back. */
  now(): number {
    return Math.floor(performance.now());
  }

  /** The broker has been called: at the end of this turn its output goes out and its next deadline is looked up. */
  touch(): void {
    if (this.#isTurnPlanned || this.#isStopped) return;
    this.#isTurnPlanned = true;
    setImmediate(() => {
      this.#isTurnPlanned = false;
      this.#broker.flush();
      this.#arm();
    });
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#broker.flush();
  }

  #arm(): void {
    const nextMs = this.#broker.nextTimeout();
    // A timer that fires early costs one look; one for each packet would cost more than the packet.
    if (this.#isStopped || nextMs >= this.#timerMs) return;
    clearTimeout(this.#timer);
    this.#timerMs = nextMs;
    this.#timer = setTimeout(
      () => {
        this.#timerMs = Number.POSITIVE_INFINITY;
        this.#broker.advance(this.now());
        this.#broker.flush();
        this.#arm();
      },
      Math.min(Math.max(nextMs - this.now(), 0), MAX_DELAY_MS),
    );
  }
}
