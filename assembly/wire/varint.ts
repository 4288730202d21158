/**
 * The remaining length: seven bits a byte, least significant first, at most four bytes. MQTT 3.1.1 section 2.2.3.
 *
 * 3.1.1 does not ask for the shortest form, so a longer one is read; none is sent.
 */
import { INCOMPLETE, MALFORMED_LENGTH } from "../status.ts";

/** The largest value that four bytes hold. */
export const VARINT_MAX: i32 = 0x0fff_ffff;

/** Bytes that `value` takes, 1 to 4: table 2.4. */
export function varintSize(value: i32): i32 {
  return 1 + (value > 0x7f ? 1 : 0) + (value > 0x3fff ? 1 : 0) + (value > 0x1f_ffff ? 1 : 0);
}

/** Writes `value`, 0 to VARINT_MAX, in a form that reaches to `last` at least, and answers the address behind it. */
export function writeLength(at: i32, value: i32, last: i32): i32 {
  while (value > 0x7f || at < last) {
    i32.store8(at, value | 0x80);
    value >>= 7;
    at += 1;
  }
  i32.store8(at, value);
  return at + 1;
}

/**
 * Reads the remaining length at `at`, of which the bytes before `end` are there. Answers how many bytes there are from `at` to
 * the end of the packet: those of the length itself, and those that it counts. Below zero: INCOMPLETE, or MALFORMED_LENGTH.
 */
export function readLength(at: i32, end: i32): i32 {
  let size: i32 = 0;
  let shift: i32 = 0;
  do {
    if (at >= end) return INCOMPLETE;
    const byte: i32 = i32.load8_u(at);
    size += 1 + ((byte & 0x7f) << shift);
    if (byte < 0x80) return size;
    at += 1;
    shift += 7;
  } while (shift < 28);
  return MALFORMED_LENGTH;
}
