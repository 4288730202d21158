// The shipped bytes in other engines: wasm3 on rv32imc, with its bars in bytes, and JavaScriptCore with and without its compiler.
import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { figuresOf } from "./rv32.ts";
import { ROOT, temporary } from "./toolchain.ts";
import { compileWasm3 } from "./wasm3.ts";

const KIB = 1024;

describe.skipIf(!havePeers("rv32", "wasm2c"))("wasm3 on rv32imc", () => {
  it("runs the shipped bytes of 3.1.1 in at most 40 KiB of RAM, of which the native stack takes at most 2", () => {
    const image = compileWasm3();
    const figures = figuresOf(image);
    const heap = figures.get("heap") ?? Number.NaN;
    const stack = figures.get("stack") ?? Number.NaN;
    // The heap of the test is a part of the image's RAM, of which only what was used counts.
    expect(image.ramBytes - 36 * KIB + heap + stack).toBeLessThanOrEqual(40 * KIB);
    // At its deepest where wasm3 compiles blocks in blocks; all functions are compiled when the module is loaded.
    expect(stack).toBeLessThanOrEqual(2 * KIB);
  });

  it("refuses a module that lacks a call, and names the call", () => {
    const bytes = readFileSync(`${ROOT}build/boards/v311/perigee.wasm`);
    const at = bytes.indexOf("transmitted");
    expect(at).toBeGreaterThan(0);
    bytes.write("transmogrif", at);
    const file = temporary("other_module.c");
    const values = Array.from(bytes).join();
    writeFileSync(
      file,
      `#include "module.h"\nstatic const uint8_t bytes[] __attribute__((aligned(4))) = {${values}};\n` +
        "const uint8_t *board_module(uint32_t *size) { return *size = sizeof bytes, bytes; }\n",
    );
    expect(() => figuresOf(compileWasm3(file))).toThrow(
      /the image ended with 70: perigee: module of another version, its call: transmitted\nperigee: halts: module: its calls/,
    );
  });
});

/** One publish and its PUBACK, one message; answers what the module did, as text. jsc reads no files: the bytes are inlined. */
const SCRIPT = `
const core = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(BYTES))).exports;
const bytes = new Uint8Array(core.memory.buffer), words = new DataView(core.memory.buffer);
const out = [], client = 16, word = at => words.getInt32(client + at, true);
const put = (at, list) => bytes.set(list, at);
const receive = list => { put(word(FIELD_RECEIVED_END), list); core.received(client, list.length, 1); };
const send = () => { for (let n; (n = core.transmit(client)) > 0; ) {
  out.push(Array.from(bytes.slice(word(FIELD_LEAVING), word(FIELD_LEAVING) + n)).join(" ")); core.transmitted(client, n, 1); } };
const events = () => { for (let event; (event = core.nextEvent(client, 1)) !== 0; ) out.push("event " + event); };
for (let round = 0; round < 2000; round++) {
  out.length = 0;
  core.initialize(client, 256, 496, 64, 8);
  put(core.connect(client, 3, 2, 60), [0, 1, 97]);
  core.commit(client); events(); core.opened(client, 0); send();
  receive([32, 2, 0, 0]); events();
  put(core.publish(client, 3, 2, 4), [97, 47, 98]);
  put(word(FIELD_COMPOSED_END) - 2, [120, 121]);
  out.push("id " + core.commit(client)); events(); send();
  receive([80, 2, 0, 1]); events(); send(); receive([112, 2, 0, 1]); events();
  receive([50, 8, 0, 3, 97, 47, 98, 0, 7, 33]); events(); send();
}
print(out.join("\\n"));
`;

describe.skipIf(!havePeers("jsc"))("JavaScriptCore", () => {
  it.each([["--useJIT=true"], ["--useJIT=false"]])("does what V8 does, %s", async flag => {
    const module = readFileSync(`${ROOT}build/perigee-v311.wasm`);
    const header = readFileSync(`${ROOT}build/perigee_v311.h`, "utf8");
    const field = (name: string) => new RegExp(`#define PERIGEE_${name} (\\d+)u`).exec(header)?.[1] ?? "";
    const script = SCRIPT.replace("BYTES", `[${Array.from(module).join()}]`).replace(
      /FIELD_(\w+)/g,
      (_, name: string) => field(name),
    );
    const file = temporary(`jsc-${flag}.js`);
    writeFileSync(file, script);
    const { code, stdout, stderr } = await run("jsc", [flag, file]);
    expect([code, stderr]).toEqual([0, ""]);
    const said: string[] = [];
    new Function("print", script)((text: string) => said.push(text));
    expect(stdout.trim()).toBe(said.join("\n"));
    expect(said.join()).toContain("52 9 0 3 97 47 98 0 1 120 121");
    expect(said.join()).toContain("64 2 0 7");
  });
});
