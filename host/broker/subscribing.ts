/**
 * SUBSCRIBE and UNSUBSCRIBE (3.8, 3.10).
 */
import { UNSUBACK } from "./codec/control.ts";
import type { Properties } from "./codec/properties.ts";
import * as reasons from "./codec/reasons.ts";
import {
  decodeSubscribe,
  decodeUnsubscribe,
  encodeSuback,
  encodeUnsuback5,
  SUBSCRIBE_FAILED,
  type Subscription,
} from "./codec/subscribe.ts";
import { printable } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import { deliverRetained, lowerQos, qosFor } from "./outbound.ts";
import { acknowledge, sendPacket, sendReasoned } from "./sending.ts";
import type { Session } from "./session.ts";
import { checkShare, parseShare } from "./shared-subscription.ts";
import type { State } from "./state.ts";
import { type Grant, plainGrant, type Via } from "./subscriptions.ts";

/** Handles one SUBSCRIBE. Throws a Violation. */
export function onSubscribe(state: State, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  const session = connection.session as Session;
  const { packetId, subscriptions, properties } = decodeSubscribe(bytes, start, end, connection.level);
  if (state.isTracing) state.log("debug", `Received SUBSCRIBE from ${connection.name}`);
  const id = properties?.subscriptionIds?.[0] ?? 0;
  // The whole packet is checked before anything of it counts.
  if (connection.level === 5) for (const { filter } of subscriptions) checkShare(filter);
  const { entrance } = connection;
  const mounted = subscriptions.map(({ filter }) => entrance.mountFilter(filter));
  const shares = mounted.map(filter => parseShare(filter));
  const returnCodes: number[] = [];
  const welcomes: (() => void)[] = [];
  let reason = "";
  subscriptions.forEach((asked, index) => {
    const subscription = connection.isBridge ? { ...asked, noLocal: true, retainAsPublished: true } : asked;
    const filter = mounted[index];
    if (state.isTracing) state.log("debug", `\t${printable(filter)} (QoS ${subscription.qos})`);
    const refusal = refusalOf(state, subscription, id, shares[index] !== null);
    if (refusal !== null) {
      returnCodes.push(connection.level === 5 ? refusal.code : SUBSCRIBE_FAILED);
      reason ||= refusal.reason;
      return;
    }
    // [MQTT-3.2.2-10] every QoS may be asked for; what is granted is no more than the server offers.
    const grant = grantOf(subscription, lowerQos(subscription.qos, entrance.maxQos ?? state.settings.maxQos), id);
    const isNew = !session.subscriptions.has(filter);
    // [MQTT-3.8.4-3] the same filter again replaces; messages on their way are not disturbed.
    state.subscriptions.add(shares[index]?.filter ?? filter, session, grant, shares[index]);
    session.subscriptions.set(filter, grant);
    session.journal?.subscribed(filter, grant);
    returnCodes.push(grant.qos);
    state.log("subscribe", `${connection.name} ${grant.qos} ${printable(filter)}`);
    // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] of 5.0; a shared subscription gets none (4.8.2).
    const handling = subscription.retainHandling ?? 0;
    if (shares[index] === null && (handling === 0 || (handling === 1 && isNew))) {
      welcomes.push(() => sendRetained(state, session, filter, grant));
    }
  });
  // [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] one code a filter, in their order; 5.0: [MQTT-3.8.4-6]
  // [MQTT-3.8.4-7] [MQTT-3.9.3-1]; under the identifier of the SUBSCRIBE [MQTT-2.2.1-6].
  const encode = (added: Properties | undefined) =>
    encodeSuback({ packetId, returnCodes, properties: added }, connection.level);
  if (connection.terms === null) sendPacket(state, connection, encode(undefined));
  else sendReasoned(state, connection, reason, encode);
  if (state.isTracing) state.log("debug", `Sending SUBACK to ${connection.name}`);
  for (const welcome of welcomes) welcome();
}

/** [MQTT-3.3.1-6] [MQTT-3.8.4-3] retained messages, for a filter that was there before as well; 5.0: [MQTT-3.8.4-4]. */
function sendRetained(state: State, session: Session, filter: string, grant: Grant): void {
  const via: Via | null = grant.id > 0 ? { subscriptionIds: [grant.id], group: null } : null;
  for (const message of state.retained.match(filter)) {
    // [MQTT-3.8.3-3] not what the client published itself, if it says so.
    if (message.isExpired(state.nowMs) || (grant.noLocal && message.publisherId === session.clientId)) continue;
    deliverRetained(state, session, message, qosFor(state, message, grant.qos), via);
  }
}

function grantOf(subscription: Subscription, qos: 0 | 1 | 2, id: number): Grant {
  const { noLocal = false, retainAsPublished = false } = subscription;
  if (!noLocal && !retainAsPublished && id === 0) return plainGrant(qos);
  return { qos, noLocal, retainAsPublished, id };
}

/** What the server has said in CONNACK that it does not offer (3.2.2.3.11 to 3.2.2.3.13). */
function refusalOf(
  state: State,
  { filter }: Subscription,
  id: number,
  isShared: boolean,
): { code: number; reason: string } | null {
  const { settings } = state;
  if (isShared && !settings.sharedAvailable) {
    const reason = "[MQTT 3.2.2.3.13] subscriptions cannot be shared here";
    return { code: reasons.SHARED_NOT_SUPPORTED, reason };
  }
  if (id > 0 && !settings.subscriptionIdsAvailable) {
    const reason = "[MQTT 3.2.2.3.12] subscriptions have no identifiers here";
    return { code: reasons.SUBSCRIPTION_IDS_NOT_SUPPORTED, reason };
  }
  if (/[+#]/.test(filter) && !settings.wildcardAvailable) {
    const reason = "[MQTT 3.2.2.3.11] topic filters have no wildcards here";
    return { code: reasons.WILDCARDS_NOT_SUPPORTED, reason };
  }
  return null;
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
  const { packetId, filters } = decodeUnsubscribe(bytes, start, end, connection.level);
  if (state.isTracing) state.log("debug", `Received UNSUBSCRIBE from ${connection.name}`);
  if (connection.level === 5) for (const filter of filters) checkShare(filter);
  const mounted = filters.map(filter => connection.entrance.mountFilter(filter));
  const shares = mounted.map(filter => parseShare(filter));
  const returnCodes = mounted.map((filter, index) => {
    if (state.isTracing) state.log("debug", `\t${printable(filter)}`);
    // [MQTT-3.10.4-1] [MQTT-3.10.4-2] the very same filter; what is on its way is still delivered [MQTT-3.10.4-3].
    if (!session.subscriptions.delete(filter)) return reasons.NO_SUBSCRIPTION_EXISTED;
    session.journal?.unsubscribed(filter);
    state.log("unsubscribe", `${connection.name} ${printable(filter)}`);
    state.subscriptions.remove(shares[index]?.filter ?? filter, session, shares[index]);
    return reasons.SUCCESS;
  });
  // [MQTT-3.10.4-4] [MQTT-3.10.4-5] even when none of them was there; 5.0: [MQTT-3.10.4-6] [MQTT-3.11.3-1].
  if (connection.terms !== null) {
    sendReasoned(state, connection, "", properties => encodeUnsuback5({ packetId, returnCodes, properties }));
  } else acknowledge(state, connection, UNSUBACK, packetId);
}
