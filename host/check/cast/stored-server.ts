/**
 * A broker that stops without a word and begins again with what it had stored. It stands where the broker stands, so that the station
 * of the simulation serves it; its disk takes a while, and a crash in the middle of a write may keep it or not.
 */
import { type Batch, Broker, type BrokerOptions, type Connection, MemoryStore, type Sink } from "../../broker/index.ts";
import type { Served } from "../../simulation/index.ts";
import type { HistoryEvent } from "../history/index.ts";

/** One crash. */
export interface Crash {
  readonly atS: number;
  readonly forS: number;
  /** What is being written when it comes is lost; otherwise it is kept, though nobody has been told. */
  readonly isTorn: boolean;
}

const NOWHERE: Sink = { send: () => {}, close: () => {} };

export class StoredServer implements Served {
  crashCount = 0;
  /** Crashes that came while something was being written. */
  tornCount = 0;
  private readonly newBroker: (options: BrokerOptions) => Broker;
  private readonly options: BrokerOptions;
  private readonly writeMs: number;
  private readonly crashes: Crash[];
  private readonly history: HistoryEvent[];
  private readonly store = new MemoryStore();
  private readonly sinks = new Map<Connection, Sink>();
  private broker: Broker | null = null;
  private upMs = Number.POSITIVE_INFINITY;
  private batch: Batch | null = null;
  private writtenMs = Number.POSITIVE_INFINITY;
  private nowMs = 0;

  /** `writeMs`: how long a write takes. */
  constructor(
    newBroker: (options: BrokerOptions) => Broker,
    options: BrokerOptions,
    writeMs: number,
    crashes: readonly Crash[],
    history: HistoryEvent[],
  ) {
    this.newBroker = newBroker;
    this.options = options;
    this.writeMs = writeMs;
    this.crashes = crashes.slice();
    this.history = history;
    this.begin(0);
  }

  connect(nowMs: number, sink: Sink): Connection {
    this.nowMs = nowMs;
    if (this.broker === null) {
      // Nobody listens: the handle is one that has ended already.
      const nobody = new Broker();
      const connection = nobody.connect(nowMs, NOWHERE);
      nobody.closed(connection, nowMs);
      sink.close("nobody listens");
      return connection;
    }
    const connection = this.broker.connect(nowMs, {
      send: (bytes, isLasting) => sink.send(bytes, isLasting),
      close: reason => {
        // A crash has nothing more to close.
        this.sinks.delete(connection);
        sink.close(reason);
      },
    });
    this.sinks.set(connection, sink);
    return connection;
  }

  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    this.nowMs = nowMs;
    if (this.sinks.has(connection)) this.broker?.receive(connection, bytes, nowMs);
  }

  closed(connection: Connection, nowMs: number): void {
    this.nowMs = nowMs;
    if (this.sinks.delete(connection)) this.broker?.closed(connection, nowMs);
  }

  pause(connection: Connection): void {
    if (this.sinks.has(connection)) this.broker?.pause(connection);
  }

  resume(connection: Connection, nowMs: number): void {
    this.nowMs = nowMs;
    if (this.sinks.has(connection)) this.broker?.resume(connection, nowMs);
  }

  /** Looks for what is to be written as well: it is asked after every call. */
  nextTimeout(): number {
    this.beginWriting();
    const crashMs = this.broker === null || this.crashes.length === 0 ? Infinity : this.crashes[0].atS * 1000;
    return Math.min(this.broker?.nextTimeout() ?? Infinity, this.writtenMs, crashMs, this.upMs);
  }

  advance(nowMs: number): void {
    this.nowMs = nowMs;
    if (this.batch !== null && nowMs >= this.writtenMs) {
      this.store.writeNow(this.batch);
      this.endWriting();
      this.broker?.written(nowMs);
    }
    if (this.broker !== null && this.crashes.length > 0 && nowMs >= this.crashes[0].atS * 1000) {
      this.crash(this.crashes.shift() as Crash);
    }
    if (this.broker === null && nowMs >= this.upMs) this.begin(nowMs);
    this.broker?.advance(nowMs);
  }

  private begin(nowMs: number): void {
    this.broker = this.newBroker(this.options);
    this.broker.restore(this.store.load(), nowMs, nowMs);
    if (this.crashCount > 0) this.note("server up");
    this.upMs = Number.POSITIVE_INFINITY;
  }

  private beginWriting(): void {
    if (this.batch !== null) return;
    this.batch = this.broker?.pendingWrites() ?? null;
    if (this.batch !== null) this.writtenMs = this.nowMs + this.writeMs;
  }

  private endWriting(): void {
    this.batch = null;
    this.writtenMs = Number.POSITIVE_INFINITY;
  }

  private crash({ forS, isTorn }: Crash): void {
    this.crashCount += 1;
    this.beginWriting();
    if (this.batch !== null) {
      this.tornCount += 1;
      if (!isTorn) this.store.writeNow(this.batch);
    }
    this.endWriting();
    this.note("server down");
    this.broker = null;
    this.upMs = this.nowMs + forS * 1000;
    const sinks = [...this.sinks.values()];
    this.sinks.clear();
    for (const sink of sinks) sink.close("the server has crashed");
  }

  private note(kind: "server down" | "server up"): void {
    this.history.push({ atMs: this.nowMs, client: "", connection: 0, kind });
  }
}
