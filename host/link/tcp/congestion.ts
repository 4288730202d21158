/**
 * Congestion control: slow start (RFC 5681), Proportional Rate Reduction (RFC 6937) during recovery, and Linux's undo when a retransmission
 * turns out to have been needless. Windows count segments, as Linux does; how they grow is in avoidance.ts.
 */
import type { CongestionAvoidance } from "./avoidance.ts";
import type { RetransmissionQueue } from "./retransmission-queue.ts";

export type CongestionState = "open" | "disorder" | "reduced" | "recovery" | "loss";

const UNBOUNDED = 0x7fffffff;

export class Congestion {
  state: CongestionState = "open";
  windowCount: number;
  /** Sequence that must be acknowledged before the present episode is over. */
  recoverySequence = 0;
  /** The last sending stopped for want of window: only then may the window grow (RFC 7661's concern). */
  limited = false;

  private thresholdCount = UNBOUNDED;
  private readonly avoidance: CongestionAvoidance;
  private readonly initialCount: number;
  private fraction = 0;
  private largestOutCount = 0;
  // Proportional Rate Reduction.
  private priorCount = 0;
  private reductionDelivered = 0;
  private reductionSent = 0;
  // Undo.
  private undoSequence = -1;
  private undoRetransmissions = -1;
  private undoThreshold = UNBOUNDED;
  private undoWindow = 0;

  /** `initialCount` is the profile's initial window, to which an idle connection returns; `startCount` may be less after a SYN was lost. */
  constructor(avoidance: CongestionAvoidance, initialCount: number, startCount = initialCount) {
    this.avoidance = avoidance;
    this.initialCount = initialCount;
    this.windowCount = startCount;
  }

  /** A retransmission time-out: one segment, and slow start from there (RFC 5681 3.1). */
  enterLoss(unacknowledged: number, next: number, firstTimeout: boolean, queue: RetransmissionQueue): void {
    const calm = this.state === "open" || this.state === "disorder";
    if (calm || unacknowledged >= this.recoverySequence || (this.state === "loss" && firstTimeout)) {
      this.rememberForUndo(unacknowledged, queue.sentAgainCount);
      this.thresholdCount = this.reducedThreshold();
    }
    this.avoidance.timedOut();
    this.windowCount = queue.inFlightCount + 1;
    this.fraction = 0;
    this.state = "loss";
    this.recoverySequence = next;
  }

  /** Loss found while acknowledgements still come: fast recovery. */
  enterRecovery(unacknowledged: number, next: number, queue: RetransmissionQueue): void {
    if (this.state !== "reduced") this.rememberForUndo(unacknowledged, queue.sentAgainCount);
    this.beginReduction(next);
    this.state = "recovery";
  }

  /** A lost tail that the probe repaired: halve the window as for any loss, with nothing left to repair. */
  reduceOnce(next: number): void {
    this.beginReduction(next);
    this.windowCount = Math.min(this.windowCount, this.thresholdCount);
    this.state = "open";
  }

  /** A segment held for lost was sent again. */
  repeated(): void {
    if (this.undoRetransmissions < 0) this.undoRetransmissions = 0;
    this.undoRetransmissions += 1;
  }

  /** A segment goes out, new or once more: during a reduction each counts against what was delivered. */
  sentOne(): void {
    this.reductionSent += 1;
  }

  /** The peer reports that it got `start` twice. */
  duplicateReported(start: number): void {
    if (this.undoSequence >= 0 && this.undoRetransmissions > 0 && start >= this.undoSequence)
      this.undoRetransmissions -= 1;
  }

  /**
   * True, with the window restored, when every retransmission of the episode was reported as a duplicate, or the acknowledgement
   * echoes a stamp from before the first of them (`originalArrived`, RFC 3522).
   */
  tryUndo(originalArrived: boolean): boolean {
    if (this.undoSequence < 0 || !(this.undoRetransmissions === 0 || originalArrived)) return false;
    this.windowCount = Math.max(this.windowCount, this.undoWindow);
    this.thresholdCount = Math.max(this.thresholdCount, this.undoThreshold);
    this.undoSequence = -1;
    return true;
  }

  /** Everything of the episode is acknowledged. */
  leaveEpisode(): void {
    if (this.state === "recovery" || this.state === "reduced") this.windowCount = this.thresholdCount;
    this.undoSequence = -1;
    this.state = "open";
  }

  /** RFC 6937 3: how much may be sent for `deliveredCount` segments delivered, as the window that allows it. */
  reduce(deliveredCount: number, lossFound: boolean, advanced: boolean, inFlightCount: number): void {
    if (deliveredCount <= 0 || this.priorCount === 0) return;
    this.reductionDelivered += deliveredCount;
    const room = this.thresholdCount - inFlightCount;
    let sendCount: number;
    if (room < 0) {
      const share = Math.floor((this.thresholdCount * this.reductionDelivered + this.priorCount - 1) / this.priorCount);
      sendCount = share - this.reductionSent;
    } else {
      sendCount = Math.max(this.reductionDelivered - this.reductionSent, deliveredCount);
      if (advanced && !lossFound) sendCount += 1;
      sendCount = Math.min(room, sendCount);
    }
    // The first retransmission of an episode always goes.
    sendCount = Math.max(sendCount, this.reductionSent > 0 ? 0 : 1);
    this.windowCount = inFlightCount + sendCount;
  }

  /** Slow start and congestion avoidance, RFC 5681 3.1, for `ackedCount` segments acknowledged. */
  grow(ackedCount: number, nowUs: number): void {
    const slow = this.windowCount < this.thresholdCount;
    if (!this.limited && !(slow && this.windowCount < 2 * this.largestOutCount)) return;
    let left = ackedCount;
    if (slow) {
      const grown = Math.min(this.windowCount + left, this.thresholdCount);
      left -= grown - this.windowCount;
      this.windowCount = grown;
      if (left === 0) return;
    }
    const forOne = this.avoidance.segmentsForOne(this.windowCount, left, nowUs);
    // tcp_cong_avoid_ai(): credit from before the pace quickened counts one at most.
    if (this.fraction >= forOne) {
      this.fraction = 0;
      this.windowCount += 1;
    }
    this.fraction += left;
    if (this.fraction >= forOne) {
      const grownCount = Math.floor(this.fraction / forOne);
      this.fraction -= grownCount * forOne;
      this.windowCount += grownCount;
    }
  }

  /** Takes the round trip of a segment that was sent once. `acknowledged` and `next` are the send sequence's. */
  measured(sentUs: number, nowUs: number, acknowledged: number, next: number): void {
    const roundTripUs = Math.max(1, nowUs - sentUs);
    const slowCount = this.windowCount < this.thresholdCount ? this.windowCount : null;
    if (this.avoidance.measured(roundTripUs, nowUs, slowCount, acknowledged, next)) {
      this.thresholdCount = this.windowCount;
    }
  }

  /** Sending goes on after nothing was outstanding, and nothing sent for so long. */
  resumed(pauseUs: number, rtoUs: number): void {
    if (pauseUs > rtoUs) this.restartAfterIdle(pauseUs, rtoUs);
    this.avoidance.resumed(pauseUs);
  }

  /** Called after a burst of sending: whether it was this window that ended it. */
  sent(limited: boolean, outCount: number): void {
    this.limited = limited;
    if (limited || outCount > this.largestOutCount) this.largestOutCount = outCount;
  }

  /** RFC 5681 4.1: a connection idle for longer than a time-out starts again from its initial window, halving once per time-out. */
  private restartAfterIdle(idleUs: number, rtoUs: number): void {
    const restartCount = Math.min(this.initialCount, this.windowCount);
    this.thresholdCount = Math.max(
      this.thresholdCount === UNBOUNDED ? UNBOUNDED : this.thresholdCount,
      (this.windowCount * 3) >> 2,
    );
    for (let leftUs = idleUs - rtoUs; leftUs > 0 && this.windowCount > restartCount; leftUs -= rtoUs)
      this.windowCount >>= 1;
    this.windowCount = Math.max(this.windowCount, restartCount);
    this.largestOutCount = 0;
  }

  private rememberForUndo(unacknowledged: number, sentAgainCount: number): void {
    this.undoSequence = unacknowledged;
    this.undoRetransmissions = sentAgainCount > 0 ? sentAgainCount : -1;
    this.undoThreshold = this.thresholdCount;
    this.undoWindow = this.windowCount;
  }

  private beginReduction(next: number): void {
    this.recoverySequence = next;
    this.priorCount = this.windowCount;
    this.reductionDelivered = 0;
    this.reductionSent = 0;
    // tcp_init_cwnd_reduction(): what was acknowledged towards the next segment of the window counts no more.
    this.fraction = 0;
    this.thresholdCount = this.reducedThreshold();
  }

  private reducedThreshold(): number {
    return this.avoidance.threshold(this.windowCount);
  }
}
