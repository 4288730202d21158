/**
 * The broker: a machine that does no I/O and has no clock.
 *
 * A host tells it that a transport has opened, what bytes came, that it closed, and what time it is; it answers through
 * each transport's sink. The same object therefore serves sockets in real time and a simulation in virtual time, and a
 * test decides to the millisecond when a keep-alive runs out.
 */
import { Buffer } from "node:buffer";
import { MAX_CONNECT_SIZE } from "./admission.ts";
import { decide } from "./authentication.ts";
import type { Clock } from "./clock.ts";
import { KEEP_ALIVE_TIMEOUT, NOT_AUTHORIZED, SERVER_SHUTTING_DOWN, USE_ANOTHER_SERVER } from "./codec/reasons.ts";
import { Connection, ENDED, type Sink } from "./connection.ts";
import type { Counters } from "./counters.ts";
import { deferWill, end, endAbsences } from "./departure.ts";
import { checkHeld, dispatch } from "./dispatch.ts";
import type { Entrance } from "./entrance.ts";
import { endOver } from "./failure.ts";
import type { Fault, FaultHook, Point } from "./faults.ts";
import { LOST } from "./log.ts";
import type { BrokerOptions, Verdict } from "./options.ts";
import { drain } from "./outbound.ts";
import { silenceReason } from "./silence.ts";
import { State } from "./state.ts";
import { type Statistics, statisticsOf } from "./statistics.ts";
import { Durability } from "./storage/durability.ts";
import type { Batch, StoredRecord } from "./storage/records.ts";
import { SystemTopics } from "./system.ts";
import { Tap } from "./tap.ts";

export class Broker {
  readonly #state: State;
  readonly #system: SystemTopics | null;
  #startMs = Number.NaN;
  #nextSystemMs = Number.POSITIVE_INFINITY;
  #isBusy = false;
  #tap: Tap | null = null;
  #durability: Durability | null = null;
  /** For whoever serves the broker: its option. */
  readonly clock: Clock | undefined;

  /** Throws a RangeError when an option is out of its range. */
  constructor(options: BrokerOptions = {}) {
    this.#state = new State(options);
    this.clock = options.clock;
    if (options.onTrace !== undefined) this.#tap = new Tap(this.#state, options.onTrace);
    this.#system = this.#state.settings.sysIntervalMs > 0 ? new SystemTopics() : null;
  }

  /** Live: the same object is counted on. */
  get counters(): Readonly<Counters> {
    return this.#state.counters;
  }

  /** Sessions that exist, connected or kept. */
  get sessionCount(): number {
    return this.#state.sessions.size;
  }

  /** Transports that are open, with an accepted CONNECT or without. */
  get connectionCount(): number {
    return this.#state.connections.size;
  }

  get subscriptionCount(): number {
    return this.#state.subscriptions.count;
  }

  get retainedCount(): number {
    return this.#state.retained.count;
  }

  /** What the broker holds now, counted when asked: sessions are looked through. */
  statistics(): Statistics {
    return statisticsOf(this.#state);
  }

  /**
   * Does to packets that come past a point what `hook` says (see faults.ts); returns how to end that. The first hook that
   * answers counts.
   */
  at(point: Point, hook: FaultHook | Fault): () => void {
    if (this.#tap === null) {
      this.#tap = new Tap(this.#state, undefined);
      for (const connection of this.#state.connections) this.#tap.watch(connection);
    }
    return this.#tap.faults.add(point, hook);
  }

  /** A transport has opened. The handle is good until `sink.close` or `closed`; after that it is ignored. */
  connect(nowMs: number, sink: Sink, entrance: Entrance = this.#state.entrance): Connection {
    this.#enter(nowMs);
    const { settings, connections, timers, counters } = this.#state;
    const firstLimit = Math.min(settings.maxPacketSize, MAX_CONNECT_SIZE);
    const inner = this.#durability?.before(sink) ?? sink;
    const connection = new Connection(inner, entrance, nowMs, settings.connectTimeoutMs, firstLimit);
    this.#tap?.watch(connection);
    this.#durability?.watch(connection);
    connections.add(connection);
    counters.socketsOpened++;
    timers.set(connection, nowMs + settings.connectTimeoutMs);
    this.#leave();
    return connection;
  }

  /**
   * Turns storage on, and goes on where the broker of these records stopped. Before any connection. `wallMs` is the time
   * since 1970; `entranceOf` finds the entrances that sessions came in by. Throws a StoreError.
   */
  restore(
    records: Iterable<readonly [string, StoredRecord]>,
    nowMs: number,
    wallMs: number,
    entranceOf: (name: string) => Entrance | undefined = () => undefined,
  ): void {
    this.#enter(nowMs);
    this.#durability = new Durability(this.#state, wallMs);
    this.#durability.restore(records, entranceOf);
    this.#leave();
  }

  /** What has to be written before anything that depends on it is sent; null when there is nothing, or not yet. */
  pendingWrites(): Batch | null {
    return this.#durability?.pendingWrites() ?? null;
  }

  /** Those of `pendingWrites` are safe. */
  written(nowMs: number): void {
    this.#enter(nowMs);
    this.#durability?.written();
    this.#leave();
  }

  /**
   * They could not be written. Whoever waits for them, or has a session that is stored, is disconnected; until a write
   * succeeds messages of QoS 1 and 2 and sessions that outlive their connection are refused.
   */
  writeFailed(nowMs: number, reason: string): void {
    this.#enter(nowMs);
    this.#durability?.writeFailed(reason);
    this.#leave();
  }

  /** Bytes have come. They are lent: the broker copies what it keeps, and the caller may use the buffer again. */
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (connection.phase === ENDED) return;
    this.#enter(nowMs);
    this.#state.counters.bytesReceived += bytes.length;
    this.#read(connection, bytes);
    this.#leave();
  }

  /** The host's answer to a CONNECT that `authenticate` has left for later. Ignored when its connection has ended. */
  decide(connection: Connection, verdict: Verdict, nowMs: number): void {
    const { undecided } = connection;
    if (connection.phase === ENDED || undecided === null) return;
    this.#enter(nowMs);
    connection.undecided = null;
    decide(this.#state, connection, undecided.request, undecided.clientId, verdict);
    if ((connection.phase as number) !== ENDED) {
      connection.sink.hold?.(false);
      this.#read(connection, undecided.rest);
    }
    this.#leave();
  }

  /** Access has changed: asks anew what every session may do, and ends the connections of those not welcome any more. */
  review(nowMs: number, isWelcome: (username: string | undefined, connection: Connection) => boolean): void {
    this.#enter(nowMs);
    const state = this.#state;
    for (const session of [...state.sessions.values()]) {
      const { connection, username } = session;
      session.permissions = (session.entrance?.access ?? state.access).permissions(session.clientId, username);
      if (connection !== null && !isWelcome(username, connection)) {
        end(state, connection, "[access] not welcome any more", NOT_AUTHORIZED);
      }
    }
    this.#leave();
  }

  /** Handles the whole packets in `bytes`, up to a CONNECT that has to wait. */
  #read(connection: Connection, bytes: Uint8Array): void {
    const state = this.#state;
    const { framer, undecided } = connection;
    if (undecided !== null) {
      undecided.rest = Buffer.concat([undecided.rest, bytes]);
      return;
    }
    try {
      framer.feed(bytes);
      while (framer.next()) {
        if (this.#tap !== null) this.#tap.receive(connection, framer);
        else dispatch(state, connection, framer.bytes, framer.first, framer.start, framer.end);
        // The handlers change the phase, which the compiler cannot see from the check above.
        if ((connection.phase as number) === ENDED) break;
        if (connection.undecided !== null) {
          connection.undecided.rest = framer.takeRest();
          break;
        }
      }
      checkHeld(connection);
    } catch (error) {
      endOver(state, connection, error);
    }
  }

  /** The transport is gone, by whatever cause. A will is due. */
  closed(connection: Connection, nowMs: number): void {
    if (connection.phase === ENDED) {
      connection.closeReason = null;
      this.#state.output.discard(connection);
      return;
    }
    this.#enter(nowMs);
    end(this.#state, connection, LOST);
    this.#tap?.tellEnd(connection, "by the other side");
    connection.closeReason = null;
    this.#state.output.discard(connection);
    this.#leave();
  }

  /** The transport has more to send than it should: hand it no more messages. May be called from within `send`. */
  pause(connection: Connection): void {
    connection.isPaused = true;
  }

  /** The transport takes messages again. */
  resume(connection: Connection, nowMs: number): void {
    if (!connection.isPaused || connection.phase === ENDED) return;
    this.#enter(nowMs);
    connection.isPaused = false;
    if (connection.session !== null) drain(this.#state, connection.session);
    this.#leave();
  }

  /** Time has passed: ends what was silent, absent or kept for too long, publishes $SYS and wills that are due. */
  advance(nowMs: number): void {
    this.#enter(nowMs);
    this.#tap?.advance();
    const { timers } = this.#state;
    for (let first = timers.first; first !== undefined && first.deadlineMs < nowMs; first = timers.first) {
      const deadlineMs = first.lastPacketMs + first.patienceMs;
      if (deadlineMs >= nowMs) timers.set(first, deadlineMs);
      else end(this.#state, first, silenceReason(first), KEEP_ALIVE_TIMEOUT);
    }
    endAbsences(this.#state);
    this.#state.retained.expire(nowMs);
    if (nowMs >= this.#nextSystemMs) this.#publishSystem(nowMs);
    this.#leave();
  }

  /** When `advance` is next needed, absolute ms; Infinity for never. May be early, is never late. */
  nextTimeout(): number {
    const { timers, absences, retained } = this.#state;
    // The last millisecond of a deadline is still in time: one and a half keep-alives must have passed.
    const silenceMs = timers.first === undefined ? Number.POSITIVE_INFINITY : timers.first.deadlineMs + 1;
    const absenceMs = absences.first?.deadlineMs ?? Number.POSITIVE_INFINITY;
    return Math.min(silenceMs, absenceMs, retained.nextExpiryMs, this.#nextSystemMs, this.#tap?.nextMs ?? Infinity);
  }

  /** Hands all output to the sinks. Needed only with `flushing: "manual"`. */
  flush(): void {
    this.#state.output.flush();
  }

  /** Ends every connection, as a server that stops. It defers wills (3.1.2.5): with storage until the restart. */
  close(nowMs: number, reason = "the server is stopping"): void {
    this.#enter(nowMs);
    for (const connection of this.#state.connections) deferWill(this.#state, connection);
    const { settings, connections } = this.#state;
    // 4.11: where there is another server, 5.0 clients are told.
    const reasonCode = settings.serverReference === undefined ? SERVER_SHUTTING_DOWN : USE_ANOTHER_SERVER;
    for (const connection of [...connections]) end(this.#state, connection, reason, reasonCode);
    this.#leave();
    this.flush();
  }

  #enter(nowMs: number): void {
    if (this.#isBusy) throw new Error("the broker was called from within a sink or a hook");
    this.#isBusy = true;
    this.#state.nowMs = nowMs;
    if (Number.isNaN(this.#startMs)) this.#start(nowMs);
  }

  #leave(): void {
    if (!this.#state.settings.isManual) this.#state.output.flush();
    this.#isBusy = false;
  }

  #start(nowMs: number): void {
    this.#startMs = nowMs;
    if (this.#system !== null) this.#publishSystem(nowMs);
  }

  #publishSystem(nowMs: number): void {
    this.#system?.publish(this.#state, nowMs - this.#startMs);
    this.#nextSystemMs = nowMs + this.#state.settings.sysIntervalMs;
  }
}
