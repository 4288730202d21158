/**
 * SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10).
 */
import { UNSUBACK } from "./codec/control.ts";
import { decodeSubscribe, decodeUnsubscribe, encodeSuback } from "./codec/subscribe.ts";
import { printable } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import { acknowledge, deliverRetained, lowerQos } from "./outbound.ts";
import type { Session } from "./session.ts";
import type { State } from "./state.ts";

/** Handles one SUBSCRIBE. Throws a Violation. */
export function onSubscribe(state: State, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const session = connection.session as Session;
  const { packetId, subscriptions } = decodeSubscribe(bytes, start, end);
  if (state.isTracing) state.log("debug", `Received SUBSCRIBE from ${connection.name}`);
  for (const { filter, qos } of subscriptions) {
    if (state.isTracing) state.log("debug", `\t${printable(filter)} (QoS ${qos})`);
    // [MQTT-3.8.4-3] the same filter again replaces; messages on their way are not disturbed.
    state.subscriptions.add(filter, session, qos);
    session.subscriptions.set(filter, qos);
  }
  // [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] one code a filter, in their order; every QoS asked for is granted.
  const suback = encodeSuback({
    packetId,
    returnCodes: subscriptions.map(({ qos }) => qos),
  });
  const at = state.output.reserve(connection, suback.length);
  connection.output?.set(suback, at);
  state.counters.messagesSent++;
  if (state.isTracing) state.log("debug", `Sending SUBACK to ${connection.name}`);
  // [MQTT-3.3.1-6] [MQTT-3.8.4-3] retained messages, for a filter that was there before as well.
  for (const { filter, qos } of subscriptions) {
    for (const message of state.retained.match(filter)) {
      deliverRetained(state, session, message, lowerQos(message.qos, qos));
    }
  }
}

/** Handles one UNSUBSCRIBE. Throws a Violation. */
export function onUnsubscribe(
  state: State,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const session = connection.session as Session;
  const { packetId, filters } = decodeUnsubscribe(bytes, start, end);
  if (state.isTracing) state.log("debug", `Received UNSUBSCRIBE from ${connection.name}`);
  for (const filter of filters) {
    if (state.isTracing) state.log("debug", `\t${printable(filter)}`);
    // [MQTT-3.10.4-1] [MQTT-3.10.4-2] the very same filter; what is on its way is still delivered [MQTT-3.10.4-3].
    if (session.subscriptions.delete(filter)) state.subscriptions.remove(filter, session);
  }
  // [MQTT-3.10.4-4] [MQTT-3.10.4-5] even when none of them was there.
  acknowledge(state, connection, UNSUBACK, packetId);
}
