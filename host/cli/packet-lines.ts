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

/** Makes the lines of one packet after another, for a client of this name. */
export function packetLines(clientId: string): (direction: Direction, head: Uint8Array, size: number) => string[] {
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
        const publish = readPublish(bytes[0], body, size - (bytes.length - body.length));
        if (isSent) lastId = publish.id || lastId + 1;
        const id = publish.id || (isSent ? lastId : 0);
        const { dup, qos, retain, topic, payloadSize } = publish;
        return [`${start} (d${dup}, q${qos}, r${retain}, m${id}, '${topic}', ... (${payloadSize} bytes))`];
      }
      case "PUBACK":
      case "PUBREC":
        return [
          `${start} ${isSent ? `(m${id(body)}, rc0)` : `(Mid: ${id(body)}${name === "PUBACK" ? ", RC:0" : ""})`}`,
        ];
      case "PUBREL":
      case "PUBCOMP":
        return [`${start} ${isSent ? `(m${id(body)})` : `(Mid: ${id(body)}${name === "PUBCOMP" ? ", RC:0" : ""})`}`];
      case "SUBSCRIBE":
        lastId = id(body);
        return readFilters(body, true).map(
          ({ filter, qos }) => `${start} (Mid: ${lastId}, Topic: ${filter}, QoS: ${qos}, Options: 0x00)`,
        );
      case "UNSUBSCRIBE":
        lastId = id(body);
        return readFilters(body, false).map(({ filter }) => `${start} (Mid: ${lastId}, Topic: ${filter})`);
      case "SUBACK":
        return [start, `Subscribed (mid: ${id(body)}): ${[...body.subarray(2)].join(", ")}`];
      default:
        return [start];
    }
  };
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

function readPublish(first: number, body: Buffer, bodySize: number) {
  const topicSize = id(body);
  const qos = (first >> 1) & 3;
  return {
    dup: (first >> 3) & 1,
    qos,
    retain: first & 1,
    topic: body.subarray(2, 2 + topicSize).toString(),
    id: qos === 0 ? 0 : id(body.subarray(2 + topicSize)),
    payloadSize: bodySize - 2 - topicSize - (qos === 0 ? 0 : 2),
  };
}

function readFilters(body: Buffer, hasQos: boolean): { filter: string; qos: number }[] {
  const filters: { filter: string; qos: number }[] = [];
  for (let at = 2; at + 2 <= body.length; ) {
    const end = at + 2 + body.readUInt16BE(at);
    filters.push({ filter: body.subarray(at + 2, end).toString(), qos: hasQos ? body[end] : 0 });
    at = end + (hasQos ? 1 : 0);
  }
  return filters;
}
