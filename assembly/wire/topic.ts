/**
 * Which topic filter matches which topic name: MQTT 3.1.1 section 4.7. What a filter and a name are is in wire/text.ts.
 */
import { byteBefore, HASH, NUL, PLUS, SLASH } from "./text.ts";

const DOLLAR: i32 = 0x24;

/**
 * Whether a valid filter matches a valid name: section 4.7.1, and a filter that begins with a wildcard matches no name
 * that begins with '$' [MQTT-4.7.2-1]. Answers 1 or 0.
 */
export function filterMatches(filter: i32, filterSize: i32, name: i32, nameSize: i32): i32 {
  const filterEnd: i32 = filter + filterSize;
  const nameEnd: i32 = name + nameSize;
  let wanted: i32 = i32.load8_u(filter);
  let byte: i32 = i32.load8_u(name);
  if (byte === DOLLAR && (wanted === HASH || wanted === PLUS)) return 0;
  while (filter <= filterEnd) {
    wanted = byteBefore(filter, filterEnd);
    byte = byteBefore(name, nameEnd);
    if (wanted === PLUS && byte !== NUL && byte !== SLASH) {
      // One more byte of the level that '+' stands for.
      name += 1;
      continue;
    }
    filter += 1;
    if (wanted === HASH) return 1;
    if (wanted !== PLUS) {
      // "sport/#" also matches "sport"; behind a separator '#' is all that is left.
      if (wanted !== byte) return byte === NUL && wanted === SLASH && byteBefore(filter, filterEnd) === HASH ? 1 : 0;
      name += 1;
    }
  }
  return 1;
}
