/**
 * What a broker can be told, and what it does when told nothing. Names and defaults follow mosquitto where it has them.
 */

import type { Clock } from "./clock.ts";
import { MAX_REMAINING_LENGTH } from "./codec/length.ts";
import type { Connection } from "./connection.ts";
import { NEVER_S } from "./terms.ts";
import type { Traced } from "./trace.ts";

/** Who asks to come in. */
export interface Credentials {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  peer: string;
}

/** The same, with the handle for `Broker.decide`, when the answer comes later. */
export interface Applicant extends Credentials {
  connection: Connection;
}

/** Return codes of 3.1.1: accepted, unavailable, bad credentials, not authorized. 5.0 clients get their reason codes. */
export type Verdict = 0 | 3 | 4 | 5;

/** What one step of an enhanced authentication leads to (4.12). */
export type AuthenticationStep =
  | { status: "continue"; data: Uint8Array }
  | { status: "success"; data?: Uint8Array }
  | { status: "failure"; reason: string };

/** One exchange with one client: each call gets what the client sent and says what it is answered. */
export interface AuthenticationExchange {
  next(data: Uint8Array | undefined): AuthenticationStep;
}

/** An authentication method: starts an exchange for each CONNECT, and for each re-authentication. */
export type AuthenticationMethod = (credentials: Credentials) => AuthenticationExchange;

/** mosquitto's kinds of log lines; `debug` is one line a packet, `subscribe` and `unsubscribe` one a filter. */
export type LogLevel = "error" | "warning" | "notice" | "information" | "debug" | "subscribe" | "unsubscribe";

export interface BrokerOptions {
  /** QoS 1 and 2 messages on their way to one client at once, 1 to 65535. Default 20 (`max_inflight_messages`). */
  maxInflight?: number;
  /** QoS 1 and 2 messages waiting for one client, 0 or more. Default 1000 (`max_queued_messages`). */
  maxQueued?: number;
  /** Topic and payload bytes waiting for one client. Default 64 MiB (`max_queued_bytes`). */
  maxQueuedBytes?: number;
  /**
   * Topic and payload bytes in flight to one client; one message may always be, however large. Default: no limit of its
   * own (`max_inflight_bytes`).
   */
  maxInflightBytes?: number;
  /** The largest payload that is passed on, bytes. Default: no limit of its own (`message_size_limit`). */
  maxPayloadSize?: number;
  /** The largest packet accepted, bytes with its fixed header. Default 268,435,460: all that a length can say. */
  maxPacketSize?: number;
  /** Connections at once; one more is answered with return code 3. Default: no limit (`max_connections`). */
  maxConnections?: number;
  /** How long a connection may wait before its CONNECT, ms. Default 60,000. */
  connectTimeoutMs?: number;
  /** Memory that the process takes, bytes, for `$SYS/broker/heap`. Default: the two topics are left out. */
  heapSize?: () => number;
  /** How often $SYS is published, ms; 0: never. Default 10,000 (`sys_interval`). */
  sysIntervalMs?: number;
  /**
   * When a QoS 2 message from a client goes on to its subscribers: when its PUBREL has come, as mosquitto does
   * ("release", the default), or as soon as it is received ("publish"), one round trip earlier. Both are allowed
   * (4.3.3, methods A and B) and both pass it on exactly once.
   */
  qos2Delivery?: "release" | "publish";
  /** User names and their passwords. Default: none. */
  users?: ReadonlyMap<string, string>;
  /** May a client come without a user name? Default: yes, unless `users` or `authenticate` is given. */
  allowAnonymous?: boolean;
  /** Decides instead of `users`: return code 0 (accepted), 3 (unavailable), 4 (bad credentials) or 5 (not authorized). */
  authenticate?: (applicant: Applicant) => Verdict | "later";
  /** Methods of enhanced authentication for 5.0, by their name, for instance SCRAM-SHA-256. Default: none. */
  authenticationMethods?: ReadonlyMap<string, AuthenticationMethod>;
  /** QoS 2 messages from a 5.0 client whose PUBREL has not come, 1 to 65535: its Receive Maximum. Default 1000. */
  receiveMaximum?: number;
  /** Topic aliases that a 5.0 client may set, 0 to 65535. Default 10 (`max_topic_alias`). */
  maxTopicAlias?: number;
  /** Topic aliases that the server gives on one connection, if the client takes as many, 0 to 65535. Default 64. */
  maxOutboundTopicAlias?: number;
  /**
   * The longest keep-alive of a 5.0 client, s, 1 to 65535; a longer one, or none, becomes this. Default: no limit
   * (`max_keepalive`).
   */
  maxKeepAliveS?: number;
  /** How long a session lasts without its client, s, at most. Default: for ever (`persistent_client_expiration`). */
  maxSessionExpiryS?: number;
  /** The highest QoS that a client may publish with, and that is granted. Default 2 (`max_qos`). */
  maxQos?: 0 | 1 | 2;
  /** Do QoS 0 messages wait for a client that is away? Default false (`queue_qos0_messages`). */
  queuesQos0?: boolean;
  /**
   * Is a message delivered at the QoS of the subscription, even where it was published with less? Default false
   * (`upgrade_outgoing_qos`): the standard says no [MQTT-3.8.4-6].
   */
  upgradesQos?: boolean;
  /** May messages be retained? Default true (`retain_available`). */
  retainAvailable?: boolean;
  /** May filters have wildcards? Default true. */
  wildcardAvailable?: boolean;
  /** May subscriptions have identifiers? Default true. */
  subscriptionIdsAvailable?: boolean;
  /** May subscriptions be shared? Default true. */
  sharedAvailable?: boolean;
  /** What a 5.0 client that asks for Response Information is told (4.10). Default: nothing. */
  responseInformation?: (clientId: string) => string;
  /** Where 5.0 clients are sent when the server is full or stops: reason 0x9C and this Server Reference (4.11). */
  serverReference?: string;
  /** The identifier for a client that brings none [MQTT-3.1.3-6]. Default: `auto-` and a count, the same in every run. */
  assignClientId?: () => string;
  /** By which `listen` tells the time. Default: the computer's. The machine itself has none. */
  clock?: Clock;
  /** Hears of every packet both ways, and of the state after it: slow, for testers. */
  onTrace?: (traced: Traced) => void;
  /** Hears what happens, in mosquitto's words. */
  onLog?: (level: LogLevel, line: string) => void;
  /** Log every packet too. Default false. */
  logPackets?: boolean;
  /**
   * "call": each call hands its output to the sinks before it returns (the default). "manual": output waits for
   * `flush()`, so that one write can carry what several calls have caused.
   */
  flushing?: "call" | "manual";
}

/** Options with every default in place. */
export interface Settings {
  readonly maxInflight: number;
  readonly maxQueued: number;
  readonly maxQueuedBytes: number;
  readonly maxInflightBytes: number;
  readonly receiveMaximum: number;
  readonly maxTopicAlias: number;
  readonly maxOutboundTopicAlias: number;
  readonly maxKeepAliveS: number;
  readonly maxSessionExpiryS: number;
  readonly maxQos: 0 | 1 | 2;
  readonly queuesQos0: boolean;
  readonly upgradesQos: boolean;
  readonly retainAvailable: boolean;
  readonly wildcardAvailable: boolean;
  readonly subscriptionIdsAvailable: boolean;
  readonly sharedAvailable: boolean;
  readonly authenticationMethods: ReadonlyMap<string, AuthenticationMethod>;
  readonly responseInformation: ((clientId: string) => string) | undefined;
  readonly serverReference: string | undefined;
  readonly maxPayloadSize: number;
  readonly maxPacketSize: number;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly heapSize: (() => number) | undefined;
  readonly sysIntervalMs: number;
  readonly qos2Delivery: "release" | "publish";
  readonly allowAnonymous: boolean;
  readonly users: ReadonlyMap<string, string> | undefined;
  readonly authenticate: BrokerOptions["authenticate"];
  readonly assignClientId: (() => string) | undefined;
  readonly onLog: ((level: LogLevel, line: string) => void) | undefined;
  readonly logPackets: boolean;
  readonly isManual: boolean;
}

/** Throws a RangeError that names the option that is out of its range. */
export function settle(options: BrokerOptions): Settings {
  const { users, authenticate } = options;
  return {
    maxInflight: checkInteger("maxInflight", options.maxInflight ?? 20, 1, 0xffff),
    maxQueued: checkInteger("maxQueued", options.maxQueued ?? 1000, 0, Number.MAX_SAFE_INTEGER),
    maxQueuedBytes: checkInteger(
      "maxQueuedBytes",
      options.maxQueuedBytes ?? 64 * 1024 * 1024,
      0,
      Number.MAX_SAFE_INTEGER,
    ),
    maxPayloadSize: checkInteger(
      "maxPayloadSize",
      options.maxPayloadSize ?? MAX_REMAINING_LENGTH,
      0,
      MAX_REMAINING_LENGTH,
    ),
    maxInflightBytes: checkInteger(
      "maxInflightBytes",
      options.maxInflightBytes ?? Number.MAX_SAFE_INTEGER,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    maxPacketSize: checkInteger(
      "maxPacketSize",
      options.maxPacketSize ?? MAX_REMAINING_LENGTH + 5,
      32,
      MAX_REMAINING_LENGTH + 5,
    ),
    maxConnections: checkInteger(
      "maxConnections",
      options.maxConnections ?? Number.MAX_SAFE_INTEGER,
      1,
      Number.MAX_SAFE_INTEGER,
    ),
    connectTimeoutMs: checkInteger("connectTimeoutMs", options.connectTimeoutMs ?? 60_000, 1, 0x7fff_ffff),
    sysIntervalMs: checkInteger("sysIntervalMs", options.sysIntervalMs ?? 10_000, 0, 0x7fff_ffff),
    heapSize: options.heapSize,
    receiveMaximum: checkInteger("receiveMaximum", options.receiveMaximum ?? 1000, 1, 0xffff),
    maxTopicAlias: checkInteger("maxTopicAlias", options.maxTopicAlias ?? 10, 0, 0xffff),
    maxOutboundTopicAlias: checkInteger("maxOutboundTopicAlias", options.maxOutboundTopicAlias ?? 64, 0, 0xffff),
    maxKeepAliveS: checkInteger("maxKeepAliveS", options.maxKeepAliveS ?? 0xffff, 1, 0xffff),
    maxSessionExpiryS: checkInteger("maxSessionExpiryS", options.maxSessionExpiryS ?? NEVER_S, 0, NEVER_S),
    maxQos: checkInteger("maxQos", options.maxQos ?? 2, 0, 2) as 0 | 1 | 2,
    queuesQos0: options.queuesQos0 ?? false,
    upgradesQos: options.upgradesQos ?? false,
    retainAvailable: options.retainAvailable ?? true,
    wildcardAvailable: options.wildcardAvailable ?? true,
    subscriptionIdsAvailable: options.subscriptionIdsAvailable ?? true,
    sharedAvailable: options.sharedAvailable ?? true,
    authenticationMethods: options.authenticationMethods ?? new Map(),
    responseInformation: options.responseInformation,
    serverReference: options.serverReference,
    qos2Delivery: options.qos2Delivery ?? "release",
    allowAnonymous: options.allowAnonymous ?? (users === undefined && authenticate === undefined),
    users,
    authenticate,
    assignClientId: options.assignClientId,
    onLog: options.onLog,
    logPackets: options.logPackets ?? false,
    isManual: options.flushing === "manual",
  };
}

/** Throws a RangeError that names the option when it is out of its range. */
export function checkInteger(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`${name} is a whole number from ${low} to ${high}, not ${value}`);
  }
  return value;
}
