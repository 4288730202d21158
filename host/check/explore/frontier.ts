/**
 * The states that are still to be followed: a ring in shared memory, each entry the slot of a state and its bytes. Workers take from
 * the level that is being followed and append to the next one.
 */
const SLOT_BYTES = 4;

// Words of the counters: how many have been appended, and taken, since the beginning; states seen.
const APPENDED = 0;
const TAKEN = 1;
const COUNTER_COUNT = 4;

export interface FrontierBuffers {
  readonly entries: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly stateSize: number;
}

export class Frontier {
  readonly buffers: FrontierBuffers;
  readonly capacity: number;
  readonly #entrySize: number;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #counters: Int32Array;

  constructor(buffers: FrontierBuffers) {
    this.buffers = buffers;
    this.#entrySize = SLOT_BYTES + buffers.stateSize;
    this.#bytes = new Uint8Array(buffers.entries);
    this.#words = new Int32Array(buffers.entries);
    this.#counters = new Int32Array(buffers.counters);
    this.capacity = Math.floor(this.#bytes.length / this.#entrySize);
  }

  /** A ring for `capacity` states of `stateSize` bytes, a multiple of 4. */
  static for(capacity: number, stateSize: number): Frontier {
    return new Frontier({
      entries: new SharedArrayBuffer(capacity * (SLOT_BYTES + stateSize)),
      counters: new SharedArrayBuffer(4 * COUNTER_COUNT),
      stateSize,
    });
  }

  /** How many have been appended since the beginning. */
  get appendedCount(): number {
    return Atomics.load(this.#counters, APPENDED);
  }

  /** Takes the next up to `most` entries below `end`: answers the first, and how many below it. */
  take(end: number, most: number): { first: number; count: number } {
    const first = Atomics.add(this.#counters, TAKEN, most);
    return { first, count: Math.max(0, Math.min(most, end - first)) };
  }

  /** The next to be taken is `index`. */
  rewind(index: number): void {
    Atomics.store(this.#counters, TAKEN, index);
  }

  /** A place at the end, or -1 where the ring is full: entries from `oldest` on are still needed. */
  append(oldest: number): number {
    const index = Atomics.add(this.#counters, APPENDED, 1);
    if (index - oldest < this.capacity) return index;
    Atomics.sub(this.#counters, APPENDED, 1);
    return -1;
  }

  slotOf(index: number): number {
    return this.#words[((index % this.capacity) * this.#entrySize) >> 2];
  }

  setSlot(index: number, slot: number): void {
    this.#words[((index % this.capacity) * this.#entrySize) >> 2] = slot;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the state of entry `index` stands in `bytes`. */
  stateAt(index: number): number {
    return (index % this.capacity) * this.#entrySize + SLOT_BYTES;
  }
}
