/**
 * A segment on its way, and the pool that it returns to.
 *
 * A segment carries no payload: both ends live in one process, and what a receiver has not acknowledged is still in the sender's buffer, where the
 * receiver reads it. A segment is therefore a handful of numbers, and no byte is copied between two applications more than once.
 *
 * Sequence numbers count from 0 (the SYN), the first byte of data is 1; they are plain numbers and do not wrap.
 */
import type { Headers } from "../headers.ts";
import type { Packet } from "../packet.ts";

/** Blocks of selective acknowledgement that fit beside timestamps: 40 bytes of options less 12, less 4, by 8 (RFC 2018 3). */
export const MAXIMUM_SACK_BLOCKS = 3;

export const SYN = 1;
export const ACK = 2;
export const FIN = 4;
export const RST = 8;

/** Where a segment goes. */
export interface SegmentTarget {
  /** The segment is only valid during the call. */
  receive(segment: Segment): void;
}

export class Segment implements Packet {
  sizeBytes = 0;
  airBytes = 0;
  sequence = 0;
  /** Bytes of payload. */
  size = 0;
  flags = 0;
  acknowledgement = 0;
  /** Largest number of bytes that the sender of this segment takes beyond `acknowledgement`. */
  window = 0;
  /** RFC 7323 TSval and TSecr, milliseconds; -1 when absent. */
  stampMs = -1;
  echoMs = -1;
  /** Selective acknowledgement: start and end of each block. */
  readonly blocks = new Float64Array(2 * MAXIMUM_SACK_BLOCKS);
  blockCount = 0;
  /** True when the first block reports a duplicate (RFC 2883). */
  duplicateReported = false;
  target: SegmentTarget | null = null;
  private copyCount = 1;
  private readonly pool: SegmentPool;

  constructor(pool: SegmentPool) {
    this.pool = pool;
  }

  arrived(corrupted: boolean): void {
    // A flipped bit fails the checksum (RFC 9293 3.1), and the segment was never there.
    if (!corrupted) (this.target as SegmentTarget).receive(this);
    this.release();
  }

  dropped(): void {
    this.release();
  }

  duplicated(): void {
    this.copyCount += 1;
  }

  private release(): void {
    this.copyCount -= 1;
    if (this.copyCount > 0) return;
    this.copyCount = 1;
    this.target = null;
    this.pool.give(this);
  }
}

/** The segments of a connection, and the headers that they have. */
export class SegmentPool {
  readonly headers: Headers;
  private readonly spare: Segment[] = [];

  constructor(headers: Headers) {
    this.headers = headers;
  }

  take(): Segment {
    return this.spare.pop() ?? new Segment(this);
  }

  give(segment: Segment): void {
    this.spare.push(segment);
  }
}

/** A reset, without options, for `target` (RFC 9293 3.10.7.1). */
export function takeReset(pool: SegmentPool, target: SegmentTarget | null, sequence: number): Segment {
  const segment = takeBlank(pool, target, sequence, RST);
  segment.sizeBytes = pool.headers.segmentBytes(0, false, 0);
  segment.airBytes = pool.headers.contextAirBytes(segment.sizeBytes);
  return segment;
}

/** A segment without payload, acknowledgement and options, whose size is still to be set. */
export function takeBlank(pool: SegmentPool, target: SegmentTarget | null, sequence: number, flags: number): Segment {
  const segment = pool.take();
  segment.target = target;
  segment.sequence = sequence;
  segment.flags = flags;
  segment.size = 0;
  segment.acknowledgement = 0;
  segment.blockCount = 0;
  segment.duplicateReported = false;
  segment.stampMs = -1;
  segment.echoMs = -1;
  return segment;
}
