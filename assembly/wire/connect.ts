/**
 * CONNECT, section 3.1 of MQTT 3.1.1 and of 5.0; and of MQTT 3.1, which differs in nothing else that a client sends: its name is
 * "MQIsdp", its level 3.
 *
 * The packet is written once, kept, and sent again at every reconnect. The host writes the payload's fields as they
 * stand on the wire (client identifier, will topic, will message, user name, password, each with its two-byte size);
 * the core writes what stands before them and checks the whole.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { V5 } from "../profile.ts";
import { MISUSE_CLIENT_ID, MISUSE_CONNECT, MISUSE_PROPERTIES, MISUSE_USER, MISUSE_WILL, OK } from "../status.ts";
import { bodyAt, CONNECT, writeHeader } from "./header.ts";
import { blockEnd, IN_CONNECT, IN_WILL } from "./property.ts";
import { BYTES, fieldEnd, NAME, TEXT } from "./text.ts";

/** Bits of the connect flags, section 3.1.2.3. The lowest is reserved, and here asks for MQTT 3.1; it is not sent [MQTT-3.1.2-3]. */
const OLD: i32 = 0x01;
export const CLEAN_SESSION: i32 = 0x02;
export const WILL: i32 = 0x04;
/** One bit for each value of will retain, will QoS and will flag together: none, or the flag with QoS 0, 1 or 2. */
const WILLS: i32 = 0x2a2b;
const PASSWORD: i32 = 0x40;
const USER_NAME: i32 = 0x80;

/** Bytes of the variable header: protocol name, level, flags, keep-alive. */
const VARIABLE_HEADER_SIZE: i32 = 10;
const FLAGS_OFFSET: i32 = 7;
const KEEP_ALIVE_OFFSET: i32 = 8;

/** Protocol level of 3.1.1, section 3.1.2.2; that of 5.0 is one more, that of 3.1 one less. */
const LEVEL: i32 = 4;

/** The connect flags that `beginConnect` takes: none that is reserved, but OLD where 3.1 can be spoken. */
export function knownFlags(isFive: i32): i32 {
  return V5 === 0 ? 0xfe : 0xff - isFive;
}

/** Bytes of the variable header with `flags`. */
export function variableHeaderSize(flags: i32): i32 {
  return V5 === 0 ? VARIABLE_HEADER_SIZE : VARIABLE_HEADER_SIZE + ((flags & OLD) << 1);
}

/**
 * Writes a CONNECT with `payloadSize` bytes of payload, in 5.0 with properties before it, up to there, and answers where they go.
 */
export function beginConnect(at: i32, flags: i32, keepAliveSeconds: i32, payloadSize: i32, isFive: i32): i32 {
  const old: i32 = V5 === 0 ? 0 : flags & OLD;
  const excess: i32 = old << 1;
  const body: i32 = writeHeader(at, CONNECT << 4, VARIABLE_HEADER_SIZE + excess + payloadSize);
  // The size of the name and "MQ", "TT" or "Isdp", the level, the flags: words have their least significant byte first.
  i32.store(body, 0x514d_0400 | (excess << 8));
  if (old !== 0) i32.store(body + 4, 0x7349);
  i32.store(body + 4 + excess, ((flags ^ old) << 24) | ((LEVEL + isFive - old) << 16) | (old === 0 ? 0x5454 : 0x7064));
  writeU16(body + 8 + excess, keepAliveSeconds);
  return body + VARIABLE_HEADER_SIZE + excess;
}

/** Bytes that the name in a CONNECT with its body at `body` has more than "MQTT". */
function nameExcess(body: i32): i32 {
  return V5 === 0 ? 0 : i32.load8_u(body + 1) - 4;
}

/** The connect flags of a CONNECT that this core wrote. */
export function connectFlags(at: i32): i32 {
  const body: i32 = bodyAt(at);
  return i32.load8_u(body + FLAGS_OFFSET + nameExcess(body));
}

/** The keep-alive of a CONNECT that this core wrote, seconds. */
export function connectKeepAlive(at: i32): i32 {
  return readU16(bodyAt(at) + KEEP_ALIVE_OFFSET);
}

/** From now on it asks for the session that the server has. */
export function clearCleanStart(at: i32): void {
  at = bodyAt(at) + FLAGS_OFFSET;
  i32.store8(at, i32.load8_u(at) & ~CLEAN_SESSION);
}

/** Where the properties of a CONNECT of 5.0 stand. */
export function connectProperties(at: i32): i32 {
  return bodyAt(at) + VARIABLE_HEADER_SIZE;
}

/** Checks flags and fields of the CONNECT from `at` to `end` that the host has filled in. Answers OK or which of them is wrong. */
export function checkConnect(at: i32, end: i32, isFive: i32): i32 {
  const body: i32 = bodyAt(at);
  const flags: i32 = i32.load8_u(body + FLAGS_OFFSET + nameExcess(body));
  let start: i32 = body + VARIABLE_HEADER_SIZE + nameExcess(body);
  // [MQTT-3.1.2-11], [MQTT-3.1.2-13], [MQTT-3.1.2-14], [MQTT-3.1.2-15]
  if (((WILLS >> ((flags >> 2) & 0x0f)) & 1) === 0) return MISUSE_WILL;
  if (isFive !== 0) {
    start = blockEnd(start, end, IN_CONNECT);
    if (start < 0) return MISUSE_PROPERTIES;
  } else if ((flags & (USER_NAME | PASSWORD)) === PASSWORD) {
    // [MQTT-3.1.2-22]
    return MISUSE_USER;
  }
  // [MQTT-3.1.3-4], [MQTT-3.1.3-7]
  let field: i32 = fieldEnd(start, end, TEXT);
  if (field < 0 || (field === start + 2 && ((flags & CLEAN_SESSION) | isFive) === 0)) return MISUSE_CLIENT_ID;
  // [MQTT-3.1.3-10], [MQTT-3.1.3-11]
  if (isFive !== 0 && (flags & WILL) !== 0) field = blockEnd(field, end, IN_WILL);
  if ((flags & WILL) !== 0) field = fieldEnd(fieldEnd(field, end, NAME), end, BYTES);
  if ((flags & USER_NAME) !== 0) field = fieldEnd(field, end, TEXT);
  if ((flags & PASSWORD) !== 0) field = fieldEnd(field, end, BYTES);
  return field === end ? OK : MISUSE_CONNECT;
}
