/**
 * Properties of MQTT 5.0, section 2.2.2: values by name, and the block of bytes that they are on the wire. Which may stand where
 * the core checks as well; here the offender has a name.
 */
import { Buffer } from "node:buffer";
import { show } from "./check-options.ts";
import { PerigeeError } from "./errors.ts";
import { encodeText, encodeTopic } from "./text.ts";

/** Name and value; a name may stand several times, and their order is kept. */
export type UserProperties = readonly (readonly [name: string, value: string])[];

/** All that there are, in what a client sends and in what it receives. Sizes and times in bytes and seconds. */
export interface Properties {
  payloadFormat?: 0 | 1;
  messageExpirySeconds?: number;
  contentType?: string;
  responseTopic?: string;
  correlationData?: Buffer;
  subscriptionIds?: readonly number[];
  sessionExpirySeconds?: number;
  assignedClientId?: string;
  serverKeepAliveSeconds?: number;
  authenticationMethod?: string;
  authenticationData?: Buffer;
  requestProblemInformation?: boolean;
  willDelaySeconds?: number;
  requestResponseInformation?: boolean;
  responseInformation?: string;
  serverReference?: string;
  reasonString?: string;
  receiveMaximum?: number;
  topicAliasMaximum?: number;
  topicAlias?: number;
  maximumQos?: 0 | 1;
  retainAvailable?: boolean;
  userProperties?: UserProperties;
  maximumPacketSize?: number;
  wildcardsAvailable?: boolean;
  subscriptionIdsAvailable?: boolean;
  sharedSubscriptionsAvailable?: boolean;
}

type Kind = "bit" | "flag" | "two" | "four" | "ids" | "text" | "topic" | "binary" | "pairs";

/** Identifier and encoding of each, table 2-4. */
const TABLE: Readonly<Record<keyof Properties, readonly [id: number, kind: Kind]>> = {
  payloadFormat: [0x01, "bit"],
  messageExpirySeconds: [0x02, "four"],
  contentType: [0x03, "text"],
  responseTopic: [0x08, "topic"],
  correlationData: [0x09, "binary"],
  subscriptionIds: [0x0b, "ids"],
  sessionExpirySeconds: [0x11, "four"],
  assignedClientId: [0x12, "text"],
  serverKeepAliveSeconds: [0x13, "two"],
  authenticationMethod: [0x15, "text"],
  authenticationData: [0x16, "binary"],
  requestProblemInformation: [0x17, "flag"],
  willDelaySeconds: [0x18, "four"],
  requestResponseInformation: [0x19, "flag"],
  responseInformation: [0x1a, "text"],
  serverReference: [0x1c, "text"],
  reasonString: [0x1f, "text"],
  receiveMaximum: [0x21, "two"],
  topicAliasMaximum: [0x22, "two"],
  topicAlias: [0x23, "two"],
  maximumQos: [0x24, "bit"],
  retainAvailable: [0x25, "flag"],
  userProperties: [0x26, "pairs"],
  maximumPacketSize: [0x27, "four"],
  wildcardsAvailable: [0x28, "flag"],
  subscriptionIdsAvailable: [0x29, "flag"],
  sharedSubscriptionsAvailable: [0x2a, "flag"],
};

const NAMES = new Map(Object.entries(TABLE).map(([name, [id, kind]]) => [id, { name, kind }]));

/** Largest number of each kind; those that may not be 0 are in NOT_ZERO. */
const LIMITS = { bit: 1, two: 0xffff, four: 0xffff_ffff, ids: 0x0fff_ffff } as const;

const NOT_ZERO: readonly string[] = ["receiveMaximum", "maximumPacketSize", "subscriptionIds"];

/** What a client may say in each packet, table 2-4. */
const MESSAGE = [
  "payloadFormat",
  "messageExpirySeconds",
  "contentType",
  "responseTopic",
  "correlationData",
  "userProperties",
] as const;
export const IN = {
  connect: [
    "sessionExpirySeconds",
    "receiveMaximum",
    "maximumPacketSize",
    "topicAliasMaximum",
    "requestResponseInformation",
    "requestProblemInformation",
    "userProperties",
    "authenticationMethod",
    "authenticationData",
  ],
  will: ["willDelaySeconds", ...MESSAGE],
  publish: MESSAGE,
  subscribe: ["subscriptionIds", "userProperties"],
  unsubscribe: ["userProperties"],
  disconnect: ["sessionExpirySeconds", "reasonString", "userProperties"],
  auth: ["authenticationMethod", "authenticationData", "reasonString", "userProperties"],
} as const satisfies Record<string, readonly (keyof Properties)[]>;

export type PropertiesOf<Packet extends keyof typeof IN> = Pick<Properties, (typeof IN)[Packet][number]>;

/** The block with its length in front. Throws MISUSE_OPTION for one that has no place in the packet, or that is no such value. */
export function encodeProperties(properties: Properties | undefined, packet: keyof typeof IN): Buffer {
  if (properties === undefined) return Buffer.of(0);
  if (typeof properties !== "object" || properties === null || Array.isArray(properties)) {
    throw new PerigeeError("MISUSE_OPTION", `${packet} properties are an object, not ${show(properties)}`);
  }
  const allowed: readonly string[] = IN[packet];
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (!allowed.includes(name)) {
      const text = `${packet} has no property ${name}; there are ${allowed.join(", ")}`;
      throw new PerigeeError("MISUSE_OPTION", text);
    }
    const [id, kind] = TABLE[name as keyof Properties];
    for (const bytes of encodeValue(name, kind, value)) parts.push(Buffer.of(id), bytes);
  }
  const block = Buffer.concat(parts);
  return Buffer.concat([encodeVarint(block.length), block]);
}

/** The bytes of a value, or of each where it may stand several times. */
function encodeValue(name: string, kind: Kind, value: unknown): Buffer[] {
  const refuse = (words: string, offender = value) =>
    new PerigeeError("MISUSE_OPTION", `${name} is ${words}, not ${show(offender)}`);
  const number = (most: number, one: unknown) => {
    const least = NOT_ZERO.includes(name) ? 1 : 0;
    if (!Number.isInteger(one) || (one as number) < least || (one as number) > most) {
      throw refuse(`an integer from ${least} to ${most}`, one);
    }
    return one as number;
  };
  const text = (one: unknown, what = name) => {
    if (typeof one !== "string") throw refuse(kind === "pairs" ? "pairs of strings" : "a string", one);
    return sized(encodeText(one, what, "MISUSE_OPTION"));
  };
  switch (kind) {
    case "flag":
      if (typeof value !== "boolean") throw refuse("true or false");
      return [Buffer.of(value ? 1 : 0)];
    case "bit":
      return [Buffer.of(number(LIMITS.bit, value))];
    case "two":
      return [Buffer.of(number(LIMITS.two, value) >> 8, (value as number) & 0xff)];
    case "four": {
      const four = number(LIMITS.four, value);
      return [Buffer.of(four >>> 24, (four >> 16) & 0xff, (four >> 8) & 0xff, four & 0xff)];
    }
    case "ids":
      if (!Array.isArray(value)) throw refuse("an array of integers");
      return value.map(id => encodeVarint(number(LIMITS.ids, id)));
    case "text":
      return [text(value)];
    case "topic":
      if (typeof value !== "string") throw refuse("a string");
      return [sized(encodeTopic(value, "response topic", "MISUSE_TOPIC"))];
    case "binary":
      if (!(value instanceof Uint8Array) || value.length > 0xffff) throw refuse("a Uint8Array of at most 65535 bytes");
      return [sized(Buffer.from(value))];
    case "pairs":
      if (!Array.isArray(value) || value.some(pair => !Array.isArray(pair) || pair.length !== 2)) {
        throw refuse("an array of names and values, [name, value]");
      }
      return value.map(([key, its]) => Buffer.concat([text(key, "user property"), text(its, "user property")]));
  }
}

function sized(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

/** A variable byte integer, section 1.5.5. */
export function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.from(bytes);
}

/** The properties in a block without its length, which the core has checked. */
export function decodeProperties(block: Uint8Array): Properties {
  const bytes = Buffer.from(block);
  const properties: Record<string, unknown> = {};
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const number = (size: number) => {
    let value = 0;
    for (const end = at + size; at < end; at++) value = value * 256 + bytes[at];
    return value;
  };
  const binary = () => {
    const size = number(2);
    at += size;
    return bytes.subarray(at - size, at);
  };
  while (at < bytes.length) {
    const known = NAMES.get(bytes[at++]);
    // The core lets no other through.
    if (known === undefined) throw new RangeError(`a property of identifier ${bytes[at - 1]} that does not exist`);
    const { name, kind } = known;
    switch (kind) {
      case "flag":
        properties[name] = bytes[at++] === 1;
        break;
      case "bit":
        properties[name] = bytes[at++];
        break;
      case "two":
        properties[name] = number(2);
        break;
      case "four":
        properties[name] = number(4);
        break;
      case "ids":
        properties[name] = [...((properties[name] as number[]) ?? []), varint()];
        break;
      case "binary":
        properties[name] = binary();
        break;
      case "pairs":
        properties[name] = [
          ...((properties[name] as [string, string][]) ?? []),
          [binary().toString(), binary().toString()],
        ];
        break;
      default:
        properties[name] = binary().toString();
    }
  }
  return properties as Properties;
}
