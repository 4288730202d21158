/**
 * The packets that are a type and an identifier and nothing else: PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK. And those that
 * are a type alone: PINGREQ and DISCONNECT. MQTT 3.1.1 sections 3.4 to 3.7, 3.11, 3.12 and 3.14.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { MALFORMED_ID, MALFORMED_SIZE } from "../status.ts";

/** Bytes of an acknowledgement as this core writes it. */
export const ACKNOWLEDGEMENT_SIZE: i32 = 4;

/** Writes a packet of `first` and an identifier, or with `id` 0 of `first` alone, over four bytes. Answers its size. */
export function writeShort(at: i32, first: i32, id: i32): i32 {
  const bodySize: i32 = id === 0 ? 0 : 2;
  i32.store8(at, first);
  i32.store8(at + 1, bodySize);
  writeU16(at + 2, id);
  return 2 + bodySize;
}

/** The identifier of the acknowledgement with its body from `body` to `end`, 1 to 65,535, or MALFORMED_SIZE, or MALFORMED_ID. */
export function readAcknowledgement(body: i32, end: i32): i32 {
  if (end - body !== 2) return MALFORMED_SIZE;
  const id: i32 = readU16(body);
  // [MQTT-2.3.1-1]
  return id === 0 ? MALFORMED_ID : id;
}
