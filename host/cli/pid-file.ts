/** The end of mosquitto.conf's `pid_file`. */
import { rmSync } from "node:fs";
import { fileReason } from "./read-file.ts";

/** Removes it, if it is there. The user that the broker has become may have no right to: then it is said. */
export function removePidFile(path: string, warn: (line: string) => void): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    warn(`pid_file ${path} is left behind: ${fileReason(error)}`);
  }
}
