/**
 * What each quality of service promises to one subscriber, section 4.3, and in which order, section 4.6. Shared subscriptions have
 * a file of their own; so have messages that expire.
 */
import { topicMatches } from "../../client/topic-matches.ts";
import type { Broken, Received } from "./event.ts";
import type { Ledger, MessageRecord, SubscriptionRecord } from "./ledger.ts";

/** Section 3.3.3, [MQTT-3.3.1-9]: what comes was published so, to a topic that was asked for, at no higher QoS. */
export function checkIntegrity({ received, messages, wishes }: Ledger): Broken[] {
  const broken: Broken[] = [];
  const fault = (event: Received, text: string) =>
    broken.push({
      promise: "integrity [MQTT 3.3.3]",
      text: `${event.client} received ${event.id || "an empty message"} on ${event.topic} at ${event.atMs} ms: ${text}`,
    });
  for (const event of received) {
    const asked = wishes.filter(
      ({ client, topics, atMs }) => client === event.client && atMs <= event.atMs && topicMatches(topics, event.topic),
    );
    if (asked.length === 0) fault(event, "it has asked for nothing that matches");
    if (event.id === "") continue;
    const message = messages.get(event.id);
    if (message === undefined) fault(event, "nobody published it");
    else if (event.isDamaged === true) fault(event, "the payload is another than was published");
    else if (message.topic !== event.topic) fault(event, `it was published on ${message.topic}`);
    else if (message.atMs > event.atMs) fault(event, `it was published at ${message.atMs} ms`);
    else if (event.qos > Math.min(message.qos, Math.max(...asked.map(({ qos }) => qos)))) {
      fault(event, `QoS ${event.qos} is more than was published or granted [MQTT-3.8.4-8]`);
    }
  }
  return broken;
}

/** [MQTT-4.3.3-2], section 4.3.1: at QoS 0 and 2 nothing comes twice. */
export function checkAtMostOnce(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  for (const [client, events] of ledger.receivedBy) {
    const counts = new Map<string, number>();
    for (const { id, retain } of events) if (id !== "" && !retain) counts.set(id, (counts.get(id) ?? 0) + 1);
    for (const [id, count] of counts) {
      if (count === 1) continue;
      const message = ledger.messages.get(id);
      if (message === undefined || message.isWill || message.qos === 1 || message.isForgotten) continue;
      const matching = plainSubscriptions(ledger, client, message.topic);
      // Subscriptions that overlap may have a copy each, section 3.3.4; at QoS 1 an acknowledgement may be lost.
      if (new Set(matching.map(({ filter }) => filter)).size !== 1 || matching.some(({ granted }) => granted === 1))
        continue;
      broken.push({ promise: "at most once [MQTT-4.3.3-2]", text: `${client} received ${id} ${count} times` });
    }
  }
  return broken;
}

/** [MQTT-4.3.2-2], [MQTT-4.3.3-2]: what the server has acknowledged comes to everybody who had subscribed before. */
export function checkAtLeastOnce(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const { present } = ledger;
  for (const client of new Set(ledger.subscriptions.map(subscription => subscription.client))) {
    if (!present.has(client)) continue;
    const seen = new Set((ledger.receivedBy.get(client) ?? []).map(({ id }) => id));
    for (const message of ledger.messages.values()) {
      if (message.isWill || !isAccepted(message) || seen.has(message.id) || message.isEmpty === true) continue;
      if (message.expiryS !== undefined) continue;
      const holding = ledger
        .lasting(client, message.topic, message.atMs)
        .find(({ granted, group }) => granted > 0 && group === "");
      if (holding === undefined) continue;
      broken.push({
        promise: "at least once [MQTT-4.3.2-2]",
        text: `${client}, subscribed to ${holding.filter} since ${holding.grantedMs} ms, never received ${message.id}, published at ${message.atMs} ms and acknowledged at ${message.answeredMs} ms`,
      });
    }
  }
  return broken;
}

/** [MQTT-4.6.0-5], [MQTT-4.6.0-6]: the first copies of one publisher's messages on one topic at one QoS keep their order. */
export function checkOrder(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  for (const [client, events] of ledger.receivedBy) {
    const last = new Map<string, MessageRecord>();
    const seen = new Set<string>();
    for (const { id, retain, qos } of events) {
      const message = ledger.messages.get(id);
      if (message === undefined || retain || message.isWill || seen.has(id)) continue;
      seen.add(id);
      // At QoS 0 its first copy may be lost, and the copy of what was sent again is then the first that is seen.
      if (qos === 0 && message.qos === 1 && message.isResent) continue;
      const matching = ledger.subscriptions.filter(
        one => one.client === client && topicMatches(one.topics, message.topic),
      );
      // Whoever subscribes twice, or shares, is promised no order among the copies.
      if (matching.some(({ group }) => group !== "") || new Set(matching.map(({ filter }) => filter)).size > 1)
        continue;
      const stream = `${message.client}\0${message.topic}\0${message.qos}`;
      const before = last.get(stream);
      if (before !== undefined && before.place > message.place && !message.isForgotten) {
        broken.push({
          promise: "order [MQTT-4.6.0-5]",
          text: `${client} received ${id} after ${before.id}, which was published after it`,
        });
      } else last.set(stream, message);
    }
  }
  return broken;
}

/**
 * The server has said that it has the message. Of QoS 2 nobody knows where it has lost the session in between: then it may have thrown away
 * what it had received and not yet been told to release, which a client has no means to send again.
 */
export function isAccepted({ qos, answeredMs, isRefused, isForgotten }: MessageRecord): boolean {
  return qos > 0 && answeredMs !== null && !isRefused && !(qos === 2 && isForgotten);
}

/** Every subscription of a client that ever matched, shared ones excepted. */
function plainSubscriptions({ subscriptions }: Ledger, client: string, topic: string): SubscriptionRecord[] {
  return subscriptions.filter(one => one.client === client && one.group === "" && topicMatches(one.topics, topic));
}
