/**
 * Sources with istanbul's counters in them, which it keeps under `__coverage__`.
 */
import { readFileSync } from "node:fs";
import { createInstrumenter } from "istanbul-lib-instrument";

/** The files, below the root, with a counter at each statement and each branch, by path. */
export function counted(root: string, files: readonly string[]): Map<string, string> {
  const instrumenter = createInstrumenter({ esModules: true, parserPlugins: ["typescript"], compact: false });
  return new Map(
    files.map(file => {
      const path = `${root}${file}`;
      return [path, instrumenter.instrumentSync(readFileSync(path, "utf8"), path)];
    }),
  );
}
