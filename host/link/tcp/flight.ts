/**
 * The state that the two sides of sending share: sender.ts puts new segments into it, recovery.ts repairs what was lost from it.
 */
import { RENO } from "./avoidance.ts";
import { Congestion } from "./congestion.ts";
import type { TcpProfile } from "./profile.ts";
import { Rack } from "./rack.ts";
import { type Outstanding, RetransmissionQueue } from "./retransmission-queue.ts";
import type { RetransmissionTimer } from "./retransmission-timer.ts";

/** What sending asks of its endpoint. */
export interface SenderHost {
  /** Puts a segment on the link, with the present acknowledgement. */
  emit(sequence: number, size: number, flags: number): void;
  /** Asks the peer for its acknowledgement and its window by an old byte that it must answer. */
  askPeer(): void;
  /** The peer has not answered for as long as the profile waits. */
  gaveUp(): void;
}

export class Flight {
  readonly queue = new RetransmissionQueue();
  readonly rack = new Rack();
  congestion = new Congestion(RENO, 1);
  /** Oldest sequence not acknowledged, and the next to be sent. */
  unacknowledged = 0;
  next = 0;
  /** Payload of a full segment, bytes; known when the handshake ends. */
  segmentSize = 536;
  /** Both ends acknowledge selectively. */
  selective = false;
  /** By how many full segments, in fractions, the last acknowledgement advanced: two at most count (RFC 3465 2.2). */
  advancedSegments = 0;
  /** Segments sent more than once, in all. */
  retransmissionCount = 0;
  /** Time-outs since something was last acknowledged. */
  timeoutCount = 0;
  readonly timer: RetransmissionTimer;
  readonly host: SenderHost;
  private readonly profile: TcpProfile;

  constructor(timer: RetransmissionTimer, profile: TcpProfile, host: SenderHost) {
    this.profile = profile;
    this.timer = timer;
    this.host = host;
  }

  /** The congestion window has no room for another `size` bytes. */
  full(size: number): boolean {
    const { queue, congestion, segmentSize } = this;
    if (this.profile.windowUnit === "segments") return queue.inFlightCount >= congestion.windowCount;
    const gone = this.selective ? 0 : queue.sackedCount * segmentSize;
    const inFlight = queue.inFlightBytes - gone;
    return inFlight > 0 && inFlight + size > congestion.windowCount * segmentSize;
  }

  /** Sends `entry` once more. */
  repeat(entry: Outstanding, nowUs: number): void {
    this.queue.sent(entry, nowUs);
    this.congestion.sentOne();
    entry.retransmitted = true;
    this.retransmissionCount += 1;
    this.host.emit(entry.sequence, entry.size, entry.flags);
  }
}
