/**
 * One network connection, from the moment its transport opens to its end.
 *
 * A record; the rules are in admission.ts (CONNECT), inbound.ts and outbound.ts (messages) and broker.ts (the rest).
 * Hosts hold it as an opaque handle.
 */
import type { Connect, Level, Will } from "./codec/connect.ts";
import { Framer } from "./codec/framer.ts";
import { printable } from "./codec/violation.ts";
import type { Entrance } from "./entrance.ts";
import type { AuthenticationExchange } from "./options.ts";
import type { Session } from "./session.ts";
import type { Terms } from "./terms.ts";
import type { Timed } from "./timers.ts";
import type { Topic } from "./topics.ts";

/** Where a connection's bytes go. It must not throw, and must not call the broker from within (`pause` excepted). */
export interface Sink {
  /**
   * Bytes for the peer, whole packets in order. With `isLasting` false they are lent until the call returns: copy what
   * is not sent at once. With `isLasting` true they are never written again and may be kept (large payloads, which
   * many subscribers share).
   */
  send(bytes: Uint8Array, isLasting: boolean): void;
  /** The broker ends the connection: send what was given, then close. `reason` says why, in one line. */
  close(reason: string): void;
  /** Stop reading from the peer, or go on: while its CONNECT waits for the host's decision nothing more is handled. */
  hold?(isHeld: boolean): void;
  /**
   * Who the transport says that the peer is, by certificate or pre-shared key (`use_identity_as_username`). It replaces
   * user name and password; undefined when the peer has shown nothing, which refuses it.
   */
  readonly identity?: { readonly username: string | undefined };
  /** How the log names the other end, for instance `127.0.0.1:50412`. */
  readonly peer?: string;
}

/** Where output goes: the sink, or what stands before it (tap.ts). */
export type Outlet = Pick<Sink, "send" | "close">;

/** AWAITING: no CONNECT yet. OPEN: accepted. ENDED: closed, by either side. */
export const AWAITING = 0;
export const OPEN = 1;
export const ENDED = 2;

export class Connection implements Timed {
  readonly sink: Sink;
  outlet: Outlet;
  readonly entrance: Entrance;
  readonly framer: Framer;
  phase: typeof AWAITING | typeof OPEN | typeof ENDED = AWAITING;
  /** Null until CONNECT is accepted, and after the end. */
  session: Session | null = null;
  will: Will | null = null;
  /** With storage: the number of the will's record, where no session's record holds it; 0 for none. */
  willStoreId = 0;
  /** The version of its CONNECT; 4 until one has come. */
  level: Level = 4;
  /** A bridge of mosquitto (see codec/connect.ts). */
  isBridge = false;
  /** What a CONNECT of 5.0 agreed; null for the other versions. */
  terms: Terms | null = null;
  /** QoS 1 and 2 messages that may be on their way to it at once. */
  windowSize = 0;
  /** Topic and payload bytes of them. */
  windowBytes = 0;
  /** An enhanced authentication that has begun, and the CONNECT that waits for it; null in a re-authentication. */
  authentication: { exchange: AuthenticationExchange; request: Connect | null; clientId: string } | null = null;

  /** A CONNECT that waits for `Broker.decide`, and the bytes that have come behind it. */
  undecided: { request: Connect; clientId: string; rest: Uint8Array } | null = null;
  /** PUBLISH packets that have come, for limits on their rate. */
  publishCount = 0;

  /** When the last whole packet came. */
  lastPacketMs: number;
  /** How long the client may be silent: one and a half keep-alives; 0 for ever [MQTT-3.1.2-24]. */
  patienceMs: number;
  deadlineMs = 0;
  heapIndex = -1;

  /** The sink asked for no more messages; acknowledgements go on. */
  isPaused = false;
  /** Bytes not yet handed to the sink: output[0, outputSize). Null when there are none. */
  output: Uint8Array | null = null;
  outputSize = 0;
  /** In the list of those to flush. */
  isDirty = false;
  /** Set when the broker ends the connection: the sink is told after the flush. */
  closeReason: string | null = null;

  /** What it published to last. */
  topic: Topic | null = null;

  constructor(sink: Sink, entrance: Entrance, nowMs: number, patienceMs: number, maxPacketSize: number) {
    this.sink = sink;
    this.outlet = sink;
    this.entrance = entrance;
    this.framer = new Framer(maxPacketSize);
    this.lastPacketMs = nowMs;
    this.patienceMs = patienceMs;
  }

  /** How the log names the client. */
  get name(): string {
    return this.session === null ? this.peer : printable(this.session.clientId);
  }

  get peer(): string {
    return this.sink.peer ?? "unknown";
  }
}
