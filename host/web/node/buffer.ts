/**
 * The part of Node's Buffer that host/client uses, for a browser.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Uint8Array without its static functions, of which Node's Buffer has others. */
type Bytes = new (source: number | ArrayBufferLike, start?: number, size?: number) => Uint8Array<ArrayBuffer>;

export class Buffer extends (Uint8Array as unknown as Bytes) {
  static from(value: string | ArrayLike<number> | ArrayBufferLike, start = 0, size?: number): Buffer {
    if (typeof value === "string") return copyOf(encoder.encode(value));
    if (value instanceof ArrayBuffer) return new Buffer(value, start, size ?? value.byteLength - start);
    return copyOf(value as ArrayLike<number>);
  }

  static of(...bytes: number[]): Buffer {
    return copyOf(bytes);
  }

  static alloc(size: number): Buffer {
    return new Buffer(size);
  }

  static allocUnsafe(size: number): Buffer {
    return new Buffer(size);
  }

  static byteLength(text: string): number {
    return encoder.encode(text).length;
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** UTF-8, or "hex". */
  override toString(encoding = "utf8"): string {
    if (encoding === "hex") return Array.from(this, byte => byte.toString(16).padStart(2, "0")).join("");
    return decoder.decode(this);
  }

  copy(target: Uint8Array, targetStart = 0): number {
    target.set(this, targetStart);
    return this.length;
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, index) => byte === other[index]);
  }
}

function copyOf(bytes: ArrayLike<number>): Buffer {
  const copy = new Buffer(bytes.length);
  copy.set(bytes);
  return copy;
}
