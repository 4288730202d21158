/**
 * One packet in one line, for eyes: every field that it has, and no secret.
 */
import { Buffer } from "node:buffer";
import type { Packet } from "./codec/packet.ts";
import type { Properties } from "./codec/properties.ts";
import { reasonName } from "./codec/reasons.ts";
import type { Subscription } from "./codec/subscribe.ts";
import { quote } from "./codec/violation.ts";

const VERSIONS = { 3: "3.1", 4: "3.1.1", 5: "5.0" } as const;

/** Return codes of CONNACK in 3.1.1 (table 3.1). */
const RETURN_CODES = [
  "accepted",
  "unacceptable protocol version",
  "identifier rejected",
  "server unavailable",
  "bad user name or password",
  "not authorized",
];

/** Payload bytes that are shown. */
const SHOWN_SIZE = 32;

/** `level` is that of the connection: 3, 4 or 5. */
export function packetText(packet: Packet, level: number): string {
  return [packet.type, ...fieldsOf(packet, level), ...propertyTexts(packet)].join(" ");
}

function fieldsOf(packet: Packet, level: number): string[] {
  switch (packet.type) {
    case "CONNECT":
      return connectFields(packet);
    case "CONNACK":
      return [
        level === 5 ? reasonText(packet.returnCode) : (RETURN_CODES[packet.returnCode] ?? String(packet.returnCode)),
        packet.sessionPresent ? "session present" : "no session",
      ];
    case "PUBLISH": {
      const { topic, qos, packetId, isDup, isRetain, payload } = packet;
      const flags = [`q${qos}`, ...(qos > 0 ? [`id ${packetId}`] : []), ...(isDup ? ["DUP"] : [])];
      return [quote(topic), ...flags, ...(isRetain ? ["RETAIN"] : []), dataText(payload)];
    }
    case "SUBSCRIBE":
      return [`id ${packet.packetId}`, packet.subscriptions.map(subscriptionText).join(", ")];
    case "UNSUBSCRIBE":
      return [`id ${packet.packetId}`, packet.filters.map(quote).join(", ")];
    case "SUBACK":
    case "UNSUBACK": {
      const codes = (packet.returnCodes ?? []).map(code =>
        code < 3 && level !== 5 ? `QoS ${code}` : reasonText(code),
      );
      return [`id ${packet.packetId}`, ...(codes.length > 0 ? [codes.join(", ")] : [])];
    }
    case "PINGREQ":
    case "PINGRESP":
      return [];
    case "DISCONNECT":
    case "AUTH":
      return level === 5 ? [reasonText(packet.reasonCode ?? 0)] : [];
    default:
      return [`id ${packet.packetId}`, ...(packet.reasonCode ? [reasonText(packet.reasonCode)] : [])];
  }
}

function connectFields(connect: Extract<Packet, { type: "CONNECT" }>): string[] {
  const { level, clientId, cleanSession, keepAliveS, will, username, password } = connect;
  const clean = level === 5 ? "clean start" : "clean session";
  const fields = [VERSIONS[level], quote(clientId), ...(cleanSession ? [clean] : []), `keep-alive ${keepAliveS} s`];
  if (username !== undefined) fields.push(`user ${quote(username)}`);
  if (password !== undefined) fields.push(`password of ${password.length} bytes`);
  if (will !== undefined) {
    const { topic, qos, retain, payload, properties } = will;
    const texts = [quote(topic), `q${qos}`, ...(retain ? ["RETAIN"] : []), dataText(payload)];
    fields.push(`will (${[...texts, ...(properties ? listTexts(properties) : [])].join(" ")})`);
  }
  return fields;
}

function subscriptionText(subscription: Subscription): string {
  const { filter, qos, noLocal, retainAsPublished, retainHandling } = subscription;
  const options = [`q${qos}`];
  if (noLocal) options.push("no local");
  if (retainAsPublished) options.push("retain as published");
  if (retainHandling) options.push(`retain handling ${retainHandling}`);
  return [quote(filter), ...options].join(" ");
}

function reasonText(code: number): string {
  return code === 0 ? "success" : `0x${code.toString(16).padStart(2, "0")} ${reasonName(code)}`;
}

function propertyTexts(packet: Packet): string[] {
  return "properties" in packet && packet.properties !== undefined ? listTexts(packet.properties) : [];
}

/** Properties by the names that properties.ts has for them; an authentication's data are a secret. */
function listTexts(properties: Properties): string[] {
  return Object.entries(properties).map(([name, value]) => {
    if (name === "authenticationData") return `${name}=(${(value as Uint8Array).length} bytes)`;
    if (name === "userProperties") {
      return (value as [string, string][]).map(([key, text]) => `user ${quote(key)}=${quote(text)}`).join(" ");
    }
    if (value instanceof Uint8Array) return `${name}=${dataText(value)}`;
    return `${name}=${typeof value === "string" ? quote(value) : value}`;
  });
}

/** Text where it is text, hexadecimal where it is not, and its size. */
function dataText(data: Uint8Array): string {
  if (data.length === 0) return "(empty)";
  const shown = Buffer.from(data.subarray(0, SHOWN_SIZE));
  const isText = shown.every(byte => byte >= 0x20 && byte < 0x7f);
  const more = data.length > SHOWN_SIZE ? "..." : "";
  return `${isText ? quote(shown.toString("latin1")) : shown.toString("hex")}${more} (${data.length} bytes)`;
}
