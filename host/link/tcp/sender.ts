/**
 * The sending half of an endpoint: the handshake's SYN, new data as window and Nagle let it go, and acknowledgements.
 *
 * After tcp_write_xmit() and tcp_ack(). The order within an acknowledgement is fixed: scoreboard, queue and round trip, loss and window, timer, and only
 * then what is lost and what is new.
 */
import type { Scheduler } from "../scheduler.ts";
import type { TimerOwner } from "../timer.ts";
import { congestionAvoidance } from "./avoidance.ts";
import { Congestion } from "./congestion.ts";
import { Flight, type SenderHost } from "./flight.ts";
import type { TcpProfile } from "./profile.ts";
import { Recovery } from "./recovery.ts";
import { RetransmissionTimer } from "./retransmission-timer.ts";
import { ACK, FIN, type Segment } from "./segment.ts";
import { SendBuffer } from "./send-buffer.ts";

const NOTHING_SACKED = Number.MAX_SAFE_INTEGER;

/** tcp_retries2: so many unanswered looks at a closed window end the connection. */
const WINDOW_PROBES = 15;

export class Sender implements TimerOwner {
  readonly buffer = new SendBuffer();
  readonly flight: Flight;
  readonly timer: RetransmissionTimer;
  /** The peer's window, bytes; known when the handshake ends. */
  peerWindowBytes = 65_535;
  /** RFC 896: hold a small segment while another is unacknowledged (Minshall's form, as in Linux). */
  nagle = true;

  private readonly scheduler: Scheduler;
  private readonly profile: TcpProfile;
  private readonly recovery: Recovery;
  private readonly sendOne = () => this.sendNext();
  private lastSentUs = 0;
  private smallEnd = 0;
  private established = false;
  private passive = false;
  private finishing = false;
  private finSent = false;
  /** When the first segment was sent, and only once, that the blocks at hand report; or NOTHING_SACKED. */
  private sackedSentUs = NOTHING_SACKED;
  /** Looks at a closed window in a row, and those of them that nobody has answered. */
  private lookCount = 0;
  private unansweredCount = 0;
  constructor(scheduler: Scheduler, profile: TcpProfile, host: SenderHost) {
    this.scheduler = scheduler;
    this.profile = profile;
    this.timer = new RetransmissionTimer(scheduler, profile, this);
    this.flight = new Flight(this.timer, profile, host);
    this.recovery = new Recovery(this.flight, profile);
  }

  /** The FIN was sent and is acknowledged, and so is everything before it. */
  get finAcknowledged(): boolean {
    return this.finSent && this.flight.queue.count === 0;
  }

  /** Sends a SYN (with ACK in `flags`: the answer to one) and repeats it until {@link establish} or the profile gives up. */
  synchronise(flags: number): void {
    this.passive = (flags & ACK) !== 0;
    this.flight.queue.push(0, 0, flags, 1, this.scheduler.nowUs);
    this.flight.next = 1;
    this.flight.host.emit(0, 0, flags);
    this.timer.arm("retransmission", this.timer.rtoUs);
  }

  /** Repeats the SYN now, because the peer has repeated its own. */
  resynchronise(): void {
    this.flight.repeat(this.flight.queue.oldest, this.scheduler.nowUs);
    this.timer.arm("retransmission", this.timer.rtoUs);
  }

  /** The SYN is acknowledged. `echoMs` is the TSecr that came with the acknowledgement, or -1. */
  establish(segmentSize: number, selective: boolean, peerWindowBytes: number, echoMs: number): void {
    const { flight, timer } = this;
    const syn = flight.queue.shift();
    flight.unacknowledged = 1;
    flight.selective = selective;
    flight.segmentSize = segmentSize;
    this.peerWindowBytes = peerWindowBytes;
    this.established = true;
    if (!syn.retransmitted) timer.sample(syn.sentUs, 1, 1);
    else if (echoMs >= 0) timer.sample(this.stampSentUs(echoMs), 1, 1);
    // RFC 6298 5.7: after a repeated SYN, three seconds until a round trip has been measured.
    else timer.rtoUs = this.profile.roundTrip === "rfc6298" ? 3 * this.profile.initialRtoUs : timer.rtoUs;
    // RFC 5681 3.1: a SYN lost more than once leaves a window of one segment.
    const initialCount = this.profile.initialWindowSegments(segmentSize);
    flight.congestion = new Congestion(
      congestionAvoidance(this.profile),
      initialCount,
      flight.timeoutCount > 1 ? 1 : initialCount,
    );
    flight.timeoutCount = 0;
    timer.stop();
  }

  /** Sends what the buffer holds as far as it may go, and then the FIN if {@link finish} was called. */
  send(): void {
    if (!this.established) return;
    const { flight } = this;
    let sent = false;
    let limited = false;
    while (this.unsent()) {
      limited = flight.full(Math.min(this.buffer.endSequence - flight.next, flight.segmentSize));
      if (limited || this.held()) break;
      this.sendNext();
      sent = true;
    }
    if (!sent) {
      if (flight.queue.count === 0 && this.timer.purpose === "none" && this.unsent()) this.timer.persist(0);
      return;
    }
    flight.congestion.sent(limited, flight.queue.count);
    this.recovery.guard(false);
  }

  /** Ends the stream after the last byte written. */
  finish(): void {
    this.finishing = true;
    this.send();
  }

  stop(): void {
    this.timer.stop();
  }

  /** Takes the acknowledgement and the blocks of a segment. True when something new was acknowledged. {@link send} is left to the caller. */
  acknowledged(segment: Segment): boolean {
    const { flight } = this;
    const { queue } = flight;
    const { acknowledgement } = segment;
    if (acknowledgement > flight.next || acknowledgement < flight.unacknowledged) return false;
    const advanced = acknowledgement > flight.unacknowledged;
    const bare = segment.size === 0 && (segment.flags & FIN) === 0 && segment.window === this.peerWindowBytes;
    const duplicate = !advanced && bare && queue.count > 0;
    this.peerWindowBytes = segment.window;
    this.unansweredCount = 0;
    if (!advanced && !duplicate && segment.blockCount === 0) return false;
    const { nowUs } = this.scheduler;
    flight.advancedSegments = Math.min(2, (acknowledgement - flight.unacknowledged) / flight.segmentSize);
    flight.unacknowledged = acknowledgement;
    this.sackedSentUs = NOTHING_SACKED;
    let deliveredCount = flight.selective && segment.blockCount > 0 ? this.markSacked(segment, nowUs) : 0;
    if (advanced) deliveredCount += this.takeAcknowledged(segment, nowUs);
    else if (this.sackedSentUs !== NOTHING_SACKED) this.sample(this.sackedSentUs);
    // A block for what was sent before the oldest's last copy says that the path lives: its time-out begins anew.
    const alive = advanced || (queue.count > 0 && this.sackedSentUs < queue.oldest.sentUs);
    this.recovery.acknowledged(segment, deliveredCount, advanced, duplicate, nowUs);
    if (alive && this.timer.purpose !== "reordering") this.recovery.guard(true);
    if (queue.count === 0) this.timer.stop();
    this.recovery.repeatLost(nowUs);
    return advanced;
  }

  timedOut(): void {
    const { flight, recovery } = this;
    const { purpose } = this.timer;
    const { nowUs } = this.scheduler;
    this.timer.purpose = "none";
    if (flight.queue.count === 0) {
      if (purpose === "persist") this.lookAtWindow();
    } else if (!this.established) this.synchronisationTimedOut();
    else if (purpose === "probe") recovery.probe(nowUs, this.sendOne);
    else if (purpose === "reordering") recovery.reorderingEnded(nowUs);
    else if (!recovery.timedOut(nowUs)) flight.host.gaveUp();
  }

  /** The peer's window was closed and nothing says that it opened: an old byte asks, or what little fits goes. */
  private lookAtWindow(): void {
    const { flight, timer } = this;
    if (!this.unsent()) return;
    if (this.unansweredCount >= WINDOW_PROBES) {
      flight.host.gaveUp();
      return;
    }
    const room = flight.unacknowledged + this.peerWindowBytes - flight.next;
    if (room > 0) {
      this.sendNext(room);
      return;
    }
    this.lookCount += 1;
    this.unansweredCount += 1;
    flight.host.askPeer();
    timer.persist(this.lookCount);
  }

  private synchronisationTimedOut(): void {
    const { profile, flight, timer } = this;
    const linear = this.passive ? 0 : profile.synLinearRetries;
    const retries = this.passive ? profile.synAckRetries : linear + profile.synRetries;
    if (flight.timeoutCount >= retries) {
      flight.host.gaveUp();
      return;
    }
    flight.timeoutCount += 1;
    flight.repeat(flight.queue.oldest, this.scheduler.nowUs);
    if (flight.timeoutCount > linear) timer.backOff(flight.timeoutCount - linear);
    timer.arm("retransmission", timer.rtoUs);
  }

  private unsent(): boolean {
    return this.flight.next < this.buffer.endSequence || (this.finishing && !this.finSent);
  }

  /** The next segment may not go yet: the peer's window is full, or Nagle waits for more. */
  private held(): boolean {
    const { flight, buffer } = this;
    const { segmentSize } = flight;
    const left = buffer.endSequence - flight.next;
    const size = Math.min(left, segmentSize);
    if (flight.next + size > flight.unacknowledged + this.peerWindowBytes) return true;
    if (size === segmentSize || this.finishing || !this.nagle) return false;
    return this.smallEnd > flight.unacknowledged;
  }

  /** Sends one segment of new data, with the FIN if it is the last. False when there is none. */
  private sendNext(room = Number.MAX_SAFE_INTEGER): boolean {
    if (!this.unsent()) return false;
    const { flight, buffer, timer } = this;
    const { segmentSize } = flight;
    const { nowUs } = this.scheduler;
    const left = buffer.endSequence - flight.next;
    const size = Math.min(left, segmentSize, room);
    const last = this.finishing && size === left;
    const length = last ? size + 1 : size;
    const first = flight.queue.count === 0;
    if (first) flight.congestion.resumed(nowUs - this.lastSentUs, timer.rtoUs);
    const sequence = flight.next;
    const flags = last ? ACK | FIN : ACK;
    flight.queue.push(sequence, size, flags, length, nowUs);
    flight.next += length;
    flight.congestion.sentOne();
    if (size < segmentSize) this.smallEnd = flight.next;
    if (last) this.finSent = true;
    this.lookCount = 0;
    this.lastSentUs = nowUs;
    if (first || timer.purpose === "probe") timer.restart(flight.queue);
    flight.host.emit(sequence, size, flags);
    return true;
  }

  /** Takes blocks into the scoreboard; returns how many segments they newly report. */
  private markSacked(segment: Segment, nowUs: number): number {
    const { queue, rack, unacknowledged } = this.flight;
    let newCount = 0;
    for (let block = segment.duplicateReported ? 1 : 0; block < segment.blockCount; block += 1) {
      const start = segment.blocks[2 * block];
      const end = segment.blocks[2 * block + 1];
      for (let index = 0; index < queue.count; index += 1) {
        const entry = queue.at(index);
        if (entry.end > end) break;
        if (entry.sacked || entry.sequence < start || entry.end <= unacknowledged) continue;
        rack.delivered(entry, nowUs);
        if (!entry.retransmitted && this.sackedSentUs === NOTHING_SACKED) this.sackedSentUs = entry.sentUs;
        queue.markSacked(entry);
        newCount += 1;
      }
    }
    return newCount;
  }

  /** Takes out of the queue what is acknowledged, and the round trip from it; returns how many segments that delivered. */
  private takeAcknowledged(segment: Segment, nowUs: number): number {
    const { flight, timer } = this;
    const { queue, rack } = flight;
    let deliveredCount = 0;
    let firstSentUs = -1;
    let ambiguous = false;
    while (queue.count > 0 && queue.oldest.end <= flight.unacknowledged) {
      const entry = queue.shift();
      if (entry.retransmitted) ambiguous = true;
      if (entry.sacked) continue;
      deliveredCount += 1;
      rack.delivered(entry, nowUs);
      if (!entry.retransmitted && firstSentUs < 0) firstSentUs = entry.sentUs;
    }
    this.buffer.release(flight.unacknowledged);
    flight.timeoutCount = 0;
    // Karn's rule: what was sent twice measures nothing, unless a block answers what was sent once, or a stamp says which copy is answered.
    if (firstSentUs >= 0 && !ambiguous) this.sample(firstSentUs);
    else if (this.sackedSentUs !== NOTHING_SACKED) this.sample(this.sackedSentUs);
    else if (segment.echoMs >= 0) timer.sample(this.stampSentUs(segment.echoMs), flight.unacknowledged, flight.next);
    else if (this.profile.roundTrip === "lwip") timer.resetBackOff();
    return deliveredCount;
  }

  private sample(sentUs: number): void {
    const { unacknowledged, next } = this.flight;
    this.timer.sample(sentUs, unacknowledged, next);
    this.flight.congestion.measured(sentUs, this.scheduler.nowUs, unacknowledged, next);
  }

  /** Stamps have grains of a millisecond, and their difference counts one at least. */
  private stampSentUs(echoMs: number): number {
    const { nowUs } = this.scheduler;
    return nowUs - Math.max(1, Math.floor(nowUs / 1000) - echoMs) * 1000;
  }
}
