/**
 * A cursor over one packet's body (1.5): integers big-endian, strings and binary data with two bytes of length.
 * 5.0 adds integers of four bytes and of variable length.
 *
 * Every read is checked against the end of the body; a field that runs past it is the packet's fault, since the
 * framer only hands out whole packets. The hot packets (PUBLISH and acknowledgements) do not pass through here.
 */
import { RULES_3, type Rules } from "./rules.ts";
import { checkUtf8, readText } from "./utf8.ts";
import { Violation } from "./violation.ts";

export class Fields {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  /** The numbers under which the connection's version states what both versions ask for. */
  readonly rules: Rules;

  constructor(bytes: Uint8Array, start: number, end: number, rules: Rules = RULES_3) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.rules = rules;
  }

  get isEmpty(): boolean {
    return this.at >= this.end;
  }

  /** One byte. `rule` is the statement that wants the field. */
  byte(rule: string, what: string): number {
    if (this.at >= this.end) throw missing(rule, what);
    return this.bytes[this.at++];
  }

  /** Two bytes, 0 to 65535. */
  integer(rule: string, what: string): number {
    if (this.at + 2 > this.end) throw missing(rule, what);
    const value = (this.bytes[this.at] << 8) | this.bytes[this.at + 1];
    this.at += 2;
    return value;
  }

  /** Four bytes, 0 to 4,294,967,295. */
  fourBytes(rule: string, what: string): number {
    const high = this.integer(rule, what);
    return high * 0x1_0000 + this.integer(rule, what);
  }

  /** 5.0: a Variable Byte Integer (1.5.5), 0 to 268,435,455, in its shortest form [MQTT-1.5.5-1]. */
  variable(rule: string, what: string): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const digit = this.byte(rule, what);
      value += (digit & 0x7f) << shift;
      if (digit >= 0x80) continue;
      if (digit === 0 && shift > 0) throw new Violation("MQTT-1.5.5-1", `${what} is longer than it needs to be`);
      return value;
    }
    throw new Violation("MQTT 1.5.5", `${what} has four bytes at most`);
  }

  /** Steps over a length and its bytes: leaves `at` after them and returns where they start. */
  span(rule: string, what: string): number {
    const size = this.integer(rule, what);
    const start = this.at;
    if (start + size > this.end) throw missing(rule, what);
    this.at = start + size;
    return start;
  }

  /** A UTF-8 string. */
  text(rule: string, what: string): string {
    const start = this.span(rule, what);
    checkUtf8(this.bytes, start, this.at, what, this.rules);
    return readText(this.bytes, start, this.at);
  }

  /** Binary data, copied. */
  data(rule: string, what: string): Uint8Array {
    const start = this.span(rule, what);
    return new Uint8Array(this.bytes.subarray(start, this.at));
  }

  /** Throws when the body goes on after its last field. */
  finish(rule: string, what: string): void {
    const surplus = this.end - this.at;
    if (surplus > 0) throw new Violation(rule, `${what} ends ${surplus} bytes before its Remaining Length`);
  }
}

function missing(rule: string, what: string): Violation {
  return new Violation(rule, `the packet ends before or inside ${what}`);
}
