/**
 * SUBSCRIBE, SUBACK and UNSUBSCRIBE: an identifier and a list. MQTT 3.1.1 sections 3.8 to 3.10.
 *
 * The host writes the list as it stands on the wire (each filter with its two-byte size, in SUBSCRIBE followed by
 * the quality of service); the core checks it before a byte of it leaves.
 */
import { readU16 } from "../bytes.ts";
import { MALFORMED_ID, MALFORMED_SIZE, MALFORMED_SUBACK_CODE, MISUSE_FILTER, MISUSE_QOS } from "../status.ts";
import { FILTER, fieldEnd } from "./text.ts";

/** The code with which a server refuses a filter, section 3.9.3. */
const SUBACK_FAILURE: i32 = 0x80;

/**
 * Number of filters in the list from `at` to `end`, each followed by `optionSize` bytes (1 in SUBSCRIBE, 0 in
 * UNSUBSCRIBE); or MISUSE_FILTER [MQTT-3.8.3-1], [MQTT-3.8.3-3], [MQTT-3.10.3-2], or MISUSE_QOS [MQTT-3-8.3-4].
 */
export function countFilters(at: i32, end: i32, optionSize: i32): i32 {
  let count: i32 = 0;
  while (at < end) {
    at = fieldEnd(at, end, FILTER);
    if (at === 0 || at + optionSize > end) return MISUSE_FILTER;
    if (optionSize !== 0 && i32.load8_u(at) > 2) return MISUSE_QOS;
    at += optionSize;
    count += 1;
  }
  return count === 0 ? MISUSE_FILTER : count;
}

/** The identifier of the whole SUBACK whose body lies from `body` to `end`, or what is malformed. Its codes follow it. */
export function readSuback(body: i32, end: i32): i32 {
  if (end - body < 3) return MALFORMED_SIZE;
  const id: i32 = readU16(body);
  // [MQTT-2.3.1-1]
  if (id === 0) return MALFORMED_ID;
  for (let at: i32 = body + 2; at < end; at++) {
    const code: i32 = i32.load8_u(at);
    // [MQTT-3.9.3-2]
    if (code > 2 && code !== SUBACK_FAILURE) return MALFORMED_SUBACK_CODE;
  }
  return id;
}
