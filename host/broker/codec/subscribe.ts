/**
 * SUBSCRIBE (3.8), SUBACK (3.9) and UNSUBSCRIBE (3.10).
 */
import { type Qos, SUBACK, SUBSCRIBE, UNSUBSCRIBE } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import { checkTopicFilter } from "./topic.ts";
import { encodeText, readText } from "./utf8.ts";
import { Violation } from "./violation.ts";

/** One topic filter and the most that its subscriber wants. */
export interface Subscription {
  filter: string;
  qos: Qos;
}

export interface Subscribe {
  packetId: number;
  subscriptions: Subscription[];
}

export interface Unsubscribe {
  packetId: number;
  filters: string[];
}

export interface Suback {
  packetId: number;
  /** A granted QoS, or SUBSCRIBE_FAILED, for each filter of the SUBSCRIBE in its order. */
  returnCodes: number[];
}

/** The return code for a filter that the server refuses (3.9.3). */
export const SUBSCRIBE_FAILED = 0x80;

/** Throws a Violation when the packet is malformed. */
export function decodeSubscribe(bytes: Uint8Array, start: number, end: number): Subscribe {
  const fields = new Fields(bytes, start, end);
  const packetId = readPacketId(fields, "SUBSCRIBE");
  if (fields.isEmpty) throw new Violation("MQTT-3.8.3-3", "a SUBSCRIBE has no topic filter");
  const subscriptions: Subscription[] = [];
  while (!fields.isEmpty) {
    const filter = readFilter(fields, "MQTT-3.8.3-1");
    const options = fields.byte("MQTT 3.8.3", "the requested QoS");
    // The standard prints this number with a hyphen: [MQTT-3-8.3-4].
    if (options > 2) throw new Violation("MQTT-3-8.3-4", `a requested QoS is 0, 1 or 2, not ${options}`);
    subscriptions.push({ filter, qos: options as Qos });
  }
  return { packetId, subscriptions };
}

/** Throws a Violation when the packet is malformed. */
export function decodeUnsubscribe(bytes: Uint8Array, start: number, end: number): Unsubscribe {
  const fields = new Fields(bytes, start, end);
  const packetId = readPacketId(fields, "UNSUBSCRIBE");
  if (fields.isEmpty) throw new Violation("MQTT-3.10.3-2", "an UNSUBSCRIBE has no topic filter");
  const filters: string[] = [];
  while (!fields.isEmpty) filters.push(readFilter(fields, "MQTT-3.10.3-1"));
  return { packetId, filters };
}

/** Throws a Violation when the packet is malformed. */
export function decodeSuback(bytes: Uint8Array, start: number, end: number): Suback {
  const fields = new Fields(bytes, start, end);
  const packetId = readPacketId(fields, "SUBACK");
  const returnCodes: number[] = [];
  while (!fields.isEmpty) {
    const code = fields.byte("MQTT 3.9.3", "a return code");
    if (code > 2 && code !== SUBSCRIBE_FAILED) throw new Violation("MQTT-3.9.3-2", `${code} is a reserved return code`);
    returnCodes.push(code);
  }
  return { packetId, returnCodes };
}

function readPacketId(fields: Fields, name: string): number {
  const packetId = fields.integer("MQTT-2.3.1-1", "the packet identifier");
  if (packetId === 0) throw new Violation("MQTT-2.3.1-1", `${name} has the packet identifier 0`);
  return packetId;
}

function readFilter(fields: Fields, rule: string): string {
  const start = fields.span(rule, "a topic filter");
  checkTopicFilter(fields.bytes, start, fields.at);
  return readText(fields.bytes, start, fields.at);
}

export function encodeSubscribe(subscribe: Subscribe): Uint8Array {
  const parts = subscribe.subscriptions.flatMap(({ filter, qos }) => [encodeText(filter), Uint8Array.of(qos)]);
  return assemble((SUBSCRIBE << 4) | 2, subscribe.packetId, parts);
}

export function encodeUnsubscribe(unsubscribe: Unsubscribe): Uint8Array {
  return assemble((UNSUBSCRIBE << 4) | 2, unsubscribe.packetId, unsubscribe.filters.map(encodeText));
}

export function encodeSuback(suback: Suback): Uint8Array {
  return assemble(SUBACK << 4, suback.packetId, [Uint8Array.from(suback.returnCodes)]);
}

function assemble(first: number, packetId: number, parts: Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, part) => sum + part.length, 2);
  const packet = new Uint8Array(1 + lengthSize(size) + size);
  packet[0] = first;
  let at = writeLength(packet, 1, size);
  packet[at++] = packetId >> 8;
  packet[at++] = packetId & 0xff;
  for (const part of parts) {
    packet.set(part, at);
    at += part.length;
  }
  return packet;
}
