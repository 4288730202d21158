/**
 * Loss recovery: what is held for lost, when it is sent again, and when the sender gives up.
 *
 * After tcp_fastretrans_alert(), tcp_enter_loss(), tcp_send_loss_probe() and tcp_write_timeout(); stacks without selective acknowledgement recover
 * by NewReno (RFC 6582): three duplicates, then one segment for every partial acknowledgement.
 */
import type { Flight } from "./flight.ts";
import type { TcpProfile } from "./profile.ts";
import { DUPLICATE_THRESHOLD } from "./rack.ts";
import { SHORTEST_TIMEOUT_US } from "./retransmission-timer.ts";
import type { Segment } from "./segment.ts";

const NONE = -1;

export class Recovery {
  private readonly flight: Flight;
  private readonly profile: TcpProfile;
  /** Sequence that the outstanding probe covers, or NONE; and whether the probe was old data. */
  private probeSequence = NONE;
  private probeRepeated = false;
  /** When the first retransmission of the present episode was sent, or NONE. */
  private firstRepeatUs = NONE;

  constructor(flight: Flight, profile: TcpProfile) {
    this.flight = flight;
    this.profile = profile;
  }

  /** Loss probes are sent: both ends acknowledge selectively, and nothing is being recovered. */
  get probing(): boolean {
    const { flight, profile } = this;
    return profile.rack && flight.selective && flight.queue.count > 0 && flight.congestion.state === "open";
  }

  /** Sets the timer that guards what is outstanding after an acknowledgement (`advancing`) or a burst of sending. */
  guard(advancing: boolean): void {
    const { timer, queue } = this.flight;
    if (this.probing) timer.scheduleProbe(queue, advancing);
    else if (advancing) timer.restart(queue);
  }

  /** Takes an acknowledgement that delivered `deliveredCount` segments; `duplicate` when it changed nothing. */
  acknowledged(segment: Segment, deliveredCount: number, advanced: boolean, duplicate: boolean, nowUs: number): void {
    const { flight } = this;
    const { queue, congestion } = flight;
    if (segment.duplicateReported) congestion.duplicateReported(segment.blocks[0]);
    if (this.probeSequence !== NONE) this.probeAnswered(segment, advanced);
    if (!flight.selective) this.countDuplicates(deliveredCount, advanced, duplicate);
    const lostBefore = queue.lostCount;
    if (duplicate || queue.sackedCount > 0 || congestion.state !== "open") this.repair(segment, advanced, nowUs);
    if (congestion.state === "recovery") {
      congestion.reduce(deliveredCount, queue.lostCount > lostBefore, advanced, queue.inFlightCount);
    } else if (advanced) {
      congestion.grow(this.profile.windowUnit === "segments" ? deliveredCount : flight.advancedSegments, nowUs);
    }
    if (queue.count === 0) this.firstRepeatUs = NONE;
  }

  /** Sends again what is held for lost, as far as the window allows. */
  repeatLost(nowUs: number): void {
    const { flight } = this;
    const { queue, congestion, timer } = flight;
    if (queue.lostCount === 0) return;
    for (let index = 0; index < queue.count; index += 1) {
      const entry = queue.at(index);
      if (!entry.lost || entry.sentAgain || entry.sacked) continue;
      if (flight.full(entry.size)) return;
      if (this.firstRepeatUs === NONE) this.firstRepeatUs = nowUs;
      if (this.profile.mergesRetransmissions) queue.mergeFollowing(index, flight.segmentSize);
      queue.markSentAgain(entry);
      congestion.repeated();
      flight.repeat(entry, nowUs);
      if (index === 0 && timer.purpose !== "reordering") timer.arm("retransmission", timer.rtoUs);
    }
  }

  /** The retransmission time-out ran out with something outstanding. False when the sender has given up. */
  timedOut(nowUs: number): boolean {
    const { flight, profile } = this;
    const { queue, congestion, timer } = flight;
    const tooLong = this.firstRepeatUs !== NONE && nowUs - this.firstRepeatUs >= profile.giveUpUs;
    if (flight.timeoutCount >= profile.dataRetries || (flight.timeoutCount > 0 && tooLong)) return false;
    this.markTimedOut(nowUs);
    congestion.enterLoss(flight.unacknowledged, flight.next, flight.timeoutCount === 0, queue);
    this.probeSequence = NONE;
    flight.timeoutCount += 1;
    timer.stop();
    this.repeatLost(nowUs);
    timer.backOff(flight.timeoutCount);
    timer.arm("retransmission", timer.rtoUs);
    return true;
  }

  /** The probe is due: new data if there is any (`sendOne`), or the last segment once more (RFC 8985 7.3). */
  probe(nowUs: number, sendOne: () => boolean): void {
    const { flight } = this;
    const { timer, queue } = flight;
    if (this.probeSequence !== NONE) {
      // One probe at a time: what is left of the time-out runs on.
      timer.purpose = "probe";
    } else {
      this.probeRepeated = !sendOne();
      if (this.probeRepeated) flight.repeat(queue.newest, nowUs);
      this.probeSequence = flight.next;
      timer.purpose = "none";
    }
    timer.restart(queue);
  }

  /** The patience with reordering is over. */
  reorderingEnded(nowUs: number): void {
    const { flight } = this;
    const { queue, congestion, timer, rack } = flight;
    const waitUs = rack.markLost(queue, nowUs, congestion.state === "recovery", timer.smoothedUs);
    if (queue.lostCount > 0) {
      if (congestion.state !== "recovery" && congestion.state !== "loss") this.enterRecovery(1);
      this.repeatLost(nowUs);
    }
    if (waitUs > 0) timer.arm("reordering", waitUs + SHORTEST_TIMEOUT_US);
    else if (timer.purpose !== "retransmission") timer.restart(queue);
  }

  /** RFC 8985 7.4: an acknowledgement beyond the probe tells whether the probe repaired a loss. */
  private probeAnswered(segment: Segment, advanced: boolean): void {
    const { acknowledgement } = segment;
    if (acknowledgement < this.probeSequence) return;
    const repaired = this.probeRepeated && !segment.duplicateReported;
    if (repaired && acknowledgement > this.probeSequence) {
      this.flight.congestion.reduceOnce(this.flight.next);
    } else if (repaired && (advanced || segment.blockCount > 0)) {
      // The probe itself is acknowledged: whether it was needed shows only with the next data.
      return;
    }
    this.probeSequence = NONE;
  }

  /** Without selective acknowledgement, every duplicate stands for one segment that arrived (RFC 5681 3.2). */
  private countDuplicates(deliveredCount: number, advanced: boolean, duplicate: boolean): void {
    const { queue } = this.flight;
    if (advanced) queue.sackedCount = Math.max(0, queue.sackedCount - Math.max(0, deliveredCount - 1));
    else if (duplicate) queue.sackedCount += 1;
    const holes = Math.min(Math.max(queue.lostCount, 1), queue.count);
    queue.sackedCount = Math.min(queue.sackedCount, queue.count - holes);
  }

  private repair(segment: Segment, advanced: boolean, nowUs: number): void {
    const { flight } = this;
    const { queue, congestion } = flight;
    const over = flight.unacknowledged >= congestion.recoverySequence;
    if (congestion.state === "loss" || congestion.state === "recovery") {
      const undone =
        (over || (congestion.state === "loss" && advanced)) && congestion.tryUndo(this.originalArrived(segment));
      if (undone) queue.forgetLost();
      if (over || undone) {
        congestion.leaveEpisode();
        this.firstRepeatUs = NONE;
        if (!flight.selective) queue.sackedCount = 0;
      }
    }
    this.findLost(advanced, nowUs);
    if (congestion.state === "recovery" || congestion.state === "loss") return;
    if (queue.lostCount > 0) this.enterRecovery(0);
    else congestion.state = queue.sackedCount > 0 ? "disorder" : "open";
  }

  private findLost(advanced: boolean, nowUs: number): void {
    const { queue, congestion, timer, rack, selective } = this.flight;
    if (queue.count === 0) return;
    if (!selective) {
      const third =
        congestion.state !== "recovery" && congestion.state !== "loss" && queue.sackedCount >= DUPLICATE_THRESHOLD;
      if (third || (congestion.state === "recovery" && advanced)) queue.markLost(queue.oldest);
      return;
    }
    if (!rack.advanced) return;
    const waitUs = rack.markLost(
      queue,
      nowUs,
      congestion.state === "recovery" || congestion.state === "loss",
      timer.smoothedUs,
    );
    if (waitUs > 0) timer.arm("reordering", waitUs + SHORTEST_TIMEOUT_US);
  }

  private enterRecovery(deliveredCount: number): void {
    const { congestion, queue, unacknowledged, next } = this.flight;
    congestion.enterRecovery(unacknowledged, next, queue);
    this.probeSequence = NONE;
    if (deliveredCount > 0) congestion.reduce(deliveredCount, true, false, queue.inFlightCount);
  }

  private markTimedOut(nowUs: number): void {
    const { queue, rack, selective } = this.flight;
    if (!selective) queue.sackedCount = 0;
    for (let index = 0; index < queue.count; index += 1) {
      const entry = queue.at(index);
      if (entry.sacked || (index > 0 && selective && rack.recent(entry, nowUs))) continue;
      queue.markLost(entry);
    }
  }

  /** RFC 3522: the stamp echoed is older than the first retransmission, so that was needless. */
  private originalArrived(segment: Segment): boolean {
    return segment.echoMs >= 0 && this.firstRepeatUs !== NONE && segment.echoMs < Math.floor(this.firstRepeatUs / 1000);
  }
}
