/**
 * SUBSCRIBE (3.8), SUBACK (3.9), UNSUBSCRIBE (3.10), and UNSUBACK (3.11) of 5.0, which has a body.
 *
 * `level` says the version: 5.0 adds properties to all four, and options to the QoS of a subscription (3.8.3.1).
 */
import { CONTROL_NAMES, type Qos, SUBACK, SUBSCRIBE, UNSUBACK, UNSUBSCRIBE } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import type { Properties } from "./properties.ts";
import { encodeProperties, readProperties } from "./property-list.ts";
import { isReasonOf, PROTOCOL_ERROR } from "./reasons.ts";
import { RULES_3, RULES_5 } from "./rules.ts";
import { checkTopicFilter } from "./topic.ts";
import { encodeText, readText } from "./utf8.ts";
import { Violation } from "./violation.ts";

/** One topic filter and the most that its subscriber wants. */
export interface Subscription {
  filter: string;
  qos: Qos;
  /** 5.0: not what this client publishes itself. Absent is false. */
  noLocal?: boolean;
  /** 5.0: RETAIN as it was published, instead of 0 for all that is not sent because of the SUBSCRIBE. */
  retainAsPublished?: boolean;
  /** 5.0: retained messages always (0), for a new subscription only (1), never (2). Absent is 0. */
  retainHandling?: 0 | 1 | 2;
}

export interface Subscribe {
  packetId: number;
  subscriptions: Subscription[];
  properties?: Properties;
}

export interface Unsubscribe {
  packetId: number;
  filters: string[];
  properties?: Properties;
}

export interface Suback {
  packetId: number;
  /** A granted QoS or SUBSCRIBE_FAILED, of 5.0 a reason code, for each filter in its order. */
  returnCodes: number[];
  properties?: Properties;
}

/** The return code for a filter that the server refuses (3.9.3). */
export const SUBSCRIBE_FAILED = 0x80;

/** Throws a Violation when the packet is malformed. */
export function decodeSubscribe(bytes: Uint8Array, start: number, end: number, level: number): Subscribe {
  const isFive = level === 5;
  const fields = new Fields(bytes, start, end, isFive ? RULES_5 : RULES_3);
  const packetId = readPacketId(fields, "SUBSCRIBE");
  const properties = isFive ? { properties: readProperties(fields, SUBSCRIBE) } : {};
  if (fields.isEmpty) {
    throw new Violation(isFive ? "MQTT-3.8.3-2" : "MQTT-3.8.3-3", "a SUBSCRIBE has no topic filter", PROTOCOL_ERROR);
  }
  const subscriptions: Subscription[] = [];
  while (!fields.isEmpty) {
    const filter = readFilter(fields, "MQTT-3.8.3-1");
    const options = fields.byte("MQTT 3.8.3", "the requested QoS");
    if (isFive) {
      subscriptions.push({ filter, ...readOptions(options, filter) });
      continue;
    }
    // The standard prints this number with a hyphen: [MQTT-3-8.3-4].
    if (options > 2) throw new Violation("MQTT-3-8.3-4", `a requested QoS is 0, 1 or 2, not ${options}`);
    subscriptions.push({ filter, qos: options as Qos });
  }
  return { packetId, subscriptions, ...properties };
}

const NO_LOCAL = 0x04;
const RETAIN_AS_PUBLISHED = 0x08;
const RETAIN_HANDLING_SHIFT = 4;
const RESERVED_OPTIONS = 0xc0;

/** 3.8.3.1. */
function readOptions(options: number, filter: string): Omit<Subscription, "filter"> {
  if ((options & RESERVED_OPTIONS) !== 0) {
    throw new Violation("MQTT-3.8.3-5", `a reserved subscription option is 1: 0x${options.toString(16)}`);
  }
  const qos = options & 3;
  if (qos === 3) throw new Violation("MQTT 3.8.3.1", "a requested QoS is 0, 1 or 2, not 3", PROTOCOL_ERROR);
  const retainHandling = options >> RETAIN_HANDLING_SHIFT;
  if (retainHandling === 3) throw new Violation("MQTT 3.8.3.1", "retain handling is 0, 1 or 2, not 3", PROTOCOL_ERROR);
  const noLocal = (options & NO_LOCAL) !== 0;
  if (noLocal && filter.startsWith("$share/")) {
    throw new Violation("MQTT-3.8.3-4", "a shared subscription with No Local", PROTOCOL_ERROR);
  }
  return {
    qos: qos as Qos,
    noLocal,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  };
}

/** Throws a Violation when the packet is malformed. */
export function decodeUnsubscribe(bytes: Uint8Array, start: number, end: number, level: number): Unsubscribe {
  const isFive = level === 5;
  const fields = new Fields(bytes, start, end, isFive ? RULES_5 : RULES_3);
  const packetId = readPacketId(fields, "UNSUBSCRIBE");
  const properties = isFive ? { properties: readProperties(fields, UNSUBSCRIBE) } : {};
  // The same number in both versions.
  if (fields.isEmpty) throw new Violation("MQTT-3.10.3-2", "an UNSUBSCRIBE has no topic filter", PROTOCOL_ERROR);
  const filters: string[] = [];
  while (!fields.isEmpty) filters.push(readFilter(fields, "MQTT-3.10.3-1"));
  return { packetId, filters, ...properties };
}

/** Reads SUBACK or UNSUBACK of 5.0. Throws a Violation when the packet is malformed. */
export function decodeSuback5(bytes: Uint8Array, type: number, start: number, end: number): Suback {
  const fields = new Fields(bytes, start, end, RULES_5);
  const packetId = readPacketId(fields, CONTROL_NAMES[type]);
  const properties = readProperties(fields, type);
  const returnCodes: number[] = [];
  while (!fields.isEmpty) {
    const code = fields.byte(`MQTT 3.${type}.3`, "a reason code");
    // [MQTT-3.9.3-2] [MQTT-3.11.3-2]
    if (!isReasonOf(type, code)) throw new Violation(`MQTT-3.${type}.3-2`, `${code} is no reason code here`);
    returnCodes.push(code);
  }
  return { packetId, returnCodes, properties };
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
  const rule = fields.rules === RULES_5 ? "MQTT-2.2.1-3" : "MQTT-2.3.1-1";
  const packetId = fields.integer(rule, "the packet identifier");
  if (packetId === 0) throw new Violation(rule, `${name} has the packet identifier 0`, PROTOCOL_ERROR);
  return packetId;
}

function readFilter(fields: Fields, rule: string): string {
  const start = fields.span(rule, "a topic filter");
  checkTopicFilter(fields.bytes, start, fields.at, fields.rules);
  return readText(fields.bytes, start, fields.at);
}

export function encodeSubscribe(subscribe: Subscribe, level: number): Uint8Array {
  const parts = subscribe.subscriptions.flatMap(subscription => [
    encodeText(subscription.filter),
    Uint8Array.of(optionsOf(subscription)),
  ]);
  return assemble((SUBSCRIBE << 4) | 2, subscribe, parts, level);
}

function optionsOf({ qos, noLocal, retainAsPublished, retainHandling = 0 }: Subscription): number {
  return (
    qos |
    (noLocal ? NO_LOCAL : 0) |
    (retainAsPublished ? RETAIN_AS_PUBLISHED : 0) |
    (retainHandling << RETAIN_HANDLING_SHIFT)
  );
}

export function encodeUnsubscribe(unsubscribe: Unsubscribe, level: number): Uint8Array {
  return assemble((UNSUBSCRIBE << 4) | 2, unsubscribe, unsubscribe.filters.map(encodeText), level);
}

export function encodeSuback(suback: Suback, level: number): Uint8Array {
  return assemble(SUBACK << 4, suback, [Uint8Array.from(suback.returnCodes)], level);
}

/** UNSUBACK of 5.0; in 3.1.1 it is a packet identifier (see acknowledge.ts). */
export function encodeUnsuback5(unsuback: Suback): Uint8Array {
  return assemble(UNSUBACK << 4, unsuback, [Uint8Array.from(unsuback.returnCodes)], 5);
}

function assemble(
  first: number,
  { packetId, properties }: { packetId: number; properties?: Properties },
  payload: Uint8Array[],
  level: number,
): Uint8Array {
  const parts = level === 5 ? [encodeProperties(properties), ...payload] : payload;
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
