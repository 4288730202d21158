/**
 * DISCONNECT (3.14) and AUTH (3.15) of 5.0: a reason code and properties, either of which may be left out.
 */
import { AUTH, CONTROL_NAMES, DISCONNECT } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import type { Properties } from "./properties.ts";
import { encodeProperties, readProperties } from "./property-list.ts";
import { isReasonOf, PROTOCOL_ERROR, SUCCESS } from "./reasons.ts";
import { RULES_5 } from "./rules.ts";
import { Violation } from "./violation.ts";

export interface Reasoned {
  reasonCode: number;
  properties?: Properties;
}

/** `type` is DISCONNECT or AUTH. Throws a Violation. */
export function decodeReasoned(bytes: Uint8Array, type: number, start: number, end: number): Reasoned {
  const fields = new Fields(bytes, start, end, RULES_5);
  const reasoned: Reasoned = { reasonCode: SUCCESS };
  if (!fields.isEmpty) reasoned.reasonCode = fields.byte(`MQTT 3.${type}.2.1`, "the reason code");
  if (!fields.isEmpty) reasoned.properties = readProperties(fields, type);
  fields.finish(`MQTT 3.${type}.2`, CONTROL_NAMES[type]);
  if (!isReasonOf(type, reasoned.reasonCode)) {
    // [MQTT-3.14.2-1] [MQTT-3.15.2-1]
    const rule = type === DISCONNECT ? "MQTT-3.14.2-1" : "MQTT-3.15.2-1";
    const detail = `${reasoned.reasonCode} is no reason code of ${CONTROL_NAMES[type]}`;
    throw new Violation(rule, detail, PROTOCOL_ERROR);
  }
  if (type === AUTH && reasoned.properties?.authenticationMethod === undefined) {
    throw new Violation("MQTT 3.15.2.2.2", "AUTH without an authentication method", PROTOCOL_ERROR);
  }
  return reasoned;
}

/** The packet's bytes, in the shortest form that says all of it. */
export function encodeReasoned(type: number, reasoned: Reasoned): Uint8Array {
  const { reasonCode, properties } = reasoned;
  const list = properties === undefined ? NONE : encodeProperties(properties);
  const reasonSize = reasonCode === SUCCESS && list.length === 0 ? 0 : 1;
  const size = reasonSize + list.length;
  const packet = new Uint8Array(1 + lengthSize(size) + size);
  packet[0] = type << 4;
  const at = writeLength(packet, 1, size);
  if (reasonSize > 0) packet[at] = reasonCode;
  packet.set(list, at + reasonSize);
  return packet;
}

const NONE = new Uint8Array(0);
