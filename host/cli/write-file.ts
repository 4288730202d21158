/** Files that a command line asks to be written. */
import { closeSync, openSync, statSync, writeFileSync } from "node:fs";
import { SimulationError } from "../simulation/index.ts";
import { fileReason } from "./read-file.ts";

/** Flags and the paths they name; undefined where a flag was not given. */
export type NamedFiles = readonly (readonly [flag: string, path: string | undefined])[];

/**
 * Whether every file of `outputs` can be written: better told before the work than after. What a file holds stays until there is something better, and
 * is never what another flag writes too, or one of `inputs`. Throws SimulationError that names the flag.
 */
export function checkOutputs(outputs: NamedFiles, inputs: NamedFiles): void {
  const taken = new Map<string, string>();
  for (const [flag, path] of inputs) {
    const file = path === undefined ? undefined : identityOf(path);
    if (file !== undefined) taken.set(file, `${flag} reads it`);
  }
  for (const [flag, path] of outputs) {
    if (path === undefined) continue;
    if (path === "-")
      throw new SimulationError(`${flag}: it writes a file, not standard output; one of that name is ./-`);
    checkWritable(flag, path);
    const file = identityOf(path);
    if (file === undefined) continue;
    const other = taken.get(file);
    if (other !== undefined) throw new SimulationError(`${flag}: ${path} would be overwritten: ${other}`);
    taken.set(file, `${flag} writes it`);
  }
}

/** Throws SimulationError that names `flag`. */
export function writeText(flag: string, path: string, text: string): void {
  told(flag, path, () => writeFileSync(path, text));
}

function checkWritable(flag: string, path: string): void {
  told(flag, path, () => closeSync(openSync(path, "a")));
}

/** What tells a file from others, by whatever path; undefined for what is none, such as /dev/null, or is not there. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found?.isFile() ? `${found.dev}:${found.ino}` : undefined;
}

function told(flag: string, path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new SimulationError(`${flag}: cannot write ${path}: ${fileReason(error)}`);
  }
}
