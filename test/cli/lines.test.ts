/** The lines of a stream, cut anywhere, and a line without an end. */
import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readLines } from "../../host/cli/lines.ts";

async function linesOf(chunks: string[], sizeMax = 100): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(Readable.from(chunks.map(text => Buffer.from(text))), sizeMax)) {
    lines.push(line.toString());
  }
  return lines;
}

describe("lines", () => {
  it.each([
    ["a line feed at the end", ["one\ntwo\n"], ["one", "two"]],
    ["none at the end", ["one\ntwo"], ["one", "two"]],
    ["an empty line", ["\n\none\n"], ["", "", "one"]],
    ["a line in three parts", ["o", "n", "e\nt", "wo\n"], ["one", "two"]],
    ["nothing", [], []],
  ])("%s", async (_what, chunks, lines) => {
    expect(await linesOf(chunks)).toEqual(lines);
  });

  it("of any number are taken, each up to the bound", async () => {
    expect(await linesOf(["1234\n12", "34\n1234\n"], 4)).toEqual(["1234", "1234", "1234"]);
  });

  it("that grow beyond the bound end the stream, and what follows is not read", async () => {
    let readCount = 0;
    async function* endless() {
      for (;;) {
        readCount += 1;
        yield Buffer.alloc(10, "a");
      }
    }
    const lines: Buffer[] = [];
    for await (const line of readLines(Readable.from(endless(), { highWaterMark: 1 }), 25)) lines.push(line);
    expect(lines.map(line => line.length)).toEqual([30]);
    expect(readCount).toBeLessThan(10);
  });
});
