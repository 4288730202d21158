/**
 * The bytes that an application has written and the peer has not yet acknowledged, in one piece: it grows to what was once needed, and
 * starts over at the front whenever it runs empty, which on a thin stream is after every message.
 */
const INITIAL_SIZE = 256;

export class SendBuffer {
  /** The storage; see {@link offsetOf}. */
  bytes = new Uint8Array(INITIAL_SIZE);
  /** Sequence of the first byte kept, and of the one after the last. */
  startSequence = 1;
  endSequence = 1;
  private head = 0;

  get size(): number {
    return this.endSequence - this.startSequence;
  }

  /** Index in {@link bytes} of the byte with that sequence. */
  offsetOf(sequence: number): number {
    return this.head + (sequence - this.startSequence);
  }

  /** The bytes from `sequence` on, or from the first one kept; a view that lasts until the next call. */
  from(sequence: number): Uint8Array {
    const at = this.offsetOf(Math.max(sequence, this.startSequence));
    return this.bytes.subarray(at, Math.max(at, this.head + this.size));
  }

  append(source: Uint8Array, offset: number, size: number): void {
    const tail = this.head + this.size;
    if (tail + size > this.bytes.length) this.makeRoom(size);
    const at = this.head + this.size;
    if (size > 64) {
      this.bytes.set(source.subarray(offset, offset + size), at);
    } else {
      // A short message: the loop costs less than the view.
      const bytes = this.bytes;
      for (let index = 0; index < size; index += 1) bytes[at + index] = source[offset + index];
    }
    this.endSequence += size;
  }

  /** Forgets the bytes below `sequence`. */
  release(sequence: number): void {
    const to = Math.min(sequence, this.endSequence);
    if (to <= this.startSequence) return;
    this.head += to - this.startSequence;
    this.startSequence = to;
    if (to === this.endSequence) this.head = 0;
  }

  private makeRoom(size: number): void {
    const needed = this.size + size;
    const target =
      needed > this.bytes.length / 2 ? new Uint8Array(Math.max(needed, this.bytes.length) * 2) : this.bytes;
    target.set(this.bytes.subarray(this.head, this.head + this.size));
    this.bytes = target;
    this.head = 0;
  }
}
