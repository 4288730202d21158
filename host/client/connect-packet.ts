/**
 * The payload of CONNECT (MQTT 3.1.1 section 3.1.3) and its flags (section 3.1.2.3), from the options.
 */
import { Buffer } from "node:buffer";
import { PerigeeError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { encodeText, encodeTopic, TEXT_SIZE_MAX } from "./text.ts";

const CLEAN_SESSION = 0x02;
const WILL = 0x04;
const WILL_QOS_SHIFT = 3;
const WILL_RETAIN = 0x20;
const PASSWORD = 0x40;
const USER_NAME = 0x80;

/** Bytes of CONNECT before its payload: fixed header of up to five, variable header of ten. */
export const CONNECT_OVERHEAD = 15;

interface ConnectPayload {
  readonly flags: number;
  /** The fields as on the wire, each with its two-byte size. */
  readonly bytes: Buffer;
}

/** Throws MISUSE_CLIENT_ID, MISUSE_WILL or MISUSE_USER, naming the field. */
export function encodeConnect(settings: Settings): ConnectPayload {
  const { clientId, clean, will, username, password } = settings;
  let flags = clean ? CLEAN_SESSION : 0;
  // [MQTT-3.1.3-7]
  if (clientId === "" && !clean) {
    throw new PerigeeError("MISUSE_CLIENT_ID", "an empty client id needs a clean session [MQTT-3.1.3-7]");
  }
  const fields = [encodeText(clientId, "client id", "MISUSE_CLIENT_ID")];
  if (will !== undefined) {
    const qos = will.qos ?? 0;
    // [MQTT-3.1.2-14]
    if (qos !== 0 && qos !== 1 && qos !== 2) {
      throw new PerigeeError("MISUSE_WILL", `the will's QoS is 0, 1 or 2, not ${String(qos)} [MQTT-3.1.2-14]`);
    }
    flags |= WILL | (qos << WILL_QOS_SHIFT) | (will.retain ? WILL_RETAIN : 0);
    fields.push(encodeTopic(will.topic, "will topic", "MISUSE_WILL"));
    fields.push(binary(will.payload ?? "", "will message", "MISUSE_WILL"));
  }
  if (username !== undefined) {
    flags |= USER_NAME;
    fields.push(encodeText(username, "user name", "MISUSE_USER"));
  }
  if (password !== undefined) {
    // [MQTT-3.1.2-22]
    if (username === undefined) {
      throw new PerigeeError("MISUSE_USER", "a password needs a user name [MQTT-3.1.2-22]");
    }
    flags |= PASSWORD;
    fields.push(binary(password, "password", "MISUSE_USER"));
  }
  return { flags, bytes: Buffer.concat(fields.flatMap(field => [sizeOf(field), field])) };
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
