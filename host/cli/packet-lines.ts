/**
 * -d: a line for every packet, as mosquitto prints them.
 */
import { Buffer } from "node:buffer";

type Direction = "sent" | "received";

const NAMES = [
  "?",
  "CONNECT",
  "CONNACK",
  "PUBLISH",
  "PUBACK",
  "PUBREC",
  "PUBREL",
  "PUBCOMP",
  "SUBSCRIBE",
  "SUBACK",
  "UNSUBSCRIBE",
  "UNSUBACK",
  "PINGREQ",
  "PINGRESP",
  "DISCONNECT",
  "?",
];

/** Makes the lines of one packet after another, for a client of this name, in MQTT 3.1 (3), 3.1.1 (4) or 5.0. */
export function packetLines(
  clientId: string,
  version: 3 | 4 | 5,
): (direction: Direction, head: Uint8Array, size: number) => string[] {
  /** Where what stands behind the properties at `at` begins. */
  const behind = (body: Buffer, at: number) => (version === 5 ? at + blockSizeOf(body, at) : at);
  /** A message of QoS 0 has no identifier on the wire: mosquitto counts it all the same. */
  let lastId = 0;
  return (direction, head, size) => {
    const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
    const name = NAMES[bytes[0] >> 4];
    const body = bytes.subarray(headerSizeOf(bytes));
    const isSent = direction === "sent";
    const start = `Client ${clientId} ${isSent ? "sending" : "received"} ${name}`;
    switch (name) {
      case "CONNACK":
        return [`${start} (${body[1]})`];
      case "PUBLISH": {
        const publish = readPublish(bytes[0], body, size - (bytes.length - body.length), behind);
        if (isSent) lastId = publish.id || lastId + 1;
        const id = publish.id || (isSent ? lastId : 0);
        const { dup, qos, retain, topic, payloadSize } = publish;
        return [`${start} (d${dup}, q${qos}, r${retain}, m${id}, '${topic}', ... (${payloadSize} bytes))`];
      }
      case "PUBACK":
      case "PUBREC":
        return [
          `${start} ${isSent ? `(m${id(body)}, rc${code(body)})` : `(Mid: ${id(body)}${name === "PUBACK" ? `, RC:${code(body)}` : ""})`}`,
        ];
      case "PUBREL":
      case "PUBCOMP":
        return [
          `${start} ${isSent ? `(m${id(body)})` : `(Mid: ${id(body)}${name === "PUBCOMP" ? `, RC:${code(body)}` : ""})`}`,
        ];
      case "SUBSCRIBE":
        lastId = id(body);
        return readFilters(body, behind(body, 2), true).map(
          ({ filter, options }) =>
            `${start} (Mid: ${lastId}, Topic: ${filter}, QoS: ${options & 3}, Options: 0x${hex(options & 0xfc)})`,
        );
      case "UNSUBSCRIBE":
        lastId = id(body);
        return readFilters(body, behind(body, 2), false).map(
          ({ filter }) => `${start} (Mid: ${lastId}, Topic: ${filter})`,
        );
      case "SUBACK":
        return [start, `Subscribed (mid: ${id(body)}): ${[...body.subarray(behind(body, 2))].join(", ")}`];
      case "DISCONNECT":
        return [isSent ? start : `${start} (${body[0] ?? 0})`];
      default:
        return [start];
    }
  };
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** The reason code of an acknowledgement of MQTT 5.0, which is 0 where there is none. */
function code(body: Buffer): number {
  return body[2] ?? 0;
}

/** Bytes of the properties at `at`, their length included. */
function blockSizeOf(body: Buffer, at: number): number {
  let size = 0;
  for (let index = 0; index < 4; index++) {
    const byte = body[at + index] ?? 0;
    size += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return size + index + 1;
  }
  return size + 4;
}

function id(body: Buffer): number {
  return body.length < 2 ? 0 : body.readUInt16BE(0);
}

/** Bytes of the fixed header, section 2.2. */
function headerSizeOf(bytes: Buffer): number {
  let size = 1;
  while (size < 5 && bytes[size++] >= 0x80);
  return size;
}

function readPublish(first: number, body: Buffer, bodySize: number, behind: (body: Buffer, at: number) => number) {
  const topicSize = id(body);
  const qos = (first >> 1) & 3;
  const headSize = behind(body, 2 + topicSize + (qos === 0 ? 0 : 2));
  return {
    dup: (first >> 3) & 1,
    qos,
    retain: first & 1,
    topic: body.subarray(2, 2 + topicSize).toString(),
    id: qos === 0 ? 0 : id(body.subarray(2 + topicSize)),
    payloadSize: bodySize - headSize,
  };
}

function readFilters(body: Buffer, start: number, hasOptions: boolean): { filter: string; options: number }[] {
  const filters: { filter: string; options: number }[] = [];
  for (let at = start; at + 2 <= body.length; ) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push({ filter: body.subarray(at + 2, end).toString(), options: hasOptions ? body[end] : 0 });
    at = end + (hasOptions ? 1 : 0);
  }
  return filters;
}
