/**
 * $SYS: what the broker says of itself, retained, under mosquitto's 53 names.
 *
 * A topic is published when its value has changed. The values are texts, as mosquitto writes them. `heap` is there when
 * the host says how much memory it takes: the machine itself knows nothing of that.
 */
import { Buffer } from "node:buffer";
import type { Counters } from "./counters.ts";
import { publish } from "./inbound.ts";
import { LOAD_SPANS, LoadAverage } from "./load-average.ts";
import { Message } from "./message.ts";
import type { State } from "./state.ts";
import { type Statistics, statisticsOf } from "./statistics.ts";
import { type Topic, topicOf } from "./topics.ts";

/** What the readings of one moment are taken from. */
interface Moment {
  readonly counters: Counters;
  readonly statistics: Statistics;
  /** How long the broker has run, ms. */
  readonly upMs: number;
}

/** One topic below $SYS/broker and how its value is found. */
type Reading = (moment: Moment) => number | string;

const disconnected: Reading = ({ statistics }) => statistics.sessionCount - statistics.clientsConnected;
const connected: Reading = ({ statistics }) => statistics.clientsConnected;
const stored: Reading = ({ statistics }) => statistics.retainedCount + statistics.waitingCount;

const READINGS: readonly [name: string, reading: Reading][] = [
  ["version", () => "perigee version 0.1.0"],
  ["uptime", ({ upMs }) => `${Math.floor(upMs / 1000)} seconds`],
  ["clients/total", ({ statistics }) => statistics.sessionCount],
  ["clients/maximum", ({ counters }) => counters.clientsMaximum],
  ["clients/disconnected", disconnected],
  ["clients/inactive", disconnected],
  ["clients/connected", connected],
  ["clients/active", connected],
  ["clients/expired", ({ counters }) => counters.sessionsExpired],
  ["messages/stored", stored],
  ["messages/received", ({ counters }) => counters.messagesReceived],
  ["messages/sent", ({ counters }) => counters.messagesSent],
  ["store/messages/count", stored],
  ["store/messages/bytes", ({ statistics }) => statistics.retainedBytes + statistics.waitingBytes],
  ["subscriptions/count", ({ statistics }) => statistics.subscriptionCount],
  ["shared_subscriptions/count", ({ statistics }) => statistics.sharedSubscriptionCount],
  ["retained messages/count", ({ statistics }) => statistics.retainedCount],
  ["publish/messages/dropped", ({ counters }) => counters.publishMessagesDropped],
  ["publish/messages/received", ({ counters }) => counters.publishMessagesReceived],
  ["publish/messages/sent", ({ counters }) => counters.publishMessagesSent],
  ["publish/bytes/received", ({ counters }) => counters.publishBytesReceived],
  ["publish/bytes/sent", ({ counters }) => counters.publishBytesSent],
  ["bytes/received", ({ counters }) => counters.bytesReceived],
  ["bytes/sent", ({ counters }) => counters.bytesSent],
];

/** Below $SYS/broker/load: the counters of which there are averages. */
const LOADS: readonly [name: string, reading: (counters: Counters) => number][] = [
  ["messages/received", counters => counters.messagesReceived],
  ["messages/sent", counters => counters.messagesSent],
  ["publish/dropped", counters => counters.publishMessagesDropped],
  ["publish/received", counters => counters.publishMessagesReceived],
  ["publish/sent", counters => counters.publishMessagesSent],
  ["bytes/received", counters => counters.bytesReceived],
  ["bytes/sent", counters => counters.bytesSent],
  ["sockets", counters => counters.socketsOpened],
  ["connections", counters => counters.connectsReceived],
];

/** mosquitto publishes them so; a subscriber gets what it was granted. */
const QOS = 2;

export class SystemTopics {
  readonly #topics = new Map<string, Topic>();
  readonly #values = new Map<string, string>();
  readonly #averages = LOADS.map(() => new LoadAverage());
  #lastMs = 0;
  #heapMaximum = 0;

  /** Publishes what has changed since the last time. */
  publish(state: State, upMs: number): void {
    // All are read before any is published: publishing changes some of them.
    const values = this.#read(state, upMs);
    for (const [name, value] of values) {
      if (this.#values.get(name) === value) continue;
      this.#values.set(name, value);
      const payload = Buffer.from(value);
      const message = new Message(this.#topicOf(name), QOS, payload, 0, payload.length, true);
      message.isOfBroker = true;
      publish(state, message, true, null);
    }
  }

  #read(state: State, upMs: number): [name: string, value: string][] {
    const { counters, settings } = state;
    const moment: Moment = { counters, statistics: statisticsOf(state), upMs };
    const values = READINGS.map(([name, reading]): [string, string] => [name, String(reading(moment))]);
    const elapsedMs = upMs - this.#lastMs;
    this.#lastMs = upMs;
    LOADS.forEach(([name, reading], index) => {
      const average = this.#averages[index];
      if (elapsedMs > 0) average.update(reading(counters), elapsedMs);
      average.texts.forEach((text, span) => {
        values.push([`load/${name}/${LOAD_SPANS[span]}min`, text]);
      });
    });
    if (settings.heapSize !== undefined) {
      const size = settings.heapSize();
      this.#heapMaximum = Math.max(this.#heapMaximum, size);
      values.push(["heap/current", String(size)], ["heap/maximum", String(this.#heapMaximum)]);
    }
    return values;
  }

  #topicOf(name: string): Topic {
    let topic = this.#topics.get(name);
    if (topic === undefined) {
      topic = topicOf(`$SYS/broker/${name}`);
      this.#topics.set(name, topic);
    }
    return topic;
  }
}
