/**
 * Is a file a whole LMDB store? LMDB trusts what it has written: it maps the file into memory and follows it, and a file
 * that was cut off or scribbled over ends the process (SIGBUS, SIGABRT). So the file is looked at from outside first, and
 * then read once, from its beginning to its end, by a process that may end.
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { StoreError } from "./records.ts";

/** Of a meta page: where it says what it is, and how large pages are. There are two, at the beginning. */
const META_MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const META_SIZE = 160;

const READ_ALL = `
const database = require(process.argv[1]).open({ path: process.argv[2], noSubdir: true, readOnly: true });
for (const { value } of database.getRange()) void value;
`;

/** Rejects with a StoreError. */
export async function checkFile(path: string): Promise<void> {
  const head = Buffer.alloc(META_SIZE);
  const file = openSync(path, "r");
  try {
    readSync(file, head, 0, META_SIZE, 0);
  } finally {
    closeSync(file);
  }
  const isStore =
    head.readUInt32LE(MAGIC_AT) === META_MAGIC && statSync(path).size >= 2 * head.readUInt32LE(PAGE_SIZE_AT);
  if (!isStore) throw new StoreError(`the store ${path} is damaged, or is no store`);
  const library = createRequire(import.meta.url).resolve("lmdb");
  const reader = spawn(process.execPath, ["-e", READ_ALL, library, path], { stdio: "ignore" });
  const isRead = await new Promise<boolean>((resolve, reject) => {
    reader.on("error", reject);
    reader.on("close", code => resolve(code === 0));
  });
  if (!isRead) throw new StoreError(`the store ${path} is damaged`);
}
