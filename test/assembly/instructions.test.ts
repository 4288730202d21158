/**
 * The committed counts of instructions are the build's, their bars are met, and what counts them computes as an engine does.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { instructionTable } from "../../bench/instruction-table.ts";
import { built } from "./builds.ts";
import { instructionCounts } from "./instruction-counts.ts";
import { Interpreter } from "./interpreter.ts";

describe("instructions of the core", () => {
  const counts = instructionCounts(readFileSync(built("codec.wasm")), readFileSync(built("perigee.wasm")));

  it("are those of bench/instructions.md (npm run bench instructions)", () => {
    const table = readFileSync(new URL("../../bench/instructions.md", import.meta.url), "utf8");
    expect(table).toBe(instructionTable(counts));
  });

  it("keep to their bars, in both versions", () => {
    const [encode, decode] = counts;
    expect(Math.max(encode.inThree, encode.inFive)).toBeLessThanOrEqual(255);
    expect(Math.max(decode.inThree, decode.inFive)).toBeLessThanOrEqual(500);
  });
});

describe("the interpreter", () => {
  it("leaves the same memory and answers as the engine, for the core", () => {
    const bytes = readFileSync(built("perigee.wasm"));
    const counted = new Interpreter(bytes);
    const exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    const memory = new Uint8Array((exports.memory as WebAssembly.Memory).buffer);
    const call = (name: string, ...args: number[]): number => {
      const answer = counted.call(name, ...args);
      expect([name, (exports[name] as (...args: number[]) => number | undefined)(...args) ?? 0]).toEqual([
        name,
        answer,
      ]);
      return answer;
    };
    const write = (at: number, text: number[]): void => {
      counted.bytes.set(text, at);
      memory.set(text, at);
    };
    call("initialize", 16, 256, 496, 64, 8);
    for (const [option, value] of [
      [0, 4],
      [3, 0],
      [5, 1],
      [5, 2],
      [9, 1],
    ])
      call("configure", 16, option, value);
    for (let round = 0; round < 30; round++) {
      const topic = [...Buffer.from(`a/${"é€😀"[round % 3]}/${round}`)];
      const at = call("publish", 16, topic.length, round, (round % 3) << 1);
      if (at < 0) call("drop", 16);
      else {
        write(at, round % 7 === 0 ? [0x23, ...topic.slice(1)] : topic);
        write(at + topic.length + 2, Array(round).fill(round));
        call("commit", 16);
      }
    }
    write(call("connect", 16, 3, 2, 60), [0, 1, 0x63]);
    call("commit", 16);
    call("closed", 16, 5);
    expect(Buffer.compare(Buffer.from(counted.bytes), Buffer.from(memory))).toBe(0);
    expect(counted.count).toBeGreaterThan(10_000);
  });

  it("counts each instruction once, and no bracket", () => {
    // (func (export "f") (param i32) (result i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 0))
    const body = [0, 0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 0, 0x0b];
    const module = Uint8Array.of(
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0],
      ...[7, 5, 1, 1, 0x66, 0, 0, 10, body.length + 2, 1, body.length, ...body],
    );
    const counted = new Interpreter(module);
    expect(counted.call("f", 10)).toBe(0);
    // The loop once, its five instructions ten times, and the last.
    expect(counted.count).toBe(1 + 5 * 10 + 1);
  });
});
