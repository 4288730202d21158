/**
 * The packets of a client that are a first byte and an identifier and nothing else: PUBACK, PUBREC, PUBREL and PUBCOMP. And those
 * that are a first byte alone: PINGREQ and DISCONNECT. MQTT 3.1.1 sections 3.4 to 3.7, 3.12 and 3.14.
 */
import { writeU16 } from "../bytes.ts";

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
