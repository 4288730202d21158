/**
 * What each packet from the server does: MQTT 3.1.1 sections 3.2 to 3.13, and the delivery of section 4.3.
 */
import { readU16, writeU16 } from "../bytes.ts";
import {
  ATTEMPTS,
  CONNECT_PACKET,
  FLAG_DEFERRED,
  FLAG_DELIVERED,
  FLAG_FRESH,
  IN_FLIGHT,
  INBOUND_IDS,
  INBOUND_SIZE,
  OUTBOX,
  PIECE_OFFSET,
  PIECE_TOTAL,
  PING_DEADLINE,
  PROGRESS,
  REASON,
  REFUSAL,
  STATE,
  VIEW,
} from "../layout.ts";
import {
  ENDED_REFUSED,
  ENDED_RESUME,
  MALFORMED_SIZE,
  UNEXPECTED_ACKNOWLEDGEMENT,
  UNEXPECTED_BEFORE_CONNACK,
  UNEXPECTED_CONNACK,
  UNEXPECTED_SESSION,
  UNEXPECTED_SUBACK,
  UNEXPECTED_SUBACK_COUNT,
} from "../status.ts";
import { readAcknowledgement } from "../wire/acknowledgement.ts";
import { readConnack, SESSION_PRESENT } from "../wire/connack.ts";
import { CLEAN_SESSION, connectFlags } from "../wire/connect.ts";
import {
  bodyAt,
  CONNACK,
  DUP,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  packetEnd,
  QOS,
  SUBACK,
  SUBSCRIBE,
  UNSUBSCRIBE,
} from "../wire/header.ts";
import { decodePublish, VIEW_FLAGS, VIEW_ID, VIEW_PAYLOAD, VIEW_PAYLOAD_SIZE } from "../wire/publish.ts";
import { countFilters, readSuback } from "../wire/subscribe.ts";
import { awaitResponse, step } from "./connection.ts";
import { fieldsChanged } from "./durability.ts";
import { CONNECTED as CONNECTED_EVENT, MESSAGE, NONE, PUBLISHED, SUBSCRIBED, UNSUBSCRIBED } from "./events.ts";
import { clearFlag, flagsOf, setFlag } from "./flags.ts";
import { queueAcknowledgement } from "./outbound.ts";
import { entryId, findSent, headAt, mark, release, tailAt } from "./outbox.ts";
import { ACCEPTED, CONNECTING, FAILED, REFUSED } from "./transitions.ts";

const QOS_1: i32 = 0x02;
const QOS_2: i32 = 0x04;
/** First byte of an entry whose PUBREC has come. */
const RELEASED: i32 = 0x62;

/** CONNACK return code 3, "server unavailable": the one refusal that may pass, table 3.1. */
const SERVER_UNAVAILABLE: i32 = 3;

/** Handles the whole packet at `at`, whose fixed header has been checked. Answers its event, NONE, or what is wrong with it. */
export function handle(client: i32, at: i32, now: i32): i32 {
  const type: i32 = i32.load8_u(at) >> 4;
  const body: i32 = bodyAt(at);
  const end: i32 = packetEnd(at);
  if (i32.load8_u(client + STATE) === CONNECTING) {
    // [MQTT-3.2.0-1]
    return type === CONNACK ? connack(client, body, end, now) : UNEXPECTED_BEFORE_CONNACK;
  }
  if (type === PUBLISH) return publish(client, at, end);
  if (type === PINGRESP) {
    if (end !== body) return MALFORMED_SIZE;
    i32.store(client + PING_DEADLINE, 0);
    return NONE;
  }
  if (type === CONNACK) return UNEXPECTED_CONNACK;
  const id: i32 = type === SUBACK ? readSuback(body, end) : readAcknowledgement(at, body);
  if (id < 0) return id;
  if (type === PUBREL) return pubrel(client, id);
  i32.store(client + VIEW + VIEW_ID, id);
  return acknowledgement(client, type, id, body, end, now);
}

function connack(client: i32, body: i32, end: i32, now: i32): i32 {
  const answer: i32 = readConnack(body, end);
  if (answer < 0) return answer;
  if (answer !== 0 && answer !== SESSION_PRESENT) {
    i32.store8(client + REFUSAL, answer);
    i32.store(client + REASON, ENDED_REFUSED);
    step(client, answer === SERVER_UNAVAILABLE ? FAILED : REFUSED);
    return NONE;
  }
  const clean: i32 = connectFlags(client + i32.load(client + CONNECT_PACKET)) & CLEAN_SESSION;
  // [MQTT-3.2.2-1]
  if (clean !== 0 && answer === SESSION_PRESENT) return UNEXPECTED_SESSION;
  step(client, ACCEPTED);
  i32.store(client + PROGRESS, 0);
  i32.store8(client + ATTEMPTS, 0);
  awaitResponse(client, now);
  i32.store(client + VIEW + VIEW_FLAGS, answer);
  if (answer === 0) forgetServerState(client);
  return CONNECTED_EVENT;
}

/**
 * The server knows nothing of the session (section 3.2.2.2). What it received and has not released is gone with its
 * identifiers; what it never acknowledged is published anew, no longer as a duplicate; what it had acknowledged with
 * PUBREC it took over, and `freshSession` reports it.
 */
function forgetServerState(client: i32): void {
  writeU16(client + INBOUND_SIZE, 0);
  fieldsChanged(client);
  const tail: i32 = tailAt(client);
  for (let at: i32 = headAt(client); at < tail; at = packetEnd(at)) {
    const first: i32 = i32.load8_u(at);
    if (first >> 4 === PUBLISH) mark(client, at, first & ~DUP);
  }
  setFlag(client, FLAG_FRESH);
}

/** Ends one message after another that the server took over before it lost the session. Answers PUBLISHED, then NONE. */
export function freshSession(client: i32): i32 {
  const tail: i32 = tailAt(client);
  for (let at: i32 = headAt(client); at < tail; at = packetEnd(at)) {
    if (i32.load8_u(at) === RELEASED) {
      i32.store(client + VIEW + VIEW_ID, entryId(at));
      release(client, at);
      return PUBLISHED;
    }
  }
  clearFlag(client, FLAG_FRESH);
  return NONE;
}

function publish(client: i32, at: i32, end: i32): i32 {
  const fault: i32 = decodePublish(at, end, client + VIEW);
  if (fault < 0) return fault;
  i32.store(client + PIECE_OFFSET, 0);
  i32.store(client + PIECE_TOTAL, i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
  if (isDeliverable(client) === 0) {
    acknowledge(client);
    return NONE;
  }
  setFlag(client, FLAG_DELIVERED);
  return MESSAGE;
}

/** Address behind the identifiers of QoS 2 messages that are held. */
function inboundEnd(client: i32): i32 {
  return client + INBOUND_IDS + readU16(client + INBOUND_SIZE);
}

/** Address of `id` among them, or behind the last. */
function findInbound(client: i32, id: i32): i32 {
  const end: i32 = inboundEnd(client);
  let at: i32 = client + INBOUND_IDS;
  while (at < end && readU16(at) !== id) at += 2;
  return at;
}

/** Moves the end of the identifiers held by `size` bytes. */
function growInbound(client: i32, size: i32): void {
  writeU16(client + INBOUND_SIZE, readU16(client + INBOUND_SIZE) + size);
  fieldsChanged(client);
}

/** Whether another identifier can be held. One that could not be has to come first, or messages would overtake it. */
function canHold(client: i32): i32 {
  if ((flagsOf(client) & FLAG_DEFERRED) !== 0) return 0;
  return inboundEnd(client) + 2 <= client + i32.load(client + OUTBOX) ? 1 : 0;
}

/** Whether the message in the view is for the host: not a QoS 2 message that it has had, nor one that cannot be held. */
export function isDeliverable(client: i32): i32 {
  if ((i32.load(client + VIEW + VIEW_FLAGS) & QOS) !== QOS_2) return 1;
  return findInbound(client, i32.load(client + VIEW + VIEW_ID)) === inboundEnd(client) ? canHold(client) : 0;
}

/**
 * Acknowledges the message in the view as its quality of service asks [MQTT-4.3.2-2], [MQTT-4.3.3-2]. A QoS 2 message for
 * whose identifier there is no room stays unacknowledged: the server keeps it, and sends it again when
 * the session is resumed.
 */
export function acknowledge(client: i32): void {
  const qos: i32 = i32.load(client + VIEW + VIEW_FLAGS) & QOS;
  const id: i32 = i32.load(client + VIEW + VIEW_ID);
  if (qos === QOS_1) queueAcknowledgement(client, PUBACK, id);
  if (qos !== QOS_2) return;
  const at: i32 = findInbound(client, id);
  if (at === inboundEnd(client)) {
    if (canHold(client) === 0) {
      setFlag(client, FLAG_DEFERRED);
      return;
    }
    writeU16(at, id);
    growInbound(client, 2);
  }
  queueAcknowledgement(client, PUBREC, id);
}

/** Forgets the identifier; PUBCOMP answers even one that is not known [MQTT-4.3.3-2]. */
function pubrel(client: i32, id: i32): i32 {
  const at: i32 = findInbound(client, id);
  queueAcknowledgement(client, PUBCOMP, id);
  if (at === inboundEnd(client)) return NONE;
  growInbound(client, -2);
  writeU16(at, readU16(inboundEnd(client)));
  // There is room again for what had to be left unacknowledged; the server sends it when the session is resumed.
  if (readU16(client + INBOUND_SIZE) !== 0 || (flagsOf(client) & FLAG_DEFERRED) === 0) return NONE;
  return ENDED_RESUME;
}

/** PUBACK, PUBREC, PUBCOMP, SUBACK and UNSUBACK, for the packet that asked for it. */
function acknowledgement(client: i32, type: i32, id: i32, body: i32, end: i32, now: i32): i32 {
  const at: i32 = findSent(client, id);
  if (at === 0) {
    // A late second answer to something resent is no fault: PUBREC has to be answered, the others are passed over.
    if (type > PUBCOMP) return UNEXPECTED_SUBACK;
    if (type === PUBREC) queueAcknowledgement(client, PUBREL, id);
    return NONE;
  }
  const first: i32 = i32.load8_u(at);
  const asked: i32 = first >> 4;
  if (type === PUBREC) {
    if (asked === PUBLISH && (first & QOS) === QOS_2) mark(client, at, RELEASED);
    else if (asked !== PUBREL) return UNEXPECTED_ACKNOWLEDGEMENT;
    fieldsChanged(client);
    awaitResponse(client, now);
    // [MQTT-4.3.3-1]
    queueAcknowledgement(client, PUBREL, id);
    return NONE;
  }
  if (type === SUBACK) {
    if (asked !== SUBSCRIBE) return UNEXPECTED_SUBACK;
    if (countFilters(bodyAt(at) + 2, packetEnd(at), 1) !== end - body - 2) return UNEXPECTED_SUBACK_COUNT;
    i32.store(client + VIEW + VIEW_PAYLOAD, body + 2);
    i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, end - body - 2);
  } else if (type > PUBCOMP) {
    if (asked !== UNSUBSCRIBE) return UNEXPECTED_SUBACK;
  } else {
    const expected: i32 = asked === PUBREL ? PUBCOMP : asked === PUBLISH && (first & QOS) === QOS_1 ? PUBACK : 0;
    if (type !== expected) return UNEXPECTED_ACKNOWLEDGEMENT;
    i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) - 1);
  }
  awaitResponse(client, now);
  release(client, at);
  if (type === SUBACK) return SUBSCRIBED;
  return type > PUBCOMP ? UNSUBSCRIBED : PUBLISHED;
}
