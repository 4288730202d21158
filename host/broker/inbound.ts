/** Messages from a client to the server (3.3, 4.3): PUBLISH and PUBREL, and the way on to the subscribers. */
import { decodeAcknowledge, decodeAcknowledge5 } from "./codec/acknowledge.ts";
import { CONTROL_NAMES, PUBACK, PUBCOMP, PUBREC, PUBREL } from "./codec/control.ts";
import { decodePublish } from "./codec/publish.ts";
import { decodePublish5 } from "./codec/publish5.ts";
import * as reasons from "./codec/reasons.ts";
import { quote, Violation } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import { publishLine } from "./log.ts";
import { type Extras, Message } from "./message.ts";
import { canSend, deliver, qosFor } from "./outbound.ts";
import { acknowledge } from "./sending.ts";
import type { Session } from "./session.ts";
import type { Group } from "./shared-subscription.ts";
import type { State } from "./state.ts";
import { type Route, routeOf } from "./subscriptions.ts";
import type { Terms } from "./terms.ts";
import { Topic } from "./topics.ts";

/** Handles one PUBLISH. Throws a Violation. */
export function onPublish(
  state: State,
  connection: Connection,
  bytes: Uint8Array,
  first: number,
  start: number,
  end: number,
): void {
  const view = state.publishView;
  const { terms } = connection;
  let topic: Topic;
  if (terms === null) {
    decodePublish(view, bytes, first, start, end);
    topic = state.topics.find(bytes, view.topicStart, view.topicEnd, connection.topic, connection.framer.rules);
  } else {
    decodePublish5(view, bytes, first, start, end, true);
    topic = topicOfAlias(state, connection, terms, bytes);
  }
  connection.topic = topic;
  const { qos, packetId, payloadStart } = view;
  checkAvailable(state, connection, qos, view.isRetain);
  connection.publishCount++;
  state.counters.publishMessagesReceived++;
  state.counters.publishBytesReceived += end - payloadStart;
  const message = new Message(connection.entrance.mount(topic), qos, bytes, payloadStart, end, false);
  if (terms !== null) message.extras = extrasOf(state, view.forwarded, view.messageExpiryS);
  if (state.isTracing) {
    state.log("debug", publishLine("Received", "from", connection, message, qos, view.isDup, view.isRetain, packetId));
  }
  if (qos === 2) {
    receiveOnce(state, connection, message, view.isRetain, packetId);
    return;
  }
  const refusal = refusalOf(state, connection, message);
  const isMatched = refusal === null && publish(state, message, view.isRetain, connection.session);
  // [MQTT-4.3.2-2] [MQTT-4.6.0-2] in the order in which the messages came; 5.0: [MQTT-4.3.2-4] [MQTT-4.6.0-5]. The
  // identifier is not remembered [MQTT-4.3.2-5].
  if (qos === 1) answer(state, connection, PUBACK, packetId, refusal, isMatched);
}

/** [MQTT-3.3.2-7] the topic that is named, which an alias may remember, or the one that an alias stands for. */
function topicOfAlias(state: State, connection: Connection, terms: Terms, bytes: Uint8Array): Topic {
  const { topicStart, topicEnd, topicAlias } = state.publishView;
  // [MQTT-3.3.2-12] all that the maximum allows are taken.
  const maxTopicAlias = connection.entrance.maxTopicAlias ?? state.settings.maxTopicAlias;
  if (topicAlias > maxTopicAlias) {
    const detail = `topic alias ${topicAlias} is over the maximum of ${maxTopicAlias}`;
    throw new Violation("MQTT-3.3.2-9", detail, reasons.TOPIC_ALIAS_INVALID);
  }
  if (topicStart === topicEnd) {
    const known = terms.inboundAliases[topicAlias];
    if (known !== undefined) return known;
    throw new Violation("MQTT 3.3.2.3.4", `topic alias ${topicAlias} stands for no topic`, reasons.PROTOCOL_ERROR);
  }
  const topic = state.topics.find(bytes, topicStart, topicEnd, connection.topic, connection.framer.rules);
  if (topicAlias > 0) terms.inboundAliases[topicAlias] = topic;
  return topic;
}

/** What the server does not offer it refuses; 5.0 clients were told so in CONNACK [MQTT-3.2.2-11] [MQTT-3.2.2-14]. */
function checkAvailable(state: State, connection: Connection, qos: number, isRetain: boolean): void {
  const { retainAvailable } = state.settings;
  const maxQos = connection.entrance.maxQos ?? state.settings.maxQos;
  if (qos > maxQos) {
    const detail = `QoS ${qos} is over the maximum of ${maxQos}`;
    throw new Violation("MQTT-3.2.2-11", detail, reasons.QOS_NOT_SUPPORTED);
  }
  if (isRetain && !retainAvailable) {
    throw new Violation("MQTT-3.2.2-14", "messages cannot be retained here", reasons.RETAIN_NOT_SUPPORTED);
  }
}

/** Null for a message without properties; a message that comes with an expiry interval starts to age now. */
export function extrasOf(state: State, forwarded: Uint8Array | null, messageExpiryS: number): Extras | null {
  if (forwarded === null && messageExpiryS < 0) return null;
  const expiresMs = messageExpiryS < 0 ? Number.POSITIVE_INFINITY : state.nowMs + messageExpiryS * 1000;
  return { forwarded, expiresMs };
}

/** $SYS is the broker's to write; mosquitto acknowledges such messages and drops them too. */
function isReserved(topic: Topic): boolean {
  return topic.isDollar && topic.levels[0] === "$SYS";
}

/** Why a message is not passed on. */
interface Refusal {
  readonly code: number;
  readonly reason: string;
}

const UNSTORABLE: Refusal = { code: reasons.QUOTA_EXCEEDED, reason: "messages cannot be stored now" };
const OF_SERVER: Refusal = { code: reasons.NOT_AUTHORIZED, reason: "$SYS belongs to the server" };

/** [MQTT-3.3.5-2] what a client may not publish is acknowledged and goes nowhere; only 5.0 can say so. */
function refusalOf(state: State, connection: Connection, message: Message): Refusal | null {
  const { topic, payloadSize } = message;
  if (isReserved(topic)) return OF_SERVER;
  if (message.qos > 0 && state.journal?.isFailed) {
    // Never acknowledged and lost: 3.1.1 has no way to say no but the end of the connection.
    if (connection.terms === null) throw new Violation("storage", UNSTORABLE.reason, reasons.QUOTA_EXCEEDED);
    return UNSTORABLE;
  }
  const { maxPayloadSize } = state.settings;
  if (payloadSize > maxPayloadSize) {
    return { code: reasons.QUOTA_EXCEEDED, reason: `a payload of ${payloadSize} bytes is over ${maxPayloadSize}` };
  }
  const permissions = connection.session?.permissions ?? null;
  if (permissions === null || permissions.mayWrite(topic.text)) return null;
  if (state.isTracing) {
    const { isDup, isRetain, packetId } = state.publishView;
    state.log("debug", publishLine("Denied", "from", connection, message, message.qos, isDup, isRetain, packetId));
  }
  return { code: reasons.NOT_AUTHORIZED, reason: `not allowed to write to ${quote(topic.text)}` };
}

/** PUBACK or PUBREC; 3.1.1 has no words for the reason. */
function answer(
  state: State,
  connection: Connection,
  type: number,
  packetId: number,
  refusal: Refusal | null,
  isMatched: boolean,
): void {
  if (connection.terms === null || (isMatched && refusal === null)) acknowledge(state, connection, type, packetId);
  else if (refusal !== null) acknowledge(state, connection, type, packetId, refusal.code, refusal.reason);
  else acknowledge(state, connection, type, packetId, reasons.NO_MATCHING_SUBSCRIBERS);
}

/**
 * [MQTT-4.3.3-2] QoS 2: an identifier that has been received and not released is the same message again, whether the
 * connection is the same or not. 5.0: [MQTT-4.3.3-8] [MQTT-4.3.3-10]; one that was refused is not held [MQTT-4.3.3-9].
 */
function receiveOnce(
  state: State,
  connection: Connection,
  message: Message,
  isRetain: boolean,
  packetId: number,
): void {
  const session = connection.session as Session;
  const { terms } = connection;
  const refusal = refusalOf(state, connection, message);
  if (terms !== null && refusal === null) checkReceiveMaximum(state, terms, packetId);
  session.received ??= new Map();
  let isMatched = true;
  if (refusal === null && !session.received.has(packetId)) {
    if (state.settings.qos2Delivery === "publish") {
      session.received.set(packetId, null);
      session.journal?.received(packetId, null);
      isMatched = publish(state, message, isRetain, session);
    } else {
      if (session.receivedSize + message.size > state.settings.maxQueuedBytes) {
        const detail = `QoS 2 messages without PUBREL are over the maximum of ${state.settings.maxQueuedBytes} bytes`;
        throw new Violation("limit", detail, reasons.QUOTA_EXCEEDED);
      }
      message.own();
      message.isRetain = isRetain;
      session.received.set(packetId, message);
      session.journal?.received(packetId, message);
      session.receivedSize += message.size;
      if (terms !== null) isMatched = state.subscriptions.match(message.topic).length > 0;
    }
  }
  // [MQTT-4.6.0-3] in the order in which the messages came.
  answer(state, connection, PUBREC, packetId, refusal, isMatched);
}

/** [MQTT-3.3.4-7] a client sends no more than the server's Receive Maximum without an end: 4.9, reason 0x93. */
function checkReceiveMaximum(state: State, terms: Terms, packetId: number): void {
  const { receiveMaximum } = state.settings;
  terms.receivedIds.add(packetId);
  if (terms.receivedIds.size > receiveMaximum) {
    const detail = `more than ${receiveMaximum} QoS 2 messages without PUBREL, the receive maximum`;
    throw new Violation("MQTT-3.3.4-7", detail, reasons.RECEIVE_MAXIMUM_EXCEEDED);
  }
}

/** Handles one PUBREL. */
export function onPubrel(state: State, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const packetId =
    connection.terms === null
      ? decodeAcknowledge(bytes, PUBREL, start, end)
      : decodeAcknowledge5(bytes, PUBREL, start, end).packetId;
  if (state.isTracing) {
    state.log("debug", `Received ${CONTROL_NAMES[PUBREL]} from ${connection.name} (Mid: ${packetId}, RC:0)`);
  }
  const session = connection.session as Session;
  connection.terms?.receivedIds.delete(packetId);
  const message = session.received?.get(packetId);
  if (message === undefined) {
    // An unknown identifier is answered too: the PUBCOMP before may have been lost with a connection.
    const reason = `packet identifier ${packetId} not found`;
    acknowledge(state, connection, PUBCOMP, packetId, reasons.PACKET_ID_NOT_FOUND, reason);
    return;
  }
  session.received?.delete(packetId);
  session.journal?.receivedReleased(packetId);
  if (message !== null) {
    session.receivedSize -= message.size;
    publish(state, message, message.isRetain, session);
  }
  // 5.0: [MQTT-4.3.3-11], and the identifier is free again [MQTT-4.3.3-12], whether the message has expired or not
  // [MQTT-4.3.3-13].
  acknowledge(state, connection, PUBCOMP, packetId);
}

/**
 * [MQTT-3.3.5-1] takes over a message: the retained store and every subscriber. `publisher` is null for the broker's own.
 * True when it had a subscriber.
 */
export function publish(state: State, message: Message, isRetain: boolean, publisher: Session | null): boolean {
  if (isReserved(message.topic) && !message.isOfBroker) return false;
  if (isRetain) retain(state, message, publisher);
  const routes = state.subscriptions.match(message.topic);
  message.isFannedOut = routes.length > 1;
  for (let index = 0; index < routes.length; index++) {
    const route = routes[index];
    if (route.group !== null) {
      shareOut(state, route.group, message, isRetain, null);
      continue;
    }
    const remote = route.hasNoLocal && route.session === publisher ? withoutNoLocal(route) : route;
    if (remote === null) continue;
    // [MQTT-3.8.4-6]; RETAIN is 0 [MQTT-3.3.1-9], 5.0: [MQTT-3.3.1-12], or as it was published [MQTT-3.3.1-13].
    const isKept = isRetain && remote.isRetainAsPublished;
    deliver(state, remote.session as Session, message, qosFor(state, message, remote.qos), isKept, remote.via);
  }
  // Those that come later get it one by one, each with what is left of its life by then [MQTT-3.3.2-6].
  message.isFannedOut = false;
  message.encoded = null;
  message.encoded5 = null;
  message.settle();
  return routes.length > 0;
}

/** [MQTT-3.8.3-3] what is left for the publisher itself when its No Local subscriptions do not count. */
function withoutNoLocal(route: Route): Route | null {
  const grants = route.grants.filter(({ noLocal }) => !noLocal);
  return grants.length === 0 ? null : routeOf(route.session as Session, grants);
}

/**
 * [MQTT-4.8.2-3] gives a message to one member of a group, at the QoS of that member's subscription [MQTT-4.8.2-4].
 * `except` has left, and the message with it.
 */
export function shareOut(
  state: State,
  group: Group,
  message: Message,
  isRetain: boolean,
  except: Session | null,
): void {
  const session = group.choose(canSend, message.qos > 0, except);
  const grant = session && group.members.get(session);
  if (!session || !grant) {
    state.counters.publishMessagesDropped++;
    return;
  }
  const via = { subscriptionIds: grant.id > 0 ? [grant.id] : [], group };
  const qos = qosFor(state, message, grant.qos);
  deliver(state, session, message, qos, isRetain && grant.retainAsPublished, via);
}

function retain(state: State, message: Message, publisher: Session | null): void {
  if (message.payloadSize === 0) {
    // [MQTT-3.3.1-10] [MQTT-3.3.1-11]; 5.0: [MQTT-3.3.1-6] [MQTT-3.3.1-7].
    state.retained.delete(message.topic);
    return;
  }
  // A topic of its own: what the shared one remembers of its routes is not kept for as long as the message.
  message.own();
  const topic = new Topic(message.topic.wire, message.topic.text);
  const kept = new Message(topic, message.qos, message.bytes, message.start, message.end, true);
  kept.extras = message.extras;
  kept.publisherId = publisher === null ? "" : publisher.clientId;
  state.retained.set(kept);
}
