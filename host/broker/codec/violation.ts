/**
 * The one way in which bytes are refused: a `Violation` names the rule and what broke it.
 *
 * It is thrown, because a violation ends the connection (4.8) and nothing after it can matter; incomplete input is no
 * violation and never throws. The rule is the number of the normative statement where there is one ("MQTT-3.3.2-2"),
 * and otherwise the section that gives the format ("MQTT 3.4.1"): not every table of the standard has a number.
 * The number is that of the version which the connection speaks. A 5.0 client is told the reason code too.
 */
import { MALFORMED_PACKET } from "./reasons.ts";

export class Violation extends Error {
  override readonly name = "Violation";
  readonly rule: string;
  /** What a 5.0 DISCONNECT or CONNACK says (4.13): a packet that cannot be read, unless the check says otherwise. */
  readonly reasonCode: number;

  constructor(rule: string, detail: string, reasonCode: number = MALFORMED_PACKET) {
    super(`[${rule}] ${detail}`);
    this.rule = rule;
    this.reasonCode = reasonCode;
  }
}

/** Text of the peer for a log: one line, bounded, control characters escaped. */
export function printable(text: string): string {
  if (text.length <= MAX_SHOWN_SIZE && !UNPRINTABLE.test(text)) return text;
  let shown = "";
  for (const character of text.slice(0, MAX_SHOWN_SIZE)) {
    const code = character.charCodeAt(0);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    shown += isControl ? `\\x${code.toString(16).padStart(2, "0")}` : character;
  }
  return text.length > MAX_SHOWN_SIZE ? `${shown}...` : shown;
}

const MAX_SHOWN_SIZE = 128;
const UNPRINTABLE = /\p{Cc}/u;

/** The same, quoted, inside a reason. */
export function quote(text: string): string {
  return `'${printable(text)}'`;
}
