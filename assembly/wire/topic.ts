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
  if (((i32.load8_u(name) === DOLLAR ? 1 : 0) & (i32.load8_u(filter) !== DOLLAR ? 1 : 0)) !== 0) return 0;
  do {
    const wanted: i32 = i32.load8_u(filter);
    // "sport/#" also matches "sport": behind a name there is one separator, of which only '#' makes something.
    const byte: i32 = name === nameEnd ? SLASH : byteBefore(name, nameEnd);
    if (wanted === HASH) return 1;
    if (wanted === PLUS ? byte === NUL : byte !== wanted) return 0;
    // '+' stands for what is left of a level: the name goes on alone until its end.
    filter += wanted !== PLUS || byte === SLASH ? 1 : 0;
    name += wanted !== PLUS || byte !== SLASH ? 1 : 0;
  } while (filter < filterEnd);
  return name === nameEnd ? 1 : 0;
}
