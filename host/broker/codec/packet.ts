/**
 * Any packet as a value, both ways, in each version: for traces, for tests and for whoever plays the client.
 *
 * The broker's own path does not build these objects for PUBLISH and acknowledgements; it reads them in place.
 */
import { Buffer } from "node:buffer";
import {
  type Acknowledge,
  decodeAcknowledge,
  decodeAcknowledge5,
  encodeAcknowledge5,
  writeAcknowledge,
} from "./acknowledge.ts";
import { type Connack, decodeConnack, encodeConnack } from "./connack.ts";
import { type Connect, decodeConnect, encodeConnect } from "./connect.ts";
import * as control from "./control.ts";
import { decodeReasoned, encodeReasoned, type Reasoned } from "./ending.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import type { Properties } from "./properties.ts";
import { encodeProperties, readProperties } from "./property-list.ts";
import { decodePublish, newPublishView, publishFlags, publishHeaderSize, writePublishHeader } from "./publish.ts";
import { decodePublish5, newPublish5View } from "./publish5.ts";
import { RULES_3, RULES_5 } from "./rules.ts";
import * as subscribe from "./subscribe.ts";
import { checkTopicName } from "./topic.ts";
import { encodeText, readText } from "./utf8.ts";
import { Violation } from "./violation.ts";

export interface Publish {
  /** Empty in 5.0 where an alias stands for it. */
  topic: string;
  payload: Uint8Array;
  qos: control.Qos;
  isDup: boolean;
  isRetain: boolean;
  /** 1 to 65535 at QoS 1 and 2, otherwise 0. */
  packetId: number;
  properties?: Properties;
}

/** Reason codes and properties are of 5.0; a reason code that is absent is 0. */
export type Packet =
  | ({ type: "CONNECT" } & Connect)
  | ({ type: "CONNACK" } & Connack)
  | ({ type: "PUBLISH" } & Publish)
  | ({ type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" } & Partial<Acknowledge> & { packetId: number })
  | ({ type: "SUBSCRIBE" } & subscribe.Subscribe)
  | ({ type: "SUBACK" } & subscribe.Suback)
  | ({ type: "UNSUBSCRIBE" } & subscribe.Unsubscribe)
  | ({ type: "UNSUBACK" } & Partial<subscribe.Suback> & { packetId: number })
  | { type: "PINGREQ" | "PINGRESP" }
  | ({ type: "DISCONNECT" | "AUTH" } & Partial<Reasoned>);

/** Throws a Violation unless the first byte is one that the standard allows (2.2.1, 2.2.2; 5.0: 2.1.2, 2.1.3). */
export function checkFirst(first: number, level: number): void {
  const type = first >> 4;
  if (type === 0 || (type === control.AUTH && level !== 5)) {
    throw new Violation(level === 5 ? "MQTT 2.1.2" : "MQTT 2.2.1", `${type} is a reserved packet type`);
  }
  if (type !== control.PUBLISH && (first & 0x0f) !== control.fixedFlags(type)) {
    const name = control.CONTROL_NAMES[type];
    throw new Violation(
      control.flagsRule(type, level),
      `the flags of ${name} are ${control.fixedFlags(type)}, not ${first & 0x0f}`,
    );
  }
}

/** Throws a Violation when PINGREQ or PINGRESP, or DISCONNECT of 3.1.1, carries a body (3.12, 3.13, 3.14). */
export function checkEmpty(type: number, start: number, end: number): void {
  if (start !== end) {
    throw new Violation(
      `MQTT 3.${type}.1`,
      `${control.CONTROL_NAMES[type]} has no body, but ${end - start} bytes follow`,
    );
  }
}

/**
 * The packet with the first byte `first` and the body bytes[start, end), as a framer found it, of protocol level `level`
 * (CONNECT says its own). Throws a Violation.
 */
export function decodePacket(bytes: Uint8Array, first: number, start: number, end: number, level = 4): Packet {
  checkFirst(first, level);
  const type = first >> 4;
  const isFive = level === 5;
  switch (type) {
    case control.CONNECT:
      return readConnect(bytes, start, end);
    case control.CONNACK:
      return { type: "CONNACK", ...decodeConnack(bytes, start, end, level) };
    case control.PUBLISH:
      return { type: "PUBLISH", ...(isFive ? readPublish5 : readPublish)(bytes, first, start, end) };
    case control.SUBSCRIBE:
      return { type: "SUBSCRIBE", ...subscribe.decodeSubscribe(bytes, start, end, level) };
    case control.SUBACK:
      return {
        type: "SUBACK",
        ...(isFive ? subscribe.decodeSuback5(bytes, type, start, end) : subscribe.decodeSuback(bytes, start, end)),
      };
    case control.UNSUBSCRIBE:
      return { type: "UNSUBSCRIBE", ...subscribe.decodeUnsubscribe(bytes, start, end, level) };
    case control.UNSUBACK:
      return {
        type: "UNSUBACK",
        ...(isFive
          ? subscribe.decodeSuback5(bytes, type, start, end)
          : { packetId: decodeAcknowledge(bytes, type, start, end) }),
      };
    case control.PINGREQ:
    case control.PINGRESP:
      checkEmpty(type, start, end);
      return { type: type === control.PINGREQ ? "PINGREQ" : "PINGRESP" };
    case control.DISCONNECT:
    case control.AUTH: {
      const name = type === control.AUTH ? "AUTH" : "DISCONNECT";
      if (isFive) return { type: name, ...decodeReasoned(bytes, type, start, end) };
      checkEmpty(type, start, end);
      return { type: name };
    }
    default: {
      const name = control.CONTROL_NAMES[type] as "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP";
      if (isFive) return { type: name, ...decodeAcknowledge5(bytes, type, start, end) };
      return { type: name, packetId: decodeAcknowledge(bytes, type, start, end) };
    }
  }
}

function readConnect(bytes: Uint8Array, start: number, end: number): Packet {
  const connect = decodeConnect(bytes, start, end);
  if ("otherLevel" in connect) throw new Violation("MQTT-3.1.2-2", `the protocol level is ${connect.otherLevel}`);
  return { type: "CONNECT", ...connect };
}

function readPublish(bytes: Uint8Array, first: number, start: number, end: number): Publish {
  const view = newPublishView();
  decodePublish(view, bytes, first, start, end);
  checkTopicName(bytes, view.topicStart, view.topicEnd, "a PUBLISH topic", "MQTT-3.3.2-2", RULES_3);
  return {
    topic: readText(bytes, view.topicStart, view.topicEnd),
    payload: new Uint8Array(bytes.subarray(view.payloadStart, end)),
    qos: view.qos,
    isDup: view.isDup,
    isRetain: view.isRetain,
    packetId: view.packetId,
  };
}

function readPublish5(bytes: Uint8Array, first: number, start: number, end: number): Publish {
  const view = newPublish5View();
  // Twice: once as the broker does, which checks, and once for the properties as values.
  decodePublish5(view, bytes, first, start, end, false);
  if (view.topicEnd > view.topicStart) {
    checkTopicName(bytes, view.topicStart, view.topicEnd, "a PUBLISH topic", "MQTT-3.3.2-2", RULES_5);
  }
  const listStart = view.topicEnd + (view.qos > 0 ? 2 : 0);
  return {
    topic: readText(bytes, view.topicStart, view.topicEnd),
    payload: new Uint8Array(bytes.subarray(view.payloadStart, end)),
    qos: view.qos,
    isDup: view.isDup,
    isRetain: view.isRetain,
    packetId: view.packetId,
    properties: readProperties(new Fields(bytes, listStart, end, RULES_5), control.PUBLISH),
  };
}

/**
 * The packet's bytes in protocol level `level`. It writes what it is given: a caller may build what the standard
 * forbids, for a test.
 */
export function encodePacket(packet: Packet, level = 4): Uint8Array {
  switch (packet.type) {
    case "CONNECT":
      return encodeConnect(packet);
    case "CONNACK":
      return encodeConnack(packet, level);
    case "PUBLISH":
      return level === 5 ? encodePublish5(packet) : encodePublish(packet);
    case "SUBSCRIBE":
      return subscribe.encodeSubscribe(packet, level);
    case "SUBACK":
      return subscribe.encodeSuback(packet, level);
    case "UNSUBSCRIBE":
      return subscribe.encodeUnsubscribe(packet, level);
    case "PINGREQ":
    case "PINGRESP":
      return Uint8Array.of(control.CONTROL_NAMES.indexOf(packet.type) << 4, 0);
    case "DISCONNECT":
    case "AUTH": {
      const type = control.CONTROL_NAMES.indexOf(packet.type);
      if (level !== 5) return Uint8Array.of(type << 4, 0);
      return encodeReasoned(type, { reasonCode: packet.reasonCode ?? 0, properties: packet.properties });
    }
    default:
      return encodeAnswer(packet, level);
  }
}

type Answer = Extract<Packet, { type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK" }>;

function encodeAnswer(packet: Answer, level: number): Uint8Array {
  const type = control.CONTROL_NAMES.indexOf(packet.type);
  if (level === 5) {
    if (packet.type === "UNSUBACK") return subscribe.encodeUnsuback5({ returnCodes: [], ...packet });
    return encodeAcknowledge5(type, { reasonCode: 0, ...packet });
  }
  const bytes = new Uint8Array(4);
  writeAcknowledge(bytes, 0, type, packet.packetId);
  return bytes;
}

function encodePublish(publish: Publish): Uint8Array {
  const topic = encodeText(publish.topic);
  const headerSize = publishHeaderSize(topic.length, publish.qos, publish.payload.length);
  const bytes = Buffer.alloc(headerSize + publish.payload.length);
  const first = publishFlags(publish.qos, publish.isDup, publish.isRetain);
  const packetId = publish.qos > 0 ? publish.packetId : 0;
  bytes.set(publish.payload, writePublishHeader(bytes, 0, first, topic, packetId, publish.payload.length));
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The properties in the order of their identifiers, which the broker does not keep to: it forwards what came. */
function encodePublish5(publish: Publish): Uint8Array {
  const { qos, packetId } = publish;
  const body = Buffer.concat([
    encodeText(publish.topic),
    qos > 0 ? Uint8Array.of(packetId >> 8, packetId & 0xff) : new Uint8Array(0),
    encodeProperties(publish.properties),
    publish.payload,
  ]);
  const bytes = new Uint8Array(1 + lengthSize(body.length) + body.length);
  bytes[0] = publishFlags(qos, publish.isDup, publish.isRetain);
  bytes.set(body, writeLength(bytes, 1, body.length));
  return bytes;
}
