/**
 * Records in an LMDB file: a B+tree that is never overwritten in place, so that a crash at any moment leaves the state of
 * the last commit. Writing runs beside the event loop; a commit is on the disk (fsync) when its promise resolves.
 */
import { closeSync, mkdirSync, openSync, statSync } from "node:fs";
import net from "node:net";
import { dirname } from "node:path";
import type { RootDatabase } from "lmdb";
import { checkFile } from "./lmdb-check.ts";
import { type Batch, FORMAT_VERSION, type Store, type StoredRecord, StoreError } from "./records.ts";

/** Under this key every store says what wrote it. */
const FORMAT_KEY = "format";
const FORMAT_NAME = "perigee broker";

interface Format {
  name: string;
  version: number;
}

export class LmdbStore implements Store {
  readonly #database: RootDatabase<unknown, string>;
  readonly #path: string;
  readonly #claim: net.Server | null;

  private constructor(path: string, database: RootDatabase<unknown, string>, claim: net.Server | null) {
    this.#path = path;
    this.#database = database;
    this.#claim = claim;
  }

  /** Opens a file, or makes it and its folder. Rejects with a StoreError that names the file. */
  static async open(path: string): Promise<LmdbStore> {
    let claim: net.Server | null = null;
    try {
      mkdirSync(dirname(path), { recursive: true });
      closeSync(openSync(path, "a"));
      claim = await claimFile(path);
      const isNew = statSync(path).size === 0;
      if (!isNew) await checkFile(path);
      const { open } = await import("lmdb");
      // Without overlapping syncs a write is not done before it is on the disk; and with batches of its own making the
      // library keeps promises that nobody can catch.
      const settings = { path, noSubdir: true, overlappingSync: false, eventTurnBatching: false };
      const database = open<unknown, string>(settings);
      const store = new LmdbStore(path, database, claim);
      store.#checkFormat();
      return store;
    } catch (error) {
      claim?.close();
      if (error instanceof StoreError) throw error;
      throw new StoreError(`the store ${path} cannot be opened: ${(error as Error).message}`);
    }
  }

  #checkFormat(): void {
    const format = this.#readFormat();
    if (format === undefined) {
      this.#database.putSync(FORMAT_KEY, { name: FORMAT_NAME, version: FORMAT_VERSION });
    } else if (format.name !== FORMAT_NAME || format.version !== FORMAT_VERSION) {
      this.#database.close();
      const found = `${format.name} ${format.version || ""}`.trim();
      const here = `${FORMAT_NAME} ${FORMAT_VERSION}`;
      throw new StoreError(`the store ${this.#path} was written by ${found}, and this is ${here}`);
    }
  }

  #readFormat(): Format | undefined {
    try {
      const format = this.#database.get(FORMAT_KEY) as Format | undefined;
      if (format !== undefined) return format;
      return this.#database.getCount({ limit: 1 }) === 0 ? undefined : { name: "another program", version: 0 };
    } catch (error) {
      throw this.#damage(error);
    }
  }

  #damage(error: unknown): StoreError {
    return new StoreError(`the store ${this.#path} is damaged: ${(error as Error).message}`);
  }

  *load(): Iterable<readonly [string, StoredRecord]> {
    try {
      for (const { key, value } of this.#database.getRange()) {
        if (key !== FORMAT_KEY) yield [key, value as StoredRecord];
      }
    } catch (error) {
      throw this.#damage(error);
    }
  }

  async write(batch: Batch): Promise<void> {
    try {
      await this.#database.batch(() => {
        for (const [key, record] of batch) {
          if (record === null) this.#database.remove(key);
          else this.#database.put(key, record);
        }
      });
    } catch (error) {
      // The library's own words point to a promise with the reason.
      const reason = await reasonOf(error);
      throw new StoreError(`the store ${this.#path} cannot be written: ${reason}`);
    }
  }

  async close(): Promise<void> {
    await this.#database.close();
    this.#claim?.close();
  }
}

async function reasonOf(error: unknown): Promise<string> {
  const { message, commitError } = error as Error & { commitError?: Promise<never> };
  try {
    await commitError;
  } catch (cause) {
    return (cause as Error).message;
  }
  return message;
}

/**
 * Two brokers on one file would each write what it knows. Linux has names for sockets that end with their process, however
 * it ends, so that one of them stands for the file; elsewhere nothing guards it.
 */
function claimFile(path: string): Promise<net.Server | null> {
  if (process.platform !== "linux") return Promise.resolve(null);
  const { dev, ino } = statSync(path);
  return new Promise((resolve, reject) => {
    const claim = net.createServer();
    claim.unref();
    claim.once("error", () => reject(new StoreError(`the store ${path} is in use by another broker`)));
    claim.listen(`\0perigee-store-${dev}-${ino}`, () => resolve(claim));
  });
}
