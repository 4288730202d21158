/**
 * Strict UTF-8, as MQTT 3.1.1 section 1.5.3 restricts it: well formed by RFC 3629 (no overlong form, no surrogate,
 * nothing above U+10FFFF) [MQTT-1.5.3-1] and without U+0000 [MQTT-1.5.3-2].
 *
 * Topics are ASCII nearly always, so four bytes are looked at together while they are; anything else takes the
 * table of RFC 3629 section 4, whose only irregular column is the range of the second byte.
 */

const ONES: i32 = 0x0101_0101;
/** 0x80808080: the sign bit of each byte. */
const SIGNS: i32 = -0x7f7f_7f80;

/** Answers 1 where the `size` bytes at `at` are text that MQTT allows, else 0. */
export function isUtf8(at: i32, size: i32): i32 {
  const end: i32 = at + size;
  while (at < end) {
    // A byte of zero borrows and a byte above 0x7f has it already: either shows in its sign bit.
    while (at + 4 <= end) {
      const word: i32 = i32.load(at);
      if (((word | (word - ONES)) & SIGNS) !== 0) break;
      at += 4;
    }
    if (at === end) return 1;
    const sequence: i32 = sequenceSize(at, end);
    if (sequence === 0) return 0;
    at += sequence;
  }
  return 1;
}

/** Bytes of the one well-formed sequence at `at`, 1 to 4, or 0 where there is none before `end`. */
function sequenceSize(at: i32, end: i32): i32 {
  const lead: i32 = i32.load8_u(at);
  if (lead < 0x80) return lead === 0 ? 0 : 1;
  let size: i32 = 2;
  let low: i32 = 0x80;
  let high: i32 = 0xbf;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead >= 0xf0) {
    size = 4;
    if (lead === 0xf0) low = 0x90;
    if (lead === 0xf4) high = 0x8f;
  } else if (lead >= 0xe0) {
    size = 3;
    if (lead === 0xe0) low = 0xa0;
    if (lead === 0xed) high = 0x9f;
  }
  if (at + size > end) return 0;
  const second: i32 = i32.load8_u(at + 1);
  if (second < low || second > high) return 0;
  for (let index: i32 = 2; index < size; index++) {
    if ((i32.load8_u(at + index) & 0xc0) !== 0x80) return 0;
  }
  return size;
}
