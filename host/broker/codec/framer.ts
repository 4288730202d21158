/**
 * From a stream of bytes to whole packets (2.2): a TCP segment may end anywhere, inside a length as well.
 *
 * `feed` lends one chunk; `next` then steps through its packets, leaving the place of each in `bytes`, `first`,
 * `start` and `end`. A packet that lies whole in the chunk is not copied. Only the rest of a chunk is kept: copied
 * into a buffer of the framer's own, which grows with what has arrived and never with what a length promises, so that
 * a peer cannot reserve memory by announcing it. The places stay valid until the next `next` or `feed`.
 */
import { CONTROL_NAMES } from "./control.ts";
import { PACKET_TOO_LARGE } from "./reasons.ts";
import { RULES_3, RULES_5, type Rules } from "./rules.ts";
import { Violation } from "./violation.ts";

/** A fixed header is at most one byte of type and flags and four of length. */
const MAX_HEADER_SIZE = 5;

export class Framer {
  /** The buffer that holds the packet just found. */
  bytes: Uint8Array = NOTHING;
  /** Its first byte: type and flags. */
  first = 0;
  /** Where its body starts in `bytes`: after the Remaining Length. */
  start = 0;
  /** Where its body ends. */
  end = 0;
  /** The largest packet that is accepted, bytes, fixed header included. */
  maxPacketSize: number;
  /** Those of the version that the connection speaks, once its CONNECT has said so. */
  rules: Rules = RULES_3;
  /** A Remaining Length was longer than it needs to be, which 3.1.1 allows and 5.0 does not [MQTT-1.5.5-1]. */
  hasLongLength = false;

  #chunk: Uint8Array = NOTHING;
  #at = 0;
  /** The beginning of a packet whose end has not arrived. */
  #held: Uint8Array = NOTHING;
  #heldSize = 0;

  constructor(maxPacketSize: number) {
    this.maxPacketSize = maxPacketSize;
  }

  /** Lends the next bytes of the stream. All packets of the chunk before must have been taken. */
  feed(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#at = 0;
  }

  /** Gives back, as a copy, what of the chunk lies behind the packet just found. */
  takeRest(): Uint8Array {
    // Not `slice`, which of a Buffer is no copy.
    const rest = new Uint8Array(this.#chunk.subarray(this.#at));
    this.#giveBack();
    return rest;
  }

  /** The first byte of a packet whose end has not arrived; -1 when there is none. */
  get heldFirst(): number {
    return this.#heldSize > 0 ? this.#held[0] : -1;
  }

  /** True when a whole packet is there. Throws a Violation when the stream can hold no packet from here on. */
  next(): boolean {
    if (this.#heldSize > 0) return this.#complete();
    const chunk = this.#chunk;
    const total = this.#measure(chunk, this.#at, chunk.length);
    if (total === 0 || total > chunk.length - this.#at) {
      this.#hold(chunk.length);
      return this.#giveBack();
    }
    this.bytes = chunk;
    this.#at += total;
    this.end = this.#at;
    return true;
  }

  /** Carries on with a packet that began in an earlier chunk. */
  #complete(): boolean {
    const chunk = this.#chunk;
    while (this.#at < chunk.length) {
      // Until the length is known a byte at a time, so that nothing of the next packet is copied.
      const total = this.#measure(this.#held, 0, this.#heldSize);
      const wanted = total === 0 ? 1 : total - this.#heldSize;
      this.#hold(Math.min(chunk.length, this.#at + wanted));
      if (this.#measure(this.#held, 0, this.#heldSize) === this.#heldSize) {
        this.bytes = this.#held;
        this.end = this.#heldSize;
        this.#held = NOTHING;
        this.#heldSize = 0;
        return true;
      }
    }
    return this.#giveBack();
  }

  /** The chunk is read: nothing may refer to it any more, or a quiet connection would keep it alive. */
  #giveBack(): false {
    this.#chunk = NOTHING;
    this.bytes = NOTHING;
    return false;
  }

  /**
   * Reads a fixed header at `at`: returns the whole packet's size, or 0 while the length is incomplete.
   * Leaves `first` and `start`.
   */
  #measure(bytes: Uint8Array, at: number, limit: number): number {
    let length = 0;
    for (let index = 1; index < MAX_HEADER_SIZE; index++) {
      if (at + index >= limit) return 0;
      const digit = bytes[at + index];
      length += (digit & 0x7f) << (7 * (index - 1));
      if (digit < 0x80) {
        const total = 1 + index + length;
        this.first = bytes[at];
        if (total > this.maxPacketSize) {
          const name = CONTROL_NAMES[this.first >> 4];
          const detail = `a ${name} of ${total} bytes is over the maximum of ${this.maxPacketSize}`;
          throw new Violation(this.rules.packetSize, detail, PACKET_TOO_LARGE);
        }
        if (digit === 0 && index > 1) this.#noteLongLength();
        this.start = at + index + 1;
        return total;
      }
    }
    throw new Violation(this.rules.remainingLength, "a Remaining Length has four bytes at most");
  }

  #noteLongLength(): void {
    if (this.rules === RULES_5)
      throw new Violation("MQTT-1.5.5-1", "the Remaining Length is longer than it needs to be");
    this.hasLongLength = true;
  }

  /** Keeps the chunk's bytes up to `end`. */
  #hold(end: number): void {
    const size = end - this.#at;
    if (size <= 0) return;
    const needed = this.#heldSize + size;
    if (needed > this.#held.length) {
      const grown = new Uint8Array(Math.max(needed, this.#held.length * 2, 64));
      grown.set(this.#held.subarray(0, this.#heldSize));
      this.#held = grown;
    }
    this.#held.set(this.#chunk.subarray(this.#at, end), this.#heldSize);
    this.#heldSize = needed;
    this.#at = end;
  }
}

const NOTHING = new Uint8Array(0);
