/**
 * What a server of MQTT 5.0 says in CONNACK that it takes, section 3.2.2.3, and which packets of the outbox it does not.
 *
 * A packet that the server would refuse is never sent: `commit` answers the reason code, negated, and one that was queued
 * before the server was known ends as a REFUSED event. So do messages that have expired, as EXPIRED.
 */

import { readU16 } from "../bytes.ts";
import {
  CONNECT_PACKET,
  EVENT_CODE,
  EVENT_PROPERTIES,
  KEEP_ALIVE,
  RECEIVE,
  SERVER_ALIASES,
  SERVER_LIMITS,
  SERVER_PACKET,
  SERVER_WINDOW,
  VIEW,
} from "../layout.ts";
import { clearCleanStart, connectProperties } from "../wire/connect.ts";
import {
  bodyAt,
  CONNECT,
  DUP,
  PUBLISH,
  packetEnd,
  QOS,
  RETAIN,
  SUBSCRIBE,
  sizeWithHeader,
  writeHeader,
} from "../wire/header.ts";
import {
  ALIAS_MAXIMUM,
  ASSIGNED_ID,
  findProperty,
  MAXIMUM_PACKET,
  MAXIMUM_QOS,
  MESSAGE_EXPIRY,
  METHOD,
  numberOf,
  propertiesEnd,
  RECEIVE_MAXIMUM,
  RETAIN_AVAILABLE,
  SERVER_KEEP_ALIVE,
  SESSION_EXPIRY,
  SHARED_AVAILABLE,
  SUBSCRIPTION_ID,
  SUBSCRIPTION_ID_AVAILABLE,
  WILDCARD_AVAILABLE,
} from "../wire/property.ts";
import { VIEW_ID } from "../wire/publish.ts";
import { countFilters, HAS_SHARE, HAS_WILDCARD } from "../wire/subscribe.ts";
import { isSameText } from "../wire/text.ts";
import { EXPIRED, NONE, REFUSED } from "./events.ts";
import { cursorAt, entryId, FREE, idAt, RELEASED, release, tailAt } from "./outbox.ts";

// Reason codes, section 2.4.
const PACKET_TOO_LARGE: i32 = 0x95;
const NO_RETAIN: i32 = 0x9a;
const NO_QOS: i32 = 0x9b;
const NO_SHARES: i32 = 0x9e;
const NO_SUBSCRIPTION_IDS: i32 = 0xa1;
const NO_WILDCARDS: i32 = 0xa2;
/** What `entryFault` answers, `commit` negated, for a message that has expired: no reason code, nobody is told. */
export const GONE: i32 = 0x100;

/** Beside HAS_WILDCARD and HAS_SHARE in SERVER_LIMITS; the lowest three bits are RETAIN and the highest QoS. */
const HAS_ID: i32 = 1 << 30;

const PACKET_MAX: i32 = 0x7fff_ffff;

/** Where the properties of the PUBLISH at `at` stand. */
export function blockOf(at: i32): i32 {
  return (i32.load8_u(at) & QOS) === 0 ? idAt(at) : idAt(at) + 2;
}

/** What CONNECT said of itself: the number in its property `id`, or `absent`. */
export function ownLimit(client: i32, id: i32, absent: i32): i32 {
  return numberOf(connectProperties(i32.load(client + CONNECT_PACKET)), id, absent);
}

/** What `isOwnMethod` answers where neither side has a method: right in CONNACK, and in AUTH a protocol error, section 3.15.2.2.2. */
export const NO_METHOD: i32 = 2;

/** Whether the authentication method in the block at `at` is that of CONNECT [MQTT-4.12.0-5], [MQTT-4.12.0-6]: 1, 0 or NO_METHOD. */
export function isOwnMethod(client: i32, at: i32): i32 {
  const own: i32 = findProperty(connectProperties(i32.load(client + CONNECT_PACKET)), METHOD);
  const other: i32 = at === 0 ? 0 : findProperty(at, METHOD);
  if ((own === 0 ? 1 : 0) + (other === 0 ? 1 : 0) !== 0) return own === other ? NO_METHOD : 0;
  return isSameText(own, other);
}

/** Takes note of what the CONNACK in the view says; the connection is accepted. */
export function noteLimits(client: i32): void {
  const block: i32 = i32.load(client + EVENT_PROPERTIES);
  const packet: i32 = numberOf(block, MAXIMUM_PACKET, PACKET_MAX);
  const keepAlive: i32 = numberOf(block, SERVER_KEEP_ALIVE, -1);
  i32.store(client + SERVER_WINDOW, numberOf(block, RECEIVE_MAXIMUM, 0xffff));
  i32.store(client + SERVER_PACKET, packet < 0 ? PACKET_MAX : packet);
  i32.store(client + SERVER_ALIASES, numberOf(block, ALIAS_MAXIMUM, 0));
  i32.store(
    client + SERVER_LIMITS,
    numberOf(block, RETAIN_AVAILABLE, 1) |
      (numberOf(block, MAXIMUM_QOS, 2) << 1) |
      (numberOf(block, WILDCARD_AVAILABLE, 1) * HAS_WILDCARD) |
      (numberOf(block, SHARED_AVAILABLE, 1) * HAS_SHARE) |
      (numberOf(block, SUBSCRIPTION_ID_AVAILABLE, 1) * HAS_ID),
  );
  // [MQTT-3.2.2-21]
  if (keepAlive >= 0) i32.store(client + KEEP_ALIVE, keepAlive * 1000);
  adoptId(client, findProperty(block, ASSIGNED_ID));
  // A session that outlives its connection is resumed by the reconnects, though the first may have begun it anew.
  if (numberOf(block, SESSION_EXPIRY, ownLimit(client, SESSION_EXPIRY, 0)) !== 0)
    clearCleanStart(i32.load(client + CONNECT_PACKET));
}

/** Puts the identifier that the server has given, a text at `id`, into the CONNECT kept for reconnects, if there is room for it. */
function adoptId(client: i32, id: i32): void {
  const packet: i32 = i32.load(client + CONNECT_PACKET);
  const body: i32 = bodyAt(packet);
  const field: i32 = propertiesEnd(connectProperties(packet));
  const end: i32 = packetEnd(packet);
  if (id === 0 || readU16(field) !== 0) return;
  const size: i32 = readU16(id);
  const gap: i32 = sizeWithHeader(end - body + size) - (end - packet);
  if (end + gap > i32.load(client + RECEIVE)) return;
  memory.copy(field + 2 + gap, field + 2, end - field - 2);
  memory.copy(body + gap - size, body, field - body);
  memory.copy(field + gap - size, id, size + 2);
  writeHeader(packet, CONNECT << 4, end - body + size);
}

/** The reason code with which the server would refuse the packet at `at`, which is whole; 0 for none, GONE where it has expired. */
export function entryFault(client: i32, at: i32): i32 {
  const limits: i32 = i32.load(client + SERVER_LIMITS);
  const first: i32 = i32.load8_u(at);
  const end: i32 = packetEnd(at);
  // [MQTT-3.2.2-15]
  if (end - at > i32.load(client + SERVER_PACKET)) return PACKET_TOO_LARGE;
  if (first >> 4 === PUBLISH) {
    // [MQTT-3.2.2-14]
    if ((first & RETAIN & ~limits) !== 0) return NO_RETAIN;
    // [MQTT-3.2.2-11]
    if ((first & QOS) > (limits & QOS)) return NO_QOS;
    return (first & DUP) === 0 && numberOf(blockOf(at), MESSAGE_EXPIRY, 1) === 0 ? GONE : 0;
  }
  if (first >> 4 !== SUBSCRIBE) return 0;
  const block: i32 = bodyAt(at) + 2;
  const lacks: i32 =
    (countFilters(propertiesEnd(block), end, 1, 1) | (findProperty(block, SUBSCRIPTION_ID) === 0 ? 0 : HAS_ID)) &
    ~limits;
  if ((lacks & HAS_SHARE) !== 0) return NO_SHARES;
  if ((lacks & HAS_ID) !== 0) return NO_SUBSCRIPTION_IDS;
  return (lacks & HAS_WILDCARD) !== 0 ? NO_WILDCARDS : 0;
}

/** Ends the next packet of the outbox where it may not leave. Answers its event, or NONE. */
export function refuseNext(client: i32): i32 {
  let at: i32 = cursorAt(client);
  while (at < tailAt(client) && (i32.load8_u(at) === FREE || i32.load8_u(at) === RELEASED)) at = packetEnd(at);
  if (at === tailAt(client)) return NONE;
  const fault: i32 = entryFault(client, at);
  if (fault === 0) return NONE;
  i32.store(client + VIEW + VIEW_ID, entryId(at));
  i32.store(client + EVENT_CODE, fault);
  i32.store(client + EVENT_PROPERTIES, 0);
  release(client, at);
  return fault === GONE ? EXPIRED : REFUSED;
}
