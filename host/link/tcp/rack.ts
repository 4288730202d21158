/**
 * RACK (RFC 8985 section 6): a segment is lost when one sent later was delivered and a round trip plus a little for reordering has
 * passed since. Time, not the count of duplicates, decides: which is what saves the thin streams of telemetry.
 */
import type { Outstanding, RetransmissionQueue } from "./retransmission-queue.ts";

/** Segments sacked out of order before reordering gets no more patience (RFC 5681's three duplicates). */
export const DUPLICATE_THRESHOLD = 3;

export class Rack {
  minimumRoundTripUs = Number.MAX_SAFE_INTEGER;
  /** Something was delivered since the last search. */
  advanced = false;
  private ordinal = -1;
  private roundTripUs = 0;

  /** A segment was delivered for the first time that the sender hears of it. */
  delivered(entry: Outstanding, nowUs: number): void {
    const roundTripUs = nowUs - entry.sentUs;
    if (entry.retransmitted) {
      // Faster than the path ever was: it was the first copy that arrived, and when that was sent is no longer known.
      if (roundTripUs < this.minimumRoundTripUs) return;
    } else if (roundTripUs < this.minimumRoundTripUs) {
      this.minimumRoundTripUs = roundTripUs;
    }
    this.advanced = true;
    this.roundTripUs = roundTripUs;
    if (entry.ordinal > this.ordinal) this.ordinal = entry.ordinal;
  }

  /** Marks what is lost by now. Returns how long until the next segment will be, or 0 when none is suspected. */
  markLost(queue: RetransmissionQueue, nowUs: number, inRecovery: boolean, smoothedUs: number): number {
    this.advanced = false;
    const patienceUs =
      inRecovery || queue.sackedCount >= DUPLICATE_THRESHOLD
        ? 0
        : Math.min(Math.floor(this.minimumRoundTripUs / 4), Math.floor(smoothedUs / 8));
    let waitUs = 0;
    for (let index = 0; index < queue.count; index += 1) {
      const entry = queue.at(index);
      if (entry.sacked || (entry.lost && !entry.sentAgain)) continue;
      if (entry.ordinal >= this.ordinal) continue;
      const leftUs = entry.sentUs + this.roundTripUs + patienceUs - nowUs;
      if (leftUs <= 0) queue.markLost(entry);
      else if (leftUs > waitUs) waitUs = leftUs;
    }
    return waitUs;
  }

  /** Whether a time-out should leave `entry` alone because it was sent too recently to be lost. */
  recent(entry: Outstanding, nowUs: number): boolean {
    return entry.sentUs + this.roundTripUs > nowUs;
  }
}
