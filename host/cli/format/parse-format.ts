/**
 * The format of -F, taken apart once: what stands between the sequences, and three kinds of those.
 *
 *     %[-][0][width][.max]X   a parameter of the message, FIELDS
 *     @X                      a letter of strftime, or @N: nanoseconds of the second
 *     \X                      a character that is hard to type
 */
import { Buffer } from "node:buffer";
import { UsageError } from "../exit-codes.ts";

export type FormatPart =
  | { readonly kind: "text"; readonly bytes: Buffer }
  | { readonly kind: "time"; readonly letter: string }
  | Field;

export interface Field {
  readonly kind: "field";
  readonly letter: string;
  readonly isLeft: boolean;
  readonly pad: " " | "0";
  /** Characters at least; 0 for none. */
  readonly width: number;
  /** Characters at most. */
  readonly most: number | undefined;
}

const FIELDS = "%ACDEFIJPRSUXjlmpqrtx";

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\",
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Wider than any terminal; without an end a slip of the finger would fill a disk. */
const WIDTH_MAX = 10_000;

const SEQUENCE = /%(-?)(0?)([0-9]*)(?:\.([0-9]*))?(.?)|@(.?)|\\(.?)|[^%@\\]+/gsu;

/** Throws UsageError, in mosquitto's words. */
export function parseFormat(format: string): FormatPart[] {
  return Array.from(format.matchAll(SEQUENCE), match => {
    const [text, minus, zero, width, most, letter, time, escaped] = match;
    if (text.startsWith("%")) {
      if (letter === "") throw new UsageError("Incomplete format specifier");
      if (!FIELDS.includes(letter)) throw new UsageError(`Invalid format specifier '${letter}'`);
      if (Math.max(Number(width), Number(most ?? 0)) > WIDTH_MAX) {
        throw new UsageError(`Invalid format width in '${text}'; it is at most ${WIDTH_MAX}`);
      }
      return {
        kind: "field",
        letter,
        isLeft: minus !== "",
        pad: zero === "" || minus !== "" ? " " : "0",
        width: Number(width),
        most: most === undefined ? undefined : Number(most),
      };
    }
    if (text.startsWith("@")) {
      if (time === "") throw new UsageError("Incomplete format specifier");
      return { kind: "time", letter: time };
    }
    if (text.startsWith("\\")) {
      if (escaped === "") throw new UsageError("Incomplete escape specifier");
      if (ESCAPES[escaped] === undefined) throw new UsageError(`Invalid escape specifier '${escaped}'`);
      return { kind: "text", bytes: Buffer.from(ESCAPES[escaped]) };
    }
    return { kind: "text", bytes: Buffer.from(text) };
  });
}
