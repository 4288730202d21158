/**
 * A timer that is re-armed far more often than it fires.
 *
 * A retransmission timer moves with every segment and almost never fires. Taking an event out of a heap each time would cost more
 * than the segment; so the timer leaves its wake-up where it is and only remembers the deadline. Woken too early, it goes
 * back to sleep until the deadline; woken with no deadline, it stays quiet. Only a deadline *earlier* than the pending wake-up needs a new event, and the
 * old one is recognised by its generation and ignored.
 */
import type { DueHandler, Scheduler } from "./scheduler.ts";

/** No deadline. */
export const NEVER_US = Number.MAX_SAFE_INTEGER;

/** Told when a {@link Timer} runs out. `timerId` is the number that the timer was made with. */
export interface TimerOwner {
  timedOut(timerId: number): void;
}

export class Timer implements DueHandler {
  /** When the timer runs out, or {@link NEVER_US}. */
  deadlineUs = NEVER_US;
  private wakeUs = NEVER_US;
  private generation = 0;
  private readonly scheduler: Scheduler;
  private readonly owner: TimerOwner;
  private readonly timerId: number;

  constructor(scheduler: Scheduler, owner: TimerOwner, timerId: number) {
    this.scheduler = scheduler;
    this.owner = owner;
    this.timerId = timerId;
  }

  get armed(): boolean {
    return this.deadlineUs !== NEVER_US;
  }

  /** Runs out at `deadlineUs` instead of whenever it would have. */
  arm(deadlineUs: number): void {
    this.deadlineUs = deadlineUs;
    if (deadlineUs < this.wakeUs) this.sleepUntil(deadlineUs);
  }

  disarm(): void {
    this.deadlineUs = NEVER_US;
  }

  due(generation: number): void {
    if (generation !== this.generation) return;
    this.wakeUs = NEVER_US;
    if (this.deadlineUs === NEVER_US) return;
    if (this.deadlineUs > this.scheduler.nowUs) {
      this.sleepUntil(this.deadlineUs);
      return;
    }
    this.deadlineUs = NEVER_US;
    this.owner.timedOut(this.timerId);
  }

  private sleepUntil(timeUs: number): void {
    this.wakeUs = timeUs;
    this.generation += 1;
    this.scheduler.at(timeUs, this, this.generation);
  }
}
