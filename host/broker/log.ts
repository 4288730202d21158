/**
 * Log lines in mosquitto's words, so that eyes and scripts that know them read these.
 */
import { quote } from "./codec/violation.ts";
import type { Connection } from "./connection.ts";
import type { Message } from "./message.ts";

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
