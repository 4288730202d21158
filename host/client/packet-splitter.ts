/**
 * Cuts a stream of bytes at the ends of its packets (section 2.2), for whoever wants to look at them one by one.
 * It judges nothing: a stream that is not MQTT comes out as packets that make no sense.
 */
import { Buffer } from "node:buffer";

/** Bytes of a packet that are kept: a fixed header, the longest topic and an identifier, and then some. */
const HEAD_SIZE_MAX = 65_600;

export interface Packet {
  /** The packet, or as much of its beginning as is kept. */
  readonly head: Buffer;
  readonly size: number;
  /** Where in `head` the fixed header ends: behind a length of one to four bytes. */
  readonly bodyAt: number;
}

interface Slice {
  readonly bytes: Uint8Array;
  /** The packet that ends with `bytes`, if one does. */
  readonly packet?: Packet;
}

export class PacketSplitter {
  #head = Buffer.alloc(0);
  /** Bytes of the packet so far, and of all of it once its length is known. */
  #have = 0;
  #size: number | undefined;

  /** `chunk` in slices, each with at most one end of a packet, at its end. */
  *split(chunk: Uint8Array): Generator<Slice> {
    let start = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#size === undefined) {
        this.#keep(chunk.subarray(at, at + 1));
        at++;
        this.#size = sizeOf(this.#head);
      } else {
        const take = Math.min(this.#size - this.#have, chunk.length - at);
        this.#keep(chunk.subarray(at, at + take));
        at += take;
      }
      if (this.#have === this.#size) {
        const packet = { head: this.#head, size: this.#size, bodyAt: bodyOf(this.#head) };
        yield { bytes: chunk.subarray(start, at), packet };
        start = at;
        this.#head = Buffer.alloc(0);
        this.#have = 0;
        this.#size = undefined;
      }
    }
    if (start < chunk.length) yield { bytes: chunk.subarray(start) };
  }

  #keep(bytes: Uint8Array): void {
    this.#have += bytes.length;
    const room = HEAD_SIZE_MAX - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)]);
  }
}

/** Where the length in `head` ends: a byte below 0x80, or the fourth (section 2.2.3). Beyond `head` where it is not whole yet. */
function bodyOf(head: Buffer): number {
  let at = 1;
  while (at < 4 && head[at] >= 0x80) at++;
  return at + 1;
}

/** Size of the packet that begins with `head`, or undefined before its length is whole. */
function sizeOf(head: Buffer): number | undefined {
  const bodyAt = bodyOf(head);
  if (bodyAt > head.length) return undefined;
  let length = 0;
  for (let at = bodyAt - 1; at > 0; at--) length = length * 128 + (head[at] & 0x7f);
  return bodyAt + length;
}
