/**
 * Where pub, sub and rr connect to, and as whom: their flags as the client takes them.
 */
import type { ClientOptions } from "../client/index.ts";
import { drawClientId } from "../client/options.ts";
import { encodeProperties } from "../client/properties.ts";
import type { ConnectionFlags } from "./connection-options.ts";
import { UsageError } from "./exit-codes.ts";
import { packetLines } from "./packet-lines.ts";
import type { PropertyFlags } from "./properties.ts";
import { lookUpServer } from "./srv.ts";
import { tlsOf, wantsTls } from "./tls-options.ts";

export interface Target {
  readonly url: string;
  readonly options: ClientOptions;
}

/** So often in a row a server may break a rule before it is given up. */
const VIOLATIONS_MAX = 3;

/** Reconnects of a command that somebody waits for are at most this far apart, ms. */
const BACKOFF_MAX_MS = 30_000;

const PORT_SECURE = 8883;

/**
 * The version that is spoken: that of -V; without it 5.0 where a -D wants it, and the command's own.
 */
export function versionOf({ protocolVersion, property }: ConnectionFlags, own: 4 | 5 = 4): 3 | 4 | 5 {
  return protocolVersion ?? (property === undefined ? own : 5);
}

/** Throws UsageError, InputError or PerigeeError, naming the flag. */
export async function targetOf(flags: ConnectionFlags, own: 4 | 5 = 4): Promise<Target> {
  const version = versionOf(flags, own);
  if (version !== 5 && flags.property !== undefined) throw new UsageError("-D needs MQTT 5.0: -V mqttv5");
  const { username, pw: password } = flags;
  const isSecure = wantsTls(flags) || (flags.url?.isSecure ?? flags.port === PORT_SECURE);
  checkIdentity(flags);
  checkProperties(flags);
  if (password !== undefined && username === undefined && version !== 5) {
    throw new UsageError("A password (-P) needs a user name (-u) [MQTT-3.1.2-22]");
  }
  const options: ClientOptions = {
    clientId: flags.idPrefix === undefined ? (flags.id ?? drawClientId()) : `${flags.idPrefix}${process.pid}`,
    clean: !flags.disableCleanSession,
    keepAliveSeconds: flags.keepalive,
    username,
    password,
    window: flags.maxInflight,
    backoffMaxMs: BACKOFF_MAX_MS,
    violationsMax: VIOLATIONS_MAX,
    will: willOf(flags),
    protocolVersion: version,
    ...(version === 5 ? fiveOf(flags) : {}),
    tls: tlsOf(flags, isSecure),
    socket: { bindAddress: flags.A, unixPath: flags.unix, proxy: flags.proxy },
  };
  if (flags.debug) {
    const linesOf = packetLines(options.clientId || "(null)", version);
    options.onPacket = (direction, head, size) => {
      for (const line of linesOf(direction, head, size)) process.stdout.write(`${line}\n`);
    };
  }
  return { url: await urlOf(flags, isSecure), options };
}

/** What CONNECT says in MQTT 5.0. */
function fiveOf({ x, property }: ConnectionFlags): Partial<ClientOptions> {
  const { authenticationMethod, authenticationData, ...properties } = property?.connect ?? {};
  if (x !== undefined && properties.sessionExpirySeconds !== undefined) {
    throw new UsageError("Error in CONNECT properties: session-expiry-interval stands twice, by -x and by -D");
  }
  if (x !== undefined) properties.sessionExpirySeconds = x;
  if (authenticationMethod === undefined && authenticationData !== undefined) {
    throw new UsageError("authentication-data needs an authentication-method [MQTT-4.12.0-1]");
  }
  return {
    properties,
    authentication:
      authenticationMethod === undefined
        ? undefined
        : // One step: who asks for more is not answered.
          { method: authenticationMethod, data: authenticationData, respond: () => undefined },
  };
}

async function urlOf(flags: ConnectionFlags, isSecure: boolean): Promise<string> {
  let { host, port } = flags;
  if (host === "" || /[\s/?#@]/.test(host)) throw new UsageError(`Invalid host given: '${host}'`);
  if (flags.S) ({ host, port } = await lookUpServer(host, isSecure));
  const kind = flags.url?.isWebSocket ? "ws" : "mqtt";
  const authority = host.includes(":") ? `[${host}]` : host;
  return `${kind}${isSecure ? "s" : ""}://${authority}${port === undefined ? "" : `:${port}`}`;
}

function checkIdentity({ id, idPrefix, disableCleanSession }: ConnectionFlags): void {
  if (id === "") throw new UsageError("Invalid id: it is empty; without -i one is drawn");
  if (idPrefix !== undefined && id !== undefined) {
    throw new UsageError("-i and -I argument cannot be used together");
  }
  if (disableCleanSession && !id && idPrefix === undefined) {
    throw new UsageError("You must provide a client id (-i) if you are using the -c option");
  }
}

/** What a later packet would be refused for is refused before the first. */
function checkProperties({ property, x, disableCleanSession }: ConnectionFlags): void {
  for (const [packet, { topicAlias, ...properties }] of Object.entries(property ?? {})) {
    if (topicAlias === 0) throw new UsageError("Error in PUBLISH properties: topic-alias is 1 to 65535, not 0");
    try {
      encodeProperties(properties, packet as keyof PropertyFlags);
    } catch (error) {
      throw new UsageError(`Error in ${packet.toUpperCase()} properties: ${(error as Error).message}`);
    }
  }
  const lastsSeconds = property?.connect?.sessionExpirySeconds ?? x ?? (disableCleanSession ? 1 : 0);
  if (lastsSeconds === 0 && (property?.disconnect?.sessionExpirySeconds ?? 0) > 0) {
    const text = "session-expiry-interval above 0 needs one in CONNECT: -x, or -c, section 3.14.2.2.2";
    throw new UsageError(`Error in DISCONNECT properties: ${text}`);
  }
}

function willOf(flags: ConnectionFlags): ClientOptions["will"] {
  const { willTopic: topic, willPayload: payload, willQos: qos, willRetain: retain } = flags;
  const properties = flags.property?.will;
  if (topic !== undefined) return { topic, payload, qos, retain, properties };
  if (properties !== undefined) throw new UsageError("-D will given, but no --will-topic");
  const given = payload !== undefined ? "payload" : qos !== undefined ? "qos" : retain ? "retain" : undefined;
  if (given !== undefined) throw new UsageError(`--will-${given} given, but no --will-topic`);
  return undefined;
}
