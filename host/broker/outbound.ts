/**
 * Messages from the server to a client (4.3, 4.4, 4.6): window, queue, acknowledgements, and what a resumed session
 * sends again.
 *
 * At QoS 1 and 2 a message is sent when the window has room, nothing waits before it and the client's transport takes
 * more; otherwise it waits in the session's queue. A full queue refuses the newest, as mosquitto does. At QoS 0 a
 * message goes at once or not at all.
 */
import { ACKNOWLEDGE_SIZE, writeAcknowledge } from "./codec/acknowledge.ts";
import { CONTROL_NAMES, PUBACK, PUBREC, PUBREL, type Qos } from "./codec/control.ts";
import { copyBytes, publishFlags, publishHeaderSize, writePublishHeader } from "./codec/publish.ts";
import { Violation } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import { publishLine } from "./log.ts";
import type { Message } from "./message.ts";
import { LARGE_PAYLOAD_SIZE } from "./output.ts";
import type { Delivery, Session } from "./session.ts";
import type { State } from "./state.ts";

/** Sends one of PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK. */
export function acknowledge(state: State, connection: Connection, type: number, packetId: number): void {
  const at = state.output.reserve(connection, ACKNOWLEDGE_SIZE);
  writeAcknowledge(connection.output as Uint8Array, at, type, packetId);
  state.counters.messagesSent++;
  if (state.isTracing) state.log("debug", `Sending ${CONTROL_NAMES[type]} to ${connection.name} (m${packetId}, rc0)`);
}

/** [MQTT-3.8.4-6] what a subscriber gets: no more than was published, no more than was granted. */
export function lowerQos(published: Qos, granted: Qos): Qos {
  return Math.min(published, granted) as Qos;
}

/** Gives `message` to a session, at `qos` or not at all. */
export function deliver(state: State, session: Session, message: Message, qos: Qos): void {
  const connection = session.connection;
  if (qos === 0) {
    if (connection === null) return; // 4.1: QoS 0 messages need not be stored for a client that is away
    if (session.queuedQos0Count > 0) enqueue(state, session, message, 0, false, state.settings.maxQueued);
    else if (connection.isPaused) state.counters.publishMessagesDropped++;
    else writePublish(state, connection, message, 0, false, false, 0);
    return;
  }
  if (canSend(state, session)) {
    launch(state, connection as Connection, session, newDelivery(message, qos, false));
  } else {
    enqueue(state, session, message, qos, false, state.settings.maxQueued);
  }
}

/**
 * Gives a retained message to a new subscription [MQTT-3.3.1-6], with RETAIN set [MQTT-3.3.1-8]. One subscription may
 * match more of them than a queue may hold; they share their payloads with the store, so the queue takes that many more.
 */
export function deliverRetained(state: State, session: Session, message: Message, qos: Qos): void {
  const connection = session.connection;
  const limit = state.settings.maxQueued + state.retained.count;
  if (qos === 0 && connection !== null && !connection.isPaused && session.queue.count === 0) {
    writePublish(state, connection, message, 0, false, true, 0);
  } else if (qos > 0 && canSend(state, session)) {
    launch(state, connection as Connection, session, newDelivery(message, qos, true));
  } else {
    enqueue(state, session, message, qos, true, limit);
  }
}

function canSend(state: State, session: Session): boolean {
  const connection = session.connection;
  return (
    connection !== null &&
    !connection.isPaused &&
    session.queue.count === 0 &&
    session.inflightCount < state.settings.maxInflight
  );
}

function newDelivery(message: Message, qos: Qos, isRetain: boolean): Delivery {
  return {
    message,
    qos,
    isRetain,
    packetId: 0,
    isReleased: false,
    previous: null,
    next: null,
  };
}

function enqueue(state: State, session: Session, message: Message, qos: Qos, isRetain: boolean, limit: number): void {
  const isFull = session.queue.count >= limit || session.queueSize + message.size > state.settings.maxQueuedBytes;
  if (isFull) {
    state.counters.publishMessagesDropped++;
    return;
  }
  message.keep();
  session.queue.append(newDelivery(message, qos, isRetain));
  session.queueSize += message.size;
  if (qos === 0) session.queuedQos0Count++;
}

/** Moves a new delivery in flight and sends it. */
function launch(state: State, connection: Connection, session: Session, delivery: Delivery): void {
  const message = delivery.message as Message;
  session.launch(delivery);
  writePublish(state, connection, message, delivery.qos, false, delivery.isRetain, delivery.packetId);
  // A clean session never sends it again: 3.1.1 knows no resending inside a connection [MQTT-4.4.0-1].
  if (session.isClean) delivery.message = null;
  else message.keep();
}

/** Sends what waits, as far as the window and the transport allow. */
export function drain(state: State, session: Session): void {
  const connection = session.connection;
  if (connection === null) return;
  let delivery = session.queue.head;
  while (delivery !== null && !connection.isPaused) {
    const message = delivery.message as Message;
    if (delivery.qos > 0 && session.inflightCount >= state.settings.maxInflight) return;
    session.queue.remove(delivery);
    session.queueSize -= message.size;
    if (delivery.qos > 0) {
      launch(state, connection, session, delivery);
    } else {
      session.queuedQos0Count--;
      writePublish(state, connection, message, 0, false, delivery.isRetain, 0);
    }
    delivery = session.queue.head;
  }
}

/** PUBACK, PUBREC or PUBCOMP from the client. Throws a Violation when it is of the wrong kind. */
export function onAcknowledge(state: State, connection: Connection, type: number, packetId: number): void {
  const session = connection.session as Session;
  const delivery = session.find(packetId);
  if (delivery === undefined) {
    // Unknown is no violation: its PUBLISH may have ended with a session. PUBREC is answered so that the client gets on.
    if (type === PUBREC) acknowledge(state, connection, PUBREL, packetId);
    return;
  }
  // [MQTT-3.3.4-1] the QoS of the PUBLISH decides its answer; [MQTT-4.3.3-1] PUBCOMP answers PUBREL.
  const isExpected = delivery.qos === 1 ? type === PUBACK : delivery.isReleased ? type !== PUBACK : type === PUBREC;
  if (!isExpected) {
    const stage = delivery.isReleased ? "released QoS 2" : `QoS ${delivery.qos}`;
    throw new Violation("MQTT-3.3.4-1", `${CONTROL_NAMES[type]} answers the ${stage} PUBLISH ${packetId}`);
  }
  if (type === PUBREC) {
    if (!delivery.isReleased) session.release(delivery);
    acknowledge(state, connection, PUBREL, packetId);
    return;
  }
  session.complete(delivery);
  if (session.queue.head !== null) drain(state, session);
}

/** [MQTT-4.4.0-1] sends again what a client that is back has not acknowledged, in the order of the first time. */
export function resume(state: State, connection: Connection, session: Session): void {
  for (let delivery = session.released.head; delivery !== null; delivery = delivery.next) {
    acknowledge(state, connection, PUBREL, delivery.packetId);
  }
  for (let delivery = session.inflight.head; delivery !== null; delivery = delivery.next) {
    const message = delivery.message as Message;
    // [MQTT-3.3.1-1] with DUP.
    writePublish(state, connection, message, delivery.qos, true, delivery.isRetain, delivery.packetId);
  }
  drain(state, session);
}

function writePublish(
  state: State,
  connection: Connection,
  message: Message,
  qos: Qos,
  isDup: boolean,
  isRetain: boolean,
  packetId: number,
): void {
  const { counters, output } = state;
  const payloadSize = message.end - message.start;
  counters.messagesSent++;
  counters.publishMessagesSent++;
  counters.publishBytesSent += payloadSize;
  if (state.isTracing)
    state.log("debug", publishLine("Sending", "to", connection, message, qos, isDup, isRetain, packetId));

  const first = publishFlags(qos, isDup, isRetain);
  if (qos === 0 && message.isFannedOut && !isRetain && payloadSize < LARGE_PAYLOAD_SIZE) {
    message.encoded ??= encode(message);
    const encoded = message.encoded;
    const at = output.reserve(connection, encoded.length);
    (connection.output as Uint8Array).set(encoded, at);
    return;
  }
  const topic = message.topic.wire;
  const headerSize = publishHeaderSize(topic.length, qos, payloadSize);
  if (payloadSize >= LARGE_PAYLOAD_SIZE) {
    const at = output.reserve(connection, headerSize);
    writePublishHeader(connection.output as Uint8Array, at, first, topic, packetId, payloadSize);
    message.own();
    output.sendLasting(connection, message.bytes.subarray(message.start, message.end));
    return;
  }
  let at = output.reserve(connection, headerSize + payloadSize);
  const target = connection.output as Uint8Array;
  at = writePublishHeader(target, at, first, topic, packetId, payloadSize);
  copyBytes(target, at, message.bytes, message.start, message.end);
}

/** The packet at QoS 0, made once for the many subscribers that get it. */
function encode(message: Message): Uint8Array {
  const payloadSize = message.end - message.start;
  const topic = message.topic.wire;
  const encoded = new Uint8Array(publishHeaderSize(topic.length, 0, payloadSize) + payloadSize);
  const at = writePublishHeader(encoded, 0, publishFlags(0, false, false), topic, 0, payloadSize);
  copyBytes(encoded, at, message.bytes, message.start, message.end);
  return encoded;
}
