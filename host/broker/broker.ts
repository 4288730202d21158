/**
 * The broker: a machine that does no I/O and has no clock.
 *
 * A host tells it that a transport has opened, what bytes came, that it closed, and what time it is; it answers through
 * each transport's sink. The same object therefore serves sockets in real time and a simulation in virtual time, and a
 * test decides to the millisecond when a keep-alive runs out.
 */
import { end, MAX_CONNECT_SIZE, onConnect, onDisconnect } from "./admission.ts";
import { decodeAcknowledge } from "./codec/acknowledge.ts";
import * as control from "./codec/control.ts";
import { checkEmpty, checkFirst } from "./codec/packet.ts";
import { Violation } from "./codec/violation.ts";
import { AWAITING, Connection, ENDED, type Sink } from "./connection.ts";
import type { Counters } from "./counters.ts";
import { onPublish, onPubrel } from "./inbound.ts";
import type { BrokerOptions } from "./options.ts";
import { drain, onAcknowledge } from "./outbound.ts";
import { State } from "./state.ts";
import { onSubscribe, onUnsubscribe } from "./subscribing.ts";
import { SystemTopics } from "./system.ts";

export class Broker {
  readonly #state: State;
  readonly #system: SystemTopics | null;
  #startMs = Number.NaN;
  #nextSystemMs = Number.POSITIVE_INFINITY;
  #isBusy = false;

  /** Throws a RangeError when an option is out of its range. */
  constructor(options: BrokerOptions = {}) {
    this.#state = new State(options);
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

  /** A transport has opened. The handle is good until `sink.close` or `closed`; after that it is ignored. */
  connect(nowMs: number, sink: Sink): Connection {
    this.#enter(nowMs);
    const { settings, connections, timers } = this.#state;
    const firstLimit = Math.min(settings.maxPacketSize, MAX_CONNECT_SIZE);
    const connection = new Connection(sink, nowMs, settings.connectTimeoutMs, firstLimit);
    connections.add(connection);
    timers.set(connection, nowMs + settings.connectTimeoutMs);
    this.#leave();
    return connection;
  }

  /** Bytes have come. They are lent: the broker copies what it keeps, and the caller may use the buffer again. */
  receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (connection.phase === ENDED) return;
    this.#enter(nowMs);
    const state = this.#state;
    const { framer } = connection;
    state.counters.bytesReceived += bytes.length;
    try {
      framer.feed(bytes);
      while (framer.next()) {
        this.#dispatch(connection, framer.bytes, framer.first, framer.start, framer.end);
        // The handlers change the phase, which the compiler cannot see from the check above.
        if ((connection.phase as number) === ENDED) break;
      }
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      state.counters.violations++;
      // [MQTT-4.8.0-1] the connection ends, and nothing else does.
      end(state, connection, error.message);
    } finally {
      this.#leave();
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
    end(this.#state, connection, "the network connection was closed without DISCONNECT");
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

  /** Time has passed: ends connections that were silent for too long, publishes $SYS. */
  advance(nowMs: number): void {
    this.#enter(nowMs);
    const { timers } = this.#state;
    for (let first = timers.first; first !== undefined && first.deadlineMs < nowMs; first = timers.first) {
      const deadlineMs = first.lastPacketMs + first.patienceMs;
      if (deadlineMs >= nowMs) timers.set(first, deadlineMs);
      else end(this.#state, first, silenceReason(first));
    }
    if (nowMs >= this.#nextSystemMs) this.#publishSystem(nowMs);
    this.#leave();
  }

  /** When `advance` is next needed, absolute ms; Infinity for never. May be early, is never late. */
  nextTimeout(): number {
    const first = this.#state.timers.first;
    // The last millisecond of a deadline is still in time: one and a half keep-alives must have passed.
    return first === undefined ? this.#nextSystemMs : Math.min(first.deadlineMs + 1, this.#nextSystemMs);
  }

  /** Hands all output to the sinks. Needed only with `flushing: "manual"`. */
  flush(): void {
    this.#state.output.flush();
  }

  /** Ends every connection, as a server that stops. Wills are not published (3.1.2.5 lets a shutdown defer them). */
  close(nowMs: number, reason = "the server is stopping"): void {
    this.#enter(nowMs);
    for (const connection of [...this.#state.connections]) connection.will = null;
    for (const connection of [...this.#state.connections]) end(this.#state, connection, reason);
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

  #dispatch(connection: Connection, bytes: Uint8Array, first: number, start: number, endOffset: number): void {
    const state = this.#state;
    state.counters.messagesReceived++;
    connection.lastPacketMs = state.nowMs;
    checkFirst(first);
    const type = first >> 4;
    // [MQTT-3.1.0-1]
    if (connection.phase === AWAITING && type !== control.CONNECT) {
      throw new Violation("MQTT-3.1.0-1", `the first packet is CONNECT, not ${control.CONTROL_NAMES[type]}`);
    }
    switch (type) {
      case control.PUBLISH:
        onPublish(state, connection, bytes, first, start, endOffset);
        return;
      case control.PUBACK:
      case control.PUBREC:
      case control.PUBCOMP: {
        const packetId = decodeAcknowledge(bytes, type, start, endOffset);
        this.#trace(connection, type, packetId);
        onAcknowledge(state, connection, type, packetId);
        return;
      }
      case control.PUBREL: {
        const packetId = decodeAcknowledge(bytes, type, start, endOffset);
        this.#trace(connection, type, packetId);
        onPubrel(state, connection, packetId);
        return;
      }
      case control.CONNECT:
        onConnect(state, connection, bytes, start, endOffset);
        return;
      case control.SUBSCRIBE:
        onSubscribe(state, connection, bytes, start, endOffset);
        return;
      case control.UNSUBSCRIBE:
        onUnsubscribe(state, connection, bytes, start, endOffset);
        return;
      case control.PINGREQ:
        checkEmpty(type, start, endOffset);
        this.#trace(connection, type, 0);
        this.#answerPing(connection);
        return;
      case control.DISCONNECT:
        checkEmpty(type, start, endOffset);
        this.#trace(connection, type, 0);
        onDisconnect(state, connection);
        return;
      default:
        throw new Violation("MQTT 2.2.1", `${control.CONTROL_NAMES[type]} goes from server to client only`);
    }
  }

  /** [MQTT-3.12.4-1] */
  #answerPing(connection: Connection): void {
    const state = this.#state;
    const at = state.output.reserve(connection, 2);
    const output = connection.output as Uint8Array;
    output[at] = control.PINGRESP << 4;
    output[at + 1] = 0;
    state.counters.messagesSent++;
    if (state.isTracing) state.log("debug", `Sending PINGRESP to ${connection.name}`);
  }

  #trace(connection: Connection, type: number, packetId: number): void {
    const state = this.#state;
    if (!state.isTracing) return;
    const details = packetId > 0 ? ` (Mid: ${packetId}, RC:0)` : "";
    state.log("debug", `Received ${control.CONTROL_NAMES[type]} from ${connection.name}${details}`);
  }
}

function silenceReason(connection: Connection): string {
  if (connection.phase === AWAITING) return `[limit] no CONNECT within ${connection.patienceMs} ms`;
  return `[MQTT-3.1.2-24] nothing received for one and a half times the keep-alive of ${connection.patienceMs / 1500} s`;
}
