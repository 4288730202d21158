/**
 * SUBSCRIBE and UNSUBSCRIBE: an identifier and a list. MQTT 3.1.1 sections 3.8 and 3.10.
 *
 * The host writes the list as it stands on the wire (each filter with its two-byte size, in SUBSCRIBE followed by
 * the quality of service); the core checks it before a byte of it leaves.
 */
import { MISUSE_FILTER, MISUSE_QOS } from "../status.ts";
import { FILTER, fieldEnd } from "./text.ts";

/**
 * Number of filters in the list from `at` to `end`, each followed by `optionSize` bytes (1 in SUBSCRIBE, 0 in
 * UNSUBSCRIBE); or MISUSE_FILTER [MQTT-3.8.3-1], [MQTT-3.8.3-3], [MQTT-3.10.3-2], or MISUSE_QOS [MQTT-3-8.3-4].
 */
export function countFilters(at: i32, end: i32, optionSize: i32): i32 {
  let count: i32 = 0;
  do {
    at = fieldEnd(at, end, FILTER);
    if (at < 0 || at + optionSize > end) return MISUSE_FILTER;
    if (optionSize !== 0 && i32.load8_u(at) > 2) return MISUSE_QOS;
    at += optionSize;
    count += 1;
  } while (at < end);
  return count;
}
