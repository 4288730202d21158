/**
 * The packets that are a type and an identifier and nothing else: PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK.
 * MQTT 3.1.1 sections 3.4 to 3.7 and 3.11.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { MALFORMED_ID, MALFORMED_SIZE } from "../status.ts";
import { PUBREL, REQUEST_FLAGS } from "./header.ts";

/** Bytes of an acknowledgement as this core writes it. */
export const ACKNOWLEDGEMENT_SIZE: i32 = 4;

/** Writes an acknowledgement of `type`; ACKNOWLEDGEMENT_SIZE bytes. */
export function writeAcknowledgement(at: i32, type: i32, id: i32): void {
  i32.store8(at, (type << 4) | (type === PUBREL ? REQUEST_FLAGS : 0));
  i32.store8(at + 1, 2);
  writeU16(at + 2, id);
}

/** The identifier of the acknowledgement with its body from `body` to `end`, 1 to 65,535, or MALFORMED_SIZE, or MALFORMED_ID. */
export function readAcknowledgement(body: i32, end: i32): i32 {
  if (end - body !== 2) return MALFORMED_SIZE;
  const id: i32 = readU16(body);
  // [MQTT-2.3.1-1]
  return id === 0 ? MALFORMED_ID : id;
}
