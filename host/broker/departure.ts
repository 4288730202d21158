/**
 * The end of a connection and what it leaves (3.1.2.5, 3.14, 4.1): the will, the session, the messages of a shared
 * subscription; and the ends that come later, when a will's delay or a session's expiry is over.
 *
 * While the connection lasts, so does the session [MQTT-4.1.0-1]. 3.1.1 is the simple case of 5.0: no delay, and an
 * expiry of nothing or never.
 */

import type { Will } from "./codec/connect.ts";
import { DISCONNECT } from "./codec/control.ts";
import { decodeReasoned } from "./codec/ending.ts";
import { checkEmpty } from "./codec/packet.ts";
import { encodeList } from "./codec/property-list.ts";
import { isServerReason, PROTOCOL_ERROR, reasonName, SUCCESS } from "./codec/reasons.ts";
import { Violation } from "./codec/violation.ts";
import { type Connection, ENDED, OPEN } from "./connection.ts";
import { extrasOf, publish, shareOut } from "./inbound.ts";
import { DISCONNECTED, endLine } from "./log.ts";
import { Message } from "./message.ts";
import { sendDisconnect } from "./sending.ts";
import type { Delivery, Session } from "./session.ts";
import { parseShare } from "./shared-subscription.ts";
import type { State } from "./state.ts";
import { NEVER_S } from "./terms.ts";
import { topicOf } from "./topics.ts";

/**
 * The client's DISCONNECT: [MQTT-3.14.4-3] the will is forgotten, unless a reason code other than 0 says that it is due.
 * Throws a Violation.
 */
export function onDisconnect(
  state: State,
  connection: Connection,
  bytes: Uint8Array,
  start: number,
  until: number,
): void {
  const { terms, session } = connection;
  if (terms === null) {
    checkEmpty(DISCONNECT, start, until);
    if (state.isTracing) state.log("debug", `Received DISCONNECT from ${connection.name}`);
    connection.will = null;
    end(state, connection, DISCONNECTED);
    return;
  }
  const { reasonCode, properties } = decodeReasoned(bytes, DISCONNECT, start, until);
  if (isServerReason(reasonCode)) {
    throw new Violation("MQTT 3.14.2.1", `only a server disconnects with ${reasonName(reasonCode)}`, PROTOCOL_ERROR);
  }
  if (properties?.serverReference !== undefined) {
    throw new Violation("MQTT 3.14.2.2.5", "only a server sends a server reference", PROTOCOL_ERROR);
  }
  const expiryS = properties?.sessionExpiryS;
  if (expiryS !== undefined && session !== null) {
    if (expiryS > 0 && terms.sessionExpiryS === 0) {
      const detail = `a session expiry interval of ${expiryS} s after one of 0 in CONNECT`;
      throw new Violation("MQTT 3.14.2.2.2", detail, PROTOCOL_ERROR);
    }
    session.expiryS = Math.min(expiryS, state.settings.maxSessionExpiryS);
  }
  if (state.isTracing) state.log("debug", `Received DISCONNECT from ${connection.name} (RC:${reasonCode})`);
  if (reasonCode === SUCCESS) connection.will = null;
  end(state, connection, reasonCode === SUCCESS ? DISCONNECTED : `the client says: ${reasonName(reasonCode)}`);
}

/**
 * Ends a connection for any reason: its will is published unless DISCONNECT took it back [MQTT-3.1.2-8]
 * [MQTT-3.1.2-10], a clean session goes with it [MQTT-3.1.2-6], a durable one stays. A 5.0 client is told `reasonCode`,
 * if there is one and its CONNECT was accepted [MQTT-3.14.0-1], before the connection is closed
 * [MQTT-4.13.1-1] [MQTT-4.13.2-1], and nothing after it [MQTT-3.14.4-1] [MQTT-3.14.4-2].
 */
export function end(state: State, connection: Connection, reason: string, reasonCode = SUCCESS): void {
  if (connection.phase === ENDED) return;
  const { session, will } = connection;
  if (reasonCode !== SUCCESS && connection.phase === OPEN && connection.terms !== null) {
    sendDisconnect(state, connection, reasonCode, reason);
  }
  connection.phase = ENDED;
  state.timers.remove(connection);
  state.connections.delete(connection);
  state.output.close(connection, reason);
  state.log("notice", endLine(connection, reason, reasonCode));
  connection.will = null;
  connection.topic = null;
  connection.authentication = null;
  if (session === null) return;
  connection.session = null;
  session.connection = null;
  state.counters.clientsConnected--;
  connection.entrance.clientCount--;
  if (connection.willStoreId > 0) state.journal?.remove(`w${connection.willStoreId}`);
  loseConnection(state, session, will);
}

/** What a connection leaves when it has ended, or when the broker that had it has. */
export function loseConnection(state: State, session: Session, will: Will | null): void {
  // 5.0: [MQTT-3.1.2-23] the session outlives its connection by its expiry interval.
  session.expiresMs = session.expiryS === NEVER_S ? Number.POSITIVE_INFINITY : state.nowMs + session.expiryS * 1000;
  const delayS = Math.min(will?.properties?.willDelayS ?? 0, session.expiryS);
  if (will !== null && delayS > 0) session.delayedWill = { will, dueMs: state.nowMs + delayS * 1000 };
  if (session.isClean) discard(state, session);
  else leave(state, session);
  if (will !== null && delayS === 0) publishWill(state, session, will);
}

/**
 * [MQTT-3.1.2-16] [MQTT-3.1.2-17] the will is a message like any other; 5.0: [MQTT-3.1.2-14] [MQTT-3.1.2-15], and its
 * properties go with it, user properties in order [MQTT-3.1.3-10]. Its expiry interval starts now.
 */
export function publishWill(state: State, session: Session, will: Will): void {
  const named = topicOf(will.topic);
  const topic = session.entrance?.mount(named) ?? named;
  // As mosquitto: the will of a client that may not write to its topic is accepted, and not published.
  if (session.permissions !== null && !session.permissions.mayWrite(topic.text)) return;
  const message = new Message(topic, will.qos, will.payload, 0, will.payload.length, true);
  if (will.properties !== undefined) {
    const { willDelayS, messageExpiryS, ...forwarded } = will.properties;
    const list = encodeList(forwarded);
    message.extras = extrasOf(state, list.length > 0 ? list : null, messageExpiryS ?? -1);
  }
  publish(state, message, will.retain, session);
}

/** The client is away: what comes next happens when its will or its session is due. */
function leave(state: State, session: Session): void {
  setAbsence(state, session);
  session.journal?.changed();
  for (const delivery of sharedDeliveries(session)) {
    const group = delivery.via?.group;
    // Only to a member that is there: this client may come back and take what nobody else can.
    const isAnyoneThere = [...(group?.members.keys() ?? [])].some(({ connection }) => connection !== null);
    if (isAnyoneThere) passOn(state, session, delivery);
  }
}

export function setAbsence(state: State, session: Session): void {
  const dueMs = Math.min(session.expiresMs, session.delayedWill?.dueMs ?? Number.POSITIVE_INFINITY);
  if (dueMs === Number.POSITIVE_INFINITY) state.absences.remove(session);
  else state.absences.set(session, dueMs);
}

/** The server stops: a will that is stored is due when it is back, any other is forgotten. */
export function deferWill(state: State, connection: Connection): void {
  const { will, session } = connection;
  connection.will = null;
  // The record of a will without a session stays.
  connection.willStoreId = 0;
  if (will === null || session === null || session.journal === null) return;
  const delayS = Math.min(will.properties?.willDelayS ?? 0, session.expiryS);
  session.delayedWill = { will, dueMs: state.nowMs + delayS * 1000 };
}

/** The client is back before its will was due: it is not published [MQTT-3.1.3-9]. */
export function welcomeBack(state: State, session: Session): void {
  session.delayedWill = null;
  state.absences.remove(session);
}

/** Publishes the wills whose delay is over and ends the sessions that have expired [MQTT-4.1.0-2]. */
export function endAbsences(state: State): void {
  const { absences, nowMs } = state;
  for (let session = absences.first; session !== undefined && session.deadlineMs <= nowMs; session = absences.first) {
    if (session.expiresMs <= nowMs) {
      state.counters.sessionsExpired++;
      discard(state, session);
      continue;
    }
    publishDelayedWill(state, session);
    setAbsence(state, session);
    session.journal?.changed();
  }
}

function publishDelayedWill(state: State, session: Session): void {
  const delayed = session.delayedWill;
  session.delayedWill = null;
  if (delayed !== null) publishWill(state, session, delayed.will);
}

/** Forgets a session and everything in it. A will that still waits is due now: its delay ends with the session. */
export function discard(state: State, session: Session): void {
  session.journal?.end();
  for (const filter of session.subscriptions.keys()) {
    const share = parseShare(filter);
    state.subscriptions.remove(share?.filter ?? filter, session, share);
  }
  session.subscriptions.clear();
  state.sessions.delete(session.clientId);
  state.absences.remove(session);
  for (const delivery of sharedDeliveries(session)) passOn(state, session, delivery);
  publishDelayedWill(state, session);
}

/**
 * What the session holds for a shared subscription and another member may have: all that waits, and at QoS 1 what is in
 * flight. [MQTT-4.8.2-5] a QoS 2 message that was sent stays with the client that it was sent to.
 */
function sharedDeliveries(session: Session): Delivery[] {
  const found: Delivery[] = [];
  for (let delivery = session.inflight.head; delivery !== null; delivery = delivery.next) {
    if (delivery.qos === 1 && delivery.via !== null && delivery.via.group !== null) found.push(delivery);
  }
  for (let delivery = session.queue.head; delivery !== null; delivery = delivery.next) {
    if (delivery.via !== null && delivery.via.group !== null) found.push(delivery);
  }
  return found;
}

function passOn(state: State, session: Session, delivery: Delivery): void {
  const { message, via, isRetain } = delivery;
  if (message === null || via === null || via.group === null) return;
  if (delivery.packetId > 0) session.complete(delivery);
  else {
    session.dequeue(delivery);
    session.journal?.dropped(delivery);
  }
  shareOut(state, via.group, message, isRetain, session);
  message.settle();
}
