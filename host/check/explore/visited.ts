/**
 * The states that have been seen: an open hash table in shared memory, so that workers fill it together without a lock.
 *
 * A slot holds the 63 bits of a state's hash, and how it was reached: the slot of the state before, and the action. Two states with
 * one hash would be taken for one; with ten million states the odds of that are one in a hundred thousand.
 */

/** What `claim` answers for a state that was seen before, and where there is no room. */
export const SEEN = -1;
export const NO_ROOM = -2;

/** Of the first state, which none comes before. */
export const NO_PARENT = -1;

/** How full the table gets. */
const LOAD_MAX = 0.8;

export interface VisitedBuffers {
  readonly low: SharedArrayBuffer;
  readonly high: SharedArrayBuffer;
  readonly parents: SharedArrayBuffer;
  readonly actions: SharedArrayBuffer;
}

export class Visited {
  readonly buffers: VisitedBuffers;
  readonly capacity: number;
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  readonly #parents: Int32Array;
  readonly #actions: Uint8Array;

  constructor(buffers: VisitedBuffers) {
    this.buffers = buffers;
    this.#low = new Int32Array(buffers.low);
    this.#high = new Int32Array(buffers.high);
    this.#parents = new Int32Array(buffers.parents);
    this.#actions = new Uint8Array(buffers.actions);
    this.capacity = this.#low.length;
  }

  /** A table for `stateMax` states. */
  static for(stateMax: number): Visited {
    const slotCount = 2 ** Math.max(10, Math.ceil(Math.log2(stateMax / LOAD_MAX)));
    return new Visited({
      low: new SharedArrayBuffer(4 * slotCount),
      high: new SharedArrayBuffer(4 * slotCount),
      parents: new SharedArrayBuffer(4 * slotCount),
      actions: new SharedArrayBuffer(slotCount),
    });
  }

  /** Enters a state; answers its slot if it is new, else SEEN. `low` and `high` are not 0. */
  claim(low: number, high: number, parent: number, action: number): number {
    const mask = this.capacity - 1;
    let slot = (low >>> 1) & mask;
    for (let probe = 0; probe < this.capacity; probe += 1) {
      let held = Atomics.load(this.#low, slot);
      if (held === 0) {
        held = Atomics.compareExchange(this.#low, slot, 0, low);
        if (held === 0) {
          this.#parents[slot] = parent;
          this.#actions[slot] = action;
          Atomics.store(this.#high, slot, high);
          return slot;
        }
      }
      if (held === low) {
        // Another worker that has claimed the slot writes the second half at once.
        let other = Atomics.load(this.#high, slot);
        while (other === 0) other = Atomics.load(this.#high, slot);
        if (other === high) return SEEN;
      }
      slot = (slot + 1) & mask;
    }
    return NO_ROOM;
  }

  /** Numbers of the actions that lead to the state in `slot`, from the first on. */
  path(slot: number): number[] {
    const actions: number[] = [];
    for (let at = slot; this.#parents[at] !== NO_PARENT; at = this.#parents[at]) actions.push(this.#actions[at]);
    return actions.reverse();
  }
}
