/**
 * Any packet as a value, both ways: for traces, for tests and for whoever plays the client.
 *
 * The broker's own path does not build these objects for PUBLISH and acknowledgements; it reads them in place.
 */
import { Buffer } from "node:buffer";
import { decodeAcknowledge, writeAcknowledge } from "./acknowledge.ts";
import { type Connack, type Connect, decodeConnack, decodeConnect, encodeConnack, encodeConnect } from "./connect.ts";
import * as control from "./control.ts";
import { decodePublish, newPublishView, publishFlags, publishHeaderSize, writePublishHeader } from "./publish.ts";
import {
  decodeSuback,
  decodeSubscribe,
  decodeUnsubscribe,
  encodeSuback,
  encodeSubscribe,
  encodeUnsubscribe,
  type Suback,
  type Subscribe,
  type Unsubscribe,
} from "./subscribe.ts";
import { checkTopicName } from "./topic.ts";
import { encodeText, readText } from "./utf8.ts";
import { Violation } from "./violation.ts";

export interface Publish {
  topic: string;
  payload: Uint8Array;
  qos: control.Qos;
  isDup: boolean;
  isRetain: boolean;
  /** 1 to 65535 at QoS 1 and 2, otherwise 0. */
  packetId: number;
}

export type Packet =
  | ({ type: "CONNECT" } & Connect)
  | ({ type: "CONNACK" } & Connack)
  | ({ type: "PUBLISH" } & Publish)
  | {
      type: "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK";
      packetId: number;
    }
  | ({ type: "SUBSCRIBE" } & Subscribe)
  | ({ type: "SUBACK" } & Suback)
  | ({ type: "UNSUBSCRIBE" } & Unsubscribe)
  | { type: "PINGREQ" | "PINGRESP" | "DISCONNECT" };

/** Throws a Violation unless the first byte is one that the standard allows (2.2.1, 2.2.2). */
export function checkFirst(first: number): void {
  const type = first >> 4;
  if (type === 0 || type === 15) throw new Violation("MQTT 2.2.1", `${type} is a reserved packet type`);
  if (type !== control.PUBLISH && (first & 0x0f) !== control.fixedFlags(type)) {
    const name = control.CONTROL_NAMES[type];
    throw new Violation(
      control.flagsRule(type),
      `the flags of ${name} are ${control.fixedFlags(type)}, not ${first & 0x0f}`,
    );
  }
}

/** Throws a Violation when PINGREQ, PINGRESP or DISCONNECT carries a body (3.12, 3.13, 3.14). */
export function checkEmpty(type: number, start: number, end: number): void {
  if (start !== end) {
    throw new Violation(
      `MQTT 3.${type}.1`,
      `${control.CONTROL_NAMES[type]} has no body, but ${end - start} bytes follow`,
    );
  }
}

/** The packet with the first byte `first` and the body bytes[start, end), as a framer found it. Throws a Violation. */
export function decodePacket(bytes: Uint8Array, first: number, start: number, end: number): Packet {
  checkFirst(first);
  const type = first >> 4;
  switch (type) {
    case control.CONNECT:
      return readConnect(bytes, start, end);
    case control.CONNACK:
      return { type: "CONNACK", ...decodeConnack(bytes, start, end) };
    case control.PUBLISH:
      return { type: "PUBLISH", ...readPublish(bytes, first, start, end) };
    case control.SUBSCRIBE:
      return { type: "SUBSCRIBE", ...decodeSubscribe(bytes, start, end) };
    case control.SUBACK:
      return { type: "SUBACK", ...decodeSuback(bytes, start, end) };
    case control.UNSUBSCRIBE:
      return { type: "UNSUBSCRIBE", ...decodeUnsubscribe(bytes, start, end) };
    case control.PINGREQ:
    case control.PINGRESP:
    case control.DISCONNECT:
      checkEmpty(type, start, end);
      return { type: EMPTY_NAMES[type] };
    default:
      return {
        type: ACKNOWLEDGE_NAMES[type],
        packetId: decodeAcknowledge(bytes, type, start, end),
      };
  }
}

const EMPTY_NAMES = {
  12: "PINGREQ",
  13: "PINGRESP",
  14: "DISCONNECT",
} as const;
const ACKNOWLEDGE_NAMES: Record<number, "PUBACK" | "PUBREC" | "PUBREL" | "PUBCOMP" | "UNSUBACK"> = {
  4: "PUBACK",
  5: "PUBREC",
  6: "PUBREL",
  7: "PUBCOMP",
  11: "UNSUBACK",
};

function readConnect(bytes: Uint8Array, start: number, end: number): Packet {
  const connect = decodeConnect(bytes, start, end);
  if ("otherLevel" in connect) throw new Violation("MQTT-3.1.2-2", `the protocol level is ${connect.otherLevel}`);
  return { type: "CONNECT", ...connect };
}

function readPublish(bytes: Uint8Array, first: number, start: number, end: number): Publish {
  const view = newPublishView();
  decodePublish(view, bytes, first, start, end);
  checkTopicName(bytes, view.topicStart, view.topicEnd, "a PUBLISH topic", "MQTT-3.3.2-2");
  return {
    topic: readText(bytes, view.topicStart, view.topicEnd),
    payload: new Uint8Array(bytes.subarray(view.payloadStart, end)),
    qos: view.qos,
    isDup: view.isDup,
    isRetain: view.isRetain,
    packetId: view.packetId,
  };
}

/** The packet's bytes. It writes what it is given: a caller may build what the standard forbids, for a test. */
export function encodePacket(packet: Packet): Uint8Array {
  switch (packet.type) {
    case "CONNECT":
      return encodeConnect(packet);
    case "CONNACK":
      return encodeConnack(packet);
    case "PUBLISH":
      return encodePublish(packet);
    case "SUBSCRIBE":
      return encodeSubscribe(packet);
    case "SUBACK":
      return encodeSuback(packet);
    case "UNSUBSCRIBE":
      return encodeUnsubscribe(packet);
    case "PINGREQ":
    case "PINGRESP":
    case "DISCONNECT":
      return Uint8Array.of(control.CONTROL_NAMES.indexOf(packet.type) << 4, 0);
    default: {
      const bytes = new Uint8Array(4);
      writeAcknowledge(bytes, 0, control.CONTROL_NAMES.indexOf(packet.type), packet.packetId);
      return bytes;
    }
  }
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
