/**
 * The pace of a transmitter: when the last bit of a packet has left.
 *
 * A constant rate is exact: what does not fill a whole microsecond is carried over to the next packet. A trace is mahimahi's (mm-link(1)): each entry
 * is a millisecond at which 1500 bytes may leave; several packets share an opportunity, one packet may need several, what nobody uses is gone, and after the
 * last entry it begins again.
 */
import type { RateSpec } from "./spec.ts";

export interface Pace {
  /** Microseconds spent sending since the beginning. */
  readonly airtimeUs: number;
  /** Sends `sizeBytes` offered at `nowUs` after what came before. Returns when the last of them has left. */
  send(nowUs: number, sizeBytes: number): number;
}

/** The pace of a valid rate, or null for an endless one. */
export function paceOf(rate: RateSpec | undefined): Pace | null {
  if (rate === undefined) return null;
  return "trace" in rate ? new TracePace(rate.trace) : new ConstantPace(rate.bps);
}

class ConstantPace implements Pace {
  airtimeUs = 0;
  private readonly bps: number;
  private freeUs = 0;
  private remainder = 0;

  constructor(bps: number) {
    this.bps = bps;
  }

  send(nowUs: number, sizeBytes: number): number {
    const work = sizeBytes * 8e6 + this.remainder;
    const durationUs = Math.floor(work / this.bps);
    this.remainder = work - durationUs * this.bps;
    this.airtimeUs += durationUs;
    this.freeUs = Math.max(this.freeUs, nowUs) + durationUs;
    return this.freeUs;
  }
}

/** Bytes of one delivery opportunity. */
export const OPPORTUNITY_BYTES = 1500;

class TracePace implements Pace {
  private readonly traceUs: Float64Array;
  private readonly periodUs: number;
  private sentBytes = 0;
  // The opportunity in use: its round, its index in the trace, and what is left of it.
  private round = 0;
  private index = 0;
  private leftBytes = OPPORTUNITY_BYTES;

  constructor(trace: readonly number[]) {
    this.traceUs = Float64Array.from(trace, ms => ms * 1000);
    this.periodUs = this.traceUs[this.traceUs.length - 1];
  }

  /** The share of the trace's capacity that was used, as time. */
  get airtimeUs(): number {
    return Math.floor((this.sentBytes * this.periodUs) / (this.traceUs.length * OPPORTUNITY_BYTES));
  }

  send(nowUs: number, sizeBytes: number): number {
    if (this.opportunityUs < nowUs) this.seek(nowUs);
    this.sentBytes += sizeBytes;
    let left = sizeBytes;
    while (left > this.leftBytes) {
      left -= this.leftBytes;
      this.next();
    }
    this.leftBytes -= left;
    return this.opportunityUs;
  }

  private get opportunityUs(): number {
    return this.round * this.periodUs + this.traceUs[this.index];
  }

  private next(): void {
    this.leftBytes = OPPORTUNITY_BYTES;
    this.index += 1;
    if (this.index < this.traceUs.length) return;
    this.index = 0;
    this.round += 1;
  }

  /** Goes to the first opportunity at `nowUs` or later; it lies in the round of `nowUs`, whose last entry is the round's end. */
  private seek(nowUs: number): void {
    this.leftBytes = OPPORTUNITY_BYTES;
    this.round = Math.floor(nowUs / this.periodUs);
    const withinUs = nowUs - this.round * this.periodUs;
    let [low, high] = [0, this.traceUs.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.traceUs[middle] < withinUs) low = middle + 1;
      else high = middle;
    }
    this.index = low;
  }
}
