/**
 * What each packet from the server does: MQTT 3.1.1 sections 3.2 to 3.13, and the delivery of section 4.3.
 */
import { readU16, writeU16 } from "../bytes.ts";
import {
  BACKOFF,
  CONNECT_PACKET,
  DEFERRED,
  EVENT_CODE,
  EVENT_PROPERTIES,
  IN_FLIGHT,
  INBOUND_IDS,
  OUTBOX,
  PIECE_SIZE,
  PINGED,
  REFUSAL,
  STATE,
  UNACKNOWLEDGED,
  VIEW,
} from "../layout.ts";
import { QOS2, ROOM } from "../profile.ts";
import {
  ENDED_REFUSED,
  ENDED_RESUME,
  ENDED_SERVER,
  UNEXPECTED_ACKNOWLEDGEMENT,
  UNEXPECTED_AUTHENTICATION,
  UNEXPECTED_CONNACK,
  UNEXPECTED_SESSION,
  UNEXPECTED_SUBACK_COUNT,
} from "../status.ts";
import { readAnswer } from "../wire/answer.ts";
import { CLEAN_SESSION, connectFlags } from "../wire/connect.ts";
import {
  AUTH,
  bodyAt,
  CONNACK,
  DISCONNECT as DISCONNECT_PACKET,
  DUP,
  PINGRESP,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  packetEnd,
  QOS,
  SUBACK,
  SUBSCRIBE,
  UNSUBACK,
} from "../wire/header.ts";
import { propertiesEnd, RECEIVE_MAXIMUM } from "../wire/property.ts";
import { VIEW_FLAGS, VIEW_ID, VIEW_PAYLOAD } from "../wire/publish.ts";
import { FAILURE } from "../wire/reason.ts";
import { readResponse } from "../wire/response.ts";
import { COUNT, countFilters } from "../wire/subscribe.ts";
import { awaitResponse, fail, step } from "./connection.ts";
import { fieldsChanged } from "./durability.ts";
import { AUTHENTICATE, NONE, PUBLISHED, REFUSED, SUBSCRIBED, UNSUBSCRIBED } from "./events.ts";
import { isOwnMethod, noteLimits, ownLimit } from "./limits.ts";
import { queue } from "./outbound.ts";
import { cursorAt, findEntry, headAt, mark, RELEASED, release, tailAt } from "./outbox.ts";
import { ACCEPTED, CONNECTED, DISCONNECT } from "./transitions.ts";
import { isFive } from "./version.ts";

/** What `inboundRoom` answers for an identifier that needs none. */
const HELD: i32 = -1;

const QOS_2: i32 = 0x04;

/** CONNACK return code 3, "server unavailable": the one refusal that may pass, table 3.1. */
const SERVER_UNAVAILABLE: i32 = 3;

/**
 * The reason codes of 5.0 that may pass, one bit each from 0x80 on: 80 to 83, 88 unavailable, 89 busy, 8b shutting down, 8d, 93, 94,
 * 96, 97 and 9f limits; and 0 and a0, a connection that was long enough.
 */
const PASSING: i32 = 0x00d8_2b0f | (1 << 31);
/** Behind it stand a1 and a2: what a subscription asked for, and would ask for again. */
const PASSING_LAST: i32 = 0xa0;

/** Handles a whole packet other than PUBLISH, its body from `body` to `end`. Answers its event, NONE, or what is wrong with it. */
export function handle(client: i32, type: i32, body: i32, end: i32, now: i32): i32 {
  const five: i32 = isFive(client);
  const answer: i32 = five === 0 ? readAnswer(type, body, end) : readResponse(type, body, end, client + VIEW);
  if (answer < 0) return answer;
  if (type === PINGRESP) {
    i32.store8(client + PINGED, 0);
    return NONE;
  }
  if (QOS2 !== 0 && type === PUBREL) return pubrel(client, answer);
  awaitResponse(client, now);
  if (type === CONNACK) return connack(client, five === 0 ? answer : answer | i32.load(client + EVENT_CODE));
  if (five !== 0 && type === DISCONNECT_PACKET) {
    refused(client, i32.load(client + EVENT_CODE), ENDED_SERVER);
    return NONE;
  }
  if (five !== 0 && type === AUTH)
    return isOwnMethod(client, i32.load(client + EVENT_PROPERTIES)) === 1 ? AUTHENTICATE : UNEXPECTED_AUTHENTICATION;
  i32.store(client + VIEW + VIEW_ID, answer);
  let codes: i32 = body + 2;
  if (five !== 0) {
    const block: i32 = i32.load(client + EVENT_PROPERTIES);
    codes = block === 0 ? end : propertiesEnd(block);
  }
  return acknowledgement(client, type, answer, codes, end - codes);
}

/** `answer` is flags and return code as in wire/answer.ts. */
function connack(client: i32, answer: i32): i32 {
  if (i32.load8_u(client + STATE) === CONNECTED) return UNEXPECTED_CONNACK;
  const code: i32 = answer & 0xff;
  if (code !== 0) {
    refused(client, code, ENDED_REFUSED);
    return NONE;
  }
  i32.store8(client + REFUSAL, 0);
  if (isFive(client) !== 0) {
    if (isOwnMethod(client, i32.load(client + EVENT_PROPERTIES)) === 0) return UNEXPECTED_AUTHENTICATION;
    // [MQTT-3.2.2-5]: what the server knows nothing of is sent as what is new, and promises no less.
    if (answer === 0) makeNew(client);
  }
  if (answer === 0) {
    // The server knows nothing of the session (section 3.2.2.2), and will give its identifiers anew. What it had not
    // acknowledged is sent again all the same: it answers a PUBREL that it does not know with PUBCOMP [MQTT-4.3.3-2].
    if (QOS2 !== 0) memory.fill(client + INBOUND_IDS, 0, i32.load(client + OUTBOX) - (client + INBOUND_IDS));
    fieldsChanged(client);
  } else if ((connectFlags(i32.load(client + CONNECT_PACKET)) & CLEAN_SESSION) !== 0) {
    // [MQTT-3.2.2-1]
    return UNEXPECTED_SESSION;
  }
  if (isFive(client) !== 0) noteLimits(client);
  step(client, ACCEPTED);
  i32.store(client + BACKOFF, 0);
  i32.store(client + VIEW + VIEW_FLAGS, answer);
  return NONE;
}

/** The server wants no connection, or no more. Where it would not want another either there is none. */
function refused(client: i32, code: i32, reason: i32): void {
  i32.store8(client + REFUSAL, code);
  fail(client, reason);
  let mayPass: i32 = code === SERVER_UNAVAILABLE ? 1 : 0;
  // 1 is what a server of 3.1.1 says of the version.
  if (isFive(client) !== 0) mayPass = code === 1 || code > PASSING_LAST ? 0 : (PASSING >> code) & 1;
  if (mayPass === 0) step(client, DISCONNECT);
}

/** Takes DUP from the messages that have been sent on connections before. */
function makeNew(client: i32): void {
  for (let at: i32 = headAt(client); at < tailAt(client); at = packetEnd(at)) {
    if (i32.load8_u(at) >> 4 === PUBLISH) mark(client, at, i32.load8_u(at) & ~DUP);
  }
}

/** Counts a message in the view that has to be acknowledged. Answers 0 where CONNECT allows for no more at once [MQTT-3.3.4-9]. */
export function countMessage(client: i32): i32 {
  if ((i32.load(client + VIEW + VIEW_FLAGS) & QOS) === 0) return 1;
  const count: i32 = i32.load(client + UNACKNOWLEDGED) + 1;
  i32.store(client + UNACKNOWLEDGED, count);
  return count > ownLimit(client, RECEIVE_MAXIMUM, 0xffff) ? 0 : 1;
}

/** One of them is acknowledged to the end. */
function uncountMessage(client: i32): void {
  const count: i32 = i32.load(client + UNACKNOWLEDGED);
  if (count > 0) i32.store(client + UNACKNOWLEDGED, count - 1);
}

/** Address of `id`, or with 0 of room for one, among the identifiers of QoS 2 messages received; or 0. */
function findInbound(client: i32, id: i32): i32 {
  // Backward: the identifier that took the last room in the table stands first in it.
  let at: i32 = i32.load(client + OUTBOX);
  do {
    at -= 2;
    if (readU16(at) === id) return at;
  } while (at > client + INBOUND_IDS);
  return 0;
}

/** Address of room for the identifier in the view; 0 where there is none, HELD where it is in the table already. */
function inboundRoom(client: i32): i32 {
  if (findInbound(client, i32.load(client + VIEW + VIEW_ID)) !== 0) return HELD;
  // One that was left unacknowledged has to come first, or this message would overtake it.
  return i32.load8_u(client + DEFERRED) !== 0 ? 0 : findInbound(client, 0);
}

/** Whether the message in the view is for the host: not a QoS 2 message that it has had, nor one that cannot be held. */
export function isDeliverable(client: i32): i32 {
  return QOS2 === 0 || (i32.load(client + VIEW + VIEW_FLAGS) & QOS) !== QOS_2 || inboundRoom(client) > 0 ? 1 : 0;
}

/**
 * Acknowledges the message in the view as its quality of service asks [MQTT-4.3.2-2], [MQTT-4.3.3-2]. A QoS 2 message for
 * whose identifier there is no room stays unacknowledged: the server keeps it, and sends it again when
 * the session is resumed.
 */
export function acknowledge(client: i32): void {
  const qos: i32 = i32.load(client + VIEW + VIEW_FLAGS) & QOS;
  const id: i32 = i32.load(client + VIEW + VIEW_ID);
  if (qos === 0) return;
  if (QOS2 !== 0 && qos === QOS_2) {
    const at: i32 = inboundRoom(client);
    if (at === 0) {
      i32.store8(client + DEFERRED, 1);
      return;
    }
    if (at !== HELD) {
      writeU16(at, id);
      fieldsChanged(client);
    }
  }
  if (qos !== QOS_2 && isFive(client) !== 0) uncountMessage(client);
  // PUBACK and PUBREC follow PUBLISH by its quality of service: table 2.1.
  queue(client, (PUBLISH << 4) + (qos << 3), id);
}

/** Forgets the identifier; PUBCOMP answers even one that is not known [MQTT-4.3.3-2]. */
function pubrel(client: i32, id: i32): i32 {
  const at: i32 = findInbound(client, id);
  if (isFive(client) !== 0) uncountMessage(client);
  queue(client, PUBCOMP << 4, id);
  if (at === 0) return NONE;
  writeU16(at, 0);
  fieldsChanged(client);
  // The last that had found room is through, and there is room again for what had to be left unacknowledged; the server
  // sends it when the session is resumed.
  return at === client + INBOUND_IDS && i32.load8_u(client + DEFERRED) !== 0 ? ENDED_RESUME : NONE;
}

/** PUBACK, PUBREC, PUBCOMP, SUBACK and UNSUBACK, for the packet that asked for it. */
function acknowledgement(client: i32, type: i32, id: i32, codes: i32, codesSize: i32): i32 {
  const at: i32 = findEntry(client, id);
  // What is about to be sent again will be answered again: behind a PUBREL the server would take its message for a new one.
  if (at >= cursorAt(client)) return NONE;
  let expected: i32 = PUBREC;
  if (at !== 0) {
    const first: i32 = i32.load8_u(at);
    // As above; and each other answer follows its request.
    expected = (first >> 4) + ((first & QOS) >> 1);
  }
  const code: i32 = isFive(client) === 0 ? 0 : i32.load(client + EVENT_CODE);
  // PUBREC has to be answered whenever it comes, but for a packet that is answered by another.
  if (QOS2 !== 0 && type === PUBREC && (expected | 2) === PUBCOMP && code < FAILURE) {
    if (at !== 0) {
      mark(client, at, RELEASED);
      fieldsChanged(client);
    }
    // [MQTT-4.3.3-1]
    queue(client, RELEASED, id);
    return NONE;
  }
  // A second answer to something that was resent comes late and is no fault.
  if (at === 0) return NONE;
  if (type !== expected) return UNEXPECTED_ACKNOWLEDGEMENT;
  if (isFive(client) !== 0 && type > SUBSCRIBE) {
    const list: i32 = propertiesEnd(bodyAt(at) + 2);
    if ((countFilters(list, packetEnd(at), type === SUBACK ? 1 : 0, 1) & COUNT) !== codesSize)
      return UNEXPECTED_SUBACK_COUNT;
  } else if (ROOM !== 0 && type === SUBACK && countFilters(bodyAt(at) + 2, packetEnd(at), 1, 0) !== codesSize) {
    return UNEXPECTED_SUBACK_COUNT;
  }
  i32.store(client + VIEW + VIEW_PAYLOAD, codes);
  i32.store(client + PIECE_SIZE, codesSize);
  release(client, at);
  if (type === SUBACK) return SUBSCRIBED;
  if (type === UNSUBACK) return UNSUBSCRIBED;
  i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) - 1);
  // A PUBCOMP that knows nothing of the message comes of a lost one: the server has had the message.
  return code < FAILURE || type === PUBCOMP ? PUBLISHED : REFUSED;
}
