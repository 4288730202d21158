/** The program as it is installed: `npm test` builds it first. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Finished, onEnd, type Running, run, start } from "../broker/real.ts";

export const PROGRAM = fileURLToPath(new URL("../../build/perigee.js", import.meta.url));

export function perigee(args: readonly string[], input = ""): Promise<Finished> {
  return run(process.execPath, [PROGRAM, ...args], input);
}

/** The same, for a test that does something while it runs. */
export function startPerigee(args: readonly string[], input = ""): Running {
  return start(process.execPath, [PROGRAM, ...args], input);
}

/** The same, with its stdin open. */
export function startPerigeeOpen(args: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  onEnd(() => child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", data => {
    stdout += data;
  });
  child.stderr.on("data", data => {
    stderr += data;
  });
  const finished = new Promise<Finished>(resolve => child.on("close", code => resolve({ code, stdout, stderr })));
  return { process: child, finished };
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
