/**
 * Rules of the core that neither compiler checks: what the two builds would do differently, and what the house asks for.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../assembly/", import.meta.url);

const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter(name => name.endsWith(".ts"))
  .sort();
const sources = files.map(name => ({ name, text: readFileSync(new URL(name, root), "utf8") }));
const code = sources
  .filter(({ name }) => name !== "env.d.ts")
  .map(({ name, text }) => ({ name, text: withoutComments(text) }));

/** The text with comments blanked out, line for line. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, comment => comment.replace(/[^\n]/g, " "));
}

/** Every line that `rule` finds, as `file:line: text`. */
function findings(rule: RegExp, isImportToo = false): string[] {
  return code.flatMap(({ name, text }) =>
    text.split("\n").flatMap((line, index) => {
      const subject = isImportToo ? line : line.replace(/"[^"]*"/g, '""');
      return rule.test(subject) ? [`${name}:${index + 1}: ${line.trim()}`] : [];
    }),
  );
}

describe("the core's source", () => {
  it("is there", () => {
    expect(files).toContain("index.ts");
    expect(files.length).toBeGreaterThan(15);
  });

  it.each([
    ["divides nowhere: a quotient is a fraction in JavaScript and none in WebAssembly", /\//],
    ["shifts no sign away: `>>>` is unsigned in JavaScript only", />>>/],
    ["keeps no state in a module: a session is saved by copying a record", /^(export )?(let|var)\b/],
    ["compares as WebAssembly does: `==` is another operator in JavaScript", /[^=!]==[^=]|!=[^=]/],
    ["has no logical value as a number", /\b(true|false|boolean|bool)\b/],
    ["has one type", /[\w)]: (?!i32\b|void\b)/],
    ["throws nothing", /\bthrow\b|\btry\b|\bcatch\b/],
    ["has no text, array or object", /[`']|\bnew\b|\[\d*\]|=>/],
    ["has no default parameter", /function \w+\([^)]*=[^)]*\)/],
    ["has no decorator", /^\s*@/],
    ["passes no name on directly, which asc does not take", /^export .* from /],
    ["silences no tool", /@ts-|biome-ignore|\bany\b|\bas\b (?!\w+ from|[A-Z])/],
  ])("%s", (what, rule) => {
    expect([what, findings(rule, what.startsWith("passes") || what.startsWith("silences"))]).toEqual([what, []]);
  });

  it("returns i32 and no comparison", () => {
    const found = code.flatMap(({ name, text }) =>
      [...text.matchAll(/return ([^;]*);/g)]
        .map(([, value]) => value)
        // Inside a condition of `?:` a comparison is welcome; outside of it, its value would be a boolean.
        .filter(value => /[<>]=?(?!<|>)|[!=]==|&&|\|\||!/.test(value.replace(/<<|>>/g, "")) && !value.includes("?"))
        .map(value => `${name}: return ${value}`),
    );
    expect(found).toEqual([]);
  });

  it("has no literal above 0x7fff_ffff, which is negative in one build and not in the other", () => {
    const found = code.flatMap(({ name, text }) =>
      [...text.matchAll(/\b(0x[\da-f_]+|0b[01_]+|\d[\d_]*)\b/gi)]
        .filter(([literal]) => Number(literal.replaceAll("_", "")) > 0x7fff_ffff)
        .map(([literal]) => `${name}: ${literal}`),
    );
    expect(found).toEqual([]);
  });

  it("imports nothing from outside itself, and by full names", () => {
    const imports = code.flatMap(({ name, text }) =>
      [...text.matchAll(/from "([^"]*)"/g)].map(([, from]) => ({ name, from })),
    );
    expect(imports.length).toBeGreaterThan(30);
    for (const { name, from } of imports) {
      const target = new URL(from, new URL(name, root));
      expect([name, from, target.href.startsWith(root.href), from.endsWith(".ts")]).toEqual([name, from, true, true]);
    }
  });

  it("imports downward only: the codec knows no session", () => {
    const wire = code.filter(({ name }) => name.startsWith("wire/"));
    expect(wire.length).toBeGreaterThan(5);
    for (const { name, text } of wire)
      expect([name, /from "[^"]*(session|client|layout)/.test(text)]).toEqual([name, false]);
  });

  it("stays under 300 lines a file, of 120 columns", () => {
    for (const { name, text } of sources) {
      expect([name, text.split("\n").length < 300]).toEqual([name, true]);
      expect([name, text.split("\n").filter(line => line.length > 140)]).toEqual([name, []]);
    }
  });

  it("begins every file with what it is", () => {
    for (const { name, text } of sources) expect([name, text.startsWith("/**\n * ")]).toEqual([name, true]);
  });

  it("has no drawer for odds and ends", () => {
    for (const name of files) expect(name).not.toMatch(/(^|\/)(utils?|helpers?|misc|shared|common|types)(\/|\.ts$)/);
  });

  it("names its conformance statements as the standard does", () => {
    const named = sources.flatMap(({ text }) =>
      [...text.matchAll(/\[(MQTT[^\]]*)\]/g)].map(([, statement]) => statement),
    );
    expect(named.length).toBeGreaterThan(40);
    // [MQTT-3-8.3-4] is a slip of the standard's own.
    for (const statement of named) expect(statement).toMatch(/^MQTT-(\d\.\d+\.\d|3-8\.3)-\d+$/);
  });
});
