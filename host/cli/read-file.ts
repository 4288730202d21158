/**
 * Files that a command line names, read up to a bound: a device has no end, and a slip must not fill the memory. Pipes are files
 * too (`--cafile <(...)`), so it is what comes that is counted, not what the file system says.
 */
import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";

/** The most that certificates, keys and links may have, bytes. */
export const SETTINGS_SIZE_MAX = 16 << 20;

/** The most that recorded tables, traces and orbital elements may have, bytes. */
export const RECORDING_SIZE_MAX = 256 << 20;

const CHUNK_SIZE = 64 << 10;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EACCES: "permission denied",
  EISDIR: "is a directory",
};

/** The bytes of a file. Throws what node:fs throws, and a RangeError where there are more than `sizeMax`; `fileReason` has words for both. */
export function readBytes(path: string, sizeMax: number): Buffer {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_SIZE);
      const count = readSync(file, chunk);
      if (count === 0) return Buffer.concat(chunks, size);
      size += count;
      if (size > sizeMax) throw new RangeError(`has more than ${sizeMax} bytes`);
      chunks.push(chunk.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

/** The text of a file. Throws as `readBytes`, and a RangeError where it is no UTF-8: it would be another text, and nobody told. */
export function readText(path: string, sizeMax: number): string {
  const bytes = readBytes(path, sizeMax);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new RangeError("is not UTF-8 text");
  }
}

/** Why a file cannot be had, in words. */
export function fileReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
}
