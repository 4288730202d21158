/**
 * How much patience the client has with a server: how long to wait before it is asked again, and when to stop asking.
 *
 * The core doubles its wait with every attempt that fails and begins anew at CONNACK. A server that accepts, and then falls
 * over or sends what is no MQTT, would be asked every second for ever; so the wait begins anew only where a
 * connection was of use: something was delivered over it, or it lasted.
 */

/** A connection that lasts so long was of use, whatever came of it, ms. */
const LASTING_MS = 10_000;

/** The answers of assembly/status.ts that say that the server broke a rule: MALFORMED and UNEXPECTED. */
const VIOLATION_FIRST = -32;
const VIOLATION_LAST = -79;

export class Patience {
  readonly #leastMs: number;
  readonly #mostMs: number;
  #fruitlessCount = 0;
  #violationCount = 0;
  /** Since when there has been a connection that the server accepted, if there is one. */
  #connectedAt: number | undefined;
  #hasDelivered = false;

  /** Both ends of the back-off, ms. */
  constructor(leastMs: number, mostMs: number) {
    this.#leastMs = leastMs;
    this.#mostMs = mostMs;
  }

  /** Least wait before the next attempt, ms. */
  get waitMs(): number {
    return Math.min(this.#leastMs * 2 ** Math.max(0, this.#fruitlessCount - 1), this.#mostMs);
  }

  /** Connections in a row that ended because the server broke a rule, with nothing delivered in between. */
  get violationCount(): number {
    return this.#violationCount;
  }

  connected(now: number): void {
    this.#connectedAt = now;
  }

  /** A message has come, or one has been acknowledged. */
  delivered(): void {
    this.#hasDelivered = true;
    this.#violationCount = 0;
  }

  /** The connection has ended; `reason` is an answer of assembly/status.ts, 0 where the transport ended by itself. */
  closed(now: number, reason: number): void {
    if (reason <= VIOLATION_FIRST && reason >= VIOLATION_LAST) this.#violationCount++;
    if (this.#connectedAt !== undefined) {
      const isOfUse = this.#hasDelivered || ((now - this.#connectedAt) | 0) >= LASTING_MS;
      this.#fruitlessCount = isOfUse ? 0 : this.#fruitlessCount + 1;
    }
    this.#connectedAt = undefined;
    this.#hasDelivered = false;
  }
}
