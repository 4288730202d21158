/**
 * Between a broker and its store: takes what has changed, has it written, and tells the broker. One batch is written at a
 * time, and the next holds all that has changed meanwhile: the slower the disk, the larger the batches.
 */
import type { Broker } from "../broker.ts";
import type { Batch, Store } from "./records.ts";

/** How long to wait before a write that failed is tried again, ms. */
const RETRY_MS = 1000;

export class Keeper {
  readonly #broker: Broker;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #onChange: () => void;
  /** The write under way, and what follows it. */
  #writing: Promise<void> | null = null;
  #isWaiting = false;
  #isClosed = false;

  /** `onChange`: the broker has been called, and has output. */
  constructor(broker: Broker, store: Store, now: () => number, onChange: () => void) {
    this.#broker = broker;
    this.#store = store;
    this.#now = now;
    this.#onChange = onChange;
  }

  /** Looks whether there is something to write. Called after each turn in which the broker was. */
  look(): void {
    if (this.#writing !== null || this.#isWaiting) return;
    const batch = this.#broker.pendingWrites();
    if (batch !== null) this.#writing = this.#write(batch);
  }

  async #write(first: Batch): Promise<void> {
    for (let batch: Batch | null = first; batch !== null; batch = this.#broker.pendingWrites()) {
      try {
        await this.#store.write(batch);
      } catch (error) {
        this.#writing = null;
        this.#fail((error as Error).message);
        return;
      }
      this.#broker.written(this.#now());
      this.#onChange();
    }
    this.#writing = null;
  }

  #fail(reason: string): void {
    this.#broker.writeFailed(this.#now(), reason);
    this.#isWaiting = true;
    setTimeout(() => {
      this.#isWaiting = false;
      if (!this.#isClosed) this.look();
    }, RETRY_MS).unref();
    this.#onChange();
  }

  /** Writes what is left, and closes the store. */
  async close(): Promise<void> {
    await this.#writing;
    this.look();
    await this.#writing;
    this.#isClosed = true;
    await this.#store.close();
  }
}
