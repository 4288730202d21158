/**
 * Text as MQTT restricts it (section 1.5.3), topic names and filters (section 4.7).
 *
 * The core checks them all again, on the bytes. Here the offender can still be named: JavaScript turns half a surrogate pair
 * into U+FFFD when it encodes, and the core would never know what was meant.
 */
import { Buffer } from "node:buffer";
import { show } from "./check-options.ts";
import { PerigeeError, type PerigeeErrorCode } from "./errors.ts";

/** A text has a two-byte size on the wire, section 1.5.3. */
export const TEXT_SIZE_MAX = 65_535;

/** Throws `code` for what only a program without types can give. */
function checkString(text: unknown, what: string, code: PerigeeErrorCode): void {
  if (typeof text !== "string") throw new PerigeeError(code, `the ${what} is a string, not ${show(text)}`);
}

/** `text` in UTF-8. Throws `code`, naming `what`, where MQTT does not allow it. */
export function encodeText(text: string, what: string, code: PerigeeErrorCode): Buffer {
  // [MQTT-1.5.3-1]
  if (/\p{Surrogate}/u.test(text)) {
    throw new PerigeeError(code, `the ${what} "${brief(text)}" has half a surrogate pair [MQTT-1.5.3-1]`);
  }
  // [MQTT-1.5.3-2]
  if (text.includes("\0")) throw new PerigeeError(code, `the ${what} "${brief(text)}" has U+0000 [MQTT-1.5.3-2]`);
  const bytes = Buffer.from(text);
  // [MQTT-1.5.3-3]
  if (bytes.length > TEXT_SIZE_MAX) {
    const size = `${bytes.length} bytes, and a text has at most ${TEXT_SIZE_MAX}`;
    throw new PerigeeError(code, `the ${what} "${brief(text)}" has ${size} (section 1.5.3)`);
  }
  return bytes;
}

/** A topic name in UTF-8. Throws `code`, naming it, where it is empty or has a wildcard. */
export function encodeTopic(topic: string, what = "topic", code: PerigeeErrorCode = "MISUSE_TOPIC"): Buffer {
  checkString(topic, what, code);
  // [MQTT-4.7.3-1]
  if (topic === "") throw new PerigeeError(code, `the ${what} is empty [MQTT-4.7.3-1]`);
  // [MQTT-3.3.2-2]
  if (/[+#]/.test(topic)) {
    throw new PerigeeError(code, `the ${what} "${brief(topic)}" has a wildcard, + or # [MQTT-3.3.2-2]`);
  }
  return encodeText(topic, what, code);
}

/** A topic filter in UTF-8. Throws MISUSE_FILTER, naming it, where it is empty or misplaces a wildcard. */
export function encodeFilter(filter: string): Buffer {
  checkString(filter, "topic filter", "MISUSE_FILTER");
  if (filter === "") throw new PerigeeError("MISUSE_FILTER", "the topic filter is empty [MQTT-4.7.3-1]");
  const levels = filter.split("/");
  for (const [index, level] of levels.entries()) {
    // [MQTT-4.7.1-2]
    if (level.includes("#") && (level !== "#" || index < levels.length - 1)) {
      throw new PerigeeError(
        "MISUSE_FILTER",
        `the topic filter "${brief(filter)}" has a # that is not alone in the last level [MQTT-4.7.1-2]`,
      );
    }
    // [MQTT-4.7.1-3]
    if (level.includes("+") && level !== "+") {
      throw new PerigeeError(
        "MISUSE_FILTER",
        `the topic filter "${brief(filter)}" has a + that is not alone in its level [MQTT-4.7.1-3]`,
      );
    }
  }
  return encodeText(filter, "topic filter", "MISUSE_FILTER");
}

/** Enough of a text to recognise it in an error. */
export function brief(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
}
