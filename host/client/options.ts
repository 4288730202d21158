/**
 * What a client can be told, what it is told by default, and what it refuses to be told.
 */
import { randomBytes, randomInt } from "node:crypto";
import { BYTES, checkOptions, FLAG, FUNCTION, integer, object, oneOf, type Rules, TEXT } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";
import type { PropertiesOf } from "./properties.ts";
import type { SessionStore } from "./store.ts";
import type { SocketOptions, TlsOptions, TransportOpener } from "./transport.ts";

export type Qos = 0 | 1 | 2;

/**
 * What `publish` does where the outbox is full:
 * - `wait`: it waits for room, in order
 * - `refuse`: it is rejected with FULL
 * - `drop-oldest`: the oldest message that has never been sent is rejected with DROPPED
 * - `latest`: an unsent message with the same topic is rejected with SUPERSEDED, always; if that makes too little room,
 *   as `drop-oldest`
 */
export type OutboxPolicy = "wait" | "refuse" | "drop-oldest" | "latest";

export interface Will {
  topic: string;
  payload?: string | Uint8Array;
  qos?: Qos;
  retain?: boolean;
  /** Of MQTT 5.0. */
  properties?: PropertiesOf<"will">;
}

/** Enhanced authentication of MQTT 5.0, section 4.12: what the client and the server say to each other in turn. */
export interface Authentication {
  readonly method: string;
  /** What CONNECT says first. */
  readonly data?: Buffer;
  /**
   * Called with the server's data, empty where there are none: answers those that AUTH brings next. `isDone` at the end: what is
   * answered then is not sent. An exception ends the connection.
   */
  respond(data: Buffer, isDone: boolean): Uint8Array | undefined;
}

export interface ClientOptions {
  /**
   * 4 for MQTT 3.1.1, 5 for 5.0, 3 for 3.1, whose servers may refuse a client id that has not 1 to 23 characters and do not say
   * whether they have a session: a message of QoS 2 that a lost connection left half received may come again. Default 4.
   */
  protocolVersion?: 3 | 4 | 5;
  /**
   * With 5: speak 3.1.1 with a server that knows no other. What is queued by then is sent all the same; a `warning` (FALLBACK)
   * tells that properties, `authentication` and the options of subscriptions are left out. Default false.
   */
  fallback?: boolean;
  /** With 5: what CONNECT says besides. With `clean: false` the session lasts for ever unless this says how long. */
  properties?: PropertiesOf<"connect">;
  /** With 5: authentication in several steps, such as `scramSha256(user, password)`. */
  authentication?: Authentication;
  /** At most 65,535 bytes of UTF-8; servers have to take 23 letters and digits [MQTT-3.1.3-5]. Default: 19 drawn ones. */
  clientId?: string;
  /** False keeps the session at the server between connections; it needs a client id of one's own. Default true. */
  clean?: boolean;
  /** Seconds, 0 to 65,535; 0 for never. Default 60. */
  keepAliveSeconds?: number;
  username?: string;
  password?: string | Uint8Array;
  will?: Will;
  /** Connect again, after a wait that doubles from `backoffMinMs` to `backoffMaxMs`, when a connection is lost. Default true. */
  reconnect?: boolean;
  /**
   * Connections in a row that the server may end by breaking a rule of MQTT, with nothing delivered in between, before
   * the client ends with that error; 0 for any number, which are ever further apart. Default 0.
   */
  violationsMax?: number;
  /** Resolve `connect` at once and keep trying, even if the server cannot be reached yet. Default false. */
  startOffline?: boolean;
  /** Least and most wait before a reconnect, ms. Defaults 1,000 and 120,000. */
  backoffMinMs?: number;
  backoffMaxMs?: number;
  /** How long the server may owe an answer before the connection counts as dead, ms. Default 60,000. */
  responseTimeoutMs?: number;
  /** How long a transport may take to open, ms. Default 30,000. */
  openTimeoutMs?: number;
  /** Bytes of the receive region, at least 32. Messages may be larger: they come in pieces and are put together. Default 65,536. */
  receiveSize?: number;
  /** Bytes of the outbox, at least 16: the largest packet that can be sent, and the queue while offline. Default 1 MiB. */
  outboxSize?: number;
  /** Messages of QoS 1 and 2 that may be unacknowledged at once, 1 to 65,535. Default 20. */
  window?: number;
  /** QoS 2 messages that may be half received, 1 to 32,767. Default 1,024. */
  inboundCount?: number;
  outboxPolicy?: OutboxPolicy;
  /** Largest message that is put together; a larger one is acknowledged and dropped with a `warning`. Default 64 MiB. */
  messageSizeMax?: number;
  /** Deliver messages larger than the receive region piece by piece instead of whole. Default false. */
  pieces?: boolean;
  /** Bytes of messages that may wait for the iterator before the socket is no longer read. Default 16 MiB. */
  queueSizeMax?: number;
  /** Where the session is kept, so that what was accepted survives the process. Needs `clean: false`. */
  store?: SessionStore;
  /** Certificates and the like, for mqtts and wss. */
  tls?: TlsOptions;
  /** Where the socket begins and what it goes through. */
  socket?: SocketOptions;
  /** Seed of the jitter of reconnects, 1 to 0x7fff_ffff. Default: drawn. */
  seed?: number;
  /** Another transport than TCP and TLS. */
  transport?: TransportOpener;
  /** Sees every packet as it is sent and received, at most its first 65,600 bytes, with its whole size. */
  onPacket?: (direction: "sent" | "received", head: Uint8Array, size: number) => void;
}

type Optional =
  | "properties"
  | "authentication"
  | "username"
  | "password"
  | "will"
  | "store"
  | "tls"
  | "socket"
  | "transport"
  | "onPacket";
export type Settings = Required<Omit<ClientOptions, Optional>> & Pick<ClientOptions, Optional>;

const LARGEST_PACKET = 268_435_455 + 5;

const POLICIES: readonly OutboxPolicy[] = ["wait", "refuse", "drop-oldest", "latest"];

const RULES: Rules & Record<keyof ClientOptions, unknown> = {
  protocolVersion: oneOf([3, 4, 5]),
  fallback: FLAG,
  properties: object("an object"),
  authentication: object("an object of a method and respond()", "respond"),
  clientId: TEXT,
  clean: FLAG,
  keepAliveSeconds: integer(0, 65_535),
  username: TEXT,
  password: BYTES,
  will: object("an object"),
  reconnect: FLAG,
  violationsMax: integer(0, 65_535),
  startOffline: FLAG,
  backoffMinMs: integer(1, 0x3fff_ffff),
  backoffMaxMs: integer(1, 0x3fff_ffff),
  responseTimeoutMs: integer(1, 0x3fff_ffff),
  openTimeoutMs: integer(1, 0x7fff_ffff),
  receiveSize: integer(32, LARGEST_PACKET),
  outboxSize: integer(16, LARGEST_PACKET),
  window: integer(1, 65_535),
  inboundCount: integer(1, 32_767),
  outboxPolicy: oneOf(POLICIES),
  messageSizeMax: integer(0, LARGEST_PACKET),
  pieces: FLAG,
  queueSizeMax: integer(0, Number.MAX_SAFE_INTEGER),
  store: object("a store with load() and save()", "load", "save"),
  tls: object("an object"),
  socket: object("an object"),
  seed: integer(1, 0x7fff_ffff),
  transport: FUNCTION,
  onPacket: FUNCTION,
};

/** Of a will; its QoS has an error of its own. */
const WILL_RULES: Rules & Record<keyof Will, unknown> = {
  topic: TEXT,
  payload: BYTES,
  qos: { words: "0, 1 or 2", holds: () => true },
  retain: FLAG,
  properties: object("an object"),
};

const TLS_RULES: Rules & Record<keyof TlsOptions, unknown> = {
  ca: BYTES,
  cert: BYTES,
  key: BYTES,
  rejectUnauthorized: FLAG,
  checkServerIdentity: FLAG,
  version: oneOf(["tlsv1.1", "tlsv1.2", "tlsv1.3"]),
  ciphers: TEXT,
  alpn: TEXT,
  psk: {
    words: "an object of an identity, a string, and a key, a Uint8Array",
    holds: (value: unknown) =>
      typeof (value as TlsOptions["psk"])?.identity === "string" &&
      (value as TlsOptions["psk"])?.key instanceof Uint8Array,
  },
};

const SOCKET_RULES: Rules & Record<keyof SocketOptions, unknown> = { bindAddress: TEXT, unixPath: TEXT, proxy: TEXT };

/** A client id that nobody else has: letters and digits, at most 23 of them, which every server takes [MQTT-3.1.3-5]. */
export function drawClientId(): string {
  return `perigee${randomBytes(6).toString("hex")}`;
}

function defaults(): Settings {
  return {
    protocolVersion: 4,
    fallback: false,
    clientId: drawClientId(),
    clean: true,
    keepAliveSeconds: 60,
    reconnect: true,
    violationsMax: 0,
    startOffline: false,
    backoffMinMs: 1_000,
    backoffMaxMs: 120_000,
    responseTimeoutMs: 60_000,
    openTimeoutMs: 30_000,
    receiveSize: 65_536,
    outboxSize: 1 << 20,
    window: 20,
    inboundCount: 1_024,
    outboxPolicy: "wait",
    messageSizeMax: 64 << 20,
    pieces: false,
    queueSizeMax: 16 << 20,
    seed: randomInt(1, 0x8000_0000),
  };
}

/** `options` over what the URL says, over the defaults. Throws MISUSE_OPTION, naming the option and its range. */
export function settle(options: ClientOptions, url: Pick<ClientOptions, "username" | "password"> = {}): Settings {
  checkOptions(options, RULES);
  if (options.will !== undefined) checkOptions(options.will, WILL_RULES, "will");
  if (options.tls !== undefined) checkOptions(options.tls, TLS_RULES, "tls");
  if (options.socket !== undefined) checkOptions(options.socket, SOCKET_RULES, "socket");
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const settings: Settings = { ...defaults(), username: url.username, password: url.password, ...given };
  if (settings.protocolVersion !== 5) {
    const only5 = (["properties", "authentication"] as const).find(name => options[name] !== undefined);
    const name =
      only5 ?? (options.will?.properties && "will.properties") ?? (options.fallback ? "fallback" : undefined);
    if (name !== undefined) throw new PerigeeError("MISUSE_OPTION", `${name} needs protocolVersion: 5`);
  }
  if (settings.backoffMaxMs < settings.backoffMinMs) {
    throw new PerigeeError("MISUSE_OPTION", `backoffMaxMs is at least backoffMinMs, not ${settings.backoffMaxMs}`);
  }
  if (!settings.clean && options.clientId === undefined) {
    throw new PerigeeError("MISUSE_CLIENT_ID", "clean: false needs a clientId, by which the server finds the session");
  }
  if (settings.clean && settings.store !== undefined) {
    throw new PerigeeError("MISUSE_OPTION", "a store needs clean: false: a clean session has nothing to keep");
  }
  return settings;
}
