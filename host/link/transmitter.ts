/**
 * The transmitter of one direction: one packet at a time, at its pace, with a queue of limited length before it.
 *
 * Nothing is scheduled for a packet that waits: when it will have left is known when it comes, so the queue is the list of the times
 * at which its packets leave, and whoever is past is forgotten at the next look.
 *
 * The queue counts what waits and what is being sent, as a modem's buffer does. (netem's `limit` also counts what is in flight.)
 */
import { type Pace, paceOf } from "./pace.ts";
import type { LimitSpec, RateSpec } from "./spec.ts";

export class Transmitter {
  private readonly pace: Pace | null;
  private readonly packetOverhead: number;
  private readonly cellSize: number;
  private readonly cellOverhead: number;
  private readonly limitPackets: number;
  private readonly limitBytes: number;
  private readonly limited: boolean;
  // The queue: departure times and sizes, from `head` on.
  private readonly departuresUs: number[] = [];
  private readonly sizes: number[] = [];
  private head = 0;
  private queuedBytes = 0;

  constructor(rate: RateSpec | undefined, limit: LimitSpec | undefined) {
    this.pace = paceOf(rate);
    this.packetOverhead = rate?.packetOverhead ?? 0;
    this.cellSize = rate?.cellSize ?? 0;
    this.cellOverhead = rate?.cellOverhead ?? 0;
    this.limitPackets = limit?.packets ?? Number.MAX_SAFE_INTEGER;
    this.limitBytes = limit?.bytes ?? Number.MAX_SAFE_INTEGER;
    // Without a rate nothing ever waits.
    this.limited = limit !== undefined && this.pace !== null;
  }

  /** Microseconds spent sending since the beginning. */
  get airtimeUs(): number {
    return this.pace?.airtimeUs ?? 0;
  }

  /** True when the queue has room for a packet of `sizeBytes` at `nowUs`. */
  admits(nowUs: number, sizeBytes: number): boolean {
    if (!this.limited) return true;
    while (this.head < this.departuresUs.length && this.departuresUs[this.head] <= nowUs) {
      this.queuedBytes -= this.sizes[this.head];
      this.head += 1;
    }
    if (this.head === this.departuresUs.length) {
      this.departuresUs.length = 0;
      this.sizes.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      this.departuresUs.splice(0, this.head);
      this.sizes.splice(0, this.head);
      this.head = 0;
    }
    return this.departuresUs.length - this.head < this.limitPackets && this.queuedBytes + sizeBytes <= this.limitBytes;
  }

  /** Sends a packet offered at `nowUs`, after those before it: `airBytes` of it. Returns when its last bit has left. */
  send(nowUs: number, sizeBytes: number, airBytes: number): number {
    if (this.pace === null) return nowUs;
    const departureUs = this.pace.send(nowUs, this.wireBytes(airBytes));
    if (this.limited) {
      this.departuresUs.push(departureUs);
      this.sizes.push(sizeBytes);
      this.queuedBytes += sizeBytes;
    }
    return departureUs;
  }

  /** Bytes on the air for a packet: with its overhead, in whole cells, each with its own. */
  private wireBytes(airBytes: number): number {
    const bytes = Math.max(0, airBytes + this.packetOverhead);
    if (this.cellSize === 0) return bytes;
    return Math.ceil(bytes / this.cellSize) * (this.cellSize + this.cellOverhead);
  }
}
