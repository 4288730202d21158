/**
 * CONNECT (3.1, 3.2): who comes in, and with which session.
 *
 * 3.1.1 and 5.0 ask the same questions and have different words for the answers; a refusal is a row with both.
 */
import { authenticate, beginAuthentication } from "./authentication.ts";
import * as connack from "./codec/connack.ts";
import * as connect from "./codec/connect.ts";
import type { Properties } from "./codec/properties.ts";
import * as reasons from "./codec/reasons.ts";
import { RULES_3, RULES_5 } from "./codec/rules.ts";
import { quote, Violation } from "./codec/violation.ts";
import { type Connection, OPEN } from "./connection.ts";
import { discard, end, endAbsences, welcomeBack } from "./departure.ts";
import type { Entrance } from "./entrance.ts";
import { acceptProperties, agree } from "./negotiation.ts";
import { resume } from "./outbound.ts";
import { sendPacket } from "./sending.ts";
import { Session } from "./session.ts";
import type { State } from "./state.ts";
import { remember } from "./storage/remember.ts";
import { NEVER_S } from "./terms.ts";

/** The fixed header, and five fields of 65,535 bytes with what lies between: no peer may make the broker hold more before. */
export const MAX_CONNECT_SIZE = 5 + 10 + 5 * (2 + 0xffff);

/** All that a CONNACK can be: five strings or data of 65,535 bytes, and the rest. */
const MAX_CONNACK_SIZE = MAX_CONNECT_SIZE;

/** Why a client is not let in: the return code of 3.1.1, the reason code of 5.0, and the words for a log. */
export interface Refusal {
  returnCode: connack.ReturnCode;
  reasonCode: number;
  reason: string;
}

/** Handles the packet that opens a connection. Throws a Violation. */
export function onConnect(state: State, connection: Connection, bytes: Uint8Array, start: number, until: number): void {
  // The same number in 5.0.
  if (connection.phase === OPEN || connection.authentication !== null) {
    throw new Violation("MQTT-3.1.0-2", "a second CONNECT on one connection", reasons.PROTOCOL_ERROR);
  }
  state.counters.connectsReceived++;
  connection.level = connect.levelOf(bytes, start, until);
  connection.framer.rules = connection.level === 5 ? RULES_5 : RULES_3;
  if (connection.level === 5 && connection.framer.hasLongLength) {
    throw new Violation("MQTT-1.5.5-1", "the Remaining Length is longer than it needs to be");
  }
  const request = connect.decodeConnect(bytes, start, until);
  if ("otherLevel" in request) {
    // A client of a version to come knows the oldest form of the answer best. 5.0 leaves the choice [MQTT-3.1.2-2].
    const reason = `[MQTT-3.1.2-2] the protocol level ${request.otherLevel} is not spoken here`;
    refuse(state, connection, { returnCode: connack.REFUSED_LEVEL, reasonCode: 0, reason });
    return;
  }
  connection.level = request.level;
  connection.isBridge = request.isBridge ?? false;
  if (request.properties) connection.terms = agree(state, request.properties);
  const { entrance, sink } = connection;
  if (sink.identity !== undefined) {
    request.username = sink.identity.username;
    request.password = undefined;
  }
  if (entrance.isUsernameClientId) request.clientId = request.username ?? "";
  const refusal = firstRefusal(state, connection, request);
  if (refusal !== null) {
    refuse(state, connection, refusal);
    return;
  }
  // [MQTT-3.1.3-6], any other is taken as it is [MQTT-3.1.3-5]; 5.0: and told in CONNACK [MQTT-3.2.2-16].
  const clientId = request.clientId === "" ? assignClientId(state, entrance) : request.clientId;
  if (request.properties?.authenticationMethod !== undefined) {
    beginAuthentication(state, connection, request, clientId);
    return;
  }
  authenticate(state, connection, request, clientId);
}

function firstRefusal(state: State, connection: Connection, request: connect.Connect): Refusal | null {
  const { settings } = state;
  const { entrance } = connection;
  const { clientId, level, will } = request;
  // [MQTT-3.1.3-8] and 3.1, which knows no empty identifier. 5.0 has no such rule.
  if (clientId === "" && level !== 5 && (!request.cleanSession || level === 3)) {
    const reason = "[MQTT-3.1.3-8] an empty client identifier needs a clean session";
    return { returnCode: connack.REFUSED_CLIENT_ID, reasonCode: reasons.CLIENT_ID_NOT_VALID, reason };
  }
  const lastsS = request.properties?.sessionExpiryS ?? 0;
  if (state.journal?.isFailed && (level === 5 ? lastsS > 0 : !request.cleanSession)) {
    const reason = "[storage] sessions cannot be stored now";
    return { returnCode: connack.REFUSED_UNAVAILABLE, reasonCode: reasons.QUOTA_EXCEEDED, reason };
  }
  const unsuitable = clientIdRefusal(state, entrance, request);
  if (unsuitable !== null) return unsuitable;
  const full = fullRefusal(state, connection, clientId);
  if (full !== null) return full;
  const maxQos = entrance.maxQos ?? settings.maxQos;
  if (will !== undefined && will.qos > maxQos) {
    const reason = `[MQTT-3.2.2-12] a will QoS of ${will.qos} is over the maximum of ${maxQos}`;
    return { returnCode: connack.REFUSED_UNAVAILABLE, reasonCode: reasons.QOS_NOT_SUPPORTED, reason };
  }
  if (will?.retain && !settings.retainAvailable) {
    const reason = "[MQTT-3.2.2-13] a will cannot be retained here";
    return { returnCode: connack.REFUSED_UNAVAILABLE, reasonCode: reasons.RETAIN_NOT_SUPPORTED, reason };
  }
  return null;
}

/** One client more than there may be, of the server or of the listener. */
export function fullRefusal(state: State, { entrance }: Connection, clientId: string): Refusal | null {
  const { settings, counters, sessions } = state;
  // A client that comes back takes its own place.
  const isBack = Boolean(sessions.get(clientId)?.connection);
  const isFull =
    counters.clientsConnected >= settings.maxConnections || entrance.clientCount >= entrance.maxConnections;
  if (!isBack && isFull) {
    const reason = `[limit] ${Math.min(settings.maxConnections, entrance.maxConnections)} clients are connected`;
    const reasonCode = settings.serverReference === undefined ? reasons.QUOTA_EXCEEDED : reasons.USE_ANOTHER_SERVER;
    return { returnCode: connack.REFUSED_UNAVAILABLE, reasonCode, reason };
  }
  return null;
}

/** What the listener asks of a client identifier, in mosquitto's order. */
function clientIdRefusal(state: State, entrance: Entrance, request: connect.Connect): Refusal | null {
  const { clientId, username } = request;
  if (entrance.isUsernameClientId && username === undefined) {
    const reason = "[access] the user name is the client identifier here, and there is none";
    return { returnCode: connack.REFUSED_CREDENTIALS, reasonCode: reasons.BAD_CREDENTIALS, reason };
  }
  if (clientId === "" && !entrance.allowsEmptyClientId) {
    const reason = "[MQTT-3.1.3-8] an empty client identifier is not allowed here";
    return { returnCode: connack.REFUSED_CLIENT_ID, reasonCode: reasons.CLIENT_ID_NOT_VALID, reason };
  }
  const { clientIdPrefixes } = entrance.access ?? state.access;
  if (clientIdPrefixes.length > 0 && !clientIdPrefixes.some(prefix => clientId.startsWith(prefix))) {
    const reason = `[access] the client identifier ${quote(clientId)} has none of the prefixes that are allowed`;
    return { returnCode: connack.REFUSED_NOT_AUTHORIZED, reasonCode: reasons.NOT_AUTHORIZED, reason };
  }
  return null;
}

/** [MQTT-3.2.2-5] a code other than 0, then the end; 5.0: [MQTT-3.2.2-7]. [MQTT-3.2.2-4] without a session.
 * Nothing that follows on the connection is read [MQTT-3.1.4-6]. */
export function refuse(state: State, connection: Connection, refusal: Refusal): void {
  const { returnCode, reasonCode, reason } = refusal;
  if (connection.level === 5) answerRefusal(state, connection, reasonCode, reason);
  else sendConnack(state, connection, false, returnCode);
  end(state, connection, reason, reasonCode);
}

/** CONNACK of 5.0 with a reason code from 0x80 on: to a client whose CONNECT cannot be read as well [MQTT-3.1.4-2]. */
export function answerRefusal(state: State, connection: Connection, reasonCode: number, reason: string): void {
  const { serverReference } = state.settings;
  const properties: Properties = {};
  if (reasonCode === reasons.USE_ANOTHER_SERVER) properties.serverReference = serverReference;
  const packet = connack.encodeConnack(
    { sessionPresent: false, returnCode: reasonCode, properties: { ...properties, reasonString: reason } },
    5,
  );
  // [MQTT-3.2.2-19]
  if (packet.length <= (connection.terms?.maxPacketSize ?? Number.POSITIVE_INFINITY)) {
    sendPacket(state, connection, packet);
    trace(state, connection, false, reasonCode);
  } else {
    sendConnack(state, connection, false, reasonCode, properties);
  }
}

/** Nothing is sent that is larger than the client takes [MQTT-3.1.2-24]. */
function sendConnack(
  state: State,
  connection: Connection,
  sessionPresent: boolean,
  returnCode: number,
  properties?: Properties,
): void {
  const packet = connack.encodeConnack({ sessionPresent, returnCode, properties }, connection.level);
  if (packet.length > (connection.terms?.maxPacketSize ?? Number.POSITIVE_INFINITY)) return;
  sendPacket(state, connection, packet);
  trace(state, connection, sessionPresent, returnCode);
}

function trace(state: State, connection: Connection, sessionPresent: boolean, returnCode: number): void {
  if (!state.isTracing) return;
  state.log("debug", `Sending CONNACK to ${connection.name} (${sessionPresent ? 1 : 0}, ${returnCode})`);
}

/** [MQTT-3.1.3-6] unique; nobody can know it in advance if the host's option makes it so. */
function assignClientId(state: State, { autoIdPrefix }: Entrance): string {
  let clientId: string;
  do {
    clientId = state.settings.assignClientId?.() ?? `auto-${++state.assignedCount}`;
    if (autoIdPrefix !== undefined) clientId = autoIdPrefix + clientId.replace(/^auto-/, "");
  } while (state.sessions.has(clientId));
  return clientId;
}

/** Lets the client in. `authenticationData` is the last word of an enhanced authentication, for CONNACK. */
export function accept(
  state: State,
  connection: Connection,
  request: connect.Connect,
  clientId: string,
  authenticationData?: Uint8Array,
): void {
  const { settings, counters } = state;
  const { terms, entrance } = connection;
  const askedExpiryS = terms === null ? (request.cleanSession ? 0 : NEVER_S) : terms.sessionExpiryS;
  const expiryS = Math.min(askedExpiryS, settings.maxSessionExpiryS);
  const accepted = acceptProperties(state, request, entrance, clientId, expiryS, authenticationData);
  const { keepAliveS, properties } = accepted;
  if (!fits(connection, properties)) {
    const detail = `CONNACK is larger than the client's maximum of ${terms?.maxPacketSize} bytes`;
    const reasonCode = reasons.PACKET_TOO_LARGE;
    refuse(state, connection, {
      returnCode: connack.REFUSED_UNAVAILABLE,
      reasonCode,
      reason: `[MQTT-3.1.2-24] ${detail}`,
    });
    return;
  }
  endAbsences(state);
  let session = state.sessions.get(clientId);
  if (session?.connection) {
    // [MQTT-3.1.4-2] the same identifier again: the connection before must go, and its will is due [MQTT-3.1.2-8].
    // 5.0: [MQTT-3.1.4-3].
    const reason = `[MQTT-3.1.4-${session.connection.level === 5 ? 3 : 2}] client ${quote(clientId)} has connected again`;
    end(state, session.connection, reason, reasons.SESSION_TAKEN_OVER);
    session = state.sessions.get(clientId);
  }
  if (session && request.cleanSession) {
    // [MQTT-3.1.2-6]; 5.0: [MQTT-3.1.2-4] [MQTT-3.1.4-4].
    discard(state, session);
    session = undefined;
  }
  // 5.0: [MQTT-3.1.2-5] goes on with a session that is there, found by its identifier [MQTT-3.1.3-2].
  const sessionPresent = session !== undefined;
  if (session === undefined) {
    session = new Session(clientId, request.cleanSession);
    state.sessions.set(clientId, session);
  }
  welcomeBack(state, session);
  session.connection = connection;
  session.entrance = entrance;
  session.username = request.username;
  session.permissions = (entrance.access ?? state.access).permissions(clientId, request.username);
  entrance.clientCount++;
  // Before it is remembered, or not: 5.0 has sessions that start clean and outlive their connection [MQTT-3.1.2-23].
  session.expiryS = expiryS;
  if (state.journal !== null) remember(state.journal, connection, session, request.will ?? null);
  connection.session = session;
  connection.phase = OPEN;
  connection.authentication = null;
  // 5.0: [MQTT-3.1.2-7].
  connection.will = request.will ?? null;
  connection.framer.maxPacketSize = settings.maxPacketSize;
  connection.windowSize = Math.min(settings.maxInflight, terms?.receiveMaximum ?? settings.maxInflight);
  connection.windowBytes = settings.maxInflightBytes;
  // [MQTT-3.1.2-24] one and a half times the keep-alive; 5.0: [MQTT-3.1.2-22], of the server's if it has set one.
  connection.patienceMs = keepAliveS * 1500;
  if (connection.patienceMs > 0) state.timers.set(connection, state.nowMs + connection.patienceMs);
  else state.timers.remove(connection);
  counters.clientsConnected++;
  counters.clientsMaximum = Math.max(counters.clientsMaximum, counters.clientsConnected);
  const username = request.username === undefined ? "" : `, u${quote(request.username)}`;
  const clean = request.cleanSession ? 1 : 0;
  state.log(
    "notice",
    `New client connected from ${connection.peer} as ${connection.name} (p${LOG_LEVELS[request.level]}, c${clean}, k${keepAliveS}${username}).`,
  );
  if (state.isTracing) state.log("debug", willLine(connection.will));
  // [MQTT-3.2.0-1] first of all; [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3] the session that is really there.
  // 5.0: [MQTT-3.1.4-5], and never again on this connection [MQTT-3.2.0-2].
  sendConnack(state, connection, sessionPresent, connack.ACCEPTED, properties);
  if (sessionPresent) resume(state, connection, session);
}

/** Can the client take the CONNACK that lets it in? Without one it could not know that it is in. */
function fits({ level, terms }: Connection, properties: Properties | undefined): boolean {
  if (terms === null || terms.maxPacketSize > MAX_CONNACK_SIZE) return true;
  const packet = connack.encodeConnack({ sessionPresent: false, returnCode: connack.ACCEPTED, properties }, level);
  return packet.length <= terms.maxPacketSize;
}

/** mosquitto's numbers of the versions. */
const LOG_LEVELS = { 3: 1, 4: 2, 5: 5 } as const;

function willLine(will: connect.Will | null): string {
  if (will === null) return "No will message specified.";
  const flags = `r${will.retain ? 1 : 0}, q${will.qos}`;
  return `Will message specified (${will.payload.length} bytes) (${flags}): ${quote(will.topic)}`;
}
