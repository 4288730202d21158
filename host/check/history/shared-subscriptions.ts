/**
 * Shared subscriptions, section 4.8.2: one of the group gets a message, and when it leaves before it has acknowledged another one does.
 */
import { topicMatches } from "../../client/topic-matches.ts";
import { grouped } from "../../grouped.ts";
import { isAccepted } from "./delivery.ts";
import type { Broken } from "./event.ts";
import type { Ledger } from "./ledger.ts";

export function checkShared(ledger: Ledger): Broken[] {
  const broken: Broken[] = [];
  const { present } = ledger;
  const groups = grouped(
    ledger.subscriptions.filter(({ group }) => group !== ""),
    ({ group, topics }) => `${group}\0${topics}`,
  );
  for (const subscriptions of groups.values()) {
    const { group, topics } = subscriptions[0];
    // A server may share with whoever has asked, though its SUBACK was lost.
    const wishes = ledger.wishes.filter(wish => wish.group === group && wish.topics === topics);
    const members = new Set(wishes.map(({ client }) => client));
    const isSteady =
      wishes.length === subscriptions.length &&
      subscriptions.every(({ untilMs }) => untilMs === Number.POSITIVE_INFINITY);
    for (const message of ledger.messages.values()) {
      if (message.isWill || message.expiryS !== undefined || message.isEmpty) continue;
      if (!topicMatches(topics, message.topic)) continue;
      const copies = [...members].flatMap(client =>
        (ledger.receivedBy.get(client) ?? []).filter(({ id }) => id === message.id).map(() => client),
      );
      const fault = (text: string) =>
        broken.push({
          promise: "shared [MQTT-4.8.2-1 to 6]",
          text: `group ${group} of ${topics}, ${message.id}: ${text}`,
        });
      const holding = subscriptions.filter(
        ({ client, untilMs, grantedMs, granted }) =>
          present.has(client) && untilMs === Number.POSITIVE_INFINITY && grantedMs <= message.atMs && granted > 0,
      );
      // [MQTT-4.8.2-5] what was being sent at QoS 2 to one whose session then ended is sent to nobody else.
      const mayBeGone = message.qos === 2 && !isSteady;
      if (copies.length === 0 && holding.length > 0 && isAccepted(message) && !mayBeGone) {
        fault(`acknowledged at ${message.answeredMs} ms, and came to none of ${[...members].join(", ")}`);
      }
      // Who has left for good may have received what another one then got as well.
      const isOnce = message.qos !== 1 && subscriptions.every(({ granted }) => granted !== 1) && isSteady;
      if (copies.length > 1 && isOnce && !message.isForgotten) fault(`came to ${copies.join(" and ")}`);
    }
  }
  return broken;
}
