/**
 * CONNECT (3.1), of all three versions.
 *
 * `decodeConnect` refuses what closes the connection without an answer. What is answered by a return code (a level
 * the server does not speak, an empty client identifier without a clean session) is left to the caller: the packet is
 * well-formed. Where 5.0 has another number for the same check, it stands behind the 3.1.1 one.
 */
import { Buffer } from "node:buffer";
import { CONNECT, type Qos } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import { type Properties, WILL_PLACE } from "./properties.ts";
import { encodeData, encodeProperties, readProperties } from "./property-list.ts";
import { PROTOCOL_ERROR } from "./reasons.ts";
import { RULES_3, RULES_5 } from "./rules.ts";
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
const BRIDGE_FLAG = 0x80;

/** What the server publishes for a client that ends without DISCONNECT (3.1.2.5). */
export interface Will {
  topic: string;
  payload: Uint8Array;
  qos: Qos;
  retain: boolean;
  /** 5.0 (3.1.3.2). */
  properties?: Properties;
}

export interface Connect {
  /** Protocol level: 5 is 5.0, 4 is 3.1.1 (both "MQTT"), 3 is 3.1 ("MQIsdp"). */
  level: Level;
  /** 5.0 calls it Clean Start: it says nothing about the session's end there. */
  cleanSession: boolean;
  /**
   * The top bit of the level, of 3.1 and 3.1.1: a bridge of mosquitto (`try_private`), which wants RETAIN as it was
   * published and none of its own messages back, as 5.0 clients can ask for.
   */
  isBridge?: boolean;
  /** Seconds, 0 to 65535; 0 turns the mechanism off. */
  keepAliveS: number;
  clientId: string;
  will?: Will;
  username?: string;
  password?: Uint8Array;
  /** 5.0 (3.1.2.11). */
  properties?: Properties;
}

export type Level = 3 | 4 | 5;

/** A CONNECT of another protocol level: what follows has another layout, and the answer is code 1 [MQTT-3.1.2-2]. */
interface OtherLevel {
  otherLevel: number;
}

/** Throws a Violation when the packet is malformed. */
export function decodeConnect(bytes: Uint8Array, start: number, end: number): Connect | OtherLevel {
  const isFive = levelOf(bytes, start, end) === 5;
  const fields = new Fields(bytes, start, end, isFive ? RULES_5 : RULES_3);
  const protocol = fields.text("MQTT-3.1.2-1", "the protocol name");
  // [MQTT-3.1.2-1] any other name may be closed without an answer; 3.1 called itself MQIsdp.
  if (protocol !== "MQTT" && protocol !== "MQIsdp") {
    throw new Violation("MQTT-3.1.2-1", `the protocol name is 'MQTT', not ${quote(protocol)}`);
  }
  const levelByte = fields.byte("MQTT-3.1.2-2", "the protocol level");
  const isBridge = levelByte > BRIDGE_FLAG;
  const level = isFive ? 5 : levelByte & ~BRIDGE_FLAG;
  if (!isFive && level !== (protocol === "MQTT" ? 4 : 3)) return { otherLevel: levelByte };

  const flags = fields.byte("MQTT 3.1.2.3", "the connect flags");
  if ((flags & RESERVED_FLAG) !== 0) {
    throw new Violation("MQTT-3.1.2-3", "the reserved connect flag is 1");
  }
  checkFlags(flags, isFive);
  const connect: Connect = {
    level: level as Level,
    ...(isBridge ? { isBridge } : {}),
    cleanSession: (flags & CLEAN_SESSION_FLAG) !== 0,
    keepAliveS: fields.integer("MQTT 3.1.2.10", "the keep-alive"),
    // In the order of the packet: 5.0 has its properties before the payload.
    ...(isFive ? { properties: readConnectProperties(fields) } : {}),
    clientId: fields.text(isFive ? "MQTT-3.1.3-4" : "MQTT-3.1.3-3", "the client identifier"),
  };
  if ((flags & WILL_FLAG) !== 0) {
    // [MQTT-3.1.2-9] the fields must be there, in 5.0 too; 5.0: a topic that is well-formed [MQTT-3.1.3-11].
    const properties = isFive ? { properties: readProperties(fields, WILL_PLACE) } : {};
    const topicStart = fields.span("MQTT-3.1.2-9", "the will topic");
    checkTopicName(bytes, topicStart, fields.at, "a will topic", fields.rules.nameWildcard, fields.rules);
    connect.will = {
      ...properties,
      topic: readText(bytes, topicStart, fields.at),
      payload: fields.data("MQTT-3.1.2-9", "the will message"),
      qos: ((flags >> WILL_QOS_SHIFT) & 3) as Qos,
      retain: (flags & WILL_RETAIN_FLAG) !== 0,
    };
  }
  // 5.0: well-formed [MQTT-3.1.3-12].
  if ((flags & USERNAME_FLAG) !== 0) {
    connect.username = fields.text(isFive ? "MQTT-3.1.2-17" : "MQTT-3.1.2-19", "the user name");
  }
  if ((flags & PASSWORD_FLAG) !== 0) {
    connect.password = fields.data(isFive ? "MQTT-3.1.2-19" : "MQTT-3.1.2-21", "the password");
  }
  // [MQTT-3.1.2-11] [MQTT-3.1.2-18] [MQTT-3.1.2-20] a field whose flag is 0 must not be there.
  // 5.0: [MQTT-3.1.2-16] [MQTT-3.1.2-18].
  const surplus = isFive ? ["MQTT-3.1.2-18", "MQTT-3.1.2-16"] : ["MQTT-3.1.2-20", "MQTT-3.1.2-18"];
  fields.finish(surplus[flags & USERNAME_FLAG ? 0 : 1], "CONNECT");
  return connect;
}

/** 5 when the packet says that it is a CONNECT of 5.0, whatever else is wrong with it; otherwise 4. */
export function levelOf(bytes: Uint8Array, start: number, end: number): 4 | 5 {
  const isMqtt = end - start >= 7 && PROTOCOL_NAME.every((byte, index) => bytes[start + index] === byte);
  return isMqtt && bytes[start + 6] === 5 ? 5 : 4;
}

const PROTOCOL_NAME = [0, 4, 0x4d, 0x51, 0x54, 0x54];

function readConnectProperties(fields: Fields): Properties {
  const properties = readProperties(fields, CONNECT);
  if (properties.authenticationData !== undefined && properties.authenticationMethod === undefined) {
    throw new Violation("MQTT 3.1.2.11.10", "authentication data without an authentication method", PROTOCOL_ERROR);
  }
  return properties;
}

function checkFlags(flags: number, isFive: boolean): void {
  const willQos = (flags >> WILL_QOS_SHIFT) & 3;
  if ((flags & WILL_FLAG) === 0) {
    const rules = isFive ? ["MQTT-3.1.2-11", "MQTT-3.1.2-13"] : ["MQTT-3.1.2-13", "MQTT-3.1.2-15"];
    if (willQos !== 0) throw new Violation(rules[0], `no will, but a will QoS of ${willQos}`);
    if ((flags & WILL_RETAIN_FLAG) !== 0) throw new Violation(rules[1], "no will, but will retain is 1");
  } else if (willQos === 3) {
    throw new Violation(isFive ? "MQTT-3.1.2-12" : "MQTT-3.1.2-14", "a will QoS is 0, 1 or 2, not 3");
  }
  // 5.0 lets a password stand alone (3.1.2.9).
  if (!isFive && (flags & USERNAME_FLAG) === 0 && (flags & PASSWORD_FLAG) !== 0) {
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
  parts.push(
    Uint8Array.of(
      connect.level | (connect.isBridge ? BRIDGE_FLAG : 0),
      flags,
      connect.keepAliveS >> 8,
      connect.keepAliveS & 0xff,
    ),
  );
  if (connect.level === 5) parts.push(encodeProperties(connect.properties));
  parts.push(encodeText(connect.clientId));
  if (will && connect.level === 5) parts.push(encodeProperties(will.properties));
  if (will) parts.push(encodeText(will.topic), encodeData(will.payload));
  if (username !== undefined) parts.push(encodeText(username));
  if (password !== undefined) parts.push(encodeData(password));
  const body = Buffer.concat(parts);
  const packet = new Uint8Array(1 + lengthSize(body.length) + body.length);
  packet[0] = CONNECT << 4;
  packet.set(body, writeLength(packet, 1, body.length));
  return packet;
}
