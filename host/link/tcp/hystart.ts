/**
 * HyStart, which ends slow start before it has overfilled a queue (Ha and Rhee 2008, as in tcp_cubic.c; RFC 9406 is its successor): when the
 * acknowledgements of one round have come in a train half as long as the round trip, or when the round trip has grown.
 */

/** Below this window there is nothing to end. */
const SMALLEST_WINDOW = 16;
/** Acknowledgements farther apart end the train. */
const TRAIN_GAP_US = 2_000;
/** What the sender's own offload may add to a train. */
const TRAIN_ALLOWANCE_US = 1_000;
/** A round trip counts once so many of its round have been measured, and when it is longer by an eighth, within these. */
const SAMPLES = 8;
const [LEAST_GROWTH_US, MOST_GROWTH_US] = [4_000, 16_000];

export class HyStart {
  private found = false;
  private roundEnd = 0;
  private roundStartUs = 0;
  private lastUs = 0;
  private sampleCount = 0;
  private roundLeastUs = Number.MAX_SAFE_INTEGER;

  /** Takes a round trip measured in slow start; true when that should end. */
  ends(
    roundTripUs: number,
    leastUs: number,
    nowUs: number,
    windowCount: number,
    acknowledged: number,
    next: number,
  ): boolean {
    if (this.found || windowCount < SMALLEST_WINDOW) return false;
    if (acknowledged > this.roundEnd) {
      this.roundEnd = next;
      this.roundStartUs = nowUs;
      this.lastUs = nowUs;
      this.sampleCount = 0;
      this.roundLeastUs = Number.MAX_SAFE_INTEGER;
    }
    if (nowUs - this.lastUs <= TRAIN_GAP_US) {
      this.lastUs = nowUs;
      this.found = nowUs - this.roundStartUs > (leastUs + TRAIN_ALLOWANCE_US) >> 1;
    }
    if (roundTripUs < this.roundLeastUs) this.roundLeastUs = roundTripUs;
    if (this.sampleCount < SAMPLES) {
      this.sampleCount += 1;
    } else {
      const growthUs = Math.min(Math.max(leastUs >> 3, LEAST_GROWTH_US), MOST_GROWTH_US);
      this.found ||= this.roundLeastUs > leastUs + growthUs;
    }
    return this.found;
  }

  /** A time-out: slow start begins anew. */
  restart(): void {
    this.found = false;
    this.roundEnd = 0;
  }
}
