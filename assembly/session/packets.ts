/**
 * What each packet from the server does: MQTT 3.1.1 sections 3.2 to 3.13, and the delivery of section 4.3.
 */
import { readU16, writeU16 } from "../bytes.ts";
import {
  BACKOFF,
  CONNECT_PACKET,
  DEFERRED,
  IN_FLIGHT,
  INBOUND_IDS,
  OUTBOX,
  PIECE_SIZE,
  PINGED,
  REFUSAL,
  STATE,
  VIEW,
} from "../layout.ts";
import {
  ENDED_REFUSED,
  ENDED_RESUME,
  UNEXPECTED_ACKNOWLEDGEMENT,
  UNEXPECTED_CONNACK,
  UNEXPECTED_SESSION,
  UNEXPECTED_SUBACK_COUNT,
} from "../status.ts";
import { readAnswer } from "../wire/answer.ts";
import { CLEAN_SESSION, connectFlags } from "../wire/connect.ts";
import {
  bodyAt,
  CONNACK,
  PINGRESP,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  packetEnd,
  QOS,
  SUBACK,
  UNSUBACK,
} from "../wire/header.ts";
import { VIEW_FLAGS, VIEW_ID, VIEW_PAYLOAD } from "../wire/publish.ts";
import { countFilters } from "../wire/subscribe.ts";
import { awaitResponse, fail, step } from "./connection.ts";
import { fieldsChanged } from "./durability.ts";
import { NONE, PUBLISHED, SUBSCRIBED, UNSUBSCRIBED } from "./events.ts";
import { queue } from "./outbound.ts";
import { cursorAt, findEntry, mark, RELEASED, release } from "./outbox.ts";
import { ACCEPTED, CONNECTED, DISCONNECT } from "./transitions.ts";

/** What `inboundRoom` answers for an identifier that needs none. */
const HELD: i32 = -1;

const QOS_2: i32 = 0x04;

/** CONNACK return code 3, "server unavailable": the one refusal that may pass, table 3.1. */
const SERVER_UNAVAILABLE: i32 = 3;

/** Handles a whole packet other than PUBLISH, its body from `body` to `end`. Answers its event, NONE, or what is wrong with it. */
export function handle(client: i32, type: i32, body: i32, end: i32, now: i32): i32 {
  const answer: i32 = readAnswer(type, body, end);
  if (answer < 0) return answer;
  if (type === PINGRESP) {
    i32.store8(client + PINGED, 0);
    return NONE;
  }
  if (type === PUBREL) return pubrel(client, answer);
  awaitResponse(client, now);
  if (type === CONNACK) return connack(client, answer);
  i32.store(client + VIEW + VIEW_ID, answer);
  const codes: i32 = body + 2;
  return acknowledgement(client, type, answer, codes, end - codes);
}

/** `answer` is flags and return code as in wire/answer.ts. */
function connack(client: i32, answer: i32): i32 {
  if (i32.load8_u(client + STATE) === CONNECTED) return UNEXPECTED_CONNACK;
  i32.store8(client + REFUSAL, answer & 0xff);
  if ((answer & 0xff) !== 0) {
    fail(client, ENDED_REFUSED);
    // It would be refused again.
    if (answer !== SERVER_UNAVAILABLE) step(client, DISCONNECT);
    return NONE;
  }
  if (answer === 0) {
    // The server knows nothing of the session (section 3.2.2.2), and will give its identifiers anew. What it had not
    // acknowledged is sent again all the same: it answers a PUBREL that it does not know with PUBCOMP [MQTT-4.3.3-2].
    memory.fill(client + INBOUND_IDS, 0, i32.load(client + OUTBOX) - (client + INBOUND_IDS));
    fieldsChanged(client);
  } else if ((connectFlags(i32.load(client + CONNECT_PACKET)) & CLEAN_SESSION) !== 0) {
    // [MQTT-3.2.2-1]
    return UNEXPECTED_SESSION;
  }
  step(client, ACCEPTED);
  i32.store(client + BACKOFF, 0);
  i32.store(client + VIEW + VIEW_FLAGS, answer);
  return NONE;
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
  return (i32.load(client + VIEW + VIEW_FLAGS) & QOS) !== QOS_2 || inboundRoom(client) > 0 ? 1 : 0;
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
  if (qos === QOS_2) {
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
  // PUBACK and PUBREC follow PUBLISH by its quality of service: table 2.1.
  queue(client, (PUBLISH << 4) + (qos << 3), id);
}

/** Forgets the identifier; PUBCOMP answers even one that is not known [MQTT-4.3.3-2]. */
function pubrel(client: i32, id: i32): i32 {
  const at: i32 = findInbound(client, id);
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
  // PUBREC has to be answered whenever it comes, but for a packet that is answered by another.
  if (type === PUBREC && (expected | 2) === PUBCOMP) {
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
  if (type === SUBACK && countFilters(bodyAt(at) + 2, packetEnd(at), 1, 0) !== codesSize)
    return UNEXPECTED_SUBACK_COUNT;
  i32.store(client + VIEW + VIEW_PAYLOAD, codes);
  i32.store(client + PIECE_SIZE, codesSize);
  release(client, at);
  if (type === SUBACK) return SUBSCRIBED;
  if (type === UNSUBACK) return UNSUBSCRIBED;
  i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) - 1);
  return PUBLISHED;
}
