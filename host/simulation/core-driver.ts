/**
 * One client of the core in virtual time: what host/client does with sockets and promises, over a simulated transport and without either.
 *
 * It runs for every message of a simulation, so that nothing is allocated here but at a reconnect, and no text is touched.
 */
import type { Core } from "../core/core.ts";
import { type Scheduler, Timer, type TimerOwner } from "../link/index.ts";
import type { Dialler, Driver, Transport } from "./transport.ts";

// Events of assembly/session/events.ts.
const NONE = 0;
const OPEN = 1;
const CONNECTED = 2;
const CLOSE = 3;

/** What `nextTimeout` answers where no deadline is set. */
const NEVER_MS = 0x7fff_ffff;

const NOTHING = new Uint8Array(0);

export abstract class CoreDriver implements Driver, TimerOwner {
  /** CONNACKs that accepted. */
  connectedCount = 0;
  /** Bytes given to the transport and taken from it: MQTT, without what carries it. */
  sentBytes = 0;
  receivedBytes = 0;
  protected readonly core: Core;
  /** Address of the client's record. */
  protected readonly client: number;
  protected readonly scheduler: Scheduler;
  private readonly dialler: Dialler;
  private readonly timer: Timer;
  private transport: Transport | null = null;
  /** A packet has left in part: what is offered next is the rest of it. */
  private cut = false;
  /** What came while the core had no room, because what it owes for it cannot leave: a full TCP holds both back. */
  private backlog: Uint8Array = NOTHING;

  constructor(scheduler: Scheduler, core: Core, client: number, dialler: Dialler) {
    this.scheduler = scheduler;
    this.core = core;
    this.client = client;
    this.dialler = dialler;
    this.timer = new Timer(scheduler, this, 0);
  }

  /** Milliseconds, as the core counts them. */
  protected get nowMs(): number {
    return Math.floor(this.scheduler.nowUs / 1000);
  }

  /** An event that is not about the connection. */
  protected abstract happened(event: number): void;

  /** The connection has been accepted. */
  protected connected(): void {}

  /** The connection has ended, whoever ended it. */
  protected disconnected(): void {}

  /** A packet begins to leave, or a part of one, from `at`. */
  protected leaving(_at: number): void {}

  opened(): void {
    this.core.opened(this.client, this.nowMs);
    this.pump();
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    this.receivedBytes += size;
    if (this.backlog.length > 0) {
      const waiting = this.backlog;
      this.backlog = new Uint8Array(waiting.length + size);
      this.backlog.set(waiting);
      this.backlog.set(bytes.subarray(offset, offset + size), waiting.length);
      this.takeBacklog();
      return;
    }
    const taken = this.offer(bytes, offset, size);
    if (taken < size && this.transport !== null) this.backlog = bytes.slice(offset + taken, offset + size);
  }

  /** Gives the core what it has room for; returns how much that was. What waits to leave may keep the rest out. */
  private offer(bytes: Uint8Array, offset: number, size: number): number {
    const { core, client } = this;
    let taken = 0;
    while (taken < size && this.transport !== null) {
      const count = Math.min(core.receiveRoom(client), size - taken);
      copy(bytes, offset + taken, core.bytes, core.receiveAddress(client), count);
      core.received(client, count, this.nowMs);
      taken += count;
      this.pump();
      if (count === 0) break;
    }
    return taken;
  }

  private takeBacklog(): void {
    const waiting = this.backlog;
    if (waiting.length === 0) return;
    this.backlog = NOTHING;
    const taken = this.offer(waiting, 0, waiting.length);
    if (taken < waiting.length && this.transport !== null) this.backlog = waiting.subarray(taken);
  }

  writable(): void {
    this.pump();
    this.takeBacklog();
  }

  ended(): void {
    this.transport = null;
    this.backlog = NOTHING;
    this.cut = false;
    this.core.closed(this.client, this.nowMs);
    this.disconnected();
    this.pump();
  }

  timedOut(): void {
    this.core.timedOut(this.client, this.nowMs);
    this.pump();
  }

  /** Does what the core asks for, until it asks for nothing more. Called after everything that happens. */
  protected pump(): void {
    const { core, client, nowMs } = this;
    do {
      for (let event = core.nextEvent(client, nowMs); event !== NONE; event = core.nextEvent(client, nowMs)) {
        this.handle(event);
      }
    } while (this.transmit(nowMs));
    const waitMs = core.nextTimeout(client, nowMs);
    if (waitMs === NEVER_MS) this.timer.disarm();
    else this.timer.arm(Math.max(this.scheduler.nowUs, (nowMs + waitMs) * 1000));
  }

  private handle(event: number): void {
    switch (event) {
      case OPEN:
        this.transport = this.dialler.open(this);
        return;
      case CONNECTED:
        this.connectedCount += 1;
        this.connected();
        return;
      case CLOSE:
        // What the core gives up is dead or in the wrong: no farewell would be heard.
        this.transport?.abort();
        this.transport = null;
        this.backlog = NOTHING;
        this.cut = false;
        this.core.closed(this.client, this.nowMs);
        this.disconnected();
        return;
      default:
        this.happened(event);
    }
  }

  /** Writes what the core offers. False when that is nothing, or the transport takes nothing. */
  private transmit(nowMs: number): boolean {
    const { core, client, transport } = this;
    if (transport === null) return false;
    const size = core.transmit(client);
    if (size <= 0) return false;
    const at = core.transmitAddress(client);
    // By an alias a message leaves in two parts, for readings are never empty: one segment carries both, as a board would have it.
    const taken = transport.write(core.bytes, at, size, at >= core.aliasesAddress(client));
    if (taken === 0) return false;
    if (!this.cut) this.leaving(at);
    this.cut = taken < size;
    this.sentBytes += taken;
    core.transmitted(client, taken, nowMs);
    return true;
  }
}

/** Copies between memories. Most of what passes is a handful of bytes, for which a loop costs less than a view. */
export function copy(source: Uint8Array, from: number, target: Uint8Array, to: number, size: number): void {
  if (size > 64) {
    target.set(source.subarray(from, from + size), to);
    return;
  }
  for (let index = 0; index < size; index += 1) target[to + index] = source[from + index];
}
