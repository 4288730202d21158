/**
 * Bytes on their way out, gathered per connection until a flush: one `send` for all that a call has caused.
 *
 * A connection has a buffer only while it has bytes in it; buffers are lent from a pool, so that thousands of quiet
 * connections cost nothing. A buffer that fills is handed over early, which lets the sink say `pause` in the middle of
 * a burst.
 */
import { Buffer } from "node:buffer";
import { type Connection, ENDED } from "./connection.ts";
import type { Counters } from "./counters.ts";

const FIRST_SIZE = 2048;
/** From this many bytes on a buffer is handed over without waiting for the flush. */
const FULL_SIZE = 32 * 1024;
const MAX_POOLED_COUNT = 64;

/** A payload from this size on is not copied into the buffer but handed over by itself. */
export const LARGE_PAYLOAD_SIZE = 16 * 1024;

export class Output {
  readonly #counters: Counters;
  readonly #pool: Uint8Array[] = [];
  #dirty: Connection[] = [];
  #flushing: Connection[] = [];

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  /** Makes room for `size` bytes and returns where in `connection.output` they go. The caller writes all of them. */
  reserve(connection: Connection, size: number): number {
    if (connection.outputSize > 0 && connection.outputSize + size > FULL_SIZE) this.#handOver(connection);
    const output = connection.output ?? this.#lend(connection);
    const at = connection.outputSize;
    const needed = at + size;
    if (needed > output.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, output.length * 4));
      grown.set(output.subarray(0, at));
      this.#takeBack(output);
      connection.output = grown;
    }
    connection.outputSize = needed;
    return at;
  }

  /** Hands over what is gathered and then `bytes`, which are never written again. */
  sendLasting(connection: Connection, bytes: Uint8Array): void {
    if (connection.outputSize > 0) this.#handOver(connection);
    this.#counters.bytesSent += bytes.length;
    connection.outlet.send(bytes, true);
  }

  /** The broker ends the connection: what is gathered goes out first. */
  close(connection: Connection, reason: string): void {
    connection.closeReason = reason;
    this.#markDirty(connection);
  }

  /** Drops what is gathered: the transport is gone. */
  discard(connection: Connection): void {
    if (connection.output !== null) this.#takeBack(connection.output);
    connection.output = null;
    connection.outputSize = 0;
  }

  flush(): void {
    const connections = this.#dirty;
    if (connections.length === 0) return;
    this.#dirty = this.#flushing;
    this.#flushing = connections;
    for (let index = 0; index < connections.length; index++) {
      const connection = connections[index];
      connection.isDirty = false;
      if (connection.outputSize > 0) this.#handOver(connection);
      if (connection.closeReason !== null) {
        const reason = connection.closeReason;
        connection.closeReason = null;
        connection.outlet.close(reason);
      }
    }
    connections.length = 0;
  }

  #handOver(connection: Connection): void {
    const output = connection.output;
    if (output === null) return;
    const size = connection.outputSize;
    connection.output = null;
    connection.outputSize = 0;
    this.#counters.bytesSent += size;
    connection.outlet.send(size === output.length ? output : output.subarray(0, size), false);
    this.#takeBack(output);
  }

  #lend(connection: Connection): Uint8Array {
    const output = this.#pool.pop() ?? Buffer.allocUnsafeSlow(FIRST_SIZE);
    connection.output = output;
    this.#markDirty(connection);
    return output;
  }

  #takeBack(output: Uint8Array): void {
    if (output.length <= FULL_SIZE && this.#pool.length < MAX_POOLED_COUNT) this.#pool.push(output);
  }

  #markDirty(connection: Connection): void {
    if (connection.isDirty || (connection.phase === ENDED && connection.closeReason === null)) return;
    connection.isDirty = true;
    this.#dirty.push(connection);
  }
}
