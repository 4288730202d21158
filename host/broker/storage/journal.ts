/**
 * The machine's side of storage: every change of what a broker must remember, gathered until the host has written it.
 *
 * The machine does no I/O. It names the records that have changed (`put`, `remove`), the host takes them as one batch
 * (`seal`) and says when they are safe (`commit`) or are not (`fail`). What came and went between two batches is in
 * neither. Output that depends on a change waits at the barrier (barrier.ts).
 */
import type { Message } from "../message.ts";
import type { Batch, MessageRecord, StoredRecord } from "./records.ts";

/** A record, or how to make it when the batch is sealed: what a call has borrowed is the broker's own by then. */
type Change = StoredRecord | (() => StoredRecord) | null;

export class Journal {
  /** From the broker's time to that of records, ms. */
  wallOffsetMs = 0;
  /** The latest batch could not be written, and none since. */
  isFailed = false;
  /** Batches are numbered; the open one is the one that changes go to. */
  openEpoch = 1;
  committedEpoch = 0;
  #open = new Map<string, Change>();
  /** Keys of the open batch that no batch before has. */
  #fresh = new Set<string>();
  #sealed: Map<string, Change> | null = null;
  #lastId = 0;

  /** Is anything not safe yet? */
  get isPending(): boolean {
    return this.#open.size > 0 || this.#sealed !== null;
  }

  /** The epoch in which all that has changed so far will be safe. */
  get pendingEpoch(): number {
    return this.#open.size > 0 ? this.openEpoch : this.openEpoch - 1;
  }

  /** A number that no key has. */
  nextId(): number {
    return ++this.#lastId;
  }

  /** Numbers up to `id` are taken: of records that were loaded. */
  reserve(id: number): void {
    this.#lastId = Math.max(this.#lastId, id);
  }

  put(key: string, change: Exclude<Change, null>, isNew = false): void {
    if (isNew && !this.#open.has(key)) this.#fresh.add(key);
    this.#open.set(key, change);
  }

  remove(key: string): void {
    if (this.#fresh.delete(key)) this.#open.delete(key);
    else this.#open.set(key, null);
  }

  /** One more delivery has the message; returns its number. */
  refer(message: Message): number {
    if (message.storeId === 0) {
      message.storeId = this.nextId();
      this.put(`m${message.storeId}`, () => this.messageRecord(message), true);
    }
    message.storeCount++;
    return message.storeId;
  }

  /** One delivery fewer. */
  forget(message: Message): void {
    if (message.storeId === 0 || --message.storeCount > 0) return;
    this.remove(`m${message.storeId}`);
    message.storeId = 0;
  }

  messageRecord(message: Message): MessageRecord {
    const { topic, qos, bytes, start, end, extras } = message;
    return {
      topic: topic.text,
      qos,
      payload: bytes.subarray(start, end),
      forwarded: extras?.forwarded ?? null,
      expiresMs: this.wallMs(extras?.expiresMs ?? Number.POSITIVE_INFINITY),
    };
  }

  /** The broker's time as records have it. */
  wallMs(ms: number): number | null {
    return ms === Number.POSITIVE_INFINITY ? null : ms + this.wallOffsetMs;
  }

  /** The other way. */
  machineMs(wallMs: number | null): number {
    return wallMs === null ? Number.POSITIVE_INFINITY : wallMs - this.wallOffsetMs;
  }

  /** The changes so far, as the next batch to write; null when there are none, or when one is being written. */
  seal(): Batch | null {
    if (this.#sealed !== null || this.#open.size === 0) return null;
    const changes = this.#open;
    this.#sealed = changes;
    this.#open = new Map();
    this.#fresh.clear();
    this.openEpoch++;
    const batch = new Map<string, StoredRecord | null>();
    for (const [key, change] of changes) batch.set(key, typeof change === "function" ? change() : change);
    // What is made once is not made again, should the batch come back.
    for (const [key, record] of batch) changes.set(key, record);
    return batch;
  }

  /** The sealed batch is safe. */
  commit(): void {
    this.#sealed = null;
    this.committedEpoch = this.openEpoch - 1;
    this.isFailed = false;
  }

  /** The sealed batch is not written: its changes belong to the open one again, beneath those that have come since. */
  fail(): void {
    if (this.#sealed !== null) this.#open = new Map([...this.#sealed, ...this.#open]);
    this.#sealed = null;
    this.#fresh.clear();
    this.isFailed = true;
  }
}
