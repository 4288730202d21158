/**
 * SUBSCRIBE and UNSUBSCRIBE: an identifier and a list, in 5.0 with properties between them. Sections 3.8 and 3.10.
 *
 * The host writes the list as it stands on the wire (each filter with its two-byte size, in SUBSCRIBE followed by
 * the quality of service); the core checks it before a byte of it leaves.
 */
import { QOS2 } from "../profile.ts";
import { MISUSE_FILTER, MISUSE_QOS } from "../status.ts";
import { byteBefore, FILTER, fieldEnd, PLUS, SLASH, WILDCARD_BIT } from "./text.ts";

/** What stands beside the number of filters in 5.0, bits above any number: one of them has a wildcard, or is shared. */
export const HAS_WILDCARD: i32 = 1 << 28;
export const HAS_SHARE: i32 = 1 << 29;
export const COUNT: i32 = HAS_WILDCARD - 1;

/** The subscription option No Local, section 3.8.3.1 of 5.0. */
const NO_LOCAL: i32 = 0x04;

/**
 * Number of filters in the list from `at` to `end`, each followed by `optionSize` bytes (1 in SUBSCRIBE, 0 in
 * UNSUBSCRIBE), in 5.0 with the bits above; or MISUSE_FILTER [MQTT-3.8.3-1], [MQTT-3.8.3-3], [MQTT-3.10.3-2], or MISUSE_QOS
 * [MQTT-3-8.3-4], which in 5.0 stands for every option that may not be.
 */
export function countFilters(at: i32, end: i32, optionSize: i32, isFive: i32): i32 {
  let count: i32 = 0;
  do {
    const text: i32 = at + 2;
    at = fieldEnd(at, end, FILTER);
    if (at < 0 || at + optionSize > end) return MISUSE_FILTER;
    const options: i32 = optionSize === 0 ? 0 : i32.load8_u(at);
    if (isFive === 0) {
      if (options > (QOS2 === 0 ? 1 : 2)) return MISUSE_QOS;
    } else {
      // Reserved bits and Retain Handling 3 are all above 0x2f [MQTT-3.8.3-5].
      if (options > 0x2f || (options & 3) === 3) return MISUSE_QOS;
      const kind: i32 = filterKind(text, at);
      if (kind < 0) return kind;
      // [MQTT-3.8.3-4]
      if ((kind & HAS_SHARE) !== 0 && (options & NO_LOCAL) !== 0) return MISUSE_QOS;
      count |= kind;
    }
    at += optionSize;
    count += 1;
  } while (at < end);
  return count;
}

/** Whether the filter from `at` to `end` is shared and has a wildcard; or MISUSE_FILTER for a share without a name or a filter. */
function filterKind(at: i32, end: i32): i32 {
  let kind: i32 = 0;
  let slashes: i32 = 0;
  // "$share/", of which the last four bytes begin with the fourth.
  if (end - at > 6 && i32.load(at) === 0x6168_7324 && i32.load(at + 3) === 0x2f65_7261) {
    kind = HAS_SHARE;
    at += 7;
    // [MQTT-4.8.2-1]
    if (byteBefore(at, end) === SLASH) return MISUSE_FILTER;
  }
  for (; at < end; at++) {
    const byte: i32 = i32.load8_u(at);
    if (byte === SLASH) slashes += 1;
    if ((byte | WILDCARD_BIT) === PLUS) {
      // [MQTT-4.8.2-2]
      if (slashes === 0 && kind !== 0) return MISUSE_FILTER;
      kind |= HAS_WILDCARD;
    }
  }
  // Behind the name of a share a filter has to follow.
  return (kind & HAS_SHARE) !== 0 && (slashes === 0 || (slashes === 1 && i32.load8_u(end - 1) === SLASH))
    ? MISUSE_FILTER
    : kind;
}
