/**
 * Text on the wire: two bytes of size, then strict UTF-8. MQTT 3.1.1 sections 1.5.3 and 4.7.
 *
 * Well formed by RFC 3629 (no overlong form, no surrogate, nothing above U+10FFFF) [MQTT-1.5.3-1] and without U+0000
 * [MQTT-1.5.3-2]. A topic name also has a character [MQTT-4.7.3-1] and no wildcard [MQTT-4.7.1-1]; a topic filter has
 * a character, '#' only as its whole last level [MQTT-4.7.1-2], and '+' only as a whole level [MQTT-4.7.1-3].
 *
 * Topics are ASCII nearly always, so four bytes are looked at together as long as they are, and wildcards are looked for on
 * the same walk: what is received or sent is read once.
 */
import { readU16 } from "../bytes.ts";

/** What a field holds. */
export const BYTES: i32 = 0;
export const TEXT: i32 = 1;
export const NAME: i32 = 2;
export const FILTER: i32 = 3;

export const SLASH: i32 = 0x2f;
export const HASH: i32 = 0x23;
export const PLUS: i32 = 0x2b;
/** What `byteBefore` answers at the end: no text holds it. */
export const NUL: i32 = 0;

const ONES: i32 = 0x0101_0101;
/** 0x80808080: the sign bit of each byte. */
const SIGNS: i32 = -0x7f7f_7f80;
/** The one bit in which '#' differs from '+'. */
const WILDCARD_BIT: i32 = 0x08;
const WILDCARD_BITS: i32 = 0x0808_0808;
const PLUSES: i32 = 0x2b2b_2b2b;

/** The byte at `at`, or NUL where that is not before `end`. */
export function byteBefore(at: i32, end: i32): i32 {
  return at < end ? i32.load8_u(at) : NUL;
}

/** Address behind the field at `at`, or 0 where it does not end by `end`, is not of its kind, or where `at` is 0 already. */
export function fieldEnd(at: i32, end: i32, kind: i32): i32 {
  const text: i32 = at + 2;
  if (at === 0 || text > end) return 0;
  const next: i32 = text + readU16(at);
  return next <= end && isText(text, next, kind) !== 0 ? next : 0;
}

/** Whether the bytes from `at` to `end` are of their kind: 1 or 0. */
export function isText(at: i32, end: i32, kind: i32): i32 {
  const isTopic: i32 = kind >= NAME ? 1 : 0;
  let previous: i32 = SLASH;
  if (isTopic !== 0 && at >= end) return 0;
  while (at < end && kind !== BYTES) {
    let step: i32 = 4;
    let odd: i32 = SIGNS;
    if (at + 4 <= end) {
      // A zero byte borrows and a byte above 0x7f has it already: either shows in its sign bit.
      const word: i32 = i32.load(at);
      const wild: i32 = (word | WILDCARD_BITS) ^ PLUSES;
      odd = word | (word - ONES);
      if (isTopic !== 0) odd |= (wild - ONES) & ~wild;
    }
    if ((odd & SIGNS) !== 0) {
      step = characterSize(at, end);
      if (step === 0) return 0;
      const byte: i32 = i32.load8_u(at);
      if (isTopic !== 0 && (byte | WILDCARD_BIT) === PLUS) {
        const next: i32 = byteBefore(at + 1, end);
        if (kind === NAME || previous !== SLASH || (next !== NUL && (byte === HASH || next !== SLASH))) return 0;
      }
    }
    at += step;
    previous = i32.load8_u(at - 1);
  }
  return 1;
}

/** Bytes of the one well-formed character at `at`, 1 to 4, or 0 where there is none before `end`. */
function characterSize(at: i32, end: i32): i32 {
  const lead: i32 = i32.load8_u(at);
  if (lead < 0x80) return lead === 0 ? 0 : 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  let code: i32 = lead;
  let size: i32 = 1;
  // Each bit set behind the first of the lead stands for one more byte.
  while (((lead << size) & 0x80) !== 0) {
    const more: i32 = byteBefore(at + size, end) ^ 0x80;
    if (more > 0x3f) return 0;
    code = (code << 6) | more;
    size += 1;
  }
  // 5, 4 and 3 bits of the lead count; the shortest form of 3 and 4 bytes begins at U+0800 and U+10000.
  code &= (1 << (5 * size + 1)) - 1;
  return code > 0x10_ffff || code >> 11 === 0x1b || code >> (5 * size - 4) === 0 ? 0 : size;
}
