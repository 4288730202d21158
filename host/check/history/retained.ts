/**
 * Retained messages, section 3.3.1.3: whoever subscribes gets the latest of each topic, marked, and no other.
 *
 * Only near subscribers are judged, and only topics that one client publishes to, at one QoS above 0: then the order in which the server had
 * its messages is the order in which they were published, and an acknowledgement says that one has replaced those before it.
 */
import { topicMatches } from "../../client/topic-matches.ts";
import { grouped } from "../../grouped.ts";
import type { Broken } from "./event.ts";
import type { ConnectionRecord, Ledger, MessageRecord, SubscriptionRecord } from "./ledger.ts";

/** How long a near subscriber may have to wait: the server may have to write first. */
const NEAR_MS = 2000;

export function checkRetained(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const topics = grouped(
    [...ledger.messages.values()].filter(({ retain }) => retain),
    ({ topic }) => topic,
  );
  const connections = new Map(ledger.connections.map(connection => [connection.connection, connection]));
  for (const subscription of ledger.subscriptions) {
    const connection = connections.get(subscription.connection);
    if (connection === undefined || !connection.isNear || subscription.group !== "" || !isFirst(ledger, subscription))
      continue;
    for (const [topic, messages] of topics) {
      const isOne = messages.every(({ client, qos }) => client === messages[0].client && qos === messages[0].qos);
      if (!isOne || messages[0].qos === 0 || !topicMatches(subscription.topics, topic)) continue;
      broken.push(...judge(ledger, subscription, connection, messages));
    }
  }
  return broken;
}

/** Whether the filter was new to the session: of a repeated SUBSCRIBE the answer depends on Retain Handling. */
function isFirst({ subscriptions }: Ledger, { client, filter, grantedMs }: SubscriptionRecord): boolean {
  return !subscriptions.some(
    other => other.client === client && other.grantedMs < grantedMs && topicMatches(other.filter, filter),
  );
}

function judge(
  ledger: Ledger,
  { client, filter, askedMs, grantedMs }: SubscriptionRecord,
  { end, connection }: ConnectionRecord,
  messages: readonly MessageRecord[],
): Broken[] {
  const { topic } = messages[0];
  const broken: Broken[] = [];
  const fault = (text: string) =>
    broken.push({
      promise: "retained [MQTT-3.3.1-5, 3.3.1-8]",
      text: `${client}, subscribed to ${filter} at ${askedMs} ms, of ${topic}: ${text}`,
    });
  const got = (ledger.receivedBy.get(client) ?? []).filter(
    event => event.retain && event.topic === topic && event.connection === connection && event.atMs >= askedMs,
  );
  for (const { id, atMs } of got) {
    const message = ledger.messages.get(id);
    if (message === undefined) continue;
    const newer = messages.find(
      ({ place, answeredMs, isRefused }) =>
        place > message.place && !isRefused && answeredMs !== null && answeredMs < askedMs,
    );
    if (newer !== undefined)
      fault(`received ${id} at ${atMs} ms, which ${newer.id} had replaced at ${newer.answeredMs} ms`);
  }
  if (got.length > 1) fault(`received ${got.map(({ id }) => id).join(", ")}: more than one`);
  const untilMs = grantedMs + NEAR_MS;
  const holding = messages.findLast(({ answeredMs }) => answeredMs !== null && answeredMs < askedMs);
  if (holding === undefined || holding.isEmpty || holding.isRefused || holding.expiryS !== undefined) return broken;
  // Whatever may have come in between makes everything possible.
  const isCertain = messages.every(({ place, atMs }) => place <= holding.place || atMs > untilMs);
  if (!isCertain || !ledger.isUp(askedMs, untilMs) || (end?.atMs ?? ledger.endMs) < untilMs) return broken;
  if (got.length === 0) fault(`never received ${holding.id}, retained since ${holding.answeredMs} ms`);
  return broken;
}
