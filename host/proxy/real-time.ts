/**
 * Real time for what was written for virtual time: the same scheduler, whose clock follows the computer's.
 *
 * During an event the clock shows when the event was due, not when the computer got round to it: a late wake-up makes one arrival late, and
 * does not add up along the stream. From outside (a socket, a timer of somebody else's) one comes in through {@link enter}.
 */
import type { DueHandler, Scheduler } from "../link/index.ts";
import { VirtualTime } from "../simulation/virtual-time.ts";
import { Alarm } from "./alarm.ts";

export class RealTime implements Scheduler {
  private readonly events = new VirtualTime();
  private readonly startNs = process.hrtime.bigint();
  private alarm: Alarm | null = null;
  private immediate: NodeJS.Immediate | null = null;
  private wakeUs = Number.POSITIVE_INFINITY;
  private inside = false;
  private stopped = false;

  get nowUs(): number {
    return this.events.nowUs;
  }

  at(timeUs: number, handler: DueHandler, argument: number): void {
    this.events.at(Math.max(timeUs, this.events.nowUs), handler, argument);
    if (!this.inside) this.sleep();
  }

  /** Handles what is due, then does `action` in the present. */
  enter(action: () => void): void {
    if (this.inside || this.stopped) {
      if (!this.stopped) action();
      return;
    }
    this.inside = true;
    try {
      this.events.runUntil(this.elapsedUs());
      action();
    } finally {
      this.inside = false;
      this.sleep();
    }
  }

  /** No event comes any more. */
  stop(): void {
    this.stopped = true;
    this.alarm?.stop();
    if (this.immediate !== null) clearImmediate(this.immediate);
  }

  private elapsedUs(): number {
    return Number((process.hrtime.bigint() - this.startNs) / 1000n);
  }

  private sleep(): void {
    const nextUs = this.events.nextUs;
    if (this.stopped || this.immediate !== null || nextUs >= this.wakeUs) return;
    this.wakeUs = nextUs;
    if (nextUs <= this.elapsedUs()) {
      this.immediate = setImmediate(() => this.woken());
      return;
    }
    this.alarm ??= new Alarm(() => this.woken());
    this.alarm.set(this.startNs + BigInt(nextUs) * 1000n);
  }

  private woken(): void {
    this.immediate = null;
    this.wakeUs = Number.POSITIVE_INFINITY;
    this.enter(() => {});
  }
}
