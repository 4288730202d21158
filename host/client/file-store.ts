/**
 * A session in a file, replaced atomically: written beside it, flushed to the disk, renamed over it, and the folder flushed.
 * A power cut at any moment leaves the last record or the one before, never half of one.
 */
import { open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { PerigeeError } from "./errors.ts";
import type { SessionStore } from "./store.ts";

/** A store in the file at `path`, which one client at a time may use. Its methods reject with STORE, naming the file. */
export function fileStore(path: string): SessionStore {
  return {
    async load() {
      try {
        return await readFile(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw failure("read", path, error);
      }
    },
    async save(record) {
      try {
        const file = await open(`${path}.new`, "w", 0o600);
        try {
          await file.writeFile(record);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(`${path}.new`, path);
        await syncFolder(dirname(path));
      } catch (error) {
        throw failure("write", path, error);
      }
    },
  };
}

/** A rename is on the disk only when its folder is. Some systems cannot flush a folder, and do not need it. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function failure(verb: string, path: string, error: unknown): PerigeeError {
  return new PerigeeError("STORE", `cannot ${verb} the session in ${path}: ${(error as Error).message}`, {
    cause: error,
  });
}
