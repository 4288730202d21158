/**
 * The packets that are a packet identifier and nothing else: PUBACK (3.4), PUBREC (3.5), PUBREL (3.6), PUBCOMP (3.7)
 * and UNSUBACK (3.11).
 */
import { CONTROL_NAMES, fixedFlags } from "./control.ts";
import { Violation } from "./violation.ts";

/** The size of each of them, fixed header included. */
export const ACKNOWLEDGE_SIZE = 4;

/** The packet identifier, 1 to 65535. Throws a Violation. */
export function decodeAcknowledge(bytes: Uint8Array, type: number, start: number, end: number): number {
  if (end - start !== 2) {
    // Sections 3.4.1, 3.5.1, 3.6.1, 3.7.1 and 3.11.1 all say: Remaining Length 2.
    throw new Violation(
      `MQTT ${sectionOf(type)}`,
      `${CONTROL_NAMES[type]} has 2 bytes after its length, not ${end - start}`,
    );
  }
  const packetId = (bytes[start] << 8) | bytes[start + 1];
  if (packetId === 0) {
    throw new Violation("MQTT-2.3.1-1", `${CONTROL_NAMES[type]} has the packet identifier 0`);
  }
  return packetId;
}

function sectionOf(type: number): string {
  return `3.${type}.1`;
}

/** Writes one of them at `at` and returns the offset after it. */
export function writeAcknowledge(target: Uint8Array, at: number, type: number, packetId: number): number {
  target[at] = (type << 4) | fixedFlags(type);
  target[at + 1] = 2;
  target[at + 2] = packetId >> 8;
  target[at + 3] = packetId & 0xff;
  return at + ACKNOWLEDGE_SIZE;
}
