/**
 * Deadlines of connections: a binary heap that is looked at again, not set again, for each packet.
 *
 * Every packet moves a keep-alive's deadline. Moving it in the heap each time would cost more than the packet, so the
 * heap keeps the deadline as it was; when that comes, the owner is asked for its true one and goes back in with it,
 * once in one and a half keep-alives at most.
 */
export interface Timed {
  /** The deadline under which it lies in the heap, ms. */
  deadlineMs: number;
  /** Its place in the heap, or -1. */
  heapIndex: number;
}

export class Timers<T extends Timed> {
  readonly #heap: T[] = [];

  /** The one with the earliest deadline, or undefined. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  /** Puts `timed` in, or moves it, to `deadlineMs`. */
  set(timed: T, deadlineMs: number): void {
    timed.deadlineMs = deadlineMs;
    if (timed.heapIndex < 0) {
      timed.heapIndex = this.#heap.length;
      this.#heap.push(timed);
    }
    this.#settle(timed);
  }

  /** Takes it out. Harmless when it is not there. */
  remove(timed: T): void {
    const index = timed.heapIndex;
    if (index < 0) return;
    timed.heapIndex = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timed) return;
    this.#place(last, index);
    this.#settle(last);
  }

  #settle(timed: T): void {
    const heap = this.#heap;
    let index = timed.heapIndex;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1];
      if (parent.deadlineMs <= timed.deadlineMs) break;
      this.#place(parent, index);
      index = (index - 1) >> 1;
    }
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= heap.length) break;
      if (childIndex + 1 < heap.length && heap[childIndex + 1].deadlineMs < heap[childIndex].deadlineMs) childIndex++;
      const child = heap[childIndex];
      if (child.deadlineMs >= timed.deadlineMs) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(timed, index);
  }

  #place(timed: T, index: number): void {
    this.#heap[index] = timed;
    timed.heapIndex = index;
  }
}
