/**
 * What the guarded machine knows of each byte: whether it lies in a declared region, and whether it was ever written.
 */

const DECLARED = 1;
const WRITTEN = 2;

export class Guard {
  readonly #state: Uint8Array;

  constructor(size: number) {
    this.#state = new Uint8Array(size);
  }

  /** Bytes that the core may use from now on; nothing in them counts as written. */
  declare(at: number, size: number): void {
    this.#state.fill(DECLARED, at, at + size);
  }

  /** No byte is declared any more. */
  reset(): void {
    this.#state.fill(0);
  }

  /** Bytes that the host has written, so that the core may read them. */
  hostWrote(at: number, size: number): void {
    this.#check("host write", at, size, DECLARED);
    this.#state.fill(DECLARED | WRITTEN, at, at + size);
  }

  /** Bytes that hold nothing any more, such as a receive region that was read: reading them again is a fault. */
  forget(at: number, size: number): void {
    this.#state.fill(DECLARED, at, at + size);
  }

  read(at: number, size: number): void {
    this.#check("read", at, size, DECLARED | WRITTEN);
  }

  write(at: number, size: number): void {
    this.#check("write", at, size, DECLARED);
    this.#state.fill(DECLARED | WRITTEN, at, at + size);
  }

  /** A copy moves what is known of the bytes with them: copying a gap is no fault, reading it is. */
  copy(target: number, source: number, size: number): void {
    this.#check("copy from", source, size, DECLARED);
    this.#check("copy to", target, size, DECLARED);
    this.#state.copyWithin(target, source, source + size);
  }

  #check(what: string, at: number, size: number, wanted: number): void {
    if (at !== (at | 0) || size !== (size | 0) || size < 0 || at < 0 || at + size > this.#state.length) {
      throw new RangeError(`${what} of ${size} bytes at ${at}: outside the memory`);
    }
    for (let index = at; index < at + size; index++) {
      if ((this.#state[index] & wanted) !== wanted) {
        const why = (this.#state[index] & DECLARED) === 0 ? "outside the declared regions" : "never written";
        throw new RangeError(`${what} of ${size} bytes at ${at}: byte ${index} is ${why}`);
      }
    }
  }
}
