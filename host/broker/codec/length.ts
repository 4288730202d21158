/**
 * Remaining Length (2.2.3): seven bits a byte, least significant first, four bytes at most.
 *
 * MQTT 3.1.1 does not ask for the shortest form, so an over-long zero such as 80 00 is read as what it says; 5.0 does
 * (see framer.ts).
 */

/** The largest Remaining Length that four bytes carry. */
export const MAX_REMAINING_LENGTH = 268_435_455;

/** How many bytes the field takes for `length`, 1 to 4. `length` is 0 to MAX_REMAINING_LENGTH. */
export function lengthSize(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x4000) return 2;
  return length < 0x20_0000 ? 3 : 4;
}

/** Writes the field at `at` and returns the offset after it. */
export function writeLength(target: Uint8Array, at: number, length: number): number {
  let rest = length;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}
