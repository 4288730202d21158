/** A store without a disk: for simulations, and for tests that stop a broker and go on with another. */
import { type Batch, type Store, type StoredRecord, StoreError } from "./records.ts";

export class MemoryStore implements Store {
  readonly records = new Map<string, StoredRecord>();
  /** While true nothing can be written. */
  isFull = false;

  load(): Iterable<readonly [string, StoredRecord]> {
    return structuredClone(this.records);
  }

  async write(batch: Batch): Promise<void> {
    this.writeNow(batch);
  }

  /** The same, for virtual time. Throws when the store is full. */
  writeNow(batch: Batch): void {
    if (this.isFull) throw new StoreError("no space left");
    for (const [key, record] of batch) {
      if (record === null) this.records.delete(key);
      else this.records.set(key, structuredClone(record));
    }
  }

  async close(): Promise<void> {}
}
