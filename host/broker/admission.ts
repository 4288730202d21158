/**
 * CONNECT and the end of a connection (3.1, 3.2, 3.14, 4.1): who comes in, which session it gets, what an end leaves.
 */
import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";
import * as connect from "./codec/connect.ts";
import { quote, Violation } from "./codec/violation.ts";
import { AWAITING, type Connection, ENDED, OPEN } from "./connection.ts";
import { publish } from "./inbound.ts";
import { Message } from "./message.ts";
import { resume } from "./outbound.ts";
import { Session } from "./session.ts";
import type { State } from "./state.ts";
import { topicOf } from "./topics.ts";

/** A CONNECT can be no larger than its five fields of 65,535 bytes: until then no peer may make the broker hold more. */
export const MAX_CONNECT_SIZE = 5 + 10 + 5 * (2 + 0xffff);

/** Handles the packet that opens a connection. Throws a Violation. */
export function onConnect(state: State, connection: Connection, bytes: Uint8Array, start: number, end: number): void {
  if (connection.phase === OPEN) throw new Violation("MQTT-3.1.0-2", "a second CONNECT on one connection");
  const request = connect.decodeConnect(bytes, start, end);
  if ("otherLevel" in request) {
    const reason = `[MQTT-3.1.2-2] the protocol level ${request.otherLevel} is not spoken here`;
    refuse(state, connection, connect.REFUSED_LEVEL, reason);
    return;
  }
  // [MQTT-3.1.3-8] and 3.1, which knows no empty identifier.
  if (request.clientId === "" && (!request.cleanSession || request.level === 3)) {
    refuse(
      state,
      connection,
      connect.REFUSED_CLIENT_ID,
      "[MQTT-3.1.3-8] an empty client identifier needs a clean session",
    );
    return;
  }
  const clientId = request.clientId === "" ? assignClientId(state) : request.clientId;
  // A client that comes back takes its own place.
  const isBack = Boolean(state.sessions.get(clientId)?.connection);
  if (!isBack && state.counters.clientsConnected >= state.settings.maxConnections) {
    const reason = `[limit] ${state.settings.maxConnections} clients are connected`;
    refuse(state, connection, connect.REFUSED_UNAVAILABLE, reason);
    return;
  }
  const verdict = authenticate(state, connection, request, clientId);
  if (verdict !== connect.ACCEPTED) {
    refuse(state, connection, verdict, `[MQTT-3.1.4-3] ${VERDICTS[verdict]}: ${quote(request.username ?? "")}`);
    return;
  }
  accept(state, connection, request, clientId);
}

const VERDICTS: Record<number, string> = {
  [connect.REFUSED_UNAVAILABLE]: "the user cannot be checked now",
  [connect.REFUSED_CREDENTIALS]: "bad user name or password",
  [connect.REFUSED_NOT_AUTHORIZED]: "not authorized",
};

/** [MQTT-3.2.2-5] a return code other than 0, then the end. [MQTT-3.2.2-4] without a session. */
function refuse(state: State, connection: Connection, returnCode: number, reason: string): void {
  sendConnack(state, connection, false, returnCode);
  end(state, connection, reason);
}

function sendConnack(state: State, connection: Connection, sessionPresent: boolean, returnCode: number): void {
  const packet = connect.encodeConnack({ sessionPresent, returnCode });
  const at = state.output.reserve(connection, packet.length);
  connection.output?.set(packet, at);
  state.counters.messagesSent++;
  if (state.isTracing)
    state.log("debug", `Sending CONNACK to ${connection.name} (${sessionPresent ? 1 : 0}, ${returnCode})`);
}

/** [MQTT-3.1.3-6] unique; nobody can know it in advance if the host's option makes it so. */
function assignClientId(state: State): string {
  let clientId: string;
  do {
    clientId = state.settings.assignClientId?.() ?? `auto-${++state.assignedCount}`;
  } while (state.sessions.has(clientId));
  return clientId;
}

function authenticate(state: State, connection: Connection, request: connect.Connect, clientId: string): 0 | 3 | 4 | 5 {
  const { settings } = state;
  const { username, password } = request;
  if (username === undefined && settings.allowAnonymous) return connect.ACCEPTED;
  if (settings.authenticate)
    return settings.authenticate({
      clientId,
      username,
      password,
      peer: connection.peer,
    });
  if (username === undefined) return connect.REFUSED_NOT_AUTHORIZED;
  if (settings.users === undefined) return settings.allowAnonymous ? connect.ACCEPTED : connect.REFUSED_NOT_AUTHORIZED;
  const expected = Buffer.from(settings.users.get(username) ?? "", "utf8");
  const given = Buffer.from(password ?? NOTHING);
  // As long as the expected secret, whatever was given, so that the time tells nothing about its content.
  const padded = Buffer.alloc(expected.length);
  given.copy(padded);
  const isSame = timingSafeEqual(padded, expected) && given.length === expected.length && expected.length > 0;
  return isSame ? connect.ACCEPTED : connect.REFUSED_CREDENTIALS;
}

const NOTHING = new Uint8Array(0);

function accept(state: State, connection: Connection, request: connect.Connect, clientId: string): void {
  let session = state.sessions.get(clientId);
  if (session?.connection) {
    // [MQTT-3.1.4-2] the same identifier again: the connection before must go, and its will is due [MQTT-3.1.2-8].
    end(state, session.connection, `[MQTT-3.1.4-2] client ${quote(clientId)} has connected again`);
    session = state.sessions.get(clientId);
  }
  if (session && request.cleanSession) {
    // [MQTT-3.1.2-6]
    discard(state, session);
    session = undefined;
  }
  const sessionPresent = session !== undefined;
  if (session === undefined) {
    session = new Session(clientId, request.cleanSession);
    state.sessions.set(clientId, session);
  }
  session.connection = connection;
  connection.session = session;
  connection.phase = OPEN;
  connection.will = request.will ?? null;
  connection.framer.maxPacketSize = state.settings.maxPacketSize;
  // [MQTT-3.1.2-24] one and a half times the keep-alive.
  connection.patienceMs = request.keepAliveS * 1500;
  if (connection.patienceMs > 0) state.timers.set(connection, state.nowMs + connection.patienceMs);
  else state.timers.remove(connection);
  const { counters } = state;
  counters.clientsConnected++;
  counters.clientsMaximum = Math.max(counters.clientsMaximum, counters.clientsConnected);
  const username = request.username === undefined ? "" : `, u${quote(request.username)}`;
  const clean = request.cleanSession ? 1 : 0;
  state.log(
    "notice",
    `New client connected from ${connection.peer} as ${connection.name} (p${request.level === 4 ? 2 : 1}, c${clean}, k${request.keepAliveS}${username}).`,
  );
  if (state.isTracing) state.log("debug", willLine(connection.will));
  // [MQTT-3.2.0-1] first of all; [MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3] the session that is really there.
  sendConnack(state, connection, sessionPresent, connect.ACCEPTED);
  if (sessionPresent) resume(state, connection, session);
}

function willLine(will: connect.Will | null): string {
  if (will === null) return "No will message specified.";
  const flags = `r${will.retain ? 1 : 0}, q${will.qos}`;
  return `Will message specified (${will.payload.length} bytes) (${flags}): ${quote(will.topic)}`;
}

/** The client's DISCONNECT: [MQTT-3.14.4-3] the will is forgotten. */
export function onDisconnect(state: State, connection: Connection): void {
  connection.will = null;
  end(state, connection, DISCONNECTED);
}

/** The reason of an end that the client asked for. */
export const DISCONNECTED = "disconnected";

/**
 * Ends a connection for any reason: its will is published unless DISCONNECT took it back [MQTT-3.1.2-8]
 * [MQTT-3.1.2-10], a clean session goes with it [MQTT-3.1.2-6], a durable one stays.
 */
export function end(state: State, connection: Connection, reason: string): void {
  if (connection.phase === ENDED) return;
  const wasOpen = connection.phase !== AWAITING;
  const { session, will } = connection;
  connection.phase = ENDED;
  state.timers.remove(connection);
  state.connections.delete(connection);
  state.output.close(connection, reason);
  state.log("notice", endLine(connection, reason));
  connection.will = null;
  connection.topic = null;
  if (!wasOpen || session === null) return;
  connection.session = null;
  session.connection = null;
  state.counters.clientsConnected--;
  if (session.isClean) discard(state, session);
  if (will === null) return;
  const message = new Message(topicOf(will.topic), will.qos, will.payload, 0, will.payload.length, true);
  // [MQTT-3.1.2-16] [MQTT-3.1.2-17]
  publish(state, message, will.retain);
}

function endLine(connection: Connection, reason: string): string {
  const who = connection.session === null ? `Client ${connection.peer}` : `Client ${connection.name}`;
  return reason === DISCONNECTED ? `${who} disconnected.` : `${who} closed: ${reason}`;
}

/** Forgets a session and everything in it. */
function discard(state: State, session: Session): void {
  for (const filter of session.subscriptions.keys()) state.subscriptions.remove(filter, session);
  session.subscriptions.clear();
  state.sessions.delete(session.clientId);
}
