/**
 * Messages from the server to a client (4.3, 4.4, 4.6, 4.9): window, queue, acknowledgements, and what a resumed session
 * sends again.
 *
 * At QoS 1 and 2 a message is sent when the window has room, nothing waits before it and the client's transport takes
 * more; otherwise it waits in the session's queue. A full queue refuses the newest, as mosquitto does. At QoS 0 a
 * message goes at once or not at all. The window is the client's Receive Maximum in 5.0, if that is smaller
 * [MQTT-3.3.4-9]: it opens anew with each connection [MQTT-4.9.0-1], closed it holds back PUBLISH packets [MQTT-4.9.0-2]
 * and nothing else [MQTT-3.3.4-10] [MQTT-4.9.0-3]. Nothing is sent twice on one connection: 5.0 forbids it
 * [MQTT-4.4.0-1], 3.1.1 does not ask for it.
 */
import { decodeAcknowledge, decodeAcknowledge5 } from "./codec/acknowledge.ts";
import { CONTROL_NAMES, PUBACK, PUBREC, PUBREL, type Qos } from "./codec/control.ts";
import { PACKET_ID_NOT_FOUND, PROTOCOL_ERROR } from "./codec/reasons.ts";
import { Violation } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import type { Message } from "./message.ts";
import { acknowledge, writePublish } from "./sending.ts";
import type { Delivery, Session } from "./session.ts";
import type { State } from "./state.ts";
import type { Via } from "./subscriptions.ts";

/** [MQTT-3.8.4-6] 5.0: [MQTT-3.8.4-8] what a subscriber gets: no more than was published, no more than was granted. */
export function lowerQos(published: Qos, granted: Qos): Qos {
  return Math.min(published, granted) as Qos;
}

/** The same, unless the host has asked for what was granted, whatever was published. */
export function qosFor(state: State, message: Message, granted: Qos): Qos {
  return state.settings.upgradesQos ? granted : lowerQos(message.qos, granted);
}

/** [MQTT-4.5.0-1] gives `message` to a session, in the order of coming [MQTT-4.6.0-6], at `qos` or not at all. */
export function deliver(
  state: State,
  session: Session,
  message: Message,
  qos: Qos,
  isRetain: boolean,
  via: Via | null,
): void {
  const { connection, permissions } = session;
  // As mosquitto: read access is asked for at delivery, not at SUBSCRIBE.
  if (permissions !== null && !permissions.mayRead(message.topic.text)) return;
  if (qos === 0) {
    // 4.1: QoS 0 messages need not be stored for a client that is away.
    if (connection === null && !state.settings.queuesQos0) return;
    if (connection === null || session.queuedQos0Count > 0)
      enqueue(state, session, message, 0, isRetain, via, state.settings.maxQueued);
    else if (connection.isPaused || !writePublish(state, connection, message, 0, false, isRetain, 0, via))
      state.counters.publishMessagesDropped++;
    return;
  }
  if (canSend(session)) {
    launch(state, connection as Connection, session, newDelivery(message, qos, isRetain, via));
  } else {
    enqueue(state, session, message, qos, isRetain, via, state.settings.maxQueued);
  }
}

/**
 * Gives a retained message to a new subscription [MQTT-3.3.1-6], with RETAIN set [MQTT-3.3.1-8]. One subscription may
 * match more of them than a queue may hold; they share their payloads with the store, so the queue takes that many more.
 */
export function deliverRetained(state: State, session: Session, message: Message, qos: Qos, via: Via | null): void {
  const { connection, permissions } = session;
  if (permissions !== null && !permissions.mayRead(message.topic.text)) return;
  const limit = state.settings.maxQueued + state.retained.count;
  if (qos === 0 && connection !== null && !connection.isPaused && session.queue.count === 0) {
    if (!writePublish(state, connection, message, 0, false, true, 0, via)) state.counters.publishMessagesDropped++;
  } else if (qos > 0 && canSend(session)) {
    launch(state, connection as Connection, session, newDelivery(message, qos, true, via));
  } else {
    enqueue(state, session, message, qos, true, via, limit);
  }
}

/** Would a QoS 1 message go at once? */
export function canSend(session: Session): boolean {
  const connection = session.connection;
  return (
    connection !== null &&
    !connection.isPaused &&
    session.queue.count === 0 &&
    session.unsent === null &&
    hasRoom(session, connection)
  );
}

/** Is there room in flight, in messages and in bytes? As mosquitto, the message that crosses the bytes still goes. */
function hasRoom(session: Session, connection: Connection): boolean {
  return session.inflightCount < connection.windowSize && session.inflightSize < connection.windowBytes;
}

export function newDelivery(message: Message | null, qos: Qos, isRetain: boolean, via: Via | null): Delivery {
  return {
    message,
    qos,
    isRetain,
    via,
    isUnsent: false,
    packetId: 0,
    size: 0,
    isReleased: false,
    storeId: 0,
    previous: null,
    next: null,
  };
}

function enqueue(
  state: State,
  session: Session,
  message: Message,
  qos: Qos,
  isRetain: boolean,
  via: Via | null,
  limit: number,
): void {
  const isFull = () => session.queue.count >= limit || session.queueSize + message.size > state.settings.maxQueuedBytes;
  if (isFull()) dropExpired(state, session);
  if (isFull()) {
    state.counters.publishMessagesDropped++;
    return;
  }
  message.keep();
  const delivery = newDelivery(message, qos, isRetain, via);
  session.enqueue(delivery);
  if (qos > 0 || session.connection === null) session.journal?.placed(delivery);
}

/** [MQTT-3.3.2-5] makes room in a full queue: what has expired there may not keep out what has not. */
function dropExpired(state: State, session: Session): void {
  if (state.nowMs < session.queueExpiresMs) return;
  session.queueExpiresMs = Number.POSITIVE_INFINITY;
  let next: Delivery | null;
  for (let delivery = session.queue.head; delivery !== null; delivery = next) {
    next = delivery.next;
    const { extras } = delivery.message as Message;
    if (extras === null) continue;
    if (extras.expiresMs > state.nowMs) {
      session.queueExpiresMs = Math.min(session.queueExpiresMs, extras.expiresMs);
      continue;
    }
    session.dequeue(delivery);
    session.journal?.dropped(delivery);
    state.counters.publishMessagesExpired++;
  }
}

/** Moves a new delivery in flight and sends it. */
function launch(state: State, connection: Connection, session: Session, delivery: Delivery): void {
  const message = delivery.message as Message;
  const { qos, isRetain, via } = delivery;
  session.launch(delivery);
  if (!writePublish(state, connection, message, qos, false, isRetain, delivery.packetId, via)) {
    // [MQTT-3.1.2-25] too large for the client: as if it had been delivered.
    session.complete(delivery);
    state.counters.publishMessagesDropped++;
    return;
  }
  // A clean session never sends it again: nothing is sent twice on one connection. One that is shared may go to another
  // member instead.
  if (session.isClean && (via === null || via.group === null)) delivery.message = null;
  else message.keep();
}

/** Sends what waits, as far as the window and the transport allow: first what this connection has yet to send again. */
export function drain(state: State, session: Session): void {
  const connection = session.connection;
  if (connection === null) return;
  sendAgain(state, connection, session);
  let delivery = session.queue.head;
  while (delivery !== null && !connection.isPaused) {
    const message = delivery.message as Message;
    const isExpired = message.isExpired(state.nowMs);
    if (delivery.qos > 0 && !isExpired && (session.unsent !== null || !hasRoom(session, connection))) {
      return;
    }
    session.dequeue(delivery);
    if (isExpired || delivery.qos === 0) session.journal?.dropped(delivery);
    if (isExpired) {
      // [MQTT-3.3.2-5]. What has been sent before never comes here [MQTT-4.3.3-7].
      state.counters.publishMessagesExpired++;
    } else if (delivery.qos > 0) {
      launch(state, connection, session, delivery);
    } else if (!writePublish(state, connection, message, 0, false, delivery.isRetain, 0, delivery.via)) {
      state.counters.publishMessagesDropped++;
    }
    delivery = session.queue.head;
  }
}

/** PUBACK, PUBREC or PUBCOMP from the client. Throws a Violation when it is of the wrong kind. */
export function onAcknowledge(
  state: State,
  connection: Connection,
  bytes: Uint8Array,
  type: number,
  start: number,
  end: number,
): void {
  // Without a reason code the packet is the same in each version.
  const isShort = connection.terms === null || (end - start === 2 && (bytes[start] | bytes[start + 1]) !== 0);
  const answer = isShort ? null : decodeAcknowledge5(bytes, type, start, end);
  const packetId = answer === null ? decodeAcknowledge(bytes, type, start, end) : answer.packetId;
  const reasonCode = answer === null ? 0 : answer.reasonCode;
  if (state.isTracing) {
    state.log("debug", `Received ${CONTROL_NAMES[type]} from ${connection.name} (Mid: ${packetId}, RC:${reasonCode})`);
  }
  const session = connection.session as Session;
  const delivery = session.find(packetId);
  if (delivery === undefined) {
    // Unknown is no violation: its PUBLISH may have ended with a session. PUBREC is answered so that the client gets on.
    if (type === PUBREC && reasonCode < 0x80) {
      acknowledge(state, connection, PUBREL, packetId, PACKET_ID_NOT_FOUND, `packet identifier ${packetId} not found`);
    }
    return;
  }
  // [MQTT-3.3.4-1] the QoS of the PUBLISH decides its answer; [MQTT-4.3.3-1] PUBCOMP answers PUBREL, 5.0:
  // [MQTT-4.3.3-4] [MQTT-4.3.3-5].
  const isExpected = delivery.qos === 1 ? type === PUBACK : delivery.isReleased ? type !== PUBACK : type === PUBREC;
  if (!isExpected) {
    const stage = delivery.isReleased ? "released QoS 2" : `QoS ${delivery.qos}`;
    const detail = `${CONTROL_NAMES[type]} answers the ${stage} PUBLISH ${packetId}`;
    throw new Violation("MQTT-3.3.4-1", detail, PROTOCOL_ERROR);
  }
  if (type === PUBREC && reasonCode < 0x80) {
    if (!delivery.isReleased) session.release(delivery);
    acknowledge(state, connection, PUBREL, packetId);
    return;
  }
  // A refusal is an end too: the message goes to nobody else [MQTT-4.8.2-6], and its identifier is free [MQTT-4.4.0-2].
  session.complete(delivery);
  if (session.queue.head !== null || session.unsent !== null) drain(state, session);
}

/** [MQTT-4.4.0-1] sends again what a client that is back has not acknowledged, in the order of the first time. */
export function resume(state: State, connection: Connection, session: Session): void {
  for (let delivery = session.released.head; delivery !== null; delivery = delivery.next) {
    acknowledge(state, connection, PUBREL, delivery.packetId);
  }
  session.markUnsent();
  drain(state, session);
}

function sendAgain(state: State, connection: Connection, session: Session): void {
  for (let delivery = session.unsent; delivery !== null; delivery = session.unsent) {
    if (connection.isPaused || !hasRoom(session, connection)) return;
    session.markSent(delivery);
    const message = delivery.message as Message;
    // [MQTT-3.3.1-1] with DUP, whatever the publisher set [MQTT-3.3.1-3], and the identifier of the first time.
    if (
      !writePublish(state, connection, message, delivery.qos, true, delivery.isRetain, delivery.packetId, delivery.via)
    ) {
      session.complete(delivery);
      state.counters.publishMessagesDropped++;
    }
  }
}
