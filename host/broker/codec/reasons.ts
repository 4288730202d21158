/**
 * Reason codes of MQTT 5.0 (2.4, table 2-6): below 0x80 it worked, from there on it did not.
 *
 * One row a code: its number, its name, and the packets that may carry it. A code in another packet is a protocol error
 * [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1] [MQTT-3.14.2-1].
 */
import * as control from "./control.ts";

export const SUCCESS = 0x00;
export const NO_MATCHING_SUBSCRIBERS = 0x10;
export const NO_SUBSCRIPTION_EXISTED = 0x11;
export const CONTINUE_AUTHENTICATION = 0x18;
export const RE_AUTHENTICATE = 0x19;
export const MALFORMED_PACKET = 0x81;
export const PROTOCOL_ERROR = 0x82;
export const IMPLEMENTATION_ERROR = 0x83;
export const CLIENT_ID_NOT_VALID = 0x85;
export const BAD_CREDENTIALS = 0x86;
export const NOT_AUTHORIZED = 0x87;
export const SERVER_UNAVAILABLE = 0x88;
export const SERVER_SHUTTING_DOWN = 0x8b;
export const BAD_AUTHENTICATION_METHOD = 0x8c;
export const KEEP_ALIVE_TIMEOUT = 0x8d;
export const SESSION_TAKEN_OVER = 0x8e;
export const PACKET_ID_NOT_FOUND = 0x92;
export const RECEIVE_MAXIMUM_EXCEEDED = 0x93;
export const TOPIC_ALIAS_INVALID = 0x94;
export const PACKET_TOO_LARGE = 0x95;
export const QUOTA_EXCEEDED = 0x97;
export const RETAIN_NOT_SUPPORTED = 0x9a;
export const QOS_NOT_SUPPORTED = 0x9b;
export const USE_ANOTHER_SERVER = 0x9c;
export const SHARED_NOT_SUPPORTED = 0x9e;
export const SUBSCRIPTION_IDS_NOT_SUPPORTED = 0xa1;
export const WILDCARDS_NOT_SUPPORTED = 0xa2;

const bit = (type: number): number => 1 << type;
const CONNACK = bit(control.CONNACK);
const PUBLISHED = bit(control.PUBACK) | bit(control.PUBREC);
const RELEASED = bit(control.PUBREL) | bit(control.PUBCOMP);
const SUBACK = bit(control.SUBACK);
const UNSUBACK = bit(control.UNSUBACK);
const AUTH = bit(control.AUTH);
const DISCONNECT = bit(control.DISCONNECT);
/** DISCONNECT from a server only (3.14.2.1). */
const SERVER = 1;

const ROWS: readonly (readonly [code: number, name: string, carriers: number])[] = [
  [0x00, "success", CONNACK | PUBLISHED | RELEASED | SUBACK | UNSUBACK | AUTH | DISCONNECT],
  [0x01, "granted QoS 1", SUBACK],
  [0x02, "granted QoS 2", SUBACK],
  [0x04, "disconnect with will message", DISCONNECT],
  [0x10, "no matching subscribers", PUBLISHED],
  [0x11, "no subscription existed", UNSUBACK],
  [0x18, "continue authentication", AUTH],
  [0x19, "re-authenticate", AUTH],
  [0x80, "unspecified error", CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT],
  [0x81, "malformed packet", CONNACK | DISCONNECT],
  [0x82, "protocol error", CONNACK | DISCONNECT],
  [0x83, "implementation specific error", CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT],
  [0x84, "unsupported protocol version", CONNACK],
  [0x85, "client identifier not valid", CONNACK],
  [0x86, "bad user name or password", CONNACK],
  [0x87, "not authorized", CONNACK | PUBLISHED | SUBACK | UNSUBACK | DISCONNECT | SERVER],
  [0x88, "server unavailable", CONNACK],
  [0x89, "server busy", CONNACK | DISCONNECT | SERVER],
  [0x8a, "banned", CONNACK],
  [0x8b, "server shutting down", DISCONNECT | SERVER],
  [0x8c, "bad authentication method", CONNACK | DISCONNECT | SERVER],
  [0x8d, "keep alive timeout", DISCONNECT | SERVER],
  [0x8e, "session taken over", DISCONNECT | SERVER],
  [0x8f, "topic filter invalid", SUBACK | UNSUBACK | DISCONNECT | SERVER],
  [0x90, "topic name invalid", CONNACK | PUBLISHED | DISCONNECT],
  [0x91, "packet identifier in use", PUBLISHED | SUBACK | UNSUBACK],
  [0x92, "packet identifier not found", RELEASED],
  [0x93, "receive maximum exceeded", DISCONNECT],
  [0x94, "topic alias invalid", DISCONNECT],
  [0x95, "packet too large", CONNACK | DISCONNECT],
  [0x96, "message rate too high", DISCONNECT],
  [0x97, "quota exceeded", CONNACK | PUBLISHED | SUBACK | DISCONNECT],
  [0x98, "administrative action", DISCONNECT],
  [0x99, "payload format invalid", CONNACK | PUBLISHED | DISCONNECT],
  [0x9a, "retain not supported", CONNACK | DISCONNECT | SERVER],
  [0x9b, "QoS not supported", CONNACK | DISCONNECT | SERVER],
  [0x9c, "use another server", CONNACK | DISCONNECT | SERVER],
  [0x9d, "server moved", CONNACK | DISCONNECT | SERVER],
  [0x9e, "shared subscriptions not supported", SUBACK | DISCONNECT | SERVER],
  [0x9f, "connection rate exceeded", CONNACK | DISCONNECT | SERVER],
  [0xa0, "maximum connect time", DISCONNECT | SERVER],
  [0xa1, "subscription identifiers not supported", SUBACK | DISCONNECT | SERVER],
  [0xa2, "wildcard subscriptions not supported", SUBACK | DISCONNECT | SERVER],
];

const CARRIERS = new Uint16Array(256);
for (const [code, , carriers] of ROWS) CARRIERS[code] = carriers;
const NAMES = new Map(ROWS.map(([code, name]) => [code, name]));

/** May a packet of this type carry this reason code? */
export function isReasonOf(type: number, code: number): boolean {
  return (CARRIERS[code] & bit(type)) !== 0;
}

/** May only a server send a DISCONNECT with this reason code? */
export function isServerReason(code: number): boolean {
  return (CARRIERS[code] & SERVER) !== 0;
}

/** The standard's name of a code, or `reason 0x..` for one that it does not define. */
export function reasonName(code: number): string {
  return NAMES.get(code) ?? `reason 0x${code.toString(16).padStart(2, "0")}`;
}
