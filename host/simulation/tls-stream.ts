/**
 * TLS as a stream over TCP feels it: a handshake of so many bytes in turns, and so many around every write (link/tls.ts). Nothing is encrypted: where the
 * real one has nonce and tag, a record here has its length and zeros.
 */
import type { TcpCloseReason, TcpHandler, TcpStatistics, TlsMode } from "../link/index.ts";

/** An end of a connection as its user sees it: TCP's own, or TLS's over it. */
export interface Stream {
  handler: TcpHandler | null;
  readonly statistics: Readonly<TcpStatistics>;
  /** What TCP has taken and the other end has not acknowledged. */
  readonly unacknowledged: { readonly size: number };
  /** Takes up to `size` bytes and returns how many; `writable` follows when not all. `more`: a write follows at once. */
  write(bytes: Uint8Array, offset?: number, size?: number, more?: boolean): number;
  close(): void;
  abort(): void;
  /** The power of this end is cut: it neither sends nor answers any more. */
  vanish(): void;
}

/** RFC 8446 5.1: a record holds 2^14 bytes at most. */
const LARGEST_RECORD = 16_384;
/** Stands for the length of a close_notify, which is two bytes. */
const CLOSE_NOTIFY = 0xffff;

export class TlsStream implements Stream, TcpHandler {
  handler: TcpHandler | null = null;
  private readonly stream: Stream;
  private readonly mode: TlsMode;
  /** The flight that is waited for, and how much of it is still to come; after the last one, what the peer has before its first record. */
  private flightIndex: number;
  private rawLeft: number;
  /** What this end has before its first record. */
  private leadBytes: number;
  private open = false;
  private closing = false;
  // A record that comes in pieces: what is left of its surroundings, the length they tell, and what is left of its bytes.
  private surroundLeft: number;
  private length = 0;
  private payloadLeft = 0;
  /** What TCP had no room for. */
  private waiting: Uint8Array | null = null;

  constructor(stream: Stream, mode: TlsMode, isClient: boolean) {
    this.stream = stream;
    this.mode = mode;
    this.flightIndex = isClient ? 1 : 0;
    this.rawLeft = mode.flights[this.flightIndex];
    this.leadBytes = isClient ? mode.lead.client : mode.lead.server;
    this.surroundLeft = mode.perRecord;
    stream.handler = this;
  }

  get statistics(): Readonly<TcpStatistics> {
    return this.stream.statistics;
  }

  get unacknowledged(): { readonly size: number } {
    return this.stream.unacknowledged;
  }

  write(bytes: Uint8Array, offset = 0, size = bytes.length - offset, more = false): number {
    if (!this.open || this.closing || this.waiting !== null || size === 0) return 0;
    const taken = Math.min(size, LARGEST_RECORD);
    this.send(this.record(bytes.subarray(offset, offset + taken), taken), more && taken === size);
    return taken;
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (!this.open) {
      this.stream.close();
      return;
    }
    const notify = this.record(new Uint8Array(this.mode.closeBytes - this.mode.perRecord), CLOSE_NOTIFY);
    const before = this.waiting;
    this.waiting = null;
    this.send(before === null ? notify : joined(before, notify), false);
    if (this.waiting === null) this.stream.close();
  }

  abort(): void {
    this.handler = null;
    this.stream.abort();
  }

  vanish(): void {
    this.handler = null;
    this.stream.vanish();
  }

  opened(): void {
    if (this.flightIndex === 1) this.send(new Uint8Array(this.mode.flights[0]), false);
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    const end = offset + size;
    let at = offset;
    while (at < end) {
      if (this.rawLeft > 0) {
        const skipped = Math.min(this.rawLeft, end - at);
        at += skipped;
        this.rawLeft -= skipped;
        if (this.rawLeft === 0 && !this.open) this.flightEnded();
      } else if (this.payloadLeft === 0) {
        at = this.takeSurroundings(bytes, at, end);
      } else {
        const count = Math.min(this.payloadLeft, end - at);
        this.payloadLeft -= count;
        if (this.payloadLeft === 0) this.surroundLeft = this.mode.perRecord;
        if (this.length !== CLOSE_NOTIFY) this.handler?.received(bytes, at, count);
        at += count;
      }
    }
  }

  ended(): void {
    if (this.handler?.ended === undefined) this.close();
    else this.handler.ended();
  }

  writable(): void {
    const rest = this.waiting;
    this.waiting = null;
    if (rest !== null) this.send(rest, false);
    if (this.waiting !== null) return;
    if (this.closing) this.stream.close();
    else if (this.open) this.handler?.writable?.();
  }

  closed(reason: TcpCloseReason): void {
    this.handler?.closed(reason);
  }

  /** A flight of the peer's is here: the next is ours, and the last of all the server's. */
  private flightEnded(): void {
    const { flights, lead } = this.mode;
    const isClient = this.flightIndex % 2 === 1;
    const own = this.flightIndex + 1;
    if (own < flights.length) this.send(new Uint8Array(flights[own]), false);
    this.flightIndex += 2;
    if (this.flightIndex < flights.length) {
      this.rawLeft = flights[this.flightIndex];
      return;
    }
    this.open = true;
    this.rawLeft = isClient ? lead.server : lead.client;
    this.handler?.opened();
  }

  /** Bytes with their record around them, and before the first what goes with it. The length stands first. */
  private record(bytes: Uint8Array, length: number): Uint8Array {
    const { perRecord } = this.mode;
    const record = new Uint8Array(this.leadBytes + perRecord + bytes.length);
    record[this.leadBytes] = length >> 8;
    record[this.leadBytes + 1] = length & 0xff;
    record.set(bytes, this.leadBytes + perRecord);
    this.leadBytes = 0;
    return record;
  }

  private takeSurroundings(bytes: Uint8Array, at: number, end: number): number {
    const { perRecord, closeBytes } = this.mode;
    if (this.surroundLeft > perRecord - 2) {
      this.length = this.surroundLeft === perRecord ? bytes[at] << 8 : this.length | bytes[at];
      this.surroundLeft -= 1;
      return at + 1;
    }
    const skipped = Math.min(this.surroundLeft, end - at);
    this.surroundLeft -= skipped;
    if (this.surroundLeft === 0) this.payloadLeft = this.length === CLOSE_NOTIFY ? closeBytes - perRecord : this.length;
    return at + skipped;
  }

  private send(bytes: Uint8Array, more: boolean): void {
    const taken = this.stream.write(bytes, 0, bytes.length, more);
    if (taken < bytes.length) this.waiting = bytes.subarray(taken);
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
