/**
 * The size of the core as a board runs it, and the memory of one client: exact, so a test compares them with the committed
 * table (test/assembly/size.test.ts) and a change of size shows in a diff.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { readModule, SECTION } from "../test/assembly/module.ts";
import { sizeTable } from "./size-table.ts";

const bytes = readFileSync(new URL("../build/perigee.wasm", import.meta.url));
const module = readModule(bytes);
const { initialize } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
  initialize: (...sizes: number[]) => number;
};
const table = sizeTable({
  codeBytes: module.sectionSizes.get(SECTION.code) ?? 0,
  fileBytes: bytes.length,
  gzipBytes: gzipSync(bytes, { level: 9 }).length,
  recordBytes: initialize(0, 256, 8 * 62, 64, 8),
  mostLocals: Math.max(...module.functions.map(code => code.localCount)),
  functionCount: module.functions.length,
});
writeFileSync(new URL("../bench/size.md", import.meta.url), table);
console.log(table);
