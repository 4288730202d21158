/**
 * Log lines in mosquitto's words, so that eyes and scripts that know them read these.
 */
import * as reasons from "./codec/reasons.ts";
import { quote } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import type { Message } from "./message.ts";

/** The reason of an end that the client asked for, and of one that it did not ask for. */
export const DISCONNECTED = "disconnected";
export const LOST = "the network connection was closed without DISCONNECT";

/** mosquitto's words for an end, by the reason code of 5.0 that it has in every version. */
const ENDS: ReadonlyMap<number, string> = new Map([
  [reasons.MALFORMED_PACKET, "disconnected due to malformed packet"],
  [reasons.PROTOCOL_ERROR, "disconnected due to protocol error"],
  [reasons.BAD_CREDENTIALS, "disconnected, not authorised"],
  [reasons.NOT_AUTHORIZED, "disconnected, not authorised"],
  [reasons.BAD_AUTHENTICATION_METHOD, "disconnected, not authorised"],
  [reasons.KEEP_ALIVE_TIMEOUT, "has exceeded timeout, disconnecting"],
  [reasons.SESSION_TAKEN_OVER, "already connected, closing old connection"],
  [reasons.PACKET_TOO_LARGE, "disconnected due to oversize packet"],
  [reasons.RETAIN_NOT_SUPPORTED, "disconnected due to QoS too high or retain not supported"],
  [reasons.QOS_NOT_SUPPORTED, "disconnected due to QoS too high or retain not supported"],
]);

/** The end of a connection: mosquitto's words, and behind them the rule. A client that is not in yet has its address. */
export function endLine(connection: Connection, reason: string, reasonCode: number): string {
  const who = `Client ${connection.session === null ? connection.peer : connection.name}`;
  if (reason === DISCONNECTED) return `${who} disconnected.`;
  if (reason === LOST) return `${who} closed its connection.`;
  return `${who} ${ENDS.get(reasonCode) ?? "disconnected"}: ${reason}`;
}

const OF_CONNECTION = [
  /^New (client connected|connection) from /,
  /^Client .* (disconnected[.,:]|closed its connection\.$|disconnected due to |has exceeded timeout,|already connected,)/,
];

/** Is it about somebody who came or went? */
export function isOfConnection(line: string): boolean {
  return OF_CONNECTION.some(form => form.test(line));
}

/** One PUBLISH: DUP, QoS, RETAIN, packet identifier, topic, payload size. */
export function publishLine(
  verb: string,
  preposition: string,
  connection: Connection,
  message: Message,
  qos: number,
  isDup: boolean,
  isRetain: boolean,
  packetId: number,
): string {
  const flags = `d${isDup ? 1 : 0}, q${qos}, r${isRetain ? 1 : 0}, m${packetId}`;
  const { topic, payloadSize } = message;
  return `${verb} PUBLISH ${preposition} ${connection.name} (${flags}, ${quote(topic.text)}, ... (${payloadSize} bytes))`;
}
