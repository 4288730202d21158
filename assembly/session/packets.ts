/**
 * What each packet from the server does: MQTT 3.1.1 sections 3.2 to 3.13, and the delivery of section 4.3.
 */
import { readU16, writeU16 } from "../bytes.ts";
import {
  BACKOFF,
  CONNECT_PACKET,
  FLAG_DEFERRED,
  IN_FLIGHT,
  INBOUND_IDS,
  INBOUND_SIZE,
  OUTBOX,
  PING_DEADLINE,
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
  UNEXPECTED_CONNACK,
  UNEXPECTED_SESSION,
  UNEXPECTED_SUBACK_COUNT,
} from "../status.ts";
import { readAcknowledgement } from "../wire/acknowledgement.ts";
import { readConnack } from "../wire/connack.ts";
import { CLEAN_SESSION, connectFlags } from "../wire/connect.ts";
import {
  bodyAt,
  CONNACK,
  PINGRESP,
  PUBACK,
  PUBCOMP,
  PUBLISH,
  PUBREC,
  PUBREL,
  packetEnd,
  QOS,
  SUBACK,
  UNSUBACK,
} from "../wire/header.ts";
import { VIEW_FLAGS, VIEW_ID, VIEW_PAYLOAD, VIEW_PAYLOAD_SIZE } from "../wire/publish.ts";
import { countFilters, readSuback } from "../wire/subscribe.ts";
import { awaitResponse, step } from "./connection.ts";
import { fieldsChanged } from "./durability.ts";
import { CONNECTED as CONNECTED_EVENT, NONE, PUBLISHED, SUBSCRIBED, UNSUBSCRIBED } from "./events.ts";
import { flagsOf, setFlag } from "./flags.ts";
import { queueAcknowledgement } from "./outbound.ts";
import { cursorAt, findEntry, mark, release, tailAt } from "./outbox.ts";
import { ACCEPTED, CONNECTED, FAILED, REFUSED } from "./transitions.ts";

const QOS_1: i32 = 0x02;
const QOS_2: i32 = 0x04;
/** First byte of an entry whose PUBREC has come. */
const RELEASED: i32 = 0x62;

/** CONNACK return code 3, "server unavailable": the one refusal that may pass, table 3.1. */
const SERVER_UNAVAILABLE: i32 = 3;

/** Handles a whole packet other than PUBLISH, its body from `body` to `end`. Answers its event, NONE, or what is wrong with it. */
export function handle(client: i32, type: i32, body: i32, end: i32, now: i32): i32 {
  if (type === CONNACK) return connack(client, body, end, now);
  if (type === PINGRESP) {
    i32.store(client + PING_DEADLINE, 0);
    return end === body ? NONE : MALFORMED_SIZE;
  }
  const id: i32 = type === SUBACK ? readSuback(body, end) : readAcknowledgement(body, end);
  if (id < 0) return id;
  if (type === PUBREL) return pubrel(client, id);
  awaitResponse(client, now);
  i32.store(client + VIEW + VIEW_ID, id);
  return acknowledgement(client, type, id, body + 2, end - body - 2);
}

function connack(client: i32, body: i32, end: i32, now: i32): i32 {
  const answer: i32 = readConnack(body, end);
  const code: i32 = answer & 0xff;
  if (answer < 0) return answer;
  if (i32.load8_u(client + STATE) === CONNECTED) return UNEXPECTED_CONNACK;
  i32.store8(client + REFUSAL, code);
  if (code !== 0) {
    i32.store(client + REASON, ENDED_REFUSED);
    step(client, code === SERVER_UNAVAILABLE ? FAILED : REFUSED);
    return NONE;
  }
  if (answer === 0) {
    // The server knows nothing of the session (section 3.2.2.2), and will give its identifiers anew. What it had not
    // acknowledged is sent again all the same: it answers a PUBREL that it does not know with PUBCOMP [MQTT-4.3.3-2].
    writeU16(client + INBOUND_SIZE, 0);
    fieldsChanged(client);
  } else if ((connectFlags(client + i32.load(client + CONNECT_PACKET)) & CLEAN_SESSION) !== 0) {
    // [MQTT-3.2.2-1]
    return UNEXPECTED_SESSION;
  }
  step(client, ACCEPTED);
  i32.store(client + BACKOFF, 0);
  i32.store(client + VIEW + VIEW_FLAGS, answer);
  awaitResponse(client, now);
  return CONNECTED_EVENT;
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
function acknowledgement(client: i32, type: i32, id: i32, codes: i32, codesSize: i32): i32 {
  const at: i32 = findEntry(client, id, cursorAt(client));
  // A second answer to something that was resent comes late and is no fault. PUBREC has to be answered, unless its message
  // is about to be sent again: behind its PUBREL the server would take it for a new one.
  let expected: i32 = 0;
  let first: i32 = 0;
  if (at !== 0) {
    first = i32.load8_u(at);
    // PUBACK and PUBREC follow PUBLISH by its quality of service; each other answer follows its request: table 2.1.
    expected = (first >> 4) + (first >> 4 === PUBLISH ? (first & QOS) >> 1 : 1);
  }
  if (type === PUBREC && (expected === PUBREC || expected === PUBCOMP || findEntry(client, id, tailAt(client)) === 0)) {
    if (expected === PUBREC) {
      mark(client, at, RELEASED);
      fieldsChanged(client);
    }
    // [MQTT-4.3.3-1]
    queueAcknowledgement(client, PUBREL, id);
    return NONE;
  }
  if (at === 0) return NONE;
  if (type !== expected) return UNEXPECTED_ACKNOWLEDGEMENT;
  if (type === SUBACK && countFilters(bodyAt(at) + 2, packetEnd(at), 1) !== codesSize) return UNEXPECTED_SUBACK_COUNT;
  i32.store(client + VIEW + VIEW_PAYLOAD, codes);
  i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, codesSize);
  release(client, at);
  if (type === SUBACK) return SUBSCRIBED;
  if (type === UNSUBACK) return UNSUBSCRIBED;
  i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) - 1);
  return PUBLISHED;
}
