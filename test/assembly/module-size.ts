/**
 * What a module of the core costs a board, read off its bytes.
 */
import type { Sizes } from "../../bench/size-table.ts";
import { readModule, SECTION } from "./module.ts";

export function sizesOf(
  profile: Pick<Sizes, "profile" | "speaks">,
  bytes: Uint8Array<ArrayBuffer>,
  gzipBytes: number,
): Sizes {
  const module = readModule(bytes);
  const { initialize } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as {
    initialize: (...sizes: number[]) => number;
  };
  return {
    ...profile,
    codeBytes: module.sectionSizes.get(SECTION.code) ?? 0,
    fileBytes: bytes.length,
    gzipBytes,
    recordBytes: initialize(0, 256, 8 * 62, 64, 8),
    functionCount: module.functions.length,
    largestFunctionBytes: Math.max(...module.functions.map(code => code.size)),
    mostLocals: Math.max(...module.functions.map(code => code.localCount)),
  };
}
