/**
 * The generator, bench/broker/load.c: compiled when a measurement begins, a process for each run of it.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Server } from "./servers.ts";

/** What load.c is told behind the broker's port and process. */
export type Arguments = readonly (string | number)[];

const source = fileURLToPath(new URL("../bench/broker/load.c", import.meta.url));
const program = join(mkdtempSync(join(tmpdir(), "perigee-bench-")), "load");
const compiled = spawnSync("cc", ["-O2", "-o", program, source], { encoding: "utf8" });
if (compiled.status !== 0) {
  throw new Error(`the generator needs a C compiler: ${compiled.error?.message ?? compiled.stderr}`);
}

export function startGenerator(server: Server, args: Arguments): ChildProcess {
  return spawn(program, [server.port, server.pid, ...args].map(String));
}
