/**
 * The module as boards run it, read as bytes: every static rule that an engine on a microcontroller depends on.
 *
 * What each rule is for: WAMR takes the first mutable i32 global for a C stack pointer, and cuts the page down to
 * `__heap_base` only where it is exported and a multiple of 16; wasm3 caps the locals of a function; Xtensa
 * interpreters have no 64-bit registers and no floating point to spare.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VIEW } from "../../assembly/layout.ts";
import { VIEW_TOPIC } from "../../assembly/wire/publish.ts";
import { gettersOf } from "../../host/core/getters.ts";
import { built, coreBuilds } from "./builds.ts";
import { I32, readModule, SECTION } from "./module.ts";

/** The calls of MQTT 5.0. */
const FIVE = ["age", "aliases", "compose", "speak", "tick"];

/**
 * The profiles. `codeMax` and `recordMax` are their bars: bytes of code, and of one client with packets to 256 bytes, eight
 * messages of 62 bytes in flight, eight identifiers of QoS 2.
 */
const PROFILES = [
  { name: "perigee", codeMax: 12_288, recordMax: 1088, without: [] },
  { name: "perigee-v311", codeMax: 6144, recordMax: 1024, without: FIVE },
  {
    name: "perigee-sensor",
    codeMax: 4096,
    recordMax: 1024,
    without: [
      ...FIVE,
      ...["drop", "filterMatches", "pendingStore", "resend", "restored", "stored", "supersede", "unsubscribe"],
    ],
  },
];

/** Opcodes on i32, control, locals, i32 memory access and bulk memory: all that the core may be made of. */
function isAllowed(opcode: number): boolean {
  const isControl = opcode <= 0x05 || (opcode >= 0x0b && opcode <= 0x10);
  const isLocal = opcode === 0x1a || opcode === 0x1b || (opcode >= 0x20 && opcode <= 0x22);
  const isLoad = opcode === 0x28 || (opcode >= 0x2c && opcode <= 0x2f);
  const isStore = opcode === 0x36 || opcode === 0x3a || opcode === 0x3b;
  const isI32 = opcode === 0x41 || (opcode >= 0x45 && opcode <= 0x4f) || (opcode >= 0x67 && opcode <= 0x78);
  const isSignExtension = opcode === 0xc0 || opcode === 0xc1;
  const isBulk = opcode === 0xfc0a || opcode === 0xfc0b;
  return isControl || isLocal || isLoad || isStore || isI32 || isSignExtension || isBulk;
}

describe.each(PROFILES)("$name.wasm", ({ name, codeMax, recordMax, without }) => {
  const bytes = readFileSync(built(`${name}.wasm`));
  const module = readModule(bytes);
  const compiled = new WebAssembly.Module(bytes);

  it("is a module, and all of its code was read", () => {
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(module.functions.length).toBeGreaterThan(30);
    expect(module.functions.every(({ opcodes }) => opcodes.at(-1) === 0x0b)).toBe(true);
    expect(module.functions.reduce((sum, { opcodes }) => sum + opcodes.length, 0)).toBeGreaterThan(1500);
    // Without these the module would not be the core.
    expect(module.functions.flatMap(({ opcodes }) => opcodes)).toEqual(
      expect.arrayContaining([0x28, 0x2d, 0x36, 0x3a, 0xfc0a]),
    );
  });

  it("imports nothing", () => {
    expect(WebAssembly.Module.imports(compiled)).toEqual([]);
    expect(module.sectionSizes.has(SECTION.import)).toBe(false);
  });

  it.each(["table", "start", "element", "data", "dataCount"] as const)("has no section %s", name => {
    expect(module.sectionSizes.has(SECTION[name])).toBe(false);
  });

  it("has no mutable global", () => {
    expect(module.globals.filter(({ isMutable }) => isMutable)).toEqual([]);
  });

  it("has one memory of exactly one page, and exports it", () => {
    expect(module.memories).toEqual([{ least: 1, most: 1 }]);
    expect(module.exports.get("memory")).toEqual({ kind: 2, index: 0 });
  });

  it.each(["__heap_base", "__data_end"])("exports %s, a constant multiple of 16 that is not 0", name => {
    const exported = module.exports.get(name);
    expect(exported?.kind).toBe(3);
    const global = module.globals[exported?.index ?? -1];
    expect(global.isMutable).toBe(false);
    expect(global.value).toBeGreaterThan(0);
    expect(global.value % 16).toBe(0);
  });

  it("exports what index.ts does, and nothing else", async () => {
    const [, javaScript] = await coreBuilds();
    const getters = Object.keys(gettersOf(bytes));
    expect(getters.length).toBeGreaterThan(15);
    const calls = Object.keys(javaScript.core)
      .filter(name => name !== "bytes" && !name.startsWith("__") && !getters.includes(name) && !without.includes(name))
      .sort();
    const exported = [...module.exports].filter(([, { kind }]) => kind === 0).map(([name]) => name);
    expect(exported.sort()).toEqual(calls);
    const others = [...module.exports].filter(([, { kind }]) => kind !== 0).map(([name]) => name);
    expect(others.sort()).toEqual(["__data_end", "__heap_base", "memory"]);
  });

  it("has i32 and nothing else, in types, locals and opcodes", () => {
    for (const { types, opcodes } of module.functions) {
      expect(types.filter(type => type !== I32)).toEqual([]);
      expect(opcodes.filter(opcode => !isAllowed(opcode)).map(opcode => opcode.toString(16))).toEqual([]);
    }
  });

  it("neither asks for the size of its memory nor grows it", () => {
    const opcodes = new Set(module.functions.flatMap(code => code.opcodes));
    expect([opcodes.has(0x3f), opcodes.has(0x40)]).toEqual([false, false]);
  });

  it("has fewer than 64 locals in every function, and at most five parameters", () => {
    expect(Math.max(...module.functions.map(({ localCount }) => localCount))).toBeLessThan(64);
    expect(Math.max(...module.functions.map(({ parameterCount }) => parameterCount))).toBeLessThanOrEqual(5);
  });

  it("keeps to its bars: code, and memory of a client", () => {
    expect(module.sectionSizes.get(SECTION.code)).toBeLessThanOrEqual(codeMax);
    const instance = new WebAssembly.Instance(compiled).exports as { initialize: (...sizes: number[]) => number };
    expect(instance.initialize(0, 256, 8 * 62, 64, 8)).toBeLessThanOrEqual(recordMax);
  });

  it("is what its header holds", () => {
    const header = readFileSync(built(`${name.replace("-", "_")}_wasm.h`), "utf8");
    const values = [...header.matchAll(/\b0x([\da-f]{2})\b/g)].map(([, hex]) => Number.parseInt(hex, 16));
    expect(Buffer.from(values).equals(bytes)).toBe(true);
    expect(header).toContain(`#define PERIGEE_WASM_SIZE ${bytes.length}u`);
    expect(header).toContain(`#define PERIGEE_VIEW_TOPIC ${VIEW + VIEW_TOPIC}u `);
    expect(header).not.toContain("NaN");
  });
});

describe("the reader of modules", () => {
  /** A module with one function, its body, and a memory. */
  const withBody = (...body: number[]): Uint8Array =>
    Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...[1, 4, 1, 0x60, 0, 0], // type: () -> ()
      ...[3, 2, 1, 0], // function 0 has type 0
      ...[5, 3, 1, 0, 1], // memory of one page, no most
      ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b], // code
    );

  it("sees an opcode, and no opcode in a constant", () => {
    const growing = readModule(withBody(0x41, 0, 0x40, 0, 0x1a));
    expect(growing.functions[0].opcodes).toEqual([0x41, 0x40, 0x1a, 0x0b]);
    const constant = readModule(withBody(0x41, 0xc0, 0, 0x1a));
    expect(constant.functions[0].opcodes).toEqual([0x41, 0x1a, 0x0b]);
    expect(readModule(withBody()).memories).toEqual([{ least: 1, most: undefined }]);
  });

  it("sees wide types and refuses what it does not know", () => {
    expect(readModule(withBody(0x42, 1, 0x1a)).functions[0].opcodes.filter(opcode => !isAllowed(opcode))).toEqual([
      0x42,
    ]);
    expect(() => readModule(withBody(0xfd, 0))).toThrow("opcode 0xfd");
    expect(() => readModule(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))).toThrow("not a WebAssembly module");
  });
});
