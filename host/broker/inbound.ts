/**
 * Messages from a client to the server (3.3, 4.3): PUBLISH and PUBREL, and the way on to the subscribers.
 */
import { PUBACK, PUBCOMP, PUBREC } from "./codec/control.ts";
import { decodePublish } from "./codec/publish.ts";
import { Violation } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import { publishLine } from "./log.ts";
import { Message } from "./message.ts";
import { acknowledge, deliver, lowerQos } from "./outbound.ts";
import type { Session } from "./session.ts";
import type { State } from "./state.ts";
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
  decodePublish(view, bytes, first, start, end);
  const { qos, packetId, payloadStart } = view;
  const topic = state.topics.find(bytes, view.topicStart, view.topicEnd, connection.topic);
  connection.topic = topic;
  state.counters.publishMessagesReceived++;
  state.counters.publishBytesReceived += end - payloadStart;
  const message = new Message(topic, qos, bytes, payloadStart, end, false);
  if (state.isTracing) {
    state.log("debug", publishLine("Received", "from", connection, message, qos, view.isDup, view.isRetain, packetId));
  }
  if (qos < 2) {
    publish(state, message, view.isRetain);
    // [MQTT-4.3.2-2] [MQTT-4.6.0-2] in the order in which the messages came.
    if (qos === 1) acknowledge(state, connection, PUBACK, packetId);
    return;
  }
  receiveOnce(state, connection, message, view.isRetain, packetId);
}

/**
 * [MQTT-4.3.3-2] QoS 2: an identifier that has been received and not released is the same message again, whether the
 * connection is the same or not.
 */
function receiveOnce(
  state: State,
  connection: Connection,
  message: Message,
  isRetain: boolean,
  packetId: number,
): void {
  const session = connection.session as Session;
  session.received ??= new Map();
  if (!session.received.has(packetId)) {
    if (state.settings.qos2Delivery === "publish") {
      session.received.set(packetId, null);
      publish(state, message, isRetain);
    } else {
      if (session.receivedSize + message.size > state.settings.maxQueuedBytes) {
        const limit = state.settings.maxQueuedBytes;
        throw new Violation("limit", `QoS 2 messages without PUBREL are over the maximum of ${limit} bytes`);
      }
      message.own();
      message.isRetain = isRetain;
      session.received.set(packetId, message);
      session.receivedSize += message.size;
    }
  }
  acknowledge(state, connection, PUBREC, packetId);
}

/** Handles one PUBREL. */
export function onPubrel(state: State, connection: Connection, packetId: number): void {
  const session = connection.session as Session;
  const message = session.received?.get(packetId);
  if (message !== undefined) {
    session.received?.delete(packetId);
    if (message !== null) {
      session.receivedSize -= message.size;
      publish(state, message, message.isRetain);
    }
  }
  // An unknown identifier is answered too: the PUBCOMP before may have been lost with a connection.
  acknowledge(state, connection, PUBCOMP, packetId);
}

/** [MQTT-3.3.5-1] takes over a message: the retained store and every subscriber. */
export function publish(state: State, message: Message, isRetain: boolean): void {
  // $SYS is the broker's to write; mosquitto acknowledges and drops it too.
  if (message.topic.isDollar && message.topic.levels[0] === "$SYS" && !message.isOfBroker) return;
  if (isRetain) retain(state, message);
  const routes = state.subscriptions.match(message.topic);
  message.isFannedOut = routes.length > 1;
  for (let index = 0; index < routes.length; index++) {
    const route = routes[index];
    // [MQTT-3.8.4-6]
    deliver(state, route.session, message, lowerQos(message.qos, route.qos));
  }
  message.encoded = null;
  message.settle();
}

function retain(state: State, message: Message): void {
  if (message.payloadSize === 0) {
    // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    state.retained.delete(message.topic);
    return;
  }
  // A topic of its own: what the shared one remembers of its routes is not kept for as long as the message.
  message.own();
  const topic = new Topic(message.topic.wire, message.topic.text);
  state.retained.set(new Message(topic, message.qos, message.bytes, message.start, message.end, true));
}
