/** Files that a command line asks to be written. */
import { closeSync, openSync, writeFileSync } from "node:fs";
import { SimulationError } from "../simulation/index.ts";
import { fileReason } from "./read-file.ts";

/**
 * A file that cannot be written is better told before the work than after; what it holds stays until there is something better. Throws SimulationError
 * that names `flag`.
 */
export function checkWritable(flag: string, path: string): void {
  told(flag, path, () => closeSync(openSync(path, "a")));
}

/** Throws SimulationError that names `flag`. */
export function writeText(flag: string, path: string, text: string): void {
  told(flag, path, () => writeFileSync(path, text));
}

function told(flag: string, path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new SimulationError(`${flag}: cannot write ${path}: ${fileReason(error)}`);
  }
}
