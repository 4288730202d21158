/**
 * The receiving half's view of the sequence: what has arrived in order, and which pieces have arrived beyond it.
 *
 * No bytes are held: they are read from the sender's buffer when they are in order (segment.ts says why). A piece is a start and an end.
 */

import type { Segment } from "./segment.ts";
import { MAXIMUM_SACK_BLOCKS } from "./segment.ts";

export class Reassembly {
  /** Sequence of the next byte in order. */
  next = 1;
  // Pieces beyond `next`, ascending and apart: start, end, start, end, ...
  private readonly pieces: number[] = [];
  private latestStart = -1;
  private duplicateStart = -1;
  private duplicateEnd = -1;

  /** Pieces have arrived out of order. */
  get gapped(): boolean {
    return this.pieces.length > 0;
  }

  /** Takes the piece from `start` to `end`, which lies beyond {@link next}. Returns by how much that has moved. */
  take(start: number, end: number): number {
    if (start > this.next) {
      this.insert(start, end);
      return 0;
    }
    const before = this.next;
    this.next = end;
    while (this.pieces.length > 0 && this.pieces[0] <= this.next) {
      if (this.pieces[1] > this.next) this.next = this.pieces[1];
      this.pieces.splice(0, 2);
    }
    return this.next - before;
  }

  /** Remembers that a piece came twice, for the next acknowledgement (RFC 2883). */
  noteDuplicate(start: number, end: number): void {
    this.duplicateStart = start;
    this.duplicateEnd = end;
  }

  /** Writes the blocks of an acknowledgement into `segment`: the duplicate, the piece that came last, and others (RFC 2018 4). */
  report(segment: Segment): void {
    let count = 0;
    if (this.duplicateStart >= 0) {
      segment.blocks[0] = this.duplicateStart;
      segment.blocks[1] = this.duplicateEnd;
      segment.duplicateReported = true;
      this.duplicateStart = -1;
      count = 1;
    }
    const { pieces } = this;
    for (let pass = 0; pass < 2; pass += 1) {
      for (let index = 0; index < pieces.length && count < MAXIMUM_SACK_BLOCKS; index += 2) {
        const latest = pieces[index] <= this.latestStart && this.latestStart < pieces[index + 1];
        if (latest !== (pass === 0)) continue;
        segment.blocks[2 * count] = pieces[index];
        segment.blocks[2 * count + 1] = pieces[index + 1];
        count += 1;
      }
    }
    segment.blockCount = count;
  }

  private insert(start: number, end: number): void {
    const { pieces } = this;
    let index = 0;
    while (index < pieces.length && pieces[index + 1] < start) index += 2;
    let from = start;
    let to = end;
    let merged = 0;
    while (index + merged < pieces.length && pieces[index + merged] <= to) {
      from = Math.min(from, pieces[index + merged]);
      to = Math.max(to, pieces[index + merged + 1]);
      merged += 2;
    }
    if (merged > 0 && from === pieces[index] && to === pieces[index + 1] && merged === 2)
      this.noteDuplicate(start, end);
    pieces.splice(index, merged, from, to);
    this.latestStart = start;
  }
}
