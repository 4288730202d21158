/**
 * $SYS: what the broker says of itself, retained, under mosquitto's names.
 *
 * A topic is published when its value has changed. The values are texts, as mosquitto writes them.
 */
import { Buffer } from "node:buffer";
import { publish } from "./inbound.ts";
import { Message } from "./message.ts";
import type { State } from "./state.ts";
import { type Topic, topicOf } from "./topics.ts";

/** One topic below $SYS/broker and how its value is found. `upMs` is how long the broker has run. */
type Reading = (state: State, upMs: number) => number | string;

const READINGS: readonly [name: string, reading: Reading][] = [
  ["version", () => "perigee version 0.1.0"],
  ["uptime", (_state, upMs) => `${Math.floor(upMs / 1000)} seconds`],
  ["clients/total", state => state.sessions.size],
  ["clients/connected", state => state.counters.clientsConnected],
  ["clients/disconnected", state => state.sessions.size - state.counters.clientsConnected],
  ["clients/active", state => state.counters.clientsConnected],
  ["clients/inactive", state => state.sessions.size - state.counters.clientsConnected],
  ["clients/maximum", state => state.counters.clientsMaximum],
  ["messages/received", state => state.counters.messagesReceived],
  ["messages/sent", state => state.counters.messagesSent],
  ["messages/stored", state => state.retained.count],
  ["publish/messages/received", state => state.counters.publishMessagesReceived],
  ["publish/messages/sent", state => state.counters.publishMessagesSent],
  ["publish/messages/dropped", state => state.counters.publishMessagesDropped],
  ["publish/bytes/received", state => state.counters.publishBytesReceived],
  ["publish/bytes/sent", state => state.counters.publishBytesSent],
  ["bytes/received", state => state.counters.bytesReceived],
  ["bytes/sent", state => state.counters.bytesSent],
  ["subscriptions/count", state => state.subscriptions.count],
  ["retained messages/count", state => state.retained.count],
  ["store/messages/count", state => state.retained.count],
  ["store/messages/bytes", state => state.retained.byteSize],
];

export class SystemTopics {
  readonly #topics: readonly Topic[] = READINGS.map(([name]) => topicOf(`$SYS/broker/${name}`));
  readonly #values: string[] = [];

  /** Publishes what has changed since the last time. */
  publish(state: State, upMs: number): void {
    // All are read before any is published: publishing changes some of them.
    const values = READINGS.map(([, reading]) => String(reading(state, upMs)));
    values.forEach((value, index) => {
      if (this.#values[index] === value) return;
      this.#values[index] = value;
      const payload = Buffer.from(value);
      const message = new Message(this.#topics[index], 0, payload, 0, payload.length, true);
      message.isOfBroker = true;
      publish(state, message, true, null);
    });
  }
}
