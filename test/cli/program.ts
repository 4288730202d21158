/** The program as it is installed: `npm test` builds it first. */
import { fileURLToPath } from "node:url";
import { type Finished, type Running, run, start } from "../broker/real.ts";

const PROGRAM = fileURLToPath(new URL("../../build/perigee.js", import.meta.url));

export function perigee(args: readonly string[], input = ""): Promise<Finished> {
  return run(process.execPath, [PROGRAM, ...args], input);
}

/** The same, for a test that does something while it runs. */
export function startPerigee(args: readonly string[], input = ""): Running {
  return start(process.execPath, [PROGRAM, ...args], input);
}

/** Resolves when a running program has printed something that matches, on stdout or stderr. */
export function printed({ process: child }: Running, pattern: RegExp): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", data => {
        text += data;
        if (pattern.test(text)) resolve();
      });
    }
    child.once("exit", () => reject(new Error(`ended before it printed ${pattern}: ${text}`)));
  });
}
