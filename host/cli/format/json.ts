/**
 * JSON text as the library behind mosquitto_sub prints it, so that what reads the one reads the other: compact, or with tabs.
 * A payload that is JSON is printed anew from its text: JavaScript's objects would sort its keys and forget those given twice.
 */

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[[\]{},:])/y;

/** A value of ours, keys in their order. `undefined` members are left out. */
export type Json = string | number | null | readonly Json[] | JsonText | { readonly [name: string]: Json | undefined };

/** JSON that somebody else wrote. */
export class JsonText {
  readonly text: string;

  /** Throws SyntaxError where it is none. */
  constructor(text: string) {
    JSON.parse(text);
    this.text = text;
  }
}

export function printJson(value: Json, isPretty: boolean): string {
  return reprint(textOf(value), isPretty);
}

function textOf(value: Json): string {
  if (value instanceof JsonText) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined) as [string, Json][];
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join(",")}}`;
}

/** JSON text with other white space, numbers and escapes written in one way. */
function reprint(text: string, isPretty: boolean): string {
  const open: string[] = [];
  let out = "";
  TOKEN.lastIndex = 0;
  // An array stands in one line, an object does not; what is within either is one tab deeper.
  const line = () => (isPretty && open.at(-1) === "{" ? `\n${"\t".repeat(open.length)}` : "");
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const token = match[1];
    if (token === "{" || token === "[") {
      out += token;
      open.push(token);
      const isEmpty = /^\s*[}\]]/.test(text.slice(TOKEN.lastIndex));
      if (!isEmpty) out += line();
      else if (isPretty && token === "{") out += `\n${"\t".repeat(open.length - 1)}`;
    } else if (token === "}" || token === "]") {
      open.pop();
      const wasEmpty = /[{[]\n?\t*$/.test(out);
      if (isPretty && token === "}" && !wasEmpty) out += `\n${"\t".repeat(open.length)}`;
      out += token;
    } else if (token === ",") {
      out += isPretty && open.at(-1) === "[" ? ", " : `,${line()}`;
    } else if (token === ":") {
      out += isPretty ? ":\t" : ":";
    } else {
      out += scalar(token);
    }
  }
  return out;
}

function scalar(token: string): string {
  if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
  return /^[a-z]/.test(token) ? token : number(Number(token));
}

/** C's %d where it is a 32-bit integer, otherwise %.15g, or %.17g where that is another number. */
function number(value: number): string {
  if (value === (value | 0)) return String(value | 0);
  if (!Number.isFinite(value)) return "null";
  const short = general(value, 15);
  return Number(short) === value ? short : general(value, 17);
}

/** C's %g: with an exponent below -4 and from `digits` on, and no zeros at the end. */
function general(value: number, digits: number): string {
  const [mantissa, exponentText] = value.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  const trim = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
  if (exponent >= -4 && exponent < digits) return trim(value.toFixed(digits - 1 - exponent));
  return `${trim(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
