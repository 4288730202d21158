/**
 * The fixed header: type and flags in the first byte, then the remaining length. MQTT 3.1.1 section 2.2.
 *
 * `wholeSize` judges the first byte as soon as it is there, so that a stream of rubbish ends at its first byte
 * and not when as many bytes have come as the rubbish promised.
 */
import { QOS2 } from "../profile.ts";
import {
  INCOMPLETE,
  MALFORMED_DUP,
  MALFORMED_FLAGS,
  MALFORMED_LENGTH,
  MALFORMED_QOS,
  OK,
  UNEXPECTED_TYPE,
} from "../status.ts";
import { readLength, varintSize, writeLength } from "./varint.ts";

export const CONNECT: i32 = 1;
export const CONNACK: i32 = 2;
export const PUBLISH: i32 = 3;
export const PUBACK: i32 = 4;
export const PUBREC: i32 = 5;
export const PUBREL: i32 = 6;
export const PUBCOMP: i32 = 7;
export const SUBSCRIBE: i32 = 8;
export const SUBACK: i32 = 9;
export const UNSUBSCRIBE: i32 = 10;
export const UNSUBACK: i32 = 11;
export const PINGREQ: i32 = 12;
export const PINGRESP: i32 = 13;
export const DISCONNECT: i32 = 14;
export const AUTH: i32 = 15;

/** Bits of the first byte of a PUBLISH, section 3.3.1. */
export const RETAIN: i32 = 0x01;
export const QOS: i32 = 0x06;
export const DUP: i32 = 0x08;

/** Flags that PUBREL, SUBSCRIBE and UNSUBSCRIBE prescribe; the other types but PUBLISH prescribe none, section 2.2.2. */
export const REQUEST_FLAGS: i32 = 0x02;
/** REQUEST_FLAGS, shifted by a type, for each of those three. */
const REQUESTS: i32 = 0x0a80;
/** One bit a type: those that a server sends, table 2.1; in 5.0 also DISCONNECT and AUTH. */
const FROM_SERVER: i32 = QOS2 === 0 ? 0x2a1c : 0x2afc;
const FROM_SERVER_FIVE: i32 = 0xeafc;

/** Judges the first byte of a packet from a server; `isFive` is 1 in MQTT 5.0. Answers OK or what is wrong with it. */
export function checkFirstByte(first: i32, isFive: i32): i32 {
  const type: i32 = first >> 4;
  if (type === PUBLISH) {
    // [MQTT-3.3.1-4]
    if ((first & QOS) > (QOS2 === 0 ? 0x02 : 0x04)) return MALFORMED_QOS;
    // [MQTT-3.3.1-2]
    return (first & (QOS | DUP)) === DUP ? MALFORMED_DUP : OK;
  }
  // [MQTT-2.2.2-1], [MQTT-2.2.2-2]
  if ((first & 0x0f) !== ((REQUESTS >> type) & REQUEST_FLAGS)) return MALFORMED_FLAGS;
  return (((isFive === 0 ? FROM_SERVER : FROM_SERVER_FIVE) >> type) & 1) === 0 ? UNEXPECTED_TYPE : OK;
}

/**
 * Size of the whole packet at `at`, of which the bytes before `end` are there (the packet itself need not be).
 * Answers below zero: INCOMPLETE, or what is wrong with the header.
 */
export function wholeSize(at: i32, end: i32, isFive: i32): i32 {
  if (at >= end) return INCOMPLETE;
  const fault: i32 = checkFirstByte(i32.load8_u(at), isFive);
  if (fault !== OK) return fault;
  const length: i32 = readLength(at + 1, end);
  if (length < 0) return length;
  if (isFive !== 0) {
    // 5.0 takes the shortest form only [MQTT-1.5.5-1]: its last byte is 0 only where it is the first.
    const body: i32 = bodyAt(at);
    if (body > at + 2 && i32.load8_u(body - 1) === 0) return MALFORMED_LENGTH;
  }
  return 1 + length;
}

/** Address behind the fixed header of a packet whose header has been checked, or that this core wrote. */
export function bodyAt(at: i32): i32 {
  do {
    at += 1;
  } while (i32.load8_u(at) > 0x7f);
  return at + 1;
}

/** Address behind a packet whose header has been checked, or that this core wrote. */
export function packetEnd(at: i32): i32 {
  at += 1;
  return at + readLength(at, at + 4);
}

/** Size of a packet with `bodySize` bytes behind its fixed header. */
export function sizeWithHeader(bodySize: i32): i32 {
  return 1 + varintSize(bodySize) + bodySize;
}

/** Writes a fixed header and answers the address behind it. */
export function writeHeader(at: i32, first: i32, bodySize: i32): i32 {
  i32.store8(at, first);
  return writeLength(at + 1, bodySize, at);
}
