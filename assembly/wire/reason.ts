/**
 * Reason codes, MQTT 5.0 section 2.4: which of them each packet of a server may carry, and which one a client says to a server
 * that has broken a rule.
 *
 * The codes from 0x80 to 0x9f are one bit each; a set of them is a word.
 */
import { MALFORMED_ID, UNEXPECTED_SIZE } from "../status.ts";
import { AUTH, CONNACK, DISCONNECT, PUBREL, SUBACK, SUBSCRIBE, UNSUBACK } from "./header.ts";

/** The lowest code that says that something failed. */
export const FAILURE: i32 = 0x80;
const MALFORMED_PACKET: i32 = 0x81;
const PROTOCOL_ERROR: i32 = 0x82;
const PACKET_TOO_LARGE: i32 = 0x95;

// Where the ranges of status.ts end.
const MALFORMED_LAST: i32 = -63;
const UNEXPECTED_LAST: i32 = -79;
const ENDED_LAST: i32 = -95;

/** 80 unspecified, 83 of the implementation, 87 not authorized, 91 identifier in use. */
const OF_REQUEST: i32 = 0x0002_0089;
/** Those, 8f filter invalid. */
const OF_UNSUBACK: i32 = OF_REQUEST | (1 << 0x0f);
/** Those, 97 quota exceeded, 9e no shared subscriptions. */
const OF_SUBACK: i32 = OF_UNSUBACK | (1 << 0x17) | (1 << 0x1e);
/** And 90 topic name invalid, 97 quota exceeded, 99 payload format invalid. */
const OF_PUBLISH: i32 = OF_REQUEST | (1 << 0x10) | (1 << 0x17) | (1 << 0x19);
/** 92 identifier not found. */
const OF_RELEASE: i32 = 1 << 0x12;
/** 80 to 8a, 8c, 90, 95, 97, 99 to 9d, 9f: section 3.2.2.2. */
const OF_CONNACK: i32 = 0x3ea1_17ff | (1 << 31);
/** 80 to 83, 87, 89, 8b to 90, 93 to 9f: section 3.14.2.1; of them 8c by table 2-6 alone. */
const OF_DISCONNECT: i32 = 0x7ff9_fa8f | (1 << 31);

/** The codes from 0x80 to 0x9f that a packet of `type` from a server may carry. */
function failuresOf(type: i32): i32 {
  if (type === CONNACK) return OF_CONNACK;
  if (type < SUBSCRIBE) return type < PUBREL ? OF_PUBLISH : OF_RELEASE;
  if (type === DISCONNECT) return OF_DISCONNECT;
  return type === SUBACK ? OF_SUBACK : type === UNSUBACK ? OF_UNSUBACK : 0;
}

/**
 * Whether a packet of `type` from a server may carry `code`, 1 or 0: [MQTT-3.2.2-8], [MQTT-3.4.2-1], [MQTT-3.5.2-1],
 * [MQTT-3.6.2-1], [MQTT-3.7.2-1], [MQTT-3.9.3-2], [MQTT-3.11.3-2], [MQTT-3.14.2-1], [MQTT-3.15.2-1].
 */
export function mayCarry(type: i32, code: i32): i32 {
  if (code === 0) return 1;
  // 1 and 2 granted; 10 no matching subscribers; 11 no subscription existed; 18 continue.
  if (code < 3) return type === SUBACK ? 1 : 0;
  if (code < FAILURE) {
    const carrier: i32 = code === 0x11 ? UNSUBACK : code === 0x18 ? AUTH : 0;
    return type === carrier || (code === 0x10 && type > CONNACK && type < PUBREL) ? 1 : 0;
  }
  // a0 connect time, a1 no subscription identifiers, a2 no wildcards.
  if (code > 0x9f) return code < 0xa3 && (type === DISCONNECT || (type === SUBACK && code > 0xa0)) ? 1 : 0;
  return (failuresOf(type) >> (code - FAILURE)) & 1;
}

/** The reason code that DISCONNECT names `fault` with, one of the answers below zero; 0 where that is no fault of the server. */
export function reasonFor(fault: i32): i32 {
  if (fault < ENDED_LAST) return -fault;
  if (fault < UNEXPECTED_LAST) return 0;
  if (fault === UNEXPECTED_SIZE) return PACKET_TOO_LARGE;
  return fault < MALFORMED_LAST || fault === MALFORMED_ID ? PROTOCOL_ERROR : MALFORMED_PACKET;
}
