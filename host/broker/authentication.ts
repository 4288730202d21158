/**
 * Who may come in (3.1.4, 4.12, 5.4): user names and passwords, and the enhanced authentication of 5.0, in which a method
 * of the host and the client exchange AUTH packets.
 */
import { accept, fullRefusal, type Refusal, refuse } from "./admission.ts";
import * as connack from "./codec/connack.ts";
import type { Connect } from "./codec/connect.ts";
import { AUTH } from "./codec/control.ts";
import { decodeReasoned } from "./codec/ending.ts";
import * as reasons from "./codec/reasons.ts";
import { quote, Violation } from "./codec/violation.ts";
import { type Connection, OPEN } from "./connection.ts";
import { end } from "./departure.ts";
import type { Verdict } from "./options.ts";
import { sendAuth } from "./sending.ts";
import type { Session } from "./session.ts";
import type { State } from "./state.ts";

/** Lets the client in or refuses it, now or when the host has decided. */
export function authenticate(state: State, connection: Connection, request: Connect, clientId: string): void {
  const verdict = judge(state, connection, request, clientId);
  if (verdict === "later") {
    connection.undecided = { request, clientId, rest: NOTHING };
    connection.sink.hold?.(true);
  } else {
    decide(state, connection, request, clientId, verdict);
  }
}

/** The user name and password are good, or not. */
export function decide(
  state: State,
  connection: Connection,
  request: Connect,
  clientId: string,
  verdict: Verdict,
): void {
  if (verdict === connack.ACCEPTED) letIn(state, connection, request, clientId);
  else refuse(state, connection, refusalOf(request, verdict));
}

/** Unless others have come in while the host was thinking, or client and method were talking, and no place is left. */
function letIn(
  state: State,
  connection: Connection,
  request: Connect,
  clientId: string,
  authenticationData?: Uint8Array,
): void {
  const full = fullRefusal(state, connection, clientId);
  if (full !== null) refuse(state, connection, full);
  else accept(state, connection, request, clientId, authenticationData);
}

/** [MQTT-3.1.4-3] 5.0: [MQTT-3.1.4-2]. */
function refusalOf(request: Connect, verdict: Exclude<Verdict, 0>): Refusal {
  const { reasonCode, words } = VERDICTS[verdict];
  const rule = request.level === 5 ? "MQTT-3.1.4-2" : "MQTT-3.1.4-3";
  const reason = `[${rule}] ${words}: ${quote(request.username ?? "")}`;
  return { returnCode: verdict, reasonCode, reason };
}

const VERDICTS = {
  [connack.REFUSED_UNAVAILABLE]: { reasonCode: reasons.SERVER_UNAVAILABLE, words: "the user cannot be checked now" },
  [connack.REFUSED_CREDENTIALS]: { reasonCode: reasons.BAD_CREDENTIALS, words: "bad user name or password" },
  [connack.REFUSED_NOT_AUTHORIZED]: { reasonCode: reasons.NOT_AUTHORIZED, words: "not authorized" },
} as const;

function judge(state: State, connection: Connection, request: Connect, clientId: string): Verdict | "later" {
  const { username, password } = request;
  const { entrance, sink, peer } = connection;
  if (sink.identity !== undefined) return username === undefined ? connack.REFUSED_CREDENTIALS : connack.ACCEPTED;
  return (entrance.access ?? state.access).authenticate({ clientId, username, password, peer, connection });
}

const NOTHING = new Uint8Array(0);

/** A CONNECT that names a method: [MQTT-4.12.0-1] one that is not known here is refused. */
export function beginAuthentication(state: State, connection: Connection, request: Connect, clientId: string): void {
  const name = request.properties?.authenticationMethod as string;
  const method = state.settings.authenticationMethods.get(name);
  if (method === undefined) {
    const reason = `[MQTT-4.12.0-1] the authentication method ${quote(name)} is not known here`;
    const reasonCode = reasons.BAD_AUTHENTICATION_METHOD;
    refuse(state, connection, { returnCode: connack.REFUSED_NOT_AUTHORIZED, reasonCode, reason });
    return;
  }
  const { username, password } = request;
  const exchange = method({ clientId, username, password, peer: connection.peer });
  connection.authentication = { exchange, request, clientId };
  step(state, connection, request.properties?.authenticationData);
}

/** AUTH from the client, before CONNACK or, to authenticate again, after it. Throws a Violation. */
export function onAuth(state: State, connection: Connection, bytes: Uint8Array, start: number, until: number): void {
  const { reasonCode, properties } = decodeReasoned(bytes, AUTH, start, until);
  if (state.isTracing) state.log("debug", `Received AUTH from ${connection.name} (RC:${reasonCode})`);
  const name = connection.terms?.authenticationMethod;
  if (name === undefined) {
    // [MQTT-4.12.0-7]
    throw new Violation("MQTT-4.12.0-7", "AUTH, but CONNECT named no authentication method", reasons.PROTOCOL_ERROR);
  }
  if (properties?.authenticationMethod !== name) {
    const detail = `the authentication method changes from ${quote(name)}`;
    throw new Violation("MQTT-4.12.0-5", detail, reasons.PROTOCOL_ERROR);
  }
  if (connection.authentication === null && reasonCode === reasons.RE_AUTHENTICATE) {
    const method = state.settings.authenticationMethods.get(name);
    const { clientId } = connection.session as Session;
    const credentials = { clientId, username: undefined, password: undefined, peer: connection.peer };
    if (method) connection.authentication = { exchange: method(credentials), request: null, clientId };
  } else if (connection.authentication === null || reasonCode !== reasons.CONTINUE_AUTHENTICATION) {
    // [MQTT-4.12.0-3] a step of an exchange says that it continues.
    throw new Violation("MQTT-4.12.0-3", `AUTH says ${reasons.reasonName(reasonCode)}`, reasons.PROTOCOL_ERROR);
  }
  step(state, connection, properties.authenticationData);
}

function step(state: State, connection: Connection, data: Uint8Array | undefined): void {
  const { authentication, terms } = connection;
  if (authentication === null) return;
  const { exchange, request, clientId } = authentication;
  const name = terms?.authenticationMethod as string;
  const result = exchange.next(data);
  if (result.status === "continue") {
    // [MQTT-4.12.0-2]
    speak(state, connection, reasons.CONTINUE_AUTHENTICATION, name, result.data);
    return;
  }
  connection.authentication = null;
  if (result.status === "failure") {
    // [MQTT-4.12.0-4] before CONNACK; [MQTT-4.12.1-2] after it.
    const reason = `[MQTT-4.12.${request === null ? "1-2" : "0-4"}] ${result.reason}`;
    const reasonCode = reasons.NOT_AUTHORIZED;
    if (connection.phase === OPEN) end(state, connection, reason, reasonCode);
    else refuse(state, connection, { returnCode: connack.REFUSED_NOT_AUTHORIZED, reasonCode, reason });
  } else if (request !== null) {
    letIn(state, connection, request, clientId, result.data);
  } else {
    speak(state, connection, reasons.SUCCESS, name, result.data);
  }
}

/** A client that cannot take what its method says cannot authenticate. */
function speak(state: State, connection: Connection, code: number, method: string, data: Uint8Array | undefined): void {
  if (sendAuth(state, connection, code, method, data)) return;
  const maximum = connection.terms?.maxPacketSize;
  throw new Violation("MQTT-3.1.2-24", `AUTH is larger than the client's ${maximum} bytes`, reasons.PACKET_TOO_LARGE);
}
