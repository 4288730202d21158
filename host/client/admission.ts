/**
 * The door to the outbox: requests for which it has no room wait before it, in order.
 *
 * Once somebody has to wait, nobody is let in until the outbox has emptied to half: letting in one request for every
 * acknowledgement would make the core move a full outbox together each time.
 */

/** Tries to give a request to the core; answers whether it is dealt with, be it by an error. */
type Attempt = () => boolean;

const LOW_FILL = 0.5;

export class Admission {
  #waiting: Attempt[] = [];
  #roomWaiters: (() => void)[] = [];

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Tries at once, or, where others wait or there is no room, later. */
  submit(attempt: Attempt): void {
    if (this.hasWaiting || !attempt()) this.#waiting.push(attempt);
  }

  /** As `submit`, but before all that wait. */
  submitFirst(attempt: Attempt): void {
    if (this.hasWaiting || !attempt()) this.#waiting.unshift(attempt);
  }

  /** Lets in who waits, now that the outbox is full to `fill`, 0 to 1. Answers whether anybody was let in. */
  admit(fill: number): boolean {
    let count = 0;
    if (fill <= LOW_FILL) {
      while (count < this.#waiting.length && this.#waiting[count]()) count++;
      this.#waiting.splice(0, count);
    }
    if (!this.hasWaiting) this.#releaseRoomWaiters();
    return count > 0;
  }

  /** Resolves when nobody waits. */
  room(): Promise<void> {
    if (!this.hasWaiting) return Promise.resolve();
    return new Promise(resolve => this.#roomWaiters.push(resolve));
  }

  /** Nobody will be let in any more: each waiting attempt is tried once more, so that it fails as it should. */
  dismiss(): void {
    for (const attempt of this.#waiting.splice(0)) attempt();
    this.#releaseRoomWaiters();
  }

  #releaseRoomWaiters(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }
}
