/**
 * The ground station: the broker in virtual time, with TCP connections through the air on one side and connections without any link on the other.
 *
 * The broker is a machine: it must not be called from within its own calls. So what it sends to a client beside it is kept until its call has
 * returned, and handed over then, at the same moment of virtual time.
 */
import type { Broker, Connection, Sink } from "../broker/index.ts";
import { type DueHandler, NEVER_US, type Scheduler, type TcpHandler, Timer, type TimerOwner } from "../link/index.ts";
import type { Stream } from "./tls-stream.ts";
import type { Dialler, Driver, Transport } from "./transport.ts";

/** What a station serves: the broker, or what stands before it. */
export type Served = Pick<Broker, "connect" | "receive" | "closed" | "advance" | "nextTimeout" | "pause" | "resume">;

export class Station implements TimerOwner, DueHandler {
  /** Bytes of MQTT given to TCP connections. */
  sentBytes = 0;
  private readonly scheduler: Scheduler;
  private readonly broker: Served;
  private readonly timer: Timer;
  private readonly nearby: NearbyConnection[] = [];
  private readonly remotes = new Set<RemoteConnection>();
  private endedRetransmissionCount = 0;
  private handingOver = false;
  private settlingSoon = false;
  /** The broker's next deadline, as the timer is set. */
  private nextMs = Number.NaN;

  constructor(scheduler: Scheduler, broker: Served) {
    this.scheduler = scheduler;
    this.broker = broker;
    this.timer = new Timer(scheduler, this, 0);
  }

  /** Retransmissions of the broker's ends. */
  get retransmissionCount(): number {
    let sum = this.endedRetransmissionCount;
    for (const remote of this.remotes) sum += remote.endpoint.statistics.retransmissionCount;
    return sum;
  }

  /** Milliseconds, as the broker counts them. */
  get nowMs(): number {
    return Math.floor(this.scheduler.nowUs / 1000);
  }

  /** Serves what comes to this end of a connection. */
  accept(endpoint: Stream): void {
    const remote = new RemoteConnection(this, this.broker, endpoint);
    endpoint.handler = remote;
    this.remotes.add(remote);
  }

  /** A way to the broker for a client that stands beside it. */
  beside(): Dialler {
    const nearby = new NearbyConnection(this, this.broker, this.scheduler);
    this.nearby.push(nearby);
    return nearby;
  }

  timedOut(): void {
    this.nextMs = Number.NaN;
    this.broker.advance(this.nowMs);
    this.settle();
  }

  /** The broker has been called: hands over what it said to those beside it, and looks at its next deadline. */
  settle(): void {
    if (this.handingOver) return;
    this.handingOver = true;
    // What one of them answers may be for another: round and round until a whole round was quiet.
    for (let quietCount = 0, index = 0; quietCount < this.nearby.length; index = (index + 1) % this.nearby.length) {
      quietCount = this.nearby[index].handOver() ? 0 : quietCount + 1;
    }
    this.handingOver = false;
    const nextMs = this.broker.nextTimeout();
    if (nextMs === this.nextMs) return;
    this.nextMs = nextMs;
    this.timer.arm(nextMs === Number.POSITIVE_INFINITY ? NEVER_US : Math.max(nextMs * 1000, this.scheduler.nowUs));
  }

  /** The broker has been called by somebody who cannot be handed anything yet: settles as the next event of this moment. */
  settleSoon(): void {
    if (this.handingOver || this.settlingSoon) return;
    this.settlingSoon = true;
    this.scheduler.at(this.scheduler.nowUs, this, 0);
  }

  due(): void {
    this.settlingSoon = false;
    this.settle();
  }

  /** A connection through the air is over. */
  forget(remote: RemoteConnection): void {
    if (this.remotes.delete(remote)) this.endedRetransmissionCount += remote.endpoint.statistics.retransmissionCount;
  }
}

/** The broker's end of a connection through the air. */
class RemoteConnection implements TcpHandler, Sink {
  readonly endpoint: Stream;
  private readonly station: Station;
  private readonly broker: Served;
  private connection: Connection | null = null;
  /** What TCP had no room for. */
  private waiting: Uint8Array[] = [];
  private closing = false;

  constructor(station: Station, broker: Served, endpoint: Stream) {
    this.station = station;
    this.broker = broker;
    this.endpoint = endpoint;
  }

  opened(): void {
    this.connection = this.broker.connect(this.station.nowMs, this);
    this.station.settle();
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    if (this.connection === null) return;
    this.broker.receive(this.connection, bytes.subarray(offset, offset + size), this.station.nowMs);
    this.station.settle();
  }

  writable(): void {
    while (this.waiting.length > 0) {
      const bytes = this.waiting[0];
      const taken = this.endpoint.write(bytes);
      if (taken < bytes.length) {
        this.waiting[0] = bytes.subarray(taken);
        return;
      }
      this.waiting.shift();
    }
    if (this.closing) this.endpoint.close();
    else if (this.connection !== null) this.broker.resume(this.connection, this.station.nowMs);
    this.station.settle();
  }

  ended(): void {
    this.lose();
    this.waiting.length = 0;
    this.endpoint.close();
  }

  closed(): void {
    this.lose();
    this.station.forget(this);
  }

  send(bytes: Uint8Array): void {
    this.station.sentBytes += bytes.length;
    const taken = this.waiting.length > 0 ? 0 : this.endpoint.write(bytes);
    if (taken === bytes.length) return;
    // A copy: `slice` of a Buffer, which this may be, would be a view of bytes that are only lent.
    this.waiting.push(new Uint8Array(bytes.subarray(taken)));
    if (this.connection !== null) this.broker.pause(this.connection);
  }

  close(): void {
    this.connection = null;
    this.closing = true;
    if (this.waiting.length === 0) this.endpoint.close();
  }

  private lose(): void {
    if (this.connection === null) return;
    const { connection } = this;
    this.connection = null;
    this.broker.closed(connection, this.station.nowMs);
    this.station.settle();
  }
}

/** A client's connection without a link: what either says is heard at once, and nothing is lost. */
class NearbyConnection implements Dialler, Transport, Sink, DueHandler {
  private readonly station: Station;
  private readonly broker: Served;
  private readonly scheduler: Scheduler;
  private driver: Driver | null = null;
  private connection: Connection | null = null;
  // What the broker has said: gathered in one buffer while the other is being read.
  private gathered = new Uint8Array(4096);
  private reading = new Uint8Array(4096);
  private gatheredSize = 0;
  private closed = false;
  /** The attempt that counts. */
  private openCount = 0;

  constructor(station: Station, broker: Served, scheduler: Scheduler) {
    this.station = station;
    this.broker = broker;
    this.scheduler = scheduler;
  }

  open(driver: Driver): Transport {
    this.driver = driver;
    this.closed = false;
    this.openCount += 1;
    this.scheduler.at(this.scheduler.nowUs, this, this.openCount);
    return this;
  }

  due(openCount: number): void {
    // Given up before it was open.
    if (openCount !== this.openCount) return;
    this.connection = this.broker.connect(this.station.nowMs, this);
    this.driver?.opened();
    this.station.settle();
  }

  write(bytes: Uint8Array, offset: number, size: number): number {
    if (this.connection === null) return 0;
    this.broker.receive(this.connection, bytes.subarray(offset, offset + size), this.station.nowMs);
    this.station.settleSoon();
    return size;
  }

  end(): void {
    this.abort();
    this.closed = true;
    this.station.settleSoon();
  }

  abort(): void {
    if (this.connection !== null) this.broker.closed(this.connection, this.station.nowMs);
    this.connection = null;
    this.openCount += 1;
    this.gatheredSize = 0;
    this.station.settleSoon();
  }

  send(bytes: Uint8Array): void {
    const needed = this.gatheredSize + bytes.length;
    if (needed > this.gathered.length) {
      const wider = new Uint8Array(needed * 2);
      wider.set(this.gathered.subarray(0, this.gatheredSize));
      this.gathered = wider;
    }
    this.gathered.set(bytes, this.gatheredSize);
    this.gatheredSize = needed;
  }

  close(): void {
    this.connection = null;
    this.closed = true;
  }

  /** Hands over what was gathered. False when that is nothing. */
  handOver(): boolean {
    const { driver, gathered, gatheredSize } = this;
    if (driver === null || (gatheredSize === 0 && !this.closed)) return false;
    this.gathered = this.reading;
    this.reading = gathered;
    this.gatheredSize = 0;
    if (gatheredSize > 0) driver.received(gathered, 0, gatheredSize);
    if (this.closed) {
      this.closed = false;
      driver.ended();
    }
    return true;
  }
}
