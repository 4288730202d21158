/**
 * One end of a simulated TCP connection: the states of RFC 9293 3.3.2 around a sender, a receiver and a writer of segments. The application
 * sees what a socket shows: bytes in order, room to write, and how it ended. Everything happens inside events of the scheduler.
 */
import type { PacketSink } from "../packet.ts";
import type { Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";
import { Application } from "./application.ts";
import type { SenderHost } from "./flight.ts";
import type { TcpCloseReason, TcpHandler } from "./handler.ts";
import { Handshake } from "./handshake.ts";
import { KeepAlive, type KeepAliveHost, type KeepAliveSpec } from "./keep-alive.ts";
import type { TcpProfile } from "./profile.ts";
import { Receiver, sequenceEnd } from "./receiver.ts";
import { ACK, RST, type Segment, type SegmentPool, type SegmentTarget, SYN } from "./segment.ts";
import { SegmentWriter, type TcpStatistics } from "./segment-writer.ts";
import type { SendBuffer } from "./send-buffer.ts";
import { Sender } from "./sender.ts";
import { FIN_WAIT_US, type State } from "./state.ts";

export class TcpEndpoint implements SegmentTarget, SenderHost, KeepAliveHost, TimerOwner {
  /** Whoever uses this end; what stands between is put in here. */
  readonly application = new Application();
  private readonly scheduler: Scheduler;
  private readonly profile: TcpProfile;
  private readonly mtuBytes: number;
  private readonly sender: Sender;
  private readonly receiver: Receiver;
  private readonly writer: SegmentWriter;
  private readonly handshake: Handshake;
  private readonly finWait: Timer;
  private keepAlive: KeepAlive | null = null;
  private peer: TcpEndpoint | null = null;
  private state: State = "idle";
  /** What the last segment sent acknowledged. */
  private acknowledgedNext = 0;
  private finReceived = false;
  private finishing = false;

  constructor(scheduler: Scheduler, profile: TcpProfile, out: PacketSink, pool: SegmentPool, mtuBytes: number) {
    this.scheduler = scheduler;
    this.profile = profile;
    this.mtuBytes = mtuBytes;
    this.sender = new Sender(scheduler, profile, this);
    this.receiver = new Receiver(scheduler, profile, () => this.acknowledge());
    this.writer = new SegmentWriter(scheduler, profile, out, pool);
    this.handshake = new Handshake(scheduler, this.sender, this.writer);
    this.finWait = new Timer(scheduler, this, 2);
  }

  /** Receives what happens here. Set it before the connection opens. */
  get handler(): TcpHandler | null {
    return this.application.handler;
  }

  set handler(handler: TcpHandler | null) {
    this.application.handler = handler;
  }

  /** What this end has sent so far. */
  get statistics(): Readonly<TcpStatistics> {
    this.writer.statistics.retransmissionCount = this.sender.flight.retransmissionCount;
    return this.writer.statistics;
  }

  get open(): boolean {
    return this.state === "open" && !this.finReceived && !this.finishing;
  }

  /** Bytes that {@link write} would take now. */
  get room(): number {
    return this.profile.sendBufferBytes - this.sender.buffer.size;
  }

  /** What was written and is not acknowledged: to look at, not to change. */
  get unacknowledged(): SendBuffer {
    return this.sender.buffer;
  }

  /** Bytes received that the application has yet to take: they narrow the window that the other end sees. */
  get waitingBytes(): number {
    return this.receiver.window.waitingBytes;
  }

  set waitingBytes(count: number) {
    const { window, reassembly } = this.receiver;
    window.waitingBytes = count;
    if (this.state === "open" && window.worthTelling(reassembly.next, this.sender.flight.segmentSize))
      this.acknowledge();
  }

  /** Holds small segments back while one is unacknowledged (RFC 896); true unless TCP_NODELAY is set. */
  set nagle(nagle: boolean) {
    this.sender.nagle = nagle;
  }

  /** SO_KEEPALIVE, from the next segment that comes. */
  askWhenIdle(spec: KeepAliveSpec): void {
    this.keepAlive = new KeepAlive(this.scheduler, spec, this);
  }

  /** Joins the two ends; the connection does it once. `listens` for the one that waits; `target` for what stands before the peer. */
  attach(peer: TcpEndpoint, listens: boolean, target: SegmentTarget = peer): void {
    this.peer = peer;
    this.writer.target = target;
    if (listens) this.state = "listening";
  }

  /** Sends the SYN. Throws when this end has done so before, or waits for one. */
  connect(): void {
    if (this.state !== "idle") throw new Error(`a TCP endpoint connects once; this one is ${this.state}`);
    this.state = "synSent";
    this.sender.synchronise(SYN);
  }

  /** Takes what there is room for, also before the connection is open, and returns how much; `writable` follows when not all. `more`: a write follows at once. */
  write(bytes: Uint8Array, offset = 0, size = bytes.length - offset, more = false): number {
    if (this.finishing || this.gone) return 0;
    const taken = Math.min(size, this.room);
    if (taken < size) this.application.blocked = true;
    this.sender.buffer.append(bytes, offset, taken);
    if (!more || taken < size) this.sender.send(); // MSG_MORE
    return taken;
  }

  /** Ends the stream after what was written. `closed` follows when both ends have. */
  close(): void {
    this.application.deaf = true;
    this.shutdown();
  }

  /** Ends the stream after what was written, and goes on receiving. */
  shutdown(): void {
    if (this.finishing || this.gone) return;
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

  /** The machine behind this end loses its power: it neither sends nor answers, and its application hears nothing more. */
  vanish(): void {
    this.stop("vanished");
  }

  /** The machine is back, without a memory of the connection: the next segment is answered by a reset. */
  reappear(): void {
    if (this.state === "vanished") this.state = "closed";
  }

  receive(segment: Segment): void {
    const { state } = this;
    this.keepAlive?.heard();
    if (state === "open") this.receiveOpen(segment);
    else if (state === "synSent" || state === "synReceived") this.receiveOpening(segment);
    else if (state === "listening" && (segment.flags & SYN) !== 0) {
      this.state = "synReceived";
      this.handshake.accept(segment);
    } else if (state === "closed" && (segment.flags & RST) === 0) this.writer.writeReset(segment.acknowledgement);
  }

  emit(sequence: number, size: number, flags: number): void {
    const { reassembly, acknowledger, window } = this.receiver;
    if ((flags & SYN) !== 0) {
      const offered = this.state === "synSent" ? this.profile : (this.peer as TcpEndpoint).profile;
      this.writer.writeSynchronise(flags, reassembly.next, offered);
      return;
    }
    this.acknowledgedNext = reassembly.next;
    acknowledger.sent(size > 0);
    this.writer.write(sequence, size, flags, reassembly, window.offer(reassembly.next));
  }

  askPeer(): void {
    this.emit(this.sender.flight.next - 1, 0, ACK);
  }

  gaveUp(): void {
    this.end(this.state === "open" ? "timed-out" : "unreachable");
  }

  timedOut(): void {
    this.end("finished");
  }

  private get gone(): boolean {
    return this.state === "closed" || this.state === "vanished";
  }

  private acknowledge(): void {
    this.emit(this.sender.flight.next, 0, ACK);
  }

  private receiveOpening(segment: Segment): void {
    const { handshake } = this;
    const outcome = this.state === "synSent" ? handshake.answered(segment) : handshake.confirmed(segment);
    if (outcome === "refused") this.end("refused");
    if (outcome === "reset") this.stop("closed");
    if (outcome !== "accepted" && outcome !== "confirmed") return;
    this.establish(segment);
    if (outcome === "accepted") this.acknowledge();
    this.handler?.opened();
    this.sender.send();
    if (outcome === "confirmed" && this.state === "open") this.receiveOpen(segment);
  }

  private establish(segment: Segment): void {
    this.state = "open";
    this.acknowledgedNext = this.receiver.reassembly.next;
    this.handshake.establish(segment, (this.peer as TcpEndpoint).profile, this.mtuBytes);
  }

  private receiveOpen(segment: Segment): void {
    if ((segment.flags & RST) !== 0) {
      this.end("reset");
      return;
    }
    if ((segment.flags & SYN) !== 0 || sequenceEnd(segment) < this.acknowledgedNext) {
      // Wholly before the window (RFC 9293 3.10.7.4), or a SYN whose acknowledgement was lost: answered, and not looked at further.
      if ((segment.flags & SYN) === 0) this.receiver.takeDuplicate(segment);
      this.acknowledge();
      return;
    }
    const { writer } = this;
    // RFC 7323 4.3: the stamp of what stands at the left edge of what was last acknowledged.
    if (writer.stamped && segment.sequence <= this.acknowledgedNext && segment.stampMs > writer.recentStampMs) {
      writer.recentStampMs = segment.stampMs;
    }
    const progressed = this.sender.acknowledged(segment);
    if (sequenceEnd(segment) > segment.sequence) this.receiveData(segment);
    else this.sender.send();
    if (progressed && this.state === "open") this.progress();
  }

  private receiveData(segment: Segment): void {
    const { receiver, sender } = this;
    const from = receiver.reassembly.next;
    const size = receiver.take(segment, sender.timer.rtoUs);
    // What was held back goes first, and takes the acknowledgement along.
    sender.send();
    receiver.acknowledger.settle(sender.timer.smoothedUs);
    if (size > 0) {
      // Straight from the sender's buffer: what was new here is unacknowledged there.
      const { buffer } = (this.peer as TcpEndpoint).sender;
      this.application.received(buffer.bytes, buffer.offsetOf(from), size);
      if (this.state === "open" && !receiver.finished) receiver.acknowledger.consumed();
    }
    if (receiver.finished && !this.finReceived && this.state === "open") this.receiveFin();
  }

  private receiveFin(): void {
    this.finReceived = true;
    if (this.finishing) {
      if (this.receiver.acknowledger.owed) this.acknowledge();
      this.progress();
      return;
    }
    if (!this.application.ended()) this.close();
  }

  /** The peer has acknowledged something: there may be room again, or nothing more to wait for. */
  private progress(): void {
    if (this.finishing && this.sender.finAcknowledged) {
      if (this.finReceived) this.complete();
      else if (!this.finWait.armed) this.finWait.arm(this.scheduler.nowUs + FIN_WAIT_US);
    } else if (this.room > 0) {
      this.application.writable();
    }
  }

  /** Both ends have closed. The state stays open, as TIME-WAIT does, to acknowledge the peer's FIN should it come again. */
  private complete(): void {
    this.finWait.disarm();
    this.keepAlive?.stop();
    this.application.closed("finished");
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
    this.receiver.acknowledger.stop();
    this.finWait.disarm();
    this.keepAlive?.stop();
  }
}
