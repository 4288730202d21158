/**
 * A broker on sockets: a clock, one timer, and one flush a turn of the event loop.
 *
 * All sockets that were readable in a turn are read before anything is written, so that what a hundred publishers sent
 * leaves for their subscriber in one write.
 */
import type { Broker } from "./broker.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";

export class RealTime {
  readonly #broker: Broker;
  readonly #clock: Clock;
  #cancelTimer: (() => void) | undefined;
  #timerMs = Number.POSITIVE_INFINITY;
  #isTurnPlanned = false;
  #isStopped = false;
  /** Called after each flush. */
  onFlushed: () => void = () => {};

  /** The broker must have been made with `flushing: "manual"`. Its option `clock` is the time. */
  constructor(broker: Broker) {
    this.#broker = broker;
    this.#clock = broker.clock ?? SYSTEM_CLOCK;
  }

  /** Milliseconds of a clock that never goes back. */
  now(): number {
    return this.#clock.now();
  }

  /** The broker has been called: at the end of this turn its output goes out and its next deadline is looked up. */
  touch(): void {
    if (this.#isStopped) return;
    // Who advances a clock by hand must find every deadline in it at once.
    if (this.#clock !== SYSTEM_CLOCK) this.#arm();
    if (this.#isTurnPlanned) return;
    this.#isTurnPlanned = true;
    setImmediate(() => {
      this.#isTurnPlanned = false;
      this.#broker.flush();
      this.onFlushed();
      this.#arm();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#broker.flush();
  }

  #arm(): void {
    const nextMs = this.#broker.nextTimeout();
    // A timer that fires early costs one look; one for each packet would cost more than the packet.
    if (this.#isStopped || nextMs >= this.#timerMs) return;
    this.#cancelTimer?.();
    this.#timerMs = nextMs;
    this.#cancelTimer = this.#clock.at(nextMs, () => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.#broker.advance(this.now());
      this.#broker.flush();
      this.onFlushed();
      this.#arm();
    });
  }
}
