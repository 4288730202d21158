/**
 * Virtual time: a discrete-event scheduler whose clock jumps from one event to the next.
 *
 * Time is integer microseconds in a JavaScript number (exact below 2^53, 285 years). Events at the same microsecond are ordered by
 * the sequence in which they were asked for, so that a run is one total order and the same seed gives the same run on any machine.
 *
 * The heap is a binary heap over typed arrays: times and sequences move as plain numbers, and the handler of an event
 * stays in its slot. Nothing is allocated for an event once the arrays have grown to the largest number of events
 * ever pending at once.
 */
import type { DueHandler, Scheduler } from "../link/scheduler.ts";

const INITIAL_CAPACITY = 256;

export class VirtualTime implements Scheduler {
  /** The present, in microseconds. It moves only in {@link step} and {@link runUntil}. */
  nowUs = 0;
  /** Events handled so far. */
  handledCount = 0;

  private capacity = INITIAL_CAPACITY;
  private count = 0;
  private nextSequence = 0;
  // The heap, ordered by (time, sequence); `heapSlots` says where the rest of the event is.
  private times = new Float64Array(INITIAL_CAPACITY);
  private sequences = new Float64Array(INITIAL_CAPACITY);
  private heapSlots = new Int32Array(INITIAL_CAPACITY);
  // The slots, and the chain of those that are free.
  private handlers: (DueHandler | null)[] = new Array(INITIAL_CAPACITY).fill(null);
  private slotArguments = new Float64Array(INITIAL_CAPACITY);
  private freeSlots = Int32Array.from({ length: INITIAL_CAPACITY }, (_, slot) => slot);

  /** Events not yet handled. */
  get pendingCount(): number {
    return this.count;
  }

  /** When the next event is due; Infinity when there is none. */
  get nextUs(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.times[0];
  }

  at(timeUs: number, handler: DueHandler, argument: number): void {
    if (!(timeUs >= this.nowUs) || timeUs !== Math.floor(timeUs) || timeUs > Number.MAX_SAFE_INTEGER) {
      throw new RangeError(`an event must lie ahead, at an integer microsecond: ${timeUs} (it is ${this.nowUs})`);
    }
    if (this.count === this.capacity) this.grow();
    const slot = this.freeSlots[this.count];
    this.handlers[slot] = handler;
    this.slotArguments[slot] = argument;
    this.siftUp(this.count, timeUs, this.nextSequence, slot);
    this.nextSequence += 1;
    this.count += 1;
  }

  /** Handles the next event. False when there is none. */
  step(): boolean {
    if (this.count === 0) return false;
    this.handleNext();
    return true;
  }

  /** Handles every event up to and including `timeUs`, then sets the clock to it. Returns the number of events handled. */
  runUntil(timeUs: number): number {
    const before = this.handledCount;
    while (this.count > 0 && this.times[0] <= timeUs) this.handleNext();
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    return this.handledCount - before;
  }

  /** Handles events until none is left or `eventLimit` were handled. True when none is left. */
  runToEnd(eventLimit: number): boolean {
    for (let left = eventLimit; left > 0; left -= 1) {
      if (!this.step()) return true;
    }
    return this.count === 0;
  }

  private handleNext(): void {
    const slot = this.heapSlots[0];
    this.nowUs = this.times[0];
    const handler = this.handlers[slot] as DueHandler;
    this.handlers[slot] = null;
    this.count -= 1;
    this.freeSlots[this.count] = slot;
    if (this.count > 0) this.siftDown(this.times[this.count], this.sequences[this.count], this.heapSlots[this.count]);
    this.handledCount += 1;
    handler.due(this.slotArguments[slot]);
  }

  /** Walks a hole up from `hole` and puts the event where it belongs. */
  private siftUp(hole: number, timeUs: number, sequence: number, slot: number): void {
    const { times, sequences, heapSlots } = this;
    let at = hole;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // A new event has the largest sequence of all: among equals it stays below.
      if (times[parent] <= timeUs) break;
      times[at] = times[parent];
      sequences[at] = sequences[parent];
      heapSlots[at] = heapSlots[parent];
      at = parent;
    }
    times[at] = timeUs;
    sequences[at] = sequence;
    heapSlots[at] = slot;
  }

  /** Walks a hole down from the root and puts the event where it belongs. */
  private siftDown(timeUs: number, sequence: number, slot: number): void {
    const { times, sequences, heapSlots, count } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      const right = child + 1;
      if (
        right < count &&
        (times[right] < times[child] || (times[right] === times[child] && sequences[right] < sequences[child]))
      ) {
        child = right;
      }
      if (times[child] > timeUs || (times[child] === timeUs && sequences[child] > sequence)) break;
      times[at] = times[child];
      sequences[at] = sequences[child];
      heapSlots[at] = heapSlots[child];
      at = child;
    }
    times[at] = timeUs;
    sequences[at] = sequence;
    heapSlots[at] = slot;
  }

  private grow(): void {
    const capacity = this.capacity * 2;
    const widened = (source: Float64Array) => {
      const target = new Float64Array(capacity);
      target.set(source);
      return target;
    };
    this.times = widened(this.times);
    this.sequences = widened(this.sequences);
    this.slotArguments = widened(this.slotArguments);
    const heapSlots = new Int32Array(capacity);
    heapSlots.set(this.heapSlots);
    this.heapSlots = heapSlots;
    const freeSlots = new Int32Array(capacity);
    freeSlots.set(this.freeSlots);
    for (let slot = this.capacity; slot < capacity; slot += 1) {
      freeSlots[slot] = slot;
      this.handlers.push(null);
    }
    this.freeSlots = freeSlots;
    this.capacity = capacity;
  }
}
