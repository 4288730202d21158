/**
 * One end of a simulated TCP connection: the states of RFC 9293 3.3.2 around a sender, an acknowledger and a reassembly.
 *
 * The application sees what a socket shows: bytes in order, room to write, and how it ended. Everything happens inside events of the scheduler.
 */
import type { Direction } from "../direction.ts";
import type { Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";
import { Acknowledger } from "./acknowledger.ts";
import type { SenderHost } from "./flight.ts";
import type { TcpCloseReason, TcpHandler } from "./handler.ts";
import { maximumPayload, segmentBytes } from "./header.ts";
import type { TcpProfile } from "./profile.ts";
import { Reassembly } from "./reassembly.ts";
import { ACK, FIN, RST, type Segment, type SegmentTarget, SYN, takeSegment } from "./segment.ts";
import { Sender } from "./sender.ts";

/** The states that differ in what a segment means. `open` is ESTABLISHED to TIME-WAIT: the two FINs are tracked apart. */
type State = "idle" | "listening" | "synSent" | "synReceived" | "open" | "closed" | "vanished";

/** tcp_fin_timeout: how long a closed end waits for the other's FIN. */
const FIN_WAIT_US = 60_000_000;
/** tcp_invalid_ratelimit: repeated SYNs within this time get one answer. */
const REPEATED_SYN_US = 500_000;

/** What an endpoint has sent. Bytes are IP bytes; data bytes are the application's, retransmissions included. */
export interface TcpStatistics {
  packetCount: number;
  byteCount: number;
  dataByteCount: number;
  retransmissionCount: number;
}

export class TcpEndpoint implements SegmentTarget, SenderHost, TimerOwner {
  /** Receives what happens here. Set it before the connection opens. */
  handler: TcpHandler | null = null;
  private readonly counts: TcpStatistics = {
    packetCount: 0,
    byteCount: 0,
    dataByteCount: 0,
    retransmissionCount: 0,
  };
  private readonly scheduler: Scheduler;
  private readonly profile: TcpProfile;
  private readonly out: Direction;
  private readonly pool: Segment[];
  private readonly mtuBytes: number;
  private readonly sender: Sender;
  private readonly acknowledger: Acknowledger;
  private readonly reassembly = new Reassembly();
  private readonly finWait: Timer;
  private peer: TcpEndpoint | null = null;
  private state: State = "idle";
  private stamped = false;
  private selective = false;
  private recentStampMs = -1;
  private acknowledgedNext = 0;
  private finSequence = -1;
  private finReceived = false;
  private finishing = false;
  private blocked = false;
  private lastSynAnswerUs = -REPEATED_SYN_US;

  constructor(scheduler: Scheduler, profile: TcpProfile, out: Direction, pool: Segment[], mtuBytes: number) {
    this.scheduler = scheduler;
    this.profile = profile;
    this.out = out;
    this.pool = pool;
    this.mtuBytes = mtuBytes;
    this.sender = new Sender(scheduler, profile, this);
    this.acknowledger = new Acknowledger(scheduler, profile, () => this.emit(this.sender.flight.next, 0, ACK));
    this.finWait = new Timer(scheduler, this, 2);
  }

  /** What this end has sent so far. */
  get statistics(): Readonly<TcpStatistics> {
    this.counts.retransmissionCount = this.sender.flight.retransmissionCount;
    return this.counts;
  }

  /** The connection is established and neither end has closed it. */
  get open(): boolean {
    return this.state === "open" && !this.finReceived && !this.finishing;
  }

  /** Bytes that {@link write} would take now. */
  get room(): number {
    return this.profile.sendBufferBytes - this.sender.buffer.size;
  }

  /** Bytes written and not yet acknowledged by the other end. */
  get unacknowledgedBytes(): number {
    return this.sender.buffer.size;
  }

  /** Holds small segments back while one is unacknowledged (RFC 896); true unless TCP_NODELAY is set. */
  set nagle(nagle: boolean) {
    this.sender.nagle = nagle;
  }

  /** Joins the two ends; the connection does it once. `listens` for the one that waits. */
  attach(peer: TcpEndpoint, listens: boolean): void {
    this.peer = peer;
    if (listens) this.state = "listening";
  }

  /** Sends the SYN. */
  connect(): void {
    if (this.state !== "idle") throw new Error(`a TCP endpoint connects once; it is ${this.state}`);
    this.state = "synSent";
    this.sender.synchronise(SYN);
  }

  /**
   * Takes `size` bytes of `bytes` from `offset`, as many as there is room for, and returns their number; `writable` follows when fewer were taken. Bytes may be
   * written before the connection is open. Returns 0 once closed.
   */
  write(bytes: Uint8Array, offset = 0, size = bytes.length - offset): number {
    if (this.finishing || this.state === "closed" || this.state === "vanished") return 0;
    const taken = Math.min(size, this.room);
    if (taken < size) this.blocked = true;
    if (taken > 0) {
      this.sender.buffer.append(bytes, offset, taken);
      this.sender.send();
    }
    return taken;
  }

  /** Ends the stream after what was written. `closed` follows when both ends have. */
  close(): void {
    if (this.finishing || this.state === "closed" || this.state === "vanished") return;
    if (this.state === "open" || this.state === "synReceived") {
      this.finishing = true;
      this.sender.finish();
    } else {
      this.end("finished");
    }
  }

  /** Resets the connection: what is unsent or unacknowledged is gone. No `closed` follows at this end. */
  abort(): void {
    if (this.state === "open" || this.state === "synReceived") this.emit(this.sender.flight.next, 0, RST | ACK);
    this.stop("closed");
  }

  /** The machine behind this end loses its power: from now on it neither sends nor answers, and its application hears nothing more. */
  vanish(): void {
    this.stop("vanished");
  }

  /** The machine is back, without a memory of the connection: the next segment is answered by a reset. */
  reappear(): void {
    if (this.state === "vanished") this.state = "closed";
  }

  receive(segment: Segment): void {
    switch (this.state) {
      case "open":
        this.receiveOpen(segment);
        return;
      case "listening":
        if ((segment.flags & SYN) !== 0) this.accept(segment);
        return;
      case "synSent":
        this.receiveAnswer(segment);
        return;
      case "synReceived":
        this.receiveThird(segment);
        return;
      case "closed":
        if ((segment.flags & RST) === 0) this.reset(segment.acknowledgement);
        return;
    }
  }

  emit(sequence: number, size: number, flags: number): void {
    const segment = takeSegment(this.pool);
    segment.target = this.peer;
    segment.sequence = sequence;
    segment.size = size;
    segment.flags = flags;
    segment.acknowledgement = this.reassembly.next;
    segment.window = this.profile.receiveWindowBytes;
    segment.blockCount = 0;
    segment.duplicateReported = false;
    if ((flags & SYN) !== 0) {
      // An answer carries only the options that were offered.
      const offered = this.state === "synSent" ? this.profile : (this.peer as TcpEndpoint).profile;
      segment.sizeBytes = segmentBytes(0, false, 0) + Math.min(this.profile.synOptionBytes, offered.synOptionBytes);
      segment.stampMs = this.profile.timestamps ? Math.floor(this.scheduler.nowUs / 1000) : -1;
      segment.echoMs = this.recentStampMs;
    } else {
      if (this.selective) this.reassembly.report(segment);
      segment.sizeBytes = segmentBytes(size, this.stamped, segment.blockCount);
      segment.stampMs = this.stamped ? Math.floor(this.scheduler.nowUs / 1000) : -1;
      segment.echoMs = this.stamped ? this.recentStampMs : -1;
    }
    this.acknowledgedNext = this.reassembly.next;
    this.acknowledger.sent(size > 0);
    this.send(segment);
  }

  gaveUp(): void {
    this.end(this.state === "open" ? "timed-out" : "unreachable");
  }

  timedOut(): void {
    // Half closed for longer than anybody waits.
    this.end("finished");
  }

  private send(segment: Segment): void {
    this.counts.packetCount += 1;
    this.counts.byteCount += segment.sizeBytes;
    this.counts.dataByteCount += segment.size;
    this.out.send(segment);
  }

  /** Answers a segment that belongs to no connection: a reset has no options. */
  private reset(sequence: number): void {
    const segment = takeSegment(this.pool);
    segment.target = this.peer;
    segment.sequence = sequence;
    segment.size = 0;
    segment.flags = RST;
    segment.acknowledgement = 0;
    segment.blockCount = 0;
    segment.stampMs = -1;
    segment.echoMs = -1;
    segment.sizeBytes = segmentBytes(0, false, 0);
    this.send(segment);
  }

  private accept(segment: Segment): void {
    this.state = "synReceived";
    if (this.profile.timestamps) this.recentStampMs = segment.stampMs;
    this.lastSynAnswerUs = this.scheduler.nowUs;
    this.sender.synchronise(SYN | ACK);
  }

  private receiveAnswer(segment: Segment): void {
    if ((segment.flags & RST) !== 0) {
      this.end("refused");
      return;
    }
    if ((segment.flags & (SYN | ACK)) !== (SYN | ACK)) return;
    if (this.profile.timestamps) this.recentStampMs = segment.stampMs;
    this.establish(segment);
    this.emit(1, 0, ACK);
    this.handler?.opened();
  }

  private receiveThird(segment: Segment): void {
    if ((segment.flags & RST) !== 0) {
      this.stop("closed");
      return;
    }
    if ((segment.flags & SYN) !== 0) {
      const nowUs = this.scheduler.nowUs;
      if (nowUs - this.lastSynAnswerUs < REPEATED_SYN_US) return;
      this.lastSynAnswerUs = nowUs;
      this.sender.resynchronise();
      return;
    }
    this.establish(segment);
    this.handler?.opened();
    if (this.state === "open") this.receiveOpen(segment);
  }

  private establish(segment: Segment): void {
    const peer = (this.peer as TcpEndpoint).profile;
    this.stamped = this.profile.timestamps && peer.timestamps;
    this.selective = this.profile.selectiveAcknowledgement && peer.selectiveAcknowledgement;
    this.state = "open";
    this.acknowledgedNext = this.reassembly.next;
    const echoMs = this.stamped ? segment.echoMs : -1;
    this.sender.establish(maximumPayload(this.mtuBytes, this.stamped), this.selective, segment.window, echoMs);
    if (this.finishing) this.sender.finish();
    else this.sender.send();
  }

  private receiveOpen(segment: Segment): void {
    if ((segment.flags & RST) !== 0) {
      this.end("reset");
      return;
    }
    if ((segment.flags & SYN) !== 0) {
      // Our acknowledgement of the SYN was lost.
      this.emit(this.sender.flight.next, 0, ACK);
      return;
    }
    if (this.stamped && segment.sequence <= this.acknowledgedNext && segment.stampMs > this.recentStampMs) {
      this.recentStampMs = segment.stampMs;
    }
    const progressed = this.sender.acknowledged(segment);
    if (segment.size > 0 || (segment.flags & FIN) !== 0) this.receiveData(segment);
    if (this.state !== "open") return;
    if (progressed) this.progress();
  }

  private receiveData(segment: Segment): void {
    const { reassembly, acknowledger, sender } = this;
    const start = segment.sequence;
    const dataEnd = start + segment.size;
    const fin = (segment.flags & FIN) !== 0;
    const end = fin ? dataEnd + 1 : dataEnd;
    if (fin) this.finSequence = dataEnd;
    const from = reassembly.next;
    if (end <= from || start > from) {
      acknowledger.disturbed();
      if (end <= from) reassembly.noteDuplicate(start, end);
      else reassembly.take(start, end);
      this.emit(sender.flight.next, 0, ACK);
      return;
    }
    const gapped = reassembly.gapped;
    reassembly.take(start, end);
    const to = reassembly.next;
    const finished = this.finSequence >= 0 && to > this.finSequence;
    const size = (finished ? this.finSequence : to) - from;
    if (gapped) this.emit(sender.flight.next, 0, ACK);
    else if (size > 0) acknowledger.received(size, sender.timer.rtoUs, sender.timer.smoothedUs);
    if (size > 0) this.deliver(from, size);
    if (finished && !this.finReceived && this.state === "open") this.receiveFin();
  }

  /** Hands over bytes straight from the sender's buffer. */
  private deliver(sequence: number, size: number): void {
    const { buffer } = (this.peer as TcpEndpoint).sender;
    if (!this.finishing) this.handler?.received(buffer.bytes, buffer.offsetOf(sequence), size);
    if (this.state === "open") this.acknowledger.consumed();
  }

  private receiveFin(): void {
    this.finReceived = true;
    if (this.finishing) {
      this.emit(this.sender.flight.next, 0, ACK);
      this.progress();
      return;
    }
    this.acknowledger.finished(this.sender.timer.smoothedUs);
    if (this.handler?.ended) this.handler.ended();
    else this.close();
  }

  /** The peer has acknowledged something: there may be room again, or nothing more to wait for. */
  private progress(): void {
    if (this.finishing && this.sender.finAcknowledged) {
      if (this.finReceived) this.complete();
      else if (!this.finWait.armed) this.finWait.arm(this.scheduler.nowUs + FIN_WAIT_US);
      return;
    }
    if (this.blocked && this.room > 0) {
      this.blocked = false;
      this.handler?.writable?.();
    }
  }

  /** Both ends have closed. The state stays open, as TIME-WAIT does, to acknowledge the peer's FIN should it come again. */
  private complete(): void {
    this.finWait.disarm();
    const { handler } = this;
    this.handler = null;
    handler?.closed("finished");
  }

  private end(reason: TcpCloseReason): void {
    const { handler } = this;
    this.stop("closed");
    handler?.closed(reason);
  }

  private stop(state: State): void {
    this.state = state;
    this.handler = null;
    this.sender.stop();
    this.acknowledger.stop();
    this.finWait.disarm();
  }
}
