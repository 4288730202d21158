/**
 * The packets that answer a PUBLISH: PUBACK (3.4), PUBREC (3.5), PUBREL (3.6), PUBCOMP (3.7). In 3.1.1 they are a packet
 * identifier and nothing else, as is UNSUBACK (3.11).
 *
 * 5.0 adds a reason code and properties, and leaves out both when the code is 0 and there is no property: most packets
 * are then the same four bytes in every version, and are read and written without an object.
 */
import { CONTROL_NAMES, fixedFlags } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import type { Properties } from "./properties.ts";
import { encodeProperties, readProperties } from "./property-list.ts";
import { isReasonOf, PROTOCOL_ERROR, SUCCESS } from "./reasons.ts";
import { RULES_5 } from "./rules.ts";
import { Violation } from "./violation.ts";

/** The size of each of them, fixed header included, without a reason code. */
export const ACKNOWLEDGE_SIZE = 4;

/** The packet identifier, 1 to 65535. Throws a Violation. */
export function decodeAcknowledge(bytes: Uint8Array, type: number, start: number, end: number): number {
  if (end - start !== 2) {
    // Sections 3.4.1, 3.5.1, 3.6.1, 3.7.1 and 3.11.1 all say: Remaining Length 2.
    throw new Violation(`MQTT 3.${type}.1`, `${CONTROL_NAMES[type]} has 2 bytes after its length, not ${end - start}`);
  }
  const packetId = (bytes[start] << 8) | bytes[start + 1];
  if (packetId === 0) {
    // 5.0 counts on [MQTT-2.2.1-5] instead: no PUBLISH has the identifier 0, so nothing can be answered under it.
    throw new Violation("MQTT-2.3.1-1", `${CONTROL_NAMES[type]} has the packet identifier 0`);
  }
  return packetId;
}

/** What 5.0 says in one of them. */
export interface Acknowledge {
  packetId: number;
  reasonCode: number;
  properties?: Properties;
}

/** Reads one of PUBACK, PUBREC, PUBREL and PUBCOMP of 5.0. Throws a Violation. */
export function decodeAcknowledge5(bytes: Uint8Array, type: number, start: number, end: number): Acknowledge {
  const fields = new Fields(bytes, start, end, RULES_5);
  const name = CONTROL_NAMES[type];
  const packetId = fields.integer("MQTT-2.2.1-5", "the packet identifier");
  if (packetId === 0) throw new Violation("MQTT-2.2.1-5", `${name} has the packet identifier 0`, PROTOCOL_ERROR);
  const acknowledge: Acknowledge = { packetId, reasonCode: SUCCESS };
  if (!fields.isEmpty) acknowledge.reasonCode = fields.byte(`MQTT-3.${type}.2-1`, "the reason code");
  // 3.4.2.2.1 and its like: without a byte for it, the property length is 0.
  if (!fields.isEmpty) acknowledge.properties = readProperties(fields, type);
  fields.finish(`MQTT 3.${type}.2`, name);
  // [MQTT-3.4.2-1] [MQTT-3.5.2-1] [MQTT-3.6.2-1] [MQTT-3.7.2-1]
  if (!isReasonOf(type, acknowledge.reasonCode)) {
    throw new Violation(`MQTT-3.${type}.2-1`, `${acknowledge.reasonCode} is no reason code of ${name}`, PROTOCOL_ERROR);
  }
  return acknowledge;
}

/** The packet's bytes, in the shortest form that says all of it. */
export function encodeAcknowledge5(type: number, acknowledge: Acknowledge): Uint8Array {
  const { packetId, reasonCode, properties } = acknowledge;
  const list = properties === undefined ? NONE : encodeProperties(properties);
  const reasonSize = reasonCode === SUCCESS && list.length === 0 ? 0 : 1;
  const size = 2 + reasonSize + list.length;
  const packet = new Uint8Array(1 + lengthSize(size) + size);
  packet[0] = (type << 4) | fixedFlags(type);
  const at = writeLength(packet, 1, size);
  packet[at] = packetId >> 8;
  packet[at + 1] = packetId & 0xff;
  if (reasonSize > 0) packet[at + 2] = reasonCode;
  packet.set(list, at + 2 + reasonSize);
  return packet;
}

const NONE = new Uint8Array(0);

/** Writes one of them at `at` without a reason code: ACKNOWLEDGE_SIZE bytes. */
export function writeAcknowledge(target: Uint8Array, at: number, type: number, packetId: number): void {
  target[at] = (type << 4) | fixedFlags(type);
  target[at + 1] = 2;
  target[at + 2] = packetId >> 8;
  target[at + 3] = packetId & 0xff;
}
