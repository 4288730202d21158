/**
 * What a broker can be told, and what it does when told nothing. Names and defaults follow mosquitto where it has them.
 */
import { MAX_REMAINING_LENGTH } from "./codec/length.ts";

/** Who asks to come in. */
export interface Credentials {
  clientId: string;
  username: string | undefined;
  password: Uint8Array | undefined;
  peer: string;
}

/** mosquitto's kinds of log lines; `debug` is one line a packet. */
export type LogLevel = "error" | "warning" | "notice" | "information" | "debug";

export interface BrokerOptions {
  /** QoS 1 and 2 messages on their way to one client at once, 1 to 65535. Default 20 (`max_inflight_messages`). */
  maxInflight?: number;
  /** QoS 1 and 2 messages waiting for one client, 0 or more. Default 1000 (`max_queued_messages`). */
  maxQueued?: number;
  /** Topic and payload bytes waiting for one client. Default 64 MiB (`max_queued_bytes`). */
  maxQueuedBytes?: number;
  /** The largest packet accepted, bytes with its fixed header. Default 268,435,460: all that a length can say. */
  maxPacketSize?: number;
  /** Connections at once; one more is answered with return code 3. Default: no limit (`max_connections`). */
  maxConnections?: number;
  /** How long a connection may wait before its CONNECT, ms. Default 60,000. */
  connectTimeoutMs?: number;
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
  authenticate?: (credentials: Credentials) => 0 | 3 | 4 | 5;
  /** The identifier for a client that brings none [MQTT-3.1.3-6]. Default: `auto-` and a count, the same in every run. */
  assignClientId?: () => string;
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
  readonly maxPacketSize: number;
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
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
