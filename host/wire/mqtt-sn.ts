/**
 * MQTT-SN 1.2 as far as telemetry needs it: CONNECT, PUBLISH with a predefined topic id, PUBACK, PINGREQ and their answers, as bytes both ways (5.2 to 5.4).
 */

/** Message types (5.2.2). */
const [CONNECT, CONNACK, PUBLISH, PUBACK, PINGREQ, PINGRESP] = [0x04, 0x05, 0x0c, 0x0d, 0x16, 0x17];
/** Flags (5.3.4): DUP, QoS in two bits where 3 says -1, CleanSession, and the type of a predefined topic id. */
const [DUPLICATE, CLEAN_SESSION, PREDEFINED] = [0x80, 0x04, 0x01];
const PROTOCOL_ID = 0x01;
const ACCEPTED = 0;

export type SnQos = -1 | 0 | 1;

/** 5.2.1: one byte of length, or three from 256 bytes on. */
function snMessage(type: number, body: Buffer): Buffer {
  const size = body.length + 2;
  if (size < 256) return Buffer.concat([Buffer.of(size, type), body]);
  return Buffer.concat([Buffer.of(1, (size + 2) >> 8, (size + 2) & 0xff, type), body]);
}

function word(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff);
}

/** PUBLISH with a predefined topic id (5.4.12); QoS -1 needs no connection. Only QoS 1 has an identifier, which is 0 in the others. */
export function snPublish(qos: SnQos, topicId: number, payload: Buffer, messageId = 1, isDuplicate = false): Buffer {
  const flags = (isDuplicate ? DUPLICATE : 0) | ((qos & 3) << 5) | PREDEFINED;
  return snMessage(PUBLISH, Buffer.concat([Buffer.of(flags), word(topicId), word(qos === 1 ? messageId : 0), payload]));
}

/** PUBACK (5.4.13), accepted. */
export function snPuback(topicId: number, messageId = 1): Buffer {
  return snMessage(PUBACK, Buffer.concat([word(topicId), word(messageId), Buffer.of(ACCEPTED)]));
}

/** CONNECT (5.4.4). */
export function snConnect(clientId: string, keepAliveSeconds: number, isClean = true): Buffer {
  const head = Buffer.of(isClean ? CLEAN_SESSION : 0, PROTOCOL_ID);
  return snMessage(CONNECT, Buffer.concat([head, word(keepAliveSeconds), Buffer.from(clientId, "utf8")]));
}

/** CONNACK (5.4.5), PINGREQ without a client id (5.4.19), PINGRESP (5.4.20). */
export const SN_CONNACK = snMessage(CONNACK, Buffer.of(ACCEPTED));
export const SN_PINGREQ = snMessage(PINGREQ, Buffer.alloc(0));
export const SN_PINGRESP = snMessage(PINGRESP, Buffer.alloc(0));

export type SnMessage =
  | { type: "PUBLISH"; qos: SnQos; isDuplicate: boolean; topicId: number; messageId: number; payload: Buffer }
  | { type: "PUBACK"; topicId: number; messageId: number }
  | { type: "CONNECT" | "CONNACK" | "PINGREQ" | "PINGRESP" };

/** What a message says, or null for one that is none of these. */
export function readSn(bytes: Buffer): SnMessage | null {
  const isLong = bytes[0] === 1;
  const at = isLong ? 3 : 1;
  const size = isLong && bytes.length > 3 ? bytes.readUInt16BE(1) : bytes[0];
  if (bytes.length < 2 || size !== bytes.length) return null;
  const body = bytes.subarray(at + 1);
  switch (bytes[at]) {
    case PUBLISH: {
      const bits = (body[0] >> 5) & 3;
      if (body.length < 5 || bits === 2) return null;
      return {
        type: "PUBLISH",
        qos: bits === 3 ? -1 : bits === 1 ? 1 : 0,
        isDuplicate: (body[0] & DUPLICATE) !== 0,
        topicId: body.readUInt16BE(1),
        messageId: body.readUInt16BE(3),
        payload: body.subarray(5),
      };
    }
    case PUBACK:
      if (body.length !== 5 || body[4] !== ACCEPTED) return null;
      return { type: "PUBACK", topicId: body.readUInt16BE(0), messageId: body.readUInt16BE(2) };
    case CONNECT:
      return { type: "CONNECT" };
    case CONNACK:
      return { type: "CONNACK" };
    case PINGREQ:
      return { type: "PINGREQ" };
    case PINGRESP:
      return { type: "PINGRESP" };
    default:
      return null;
  }
}
