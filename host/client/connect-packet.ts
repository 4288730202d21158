/**
 * The payload of CONNECT (section 3.1.3) and its flags (section 3.1.2.3), from the options; in MQTT 5.0 with the properties
 * before it.
 */
import { Buffer } from "node:buffer";
import { PerigeeError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { encodeProperties, type PropertiesOf } from "./properties.ts";
import { encodeText, encodeTopic, TEXT_SIZE_MAX } from "./text.ts";

/** Reserved on the wire; to the core it says MQTT 3.1. */
const OLD = 0x01;
const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** A session that does not expire, section 3.1.2.11.2. */
const NEVER = 0xffff_ffff;

/** Bytes of CONNECT before its payload: fixed header of up to five, variable header of ten, in MQTT 3.1 of twelve. */
export const CONNECT_OVERHEAD = 17;

interface ConnectPayload {
  readonly flags: number;
  /** The fields as on the wire, each with its two-byte size. */
  readonly bytes: Buffer;
}

/** Throws MISUSE_CLIENT_ID, MISUSE_WILL, MISUSE_USER or MISUSE_OPTION, naming the field. */
export function encodeConnect(settings: Settings): ConnectPayload {
  const { clientId, clean, will, username, password } = settings;
  const isFive = settings.protocolVersion === 5;
  let flags = (clean ? CLEAN_SESSION : 0) | (settings.protocolVersion === 3 ? OLD : 0);
  // [MQTT-3.1.3-7]
  if (clientId === "" && !clean && !isFive) {
    throw new PerigeeError("MISUSE_CLIENT_ID", "an empty client id needs a clean session [MQTT-3.1.3-7]");
  }
  const parts: Buffer[] = isFive ? [encodeProperties(connectProperties(settings), "connect")] : [];
  const add = (field: Buffer) => parts.push(sizeOf(field), field);
  add(encodeText(clientId, "client id", "MISUSE_CLIENT_ID"));
  if (will !== undefined) {
    const qos = will.qos ?? 0;
    // [MQTT-3.1.2-14]
    if (qos !== 0 && qos !== 1 && qos !== 2) {
      throw new PerigeeError("MISUSE_WILL", `the will's QoS is 0, 1 or 2, not ${String(qos)} [MQTT-3.1.2-14]`);
    }
    flags |= WILL | (qos << WILL_QOS_SHIFT) | (will.retain ? WILL_RETAIN : 0);
    if (isFive) parts.push(encodeProperties(will.properties, "will"));
    add(encodeTopic(will.topic, "will topic", "MISUSE_WILL"));
    add(binary(will.payload ?? "", "will message", "MISUSE_WILL"));
  }
  if (username !== undefined) {
    flags |= USER_NAME;
    add(encodeText(username, "user name", "MISUSE_USER"));
  }
  if (password !== undefined) {
    // [MQTT-3.1.2-22]
    if (username === undefined && !isFive) {
      throw new PerigeeError("MISUSE_USER", "a password needs a user name [MQTT-3.1.2-22]");
    }
    flags |= PASSWORD;
    add(binary(password, "password", "MISUSE_USER"));
  }
  return { flags, bytes: Buffer.concat(parts) };
}

/** What the options say, and of the authentication what is known before the server has spoken. */
function connectProperties({ properties, authentication, clean }: Settings): PropertiesOf<"connect"> {
  const { method, data } = authentication ?? {};
  return {
    // As in 3.1.1: a session that is to be found again must outlive its connection.
    ...(clean ? {} : { sessionExpirySeconds: NEVER }),
    ...properties,
    ...(method === undefined ? {} : { authenticationMethod: method, authenticationData: data }),
  };
}

function binary(value: string | Uint8Array, what: string, code: "MISUSE_WILL" | "MISUSE_USER"): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  if (bytes.length > TEXT_SIZE_MAX) {
    throw new PerigeeError(code, `the ${what} has ${bytes.length} bytes, at most ${TEXT_SIZE_MAX} fit CONNECT`);
  }
  return bytes;
}

function sizeOf(field: Uint8Array): Buffer {
  return Buffer.of(field.length >> 8, field.length & 0xff);
}
