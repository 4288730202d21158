/**
 * CONNACK (3.2): a return code in 3.1.1, a reason code and properties in 5.0.
 */
import { Buffer } from "node:buffer";
import { CONNACK } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import type { Properties } from "./properties.ts";
import { encodeProperties, readProperties } from "./property-list.ts";
import { isReasonOf, PROTOCOL_ERROR } from "./reasons.ts";
import { RULES_3, RULES_5 } from "./rules.ts";
import { Violation } from "./violation.ts";

/** Return codes of 3.1.1 (table 3.1). */
export const ACCEPTED = 0;
export const REFUSED_LEVEL = 1;
export const REFUSED_CLIENT_ID = 2;
export const REFUSED_UNAVAILABLE = 3;
export const REFUSED_CREDENTIALS = 4;
export const REFUSED_NOT_AUTHORIZED = 5;
export type ReturnCode = 0 | 1 | 2 | 3 | 4 | 5;

export interface Connack {
  sessionPresent: boolean;
  /** 0 to 255: a return code of 3.1.1 (0 to 5) or a reason code of 5.0 (see reasons.ts). */
  returnCode: number;
  /** 5.0 only. */
  properties?: Properties;
}

/** `level` 5 reads a CONNACK of 5.0. Throws a Violation. */
export function decodeConnack(bytes: Uint8Array, start: number, end: number, level: number): Connack {
  const isFive = level === 5;
  const fields = new Fields(bytes, start, end, isFive ? RULES_5 : RULES_3);
  const flags = fields.byte("MQTT 3.2.2.1", "the acknowledge flags");
  const returnCode = fields.byte(isFive ? "MQTT 3.2.2.2" : "MQTT 3.2.2.3", "the return code");
  const connack: Connack = { sessionPresent: flags === 1, returnCode };
  if (isFive) connack.properties = readProperties(fields, CONNACK);
  fields.finish("MQTT 3.2.1", "CONNACK");
  // 5.0: [MQTT-3.2.2-1].
  if (flags > 1) throw new Violation(isFive ? "MQTT-3.2.2-1" : "MQTT 3.2.2.1", "a reserved acknowledge flag is 1");
  if (isFive && !isReasonOf(CONNACK, returnCode)) {
    throw new Violation("MQTT-3.2.2-8", `${returnCode} is no reason code of CONNACK`, PROTOCOL_ERROR);
  }
  // [MQTT-3.2.2-4] a refusal carries no session; 5.0: [MQTT-3.2.2-6].
  if (returnCode !== ACCEPTED && flags !== 0) {
    const rule = isFive ? "MQTT-3.2.2-6" : "MQTT-3.2.2-4";
    throw new Violation(rule, "refused, but a session is present", PROTOCOL_ERROR);
  }
  return connack;
}

export function encodeConnack(connack: Connack, level: number): Uint8Array {
  const { sessionPresent, returnCode, properties } = connack;
  if (level !== 5) return Uint8Array.of(CONNACK << 4, 2, sessionPresent ? 1 : 0, returnCode);
  const body = Buffer.concat([Uint8Array.of(sessionPresent ? 1 : 0, returnCode), encodeProperties(properties)]);
  const packet = new Uint8Array(1 + lengthSize(body.length) + body.length);
  packet[0] = CONNACK << 4;
  packet.set(body, writeLength(packet, 1, body.length));
  return packet;
}
