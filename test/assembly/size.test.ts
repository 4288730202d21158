// The committed table of sizes is the build's.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sizeTable } from "../../bench/size-table.ts";
import { built } from "./builds.ts";
import { readModule, SECTION } from "./module.ts";

const table = readFileSync(new URL("../../bench/size.md", import.meta.url), "utf8");
const figure = (row: string) => {
  const cell = table
    .split("\n")
    .find(line => line.startsWith(`| ${row}`))
    ?.split("|")[2];
  return Number(cell?.replaceAll(",", ""));
};

it("bench/size.md holds what was built (npm run bench size)", () => {
  const bytes = readFileSync(built("perigee.wasm"));
  const module = readModule(bytes);
  const { initialize } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
    initialize: (...sizes: number[]) => number;
  };
  const sizes = {
    codeBytes: module.sectionSizes.get(SECTION.code) ?? 0,
    fileBytes: bytes.length,
    // What gzip makes of it differs between versions of zlib: taken as it stands in the table.
    gzipBytes: figure("file, gzip"),
    recordBytes: initialize(0, 256, 8 * 62, 64, 8),
    mostLocals: Math.max(...module.functions.map(code => code.localCount)),
    functionCount: module.functions.length,
  };
  expect(table).toBe(sizeTable(sizes));
});
