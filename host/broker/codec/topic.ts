/**
 * Topic names and topic filters (4.7), checked on their bytes: `/`, `+`, `#` and U+0000 are single bytes of UTF-8. No
 * U+0000 [MQTT-4.7.3-2], no more than 65,535 bytes [MQTT-4.7.3-3], which two bytes of length see to; and no byte of them
 * is ever changed [MQTT-4.7.3-4].
 */
import { QUOTA_EXCEEDED } from "./reasons.ts";
import { RULES_3, type Rules } from "./rules.ts";
import { checkUtf8, readText } from "./utf8.ts";
import { quote, Violation } from "./violation.ts";

const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;

/**
 * Levels that a topic or filter may have. The standard sets none beyond 65,535 bytes; mosquitto stops at 200 too, so
 * that one name cannot make a tree as deep as it is long.
 */
const MAX_TOPIC_LEVELS = 200;

/** Throws a Violation unless bytes[start, end) are a topic name. `rule` is the statement that bans wildcards there. */
export function checkTopicName(
  bytes: Uint8Array,
  start: number,
  end: number,
  what: string,
  rule: string,
  rules: Rules = RULES_3,
): void {
  // The same number in 5.0.
  if (start === end) throw new Violation("MQTT-4.7.3-1", `${what} is empty`);
  checkUtf8(bytes, start, end, what, rules);
  let levelCount = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === PLUS || byte === HASH) {
      throw new Violation(rule, `${what} has no wildcard: ${quote(readText(bytes, start, end))}`);
    }
    if (byte === SLASH) levelCount++;
  }
  checkDepth(levelCount, what);
}

/** Throws a Violation unless bytes[start, end) are a topic filter. */
export function checkTopicFilter(bytes: Uint8Array, start: number, end: number, rules: Rules = RULES_3): void {
  const what = "a topic filter";
  if (start === end) throw new Violation("MQTT-4.7.3-1", `${what} is empty`);
  checkUtf8(bytes, start, end, what, rules);
  let levelCount = 1;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === SLASH) levelCount++;
    if (byte !== PLUS && byte !== HASH) continue;
    const startsLevel = at === start || bytes[at - 1] === SLASH;
    const endsLevel = at + 1 === end || bytes[at + 1] === SLASH;
    if (byte === HASH && !(startsLevel && at + 1 === end)) {
      throw new Violation(rules.hashAlone, `'#' stands alone as the last level: ${quote(readText(bytes, start, end))}`);
    }
    if (byte === PLUS && !(startsLevel && endsLevel)) {
      throw new Violation(rules.plusAlone, `'+' fills a whole level: ${quote(readText(bytes, start, end))}`);
    }
  }
  checkDepth(levelCount, what);
}

function checkDepth(levelCount: number, what: string): void {
  if (levelCount > MAX_TOPIC_LEVELS) {
    throw new Violation("limit", `${what} has ${levelCount} levels: ${MAX_TOPIC_LEVELS} at most`, QUOTA_EXCEEDED);
  }
}
