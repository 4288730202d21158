/**
 * The one timer of the sending half, and what it is armed for: a retransmission time-out, a tail loss probe, the end of the patience
 * with reordering, or a look at a window that was closed. It also holds the time-out in force: estimate and back-off.
 *
 * After tcp_rearm_rto() and tcp_schedule_loss_probe().
 */
import type { Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";
import type { TcpProfile } from "./profile.ts";
import type { RetransmissionQueue } from "./retransmission-queue.ts";
import { type RoundTrip, roundTrip } from "./round-trip.ts";
import { type TimerGrid, timerGrid } from "./timer-grid.ts";

export type TimerPurpose = "none" | "retransmission" | "probe" | "reordering" | "persist";

/** Linux's TCP_TIMEOUT_MIN, two jiffies. */
export const SHORTEST_TIMEOUT_US = 8_000;
/** The delayed acknowledgement that a probe of a lone segment allows for. */
const DELAYED_ACK_ALLOWANCE_US = 200_000;

export class RetransmissionTimer {
  purpose: TimerPurpose = "none";
  /** The time-out in force, microseconds, back-off included. */
  rtoUs: number;
  private readonly scheduler: Scheduler;
  private readonly profile: TcpProfile;
  private readonly timer: Timer;
  private readonly grid: TimerGrid;
  private readonly roundTrip: RoundTrip;

  constructor(scheduler: Scheduler, profile: TcpProfile, owner: TimerOwner) {
    this.scheduler = scheduler;
    this.profile = profile;
    this.timer = new Timer(scheduler, owner, 0);
    this.grid = timerGrid(profile.timerGrid);
    this.roundTrip = roundTrip(profile);
    this.rtoUs = this.roundTrip.rtoUs;
  }

  /** The smoothed round trip, or 0 before the first sample. */
  get smoothedUs(): number {
    return this.roundTrip.smoothedUs;
  }

  arm(purpose: TimerPurpose, delayUs: number): void {
    this.purpose = purpose;
    this.timer.arm(this.grid.slowDeadlineUs(this.scheduler.nowUs, delayUs));
  }

  stop(): void {
    this.purpose = "none";
    this.timer.disarm();
  }

  /** Takes a round trip; the back-off ends with it (RFC 6298 5.7). */
  sample(sentUs: number, acknowledged: number, next: number): void {
    this.roundTrip.sample(sentUs, this.scheduler.nowUs, acknowledged, next);
    this.rtoUs = this.roundTrip.rtoUs;
  }

  /** The estimate again, without the back-off. */
  resetBackOff(): void {
    this.rtoUs = this.roundTrip.rtoUs;
  }

  /** Doubles the time-out after it ran out for the `timeoutCount`-th time. */
  backOff(timeoutCount: number): void {
    if (this.profile.roundTrip === "lwip") {
      // tcp_backoff[] of tcp.c: shifts 1 to 7 of the estimate.
      this.rtoUs = Math.min(this.roundTrip.rtoUs * 2 ** Math.min(timeoutCount, 7), this.profile.maximumRtoUs);
    } else {
      this.rtoUs = Math.min(this.rtoUs * 2, this.profile.maximumRtoUs);
    }
  }

  /** Looks at a closed window: after a time-out, and twice as long for each of the `probeCount` looks before (RFC 9293 3.8.6.1). */
  persist(probeCount: number): void {
    this.arm("persist", Math.min(this.rtoUs * 2 ** Math.min(probeCount, 20), this.profile.maximumRtoUs));
  }

  /** A full time-out from now; or, where a probe or reordering stood in for it, what is left of the oldest segment's. */
  restart(queue: RetransmissionQueue): void {
    if (queue.count === 0) {
      this.stop();
      return;
    }
    const substituted = this.purpose === "probe" || this.purpose === "reordering";
    const delayUs = substituted ? queue.oldest.sentUs + this.rtoUs - this.scheduler.nowUs : this.rtoUs;
    this.arm("retransmission", Math.max(delayUs, 1));
  }

  /**
   * Arms a tail loss probe (RFC 8985 7.2): two round trips, and time for a delayed acknowledgement when one segment is out; but never later
   * than the time-out. `advancing` when an acknowledgement has just restarted the time-out.
   */
  scheduleProbe(queue: RetransmissionQueue, advancing: boolean): void {
    const smoothedUs = this.roundTrip.smoothedUs;
    let delayUs =
      smoothedUs > 0
        ? 2 * smoothedUs + (queue.count === 1 ? DELAYED_ACK_ALLOWANCE_US : SHORTEST_TIMEOUT_US)
        : this.profile.initialRtoUs;
    const leftUs = advancing ? this.rtoUs : queue.oldest.sentUs + this.rtoUs - this.scheduler.nowUs;
    if (leftUs > 0 && leftUs < delayUs) delayUs = leftUs;
    this.arm("probe", delayUs);
  }
}
