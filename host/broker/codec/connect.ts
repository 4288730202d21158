/**
 * CONNECT (3.1) and CONNACK (3.2).
 *
 * `decodeConnect` refuses what closes the connection without an answer. What is answered by a return code (a level
 * the server does not speak, an empty client identifier without a clean session) is left to the caller: the packet is
 * well-formed.
 */
import { Buffer } from "node:buffer";
import { CONNACK, CONNECT, type Qos } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import { checkTopicName } from "./topic.ts";
import { encodeText, readText } from "./utf8.ts";
import { quote, Violation } from "./violation.ts";

const USERNAME_FLAG = 0x80;
const PASSWORD_FLAG = 0x40;
const WILL_RETAIN_FLAG = 0x20;
const WILL_QOS_SHIFT = 3;
const WILL_FLAG = 0x04;
const CLEAN_SESSION_FLAG = 0x02;
const RESERVED_FLAG = 0x01;

/** What the server publishes for a client that ends without DISCONNECT (3.1.2.5). */
export interface Will {
  topic: string;
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
}

export interface Connect {
  /** Protocol level: 4 is 3.1.1 ("MQTT"), 3 is 3.1 ("MQIsdp"). */
  level: 3 | 4;
  cleanSession: boolean;
  /** Seconds, 0 to 65535; 0 turns the mechanism off. */
  keepAliveS: number;
  clientId: string;
  will?: Will;
  username?: string;
  password?: Uint8Array;
}

/** A CONNECT of another protocol level: what follows has another layout, and the answer is code 1 [MQTT-3.1.2-2]. */
export interface OtherLevel {
  otherLevel: number;
}

/** Return codes of CONNACK (table 3.1). */
export const ACCEPTED = 0;
export const REFUSED_LEVEL = 1;
export const REFUSED_CLIENT_ID = 2;
export const REFUSED_UNAVAILABLE = 3;
export const REFUSED_CREDENTIALS = 4;
export const REFUSED_NOT_AUTHORIZED = 5;
export type ReturnCode = 0 | 1 | 2 | 3 | 4 | 5;

/** Throws a Violation when the packet is malformed. */
export function decodeConnect(bytes: Uint8Array, start: number, end: number): Connect | OtherLevel {
  const fields = new Fields(bytes, start, end);
  const protocol = fields.text("MQTT-3.1.2-1", "the protocol name");
  // [MQTT-3.1.2-1] any other name may be closed without an answer; 3.1 called itself MQIsdp.
  if (protocol !== "MQTT" && protocol !== "MQIsdp") {
    throw new Violation("MQTT-3.1.2-1", `the protocol name is 'MQTT', not ${quote(protocol)}`);
  }
  const level = fields.byte("MQTT-3.1.2-2", "the protocol level");
  const spokenLevel = protocol === "MQTT" ? 4 : 3;
  if (level !== spokenLevel) return { otherLevel: level };

  const flags = fields.byte("MQTT 3.1.2.3", "the connect flags");
  if ((flags & RESERVED_FLAG) !== 0) {
    throw new Violation("MQTT-3.1.2-3", "the reserved connect flag is 1");
  }
  checkFlags(flags);
  const connect: Connect = {
    level: spokenLevel,
    cleanSession: (flags & CLEAN_SESSION_FLAG) !== 0,
    keepAliveS: fields.integer("MQTT 3.1.2.10", "the keep-alive"),
    clientId: fields.text("MQTT-3.1.3-3", "the client identifier"),
  };
  if ((flags & WILL_FLAG) !== 0) {
    // [MQTT-3.1.2-9] the fields must be there.
    const topicStart = fields.span("MQTT-3.1.2-9", "the will topic");
    checkTopicName(bytes, topicStart, fields.at, "a will topic", "MQTT-4.7.1-1");
    connect.will = {
      topic: readText(bytes, topicStart, fields.at),
      payload: fields.data("MQTT-3.1.2-9", "the will message"),
      qos: ((flags >> WILL_QOS_SHIFT) & 3) as Qos,
      retain: (flags & WILL_RETAIN_FLAG) !== 0,
    };
  }
  if ((flags & USERNAME_FLAG) !== 0) connect.username = fields.text("MQTT-3.1.2-19", "the user name");
  if ((flags & PASSWORD_FLAG) !== 0) connect.password = fields.data("MQTT-3.1.2-21", "the password");
  // [MQTT-3.1.2-11] [MQTT-3.1.2-18] [MQTT-3.1.2-20] a field whose flag is 0 must not be there.
  fields.finish(flags & USERNAME_FLAG ? "MQTT-3.1.2-20" : "MQTT-3.1.2-18", "CONNECT");
  return connect;
}

function checkFlags(flags: number): void {
  const willQos = (flags >> WILL_QOS_SHIFT) & 3;
  if ((flags & WILL_FLAG) === 0) {
    if (willQos !== 0) throw new Violation("MQTT-3.1.2-13", `no will, but a will QoS of ${willQos}`);
    if ((flags & WILL_RETAIN_FLAG) !== 0) throw new Violation("MQTT-3.1.2-15", "no will, but will retain is 1");
  } else if (willQos === 3) {
    throw new Violation("MQTT-3.1.2-14", "a will QoS is 0, 1 or 2, not 3");
  }
  if ((flags & USERNAME_FLAG) === 0 && (flags & PASSWORD_FLAG) !== 0) {
    throw new Violation("MQTT-3.1.2-22", "a password without a user name");
  }
}

/** The packet's bytes. Throws a RangeError when a field is longer than 65,535 bytes. */
export function encodeConnect(connect: Connect): Uint8Array {
  const { will, username, password } = connect;
  const parts: Uint8Array[] = [encodeText(connect.level === 3 ? "MQIsdp" : "MQTT")];
  let flags = connect.cleanSession ? CLEAN_SESSION_FLAG : 0;
  if (will) flags |= WILL_FLAG | (will.qos << WILL_QOS_SHIFT) | (will.retain ? WILL_RETAIN_FLAG : 0);
  if (username !== undefined) flags |= USERNAME_FLAG;
  if (password !== undefined) flags |= PASSWORD_FLAG;
  parts.push(Uint8Array.of(connect.level, flags, connect.keepAliveS >> 8, connect.keepAliveS & 0xff));
  parts.push(encodeText(connect.clientId));
  if (will) parts.push(encodeText(will.topic), encodeData(will.payload));
  if (username !== undefined) parts.push(encodeText(username));
  if (password !== undefined) parts.push(encodeData(password));
  const body = Buffer.concat(parts);
  const packet = new Uint8Array(1 + lengthSize(body.length) + body.length);
  packet[0] = CONNECT << 4;
  packet.set(body, writeLength(packet, 1, body.length));
  return packet;
}

function encodeData(data: Uint8Array): Uint8Array {
  if (data.length > 0xffff) throw new RangeError(`a field of ${data.length} bytes does not fit: 65535 at most`);
  const field = new Uint8Array(2 + data.length);
  field[0] = data.length >> 8;
  field[1] = data.length & 0xff;
  field.set(data, 2);
  return field;
}

export interface Connack {
  sessionPresent: boolean;
  /** 0 to 255; 0 to 5 have a meaning in 3.1.1. */
  returnCode: number;
}

export function decodeConnack(bytes: Uint8Array, start: number, end: number): Connack {
  const fields = new Fields(bytes, start, end);
  const flags = fields.byte("MQTT 3.2.2.1", "the acknowledge flags");
  const returnCode = fields.byte("MQTT 3.2.2.3", "the return code");
  fields.finish("MQTT 3.2.1", "CONNACK");
  if (flags > 1) throw new Violation("MQTT 3.2.2.1", "a reserved acknowledge flag is 1");
  // [MQTT-3.2.2-4] a refusal carries no session.
  if (returnCode !== ACCEPTED && flags !== 0) throw new Violation("MQTT-3.2.2-4", "refused, but a session is present");
  return { sessionPresent: flags === 1, returnCode };
}

export function encodeConnack(connack: Connack): Uint8Array {
  return Uint8Array.of(CONNACK << 4, 2, connack.sessionPresent ? 1 : 0, connack.returnCode);
}
