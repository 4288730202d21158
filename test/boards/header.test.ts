// perigee.h agrees with the module that was built and with the sources: every call, every answer, every event, every field.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as event from "../../assembly/session/events.ts";
import { NEVER } from "../../assembly/session/timers.ts";
import * as status from "../../assembly/status.ts";
import { cHeader } from "../../host/boards/c-header.js";
import { withInterface } from "../../host/boards/interface-section.js";
import { reasonOf } from "../../host/client/reasons.ts";
import { built } from "../assembly/builds.ts";

const snake = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);

describe.each(["perigee", "perigee-v311"])("the header of %s", profile => {
  const header = readFileSync(built(`${profile.replace("-", "_")}.h`), "utf8");
  const calls = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(built(`${profile}.wasm`)))).exports;
  const defined = new Map(
    Array.from(header.matchAll(/^#define PERIGEE_(\w+) \(?(-?\d+)\)?$/gm), ([, name, value]) => [name, Number(value)]),
  );

  it("declares each function of the module once, with its parameters", () => {
    const declared = Array.from(header.matchAll(/^(?:int32_t|void) perigee_(\w+)\((.*)\);$/gm), ([, name, list]) => [
      name,
      list.split(", ").length,
    ]);
    const exported = Object.entries(calls).filter(([, value]) => typeof value === "function");
    expect(exported.length).toBeGreaterThan(20);
    expect(declared).toEqual(
      exported
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, value]) => [snake(name), (value as { length: number }).length]),
    );
    const rows = Array.from(header.matchAll(/^ {4}(?:ANSWERS|SILENT)\((\d), (\w+), (\w+)\)/gm), ([, ...row]) => row);
    expect(rows).toEqual(declared.map(([name, count], index) => [`${count}`, name, exported[index][0]]));
  });

  it("says of each parameter and answer that it is an int32_t, or that there is none", () => {
    for (const [, list] of header.matchAll(/^\w+ perigee_\w+\((.*)\);$/gm)) {
      for (const parameter of list.split(", ")) expect(parameter).toMatch(/^int32_t [a-z_]+$/);
    }
    expect(header).toContain("void perigee_stored(int32_t client);");
    expect(header).toMatch(/^int32_t perigee_transmit\(int32_t client\);$/m);
  });

  it("gives every answer and every event the number that the sources give it", () => {
    expect(Object.keys(status).length).toBeGreaterThan(30);
    for (const [name, value] of Object.entries(status)) expect([name, defined.get(name)]).toEqual([name, value]);
    for (const [name, value] of Object.entries(event))
      expect([name, defined.get(`EVENT_${name}`)]).toEqual([name, value]);
    expect(header).toContain(`#define PERIGEE_NEVER 0x${NEVER.toString(16)}\n`);
    const list = /#define PERIGEE_NAMES \\\n([^#]*?)\n\n/.exec(header)?.[1] ?? "";
    const named = Array.from(list.matchAll(/^ {4}"\\(\d{3})(.+)\\0"/gm), ([, octal, name]) => [
      Number.parseInt(octal, 8),
      name,
    ]);
    const isFive = profile === "perigee";
    const wanted = [
      // Two of the answers are reason codes, and have their words.
      ...Object.entries(status).filter(([, value]) => value < 0 && value > -128),
      ...["Unacceptable protocol version", "Identifier rejected", "Server unavailable"].map((name, at) => [
        name,
        at + 1,
      ]),
      ["Bad user name or password", 4],
      ["Not authorized", 5],
      ...Array.from({ length: isFive ? 35 : 0 }, (_, at) => [reasonOf(128 + at), 128 + at]),
    ].map(([name, value]) => [Number(value) & 0xff, name]);
    expect(named.sort()).toEqual(wanted.sort());
    expect(new Set(named.map(([value]) => value)).size).toBe(named.length);
  });

  it("says where the fields are that perigee_wasm.h says", () => {
    const lines = (text: string) => text.split("\n").filter(line => /^#define PERIGEE_\w+ \d+u \/\*/.test(line));
    const array = readFileSync(built(`${profile.replace("-", "_")}_wasm.h`), "utf8");
    expect(lines(header)).toEqual(lines(array));
    expect(lines(header).length).toBeGreaterThan(15);
    const known = new Set(lines(header).map(line => line.split(" ")[1]));
    for (const [, name] of header.matchAll(/client \+ (PERIGEE_\w+)\)/g)) expect(known).toContain(name);
  });

  it("documents the calls that a board makes", () => {
    for (const name of ["initialize", "publish", "transmit", "restored"]) {
      expect(header).toMatch(new RegExp(`\\*/\\nint32_t perigee_${name}\\(`));
    }
  });
});

describe("the ABI number", () => {
  const module = readFileSync(built("perigee-v311.wasm"));
  const header = readFileSync(built("perigee_v311.h"), "utf8");
  const numberOf = (text: string) => Number(/^#define PERIGEE_INTERFACE (0x[0-9a-f]{8})u$/m.exec(text)?.[1]);

  it("is another for another profile, and for a field in another place", () => {
    const root = new URL("../../", import.meta.url).pathname;
    const fields = header.split("\n").filter(line => /^#define PERIGEE_\w+ \d+u \/\*/.test(line));
    const number = numberOf(header);
    expect(number).toBeGreaterThan(0);
    expect(numberOf(cHeader(module, fields, root, "0"))).toBe(number);
    const moved = fields.map(line => line.replace(/^(#define PERIGEE_REASON )\d+u/, "$1444u"));
    expect(moved).not.toEqual(fields);
    expect(numberOf(cHeader(module, moved, root, "0"))).not.toBe(number);
    expect(numberOf(readFileSync(built("perigee.h"), "utf8"))).not.toBe(number);
  });

  it("stands behind a module as its last section, and engines pass over it", () => {
    const marked = withInterface(module, header);
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(marked), "perigee");
    expect(new DataView(section).getUint32(0, true)).toBe(numberOf(header));
    expect(marked.subarray(0, module.length)).toEqual(module);
    expect(marked.length).toBe(module.length + 14);
    expect(() => withInterface(module, "")).toThrow("perigee.h has no PERIGEE_INTERFACE");
  });
});

describe("boards/common", () => {
  const folder = new URL("../../boards/common/", import.meta.url);
  const files = readdirSync(folder);
  const text = files.map(file => readFileSync(new URL(file, folder), "utf8")).join("");

  it("is under 600 lines", () => {
    expect(files.length).toBeGreaterThan(4);
    expect(text.split("\n").length).toBeLessThan(600);
  });

  it("has no heap", () => {
    expect(text).not.toMatch(/\b(malloc|calloc|realloc|free|alloca)\s*\(/);
  });
});
