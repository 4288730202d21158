/**
 * UTF-8 strings (1.5.3; 5.0: 1.5.4): two bytes of length, then well-formed UTF-8 without U+0000.
 *
 * The check follows the table of well-formed byte sequences of the Unicode standard (table 3-7), which leaves out
 * over-long forms, the surrogates U+D800 to U+DFFF and everything above U+10FFFF. U+FEFF stays [MQTT-1.5.3-3],
 * 5.0 [MQTT-1.5.4-3]:
 * `Buffer` does not strip it. Control characters and non-characters are allowed: the standard says SHOULD NOT.
 */
import { Buffer } from "node:buffer";
import { RULES_3, type Rules } from "./rules.ts";
import { Violation } from "./violation.ts";

/** Throws a Violation unless bytes[start, end) are what a string of the protocol may hold. */
export function checkUtf8(bytes: Uint8Array, start: number, end: number, what: string, rules: Rules = RULES_3): void {
  let at = start;
  while (at < end) {
    const lead = bytes[at++];
    if (lead < 0x80) {
      if (lead === 0) throw new Violation(rules.noNull, `${what} holds U+0000`);
      continue;
    }
    let low = 0x80;
    let high = 0xbf;
    let following: number;
    if (lead >= 0xc2 && lead <= 0xdf) {
      following = 1;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      following = 2;
      if (lead === 0xe0) low = 0xa0;
      if (lead === 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      following = 3;
      if (lead === 0xf0) low = 0x90;
      if (lead === 0xf4) high = 0x8f;
    } else {
      throw illFormed(rules, what, at - 1 - start);
    }
    for (; following > 0; following--) {
      if (at >= end || bytes[at] < low || bytes[at] > high) throw illFormed(rules, what, at - start);
      low = 0x80;
      high = 0xbf;
      at++;
    }
  }
}

function illFormed(rules: Rules, what: string, offset: number): Violation {
  return new Violation(rules.wellFormed, `${what} is not well-formed UTF-8 at its byte ${offset}`);
}

/** The text of bytes[start, end), which have been checked. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("utf8");
}

/** The bytes of a text with its two bytes of length in front. Throws a RangeError over 65,535 bytes. */
export function encodeText(text: string): Uint8Array {
  const size = Buffer.byteLength(text, "utf8");
  if (size > 0xffff) throw new RangeError(`a string of ${size} bytes does not fit: 65535 at most`);
  const field = Buffer.allocUnsafe(2 + size);
  field.writeUInt16BE(size, 0);
  field.write(text, 2, "utf8");
  return field;
}
