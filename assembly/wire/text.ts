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
import { ROOM, V5 } from "../profile.ts";
import { MALFORMED_SIZE, MALFORMED_TOPIC, MALFORMED_UTF8 } from "../status.ts";

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

/** 0x80808080: the sign bit of each byte. */
const SIGNS: i32 = -0x7f7f_7f80;
/** The one bit in which '#' differs from '+'. */
export const WILDCARD_BIT: i32 = 0x08;
/** Four times the first character behind U+0000 and the wildcards: what is below is looked at by itself. */
const PLAIN: i32 = 0x2c2c_2c2c;

/** The byte at `at`, or NUL where that is not before `end`. */
export function byteBefore(at: i32, end: i32): i32 {
  return at < end ? i32.load8_u(at) : NUL;
}

/** Address behind the field at `at`; or `at` where that is below zero already, or what is malformed. */
export function fieldEnd(at: i32, end: i32, kind: i32): i32 {
  return at < 0 ? at : textEnd(at, end, kind);
}

/** Address behind the field at `at`, or what is malformed. */
export function textEnd(at: i32, end: i32, kind: i32): i32 {
  const text: i32 = at + 2;
  if (text > end) return MALFORMED_SIZE;
  const next: i32 = text + readU16(at);
  if (next > end) return MALFORMED_SIZE;
  return checkText(text, next, kind);
}

/** Checks that the bytes from `at` to `end` are of their kind. Answers `end`, MALFORMED_UTF8 or MALFORMED_TOPIC. */
export function checkText(at: i32, end: i32, kind: i32): i32 {
  const start: i32 = at;
  if (kind === BYTES) return end;
  if (at >= end) return kind >= NAME ? MALFORMED_TOPIC : end;
  do {
    const far: i32 = end - 8;
    if (V5 !== 0 && at <= far) {
      // As below, two words at once: half the steps where there is room for the code.
      do {
        const word: i32 = i32.load(at);
        const next: i32 = i32.load(at + 4);
        if (((word | (word - PLAIN) | next | (next - PLAIN)) & SIGNS) !== 0) break;
        at += 8;
      } while (at <= far);
    }
    while (ROOM !== 0 && at <= end - 4) {
      // A byte below PLAIN borrows and a byte above 0x7f has it already: either shows in its sign bit.
      const word: i32 = i32.load(at);
      if (((word | (word - PLAIN)) & SIGNS) !== 0) break;
      at += 4;
    }
    if (at >= end) break;
    const size: i32 = characterSize(at, end);
    if (size === 0) return MALFORMED_UTF8;
    const byte: i32 = i32.load8_u(at);
    if (kind >= NAME && (byte | WILDCARD_BIT) === PLUS) {
      // A name has none; before it stands a separator, behind it nothing or, behind '+', a separator: then all is 0.
      const previous: i32 = at === start ? SLASH : i32.load8_u(at - 1);
      const next: i32 = byteBefore(at + 1, end);
      const wrong: i32 = (kind - FILTER) | (previous - SLASH) | (next * (next - (byte === PLUS ? SLASH : NUL)));
      if (wrong !== 0) return MALFORMED_TOPIC;
    }
    at += size;
  } while (at < end);
  return end;
}

/** Bytes of the one well-formed character at `at`, 1 to 4, or 0 where there is none before `end`. */
function characterSize(at: i32, end: i32): i32 {
  const lead: i32 = i32.load8_u(at);
  // Neither a byte that only goes on, nor the lead of a form that is too long for what it says.
  if (ROOM === 0 || lead < 0xc2) return lead !== 0 && lead < 0x80 ? 1 : 0;
  let size: i32 = 1;
  // Each bit set behind the first of the lead stands for one more byte.
  while (((lead << size) & 0x80) !== 0) {
    if ((byteBefore(at + size, end) ^ 0x80) > 0x3f) return 0;
    size += 1;
  }
  // The first two bytes tell the rest: too long a form of three or of four, a surrogate, above U+10FFFF. RFC 3629 section 4.
  const pair: i32 = readU16(at);
  return pair >> 5 === 0xe080 >> 5 || pair >> 4 === 0xf080 >> 4 || pair >> 5 === 0xeda0 >> 5 || pair > 0xf48f
    ? 0
    : size;
}

/** Whether two texts, each with its two-byte size, are the same. */
export function isSameText(a: i32, b: i32): i32 {
  const end: i32 = a + 2 + readU16(a);
  if (readU16(a) !== readU16(b)) return 0;
  for (; V5 !== 0 && a + 4 <= end; a += 4) {
    if (i32.load(a) !== i32.load(b)) return 0;
    b += 4;
  }
  for (; a < end; a++) {
    if (i32.load8_u(a) !== i32.load8_u(b)) return 0;
    b += 1;
  }
  return 1;
}
