/**
 * Topic names and topic filters: which are allowed, and which filter matches which name. MQTT 3.1.1 section 4.7.
 */
import { isUtf8 } from "./utf8.ts";

const DOLLAR: i32 = 0x24;
const HASH: i32 = 0x23;
const PLUS: i32 = 0x2b;
const SLASH: i32 = 0x2f;

const ONES: i32 = 0x0101_0101;
const SIGNS: i32 = -0x7f7f_7f80;
const HASHES: i32 = 0x2323_2323;
const PLUSES: i32 = 0x2b2b_2b2b;

/** A name has a character [MQTT-4.7.3-1], no wildcard [MQTT-4.7.1-1], and is UTF-8 without U+0000 [MQTT-4.7.3-2]. Answers 1 or 0. */
export function isTopicName(at: i32, size: i32): i32 {
  if (size < 1 || size > 0xffff) return 0;
  if (isUtf8(at, size) === 0) return 0;
  const end: i32 = at + size;
  // Four bytes at once: a byte that equals the wildcard becomes zero, and only a zero below 0x80 borrows.
  while (at + 4 <= end) {
    const word: i32 = i32.load(at);
    const hash: i32 = word ^ HASHES;
    const plus: i32 = word ^ PLUSES;
    if (((((hash - ONES) & ~hash) | ((plus - ONES) & ~plus)) & SIGNS) !== 0) return 0;
    at += 4;
  }
  while (at < end) {
    const byte: i32 = i32.load8_u(at);
    if (byte === HASH || byte === PLUS) return 0;
    at += 1;
  }
  return 1;
}

/**
 * A filter has a character [MQTT-4.7.3-1], '#' only as the whole last level [MQTT-4.7.1-2], '+' only as a whole
 * level [MQTT-4.7.1-3], and is UTF-8 without U+0000 [MQTT-4.7.3-2]. Answers 1 or 0.
 */
export function isTopicFilter(at: i32, size: i32): i32 {
  if (size < 1 || size > 0xffff) return 0;
  if (isUtf8(at, size) === 0) return 0;
  let previous: i32 = SLASH;
  for (let index: i32 = 0; index < size; index++) {
    const byte: i32 = i32.load8_u(at + index);
    const last: i32 = index + 1 === size ? 1 : 0;
    if (byte === HASH && (previous !== SLASH || last === 0)) return 0;
    if (byte === PLUS && (previous !== SLASH || (last === 0 && i32.load8_u(at + index + 1) !== SLASH))) return 0;
    previous = byte;
  }
  return 1;
}

/**
 * Whether a valid filter matches a valid name: section 4.7.1, and a filter that begins with a wildcard matches no name
 * that begins with '$' [MQTT-4.7.2-1]. Answers 1 or 0.
 */
export function filterMatches(filter: i32, filterSize: i32, name: i32, nameSize: i32): i32 {
  const filterEnd: i32 = filter + filterSize;
  const nameEnd: i32 = name + nameSize;
  const first: i32 = i32.load8_u(filter);
  if (i32.load8_u(name) === DOLLAR && (first === HASH || first === PLUS)) return 0;
  while (filter < filterEnd) {
    const byte: i32 = i32.load8_u(filter);
    if (byte === HASH) return 1;
    if (byte === PLUS) {
      while (name < nameEnd && i32.load8_u(name) !== SLASH) name += 1;
      filter += 1;
    } else if (name < nameEnd && i32.load8_u(name) === byte) {
      filter += 1;
      name += 1;
    } else {
      // "sport/#" also matches "sport": the separator and the wildcard may be all that is left.
      return name === nameEnd && byte === SLASH && filter + 2 === filterEnd && i32.load8_u(filter + 1) === HASH ? 1 : 0;
    }
  }
  return name === nameEnd ? 1 : 0;
}
