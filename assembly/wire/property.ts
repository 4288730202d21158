/**
 * Properties, MQTT 5.0 section 2.2.2: the size of the block, then identifiers and values in any order.
 *
 * A property has a place of its own among 32 bits, its identifier where that is below 0x20; the others stand where no such
 * identifier is. Where it may stand, how it is written, and what it may be, are then sets of places: one word each, and no
 * table, for a board has no data segment. A property that the packet has no room for, or that ends too early, is malformed;
 * one that stands twice, or has a value that its section forbids, is a protocol error.
 */
import { readU16 } from "../bytes.ts";
import {
  ALIAS_INVALID,
  MALFORMED_PROPERTIES,
  MALFORMED_PROPERTY,
  UNEXPECTED_AUTHENTICATION,
  UNEXPECTED_PROPERTY,
  UNEXPECTED_VALUE,
} from "../status.ts";
import { BYTES, fieldEnd, NAME, TEXT } from "./text.ts";
import { readLength } from "./varint.ts";

// Identifiers, table 2-4.
export const MESSAGE_EXPIRY: i32 = 0x02;
export const SUBSCRIPTION_ID: i32 = 0x0b;
export const SESSION_EXPIRY: i32 = 0x11;
export const ASSIGNED_ID: i32 = 0x12;
export const SERVER_KEEP_ALIVE: i32 = 0x13;
export const METHOD: i32 = 0x15;
export const RECEIVE_MAXIMUM: i32 = 0x21;
export const ALIAS_MAXIMUM: i32 = 0x22;
export const ALIAS: i32 = 0x23;
export const MAXIMUM_QOS: i32 = 0x24;
export const RETAIN_AVAILABLE: i32 = 0x25;
export const MAXIMUM_PACKET: i32 = 0x27;
export const WILDCARD_AVAILABLE: i32 = 0x28;
export const SUBSCRIPTION_ID_AVAILABLE: i32 = 0x29;
export const SHARED_AVAILABLE: i32 = 0x2a;

/** Identifiers below 0x20 that are defined: 01 to 03, 08, 09, 0b, 11 to 13, 15 to 1a, 1c, 1f. */
const LOW: i32 = (0x17ee << 16) | 0x0b0e | (1 << 31);

/** The place of no property: identifier 0 is not defined. */
const NOWHERE: i32 = 0;

// Places of identifiers above 0x1f: 20 to 23 at 4, 24 to 27 at 12, and 28 to 2a at 10, 20 and 30.
const AT_ALIAS: i32 = 1 << 7;
const AT_USER: i32 = 1 << 14;
const AT_SUBSCRIPTION_ID: i32 = 1 << 0x0b;
const AT_METHOD: i32 = 1 << 0x15;
const AT_DATA: i32 = 1 << 0x16;
const AT_AVAILABLE: i32 = (1 << 12) | (1 << 13) | (1 << 10) | (1 << 20) | (1 << 30);
const AT_LIMITS: i32 = (1 << 5) | (1 << 6) | (1 << 15);
const AT_SERVER_REFERENCE: i32 = 1 << 0x1c;
const AT_SESSION_EXPIRY: i32 = 1 << 0x11;

// How a value is written: a byte, two, four; a varint; text, a topic name, bytes, or with AT_USER two texts.
const ONE_BYTE: i32 = (1 << 0x01) | (1 << 0x17) | (1 << 0x19) | AT_AVAILABLE;
const TWO_BYTES: i32 = (1 << 0x13) | (1 << 5) | (1 << 6) | AT_ALIAS;
const FOUR_BYTES: i32 = (1 << 0x02) | AT_SESSION_EXPIRY | (1 << 0x18) | (1 << 15);
const AT_TOPIC: i32 = 1 << 0x08;
const AT_BYTES: i32 = (1 << 0x09) | AT_DATA;

/** What may not be 0: the Subscription Identifier, Receive Maximum, Topic Alias and Maximum Packet Size. */
const NOT_ZERO: i32 = AT_SUBSCRIPTION_ID | (1 << 5) | AT_ALIAS | (1 << 15);

// Where properties may stand, table 2-4.
const OF_MESSAGE: i32 = (1 << 0x01) | (1 << 0x02) | (1 << 0x03) | AT_TOPIC | (1 << 0x09) | AT_USER;
/** In every answer: a reason in words, and user properties. */
export const IN_ANSWER: i32 = (1 << 31) | AT_USER;
const IN_BOTH: i32 = AT_SESSION_EXPIRY | AT_METHOD | AT_DATA | AT_LIMITS | AT_USER;
export const IN_CONNECT: i32 = IN_BOTH | (1 << 0x17) | (1 << 0x19);
export const IN_CONNACK: i32 =
  IN_BOTH | IN_ANSWER | (1 << 0x12) | (1 << 0x13) | (1 << 0x1a) | AT_SERVER_REFERENCE | AT_AVAILABLE;
export const IN_WILL: i32 = OF_MESSAGE | (1 << 0x18);
/** A client sends no subscription identifier [MQTT-3.3.4-6], and its aliases are this core's own. */
export const IN_PUBLISH_SENT: i32 = OF_MESSAGE;
export const IN_PUBLISH: i32 = OF_MESSAGE | AT_SUBSCRIPTION_ID | AT_ALIAS;
export const IN_SUBSCRIBE: i32 = AT_SUBSCRIPTION_ID | AT_USER;
export const IN_UNSUBSCRIBE: i32 = AT_USER;
export const IN_DISCONNECT_SENT: i32 = IN_ANSWER | AT_SESSION_EXPIRY;
/** A server sends no Session Expiry Interval [MQTT-3.14.2-2]. */
export const IN_DISCONNECT: i32 = IN_ANSWER | AT_SERVER_REFERENCE;
export const IN_AUTH: i32 = IN_ANSWER | AT_METHOD | AT_DATA;

/** The place of the property `id`. */
function placeOf(id: i32): i32 {
  if (id > 0x27) return id > 0x2a ? NOWHERE : (id - 0x27) * 10;
  if (id > 0x1f) return id ^ (id > 0x23 ? 0x28 : 0x24);
  return ((LOW >> id) & 1) === 0 ? NOWHERE : id;
}

/** Bytes of the number in the property at `place`, 0 where it holds none or one of variable size. */
function numberSize(place: i32): i32 {
  return ((ONE_BYTE >> place) & 1) | (((TWO_BYTES >> place) & 1) << 1) | (((FOUR_BYTES >> place) & 1) << 2);
}

function readNumber(at: i32, size: i32): i32 {
  if (size < 2) return i32.load8_u(at);
  const high: i32 = readU16(at);
  return size === 2 ? high : (high << 16) | readU16(at + 2);
}

/** Address behind the varint at `at`, in the shortest form [MQTT-1.5.5-1], before `end`; or MALFORMED_PROPERTIES. */
function varintEnd(at: i32, end: i32): i32 {
  if (readLength(at, end) < 0) return MALFORMED_PROPERTIES;
  const start: i32 = at;
  while (i32.load8_u(at) > 0x7f) at += 1;
  return at > start && i32.load8_u(at) === 0 ? MALFORMED_PROPERTIES : at + 1;
}

/** Address behind the value at `at` of the property at `place`, or what is malformed. */
function valueEnd(at: i32, end: i32, place: i32): i32 {
  const size: i32 = numberSize(place);
  const bit: i32 = 1 << place;
  if (size !== 0) return at + size > end ? MALFORMED_PROPERTIES : at + size;
  if (bit === AT_SUBSCRIPTION_ID) return varintEnd(at, end);
  // [MQTT-3.3.2-14]: a response topic is a topic name.
  const kind: i32 = bit === AT_TOPIC ? NAME : (bit & AT_BYTES) === 0 ? TEXT : BYTES;
  const next: i32 = fieldEnd(at, end, kind);
  return bit === AT_USER ? fieldEnd(next, end, TEXT) : next;
}

/** Address of the first property of a checked block. */
export function propertiesAt(at: i32): i32 {
  while (i32.load8_u(at) > 0x7f) at += 1;
  return at + 1;
}

/** Address behind a checked block. */
export function propertiesEnd(at: i32): i32 {
  return at + readLength(at, at + 4);
}

/** Address behind the block at `at`, whose properties are among those `allowed`; or `at` where that is below zero, or what is wrong. */
export function blockEnd(at: i32, end: i32, allowed: i32): i32 {
  if (at < 0) return at;
  // Most packets have none.
  if (at < end && i32.load8_u(at) === 0) return at + 1;
  const first: i32 = varintEnd(at, end);
  if (first < 0) return first;
  const stop: i32 = propertiesEnd(at);
  if (stop > end) return MALFORMED_PROPERTIES;
  let seen: i32 = 0;
  at = first;
  while (at < stop) {
    const place: i32 = placeOf(i32.load8_u(at));
    const bit: i32 = 1 << place;
    if ((allowed & bit) === 0) return MALFORMED_PROPERTY;
    const next: i32 = valueEnd(at + 1, stop, place);
    if (next < 0) return next;
    // Only these may stand again: user properties, and in PUBLISH an identifier for each subscription.
    if ((seen & bit & ~AT_USER) !== 0 && (bit !== AT_SUBSCRIPTION_ID || allowed !== IN_PUBLISH))
      return UNEXPECTED_PROPERTY;
    seen |= bit;
    const size: i32 = numberSize(place);
    if (size === 1 ? i32.load8_u(at + 1) > 1 : (NOT_ZERO & bit) !== 0 && readNumber(at + 1, size) === 0)
      // [MQTT-3.3.2-8]
      return bit === AT_ALIAS ? ALIAS_INVALID : UNEXPECTED_VALUE;
    at = next;
  }
  // Section 3.1.2.11.10.
  return (seen & (AT_METHOD | AT_DATA)) === AT_DATA ? UNEXPECTED_AUTHENTICATION : stop;
}

/** Address of the value of property `id` in the checked block at `at`, or 0 where it is not there. */
export function findProperty(at: i32, id: i32): i32 {
  const end: i32 = propertiesEnd(at);
  at = propertiesAt(at);
  while (at < end) {
    const found: i32 = i32.load8_u(at);
    if (found === id) return at + 1;
    at = valueEnd(at + 1, end, placeOf(found));
  }
  return 0;
}

/** The number in property `id` of the checked block at `at`, or `absent`. */
export function numberOf(at: i32, id: i32, absent: i32): i32 {
  const value: i32 = findProperty(at, id);
  return value === 0 ? absent : readNumber(value, numberSize(placeOf(id)));
}
