/**
 * Delays in a fixed amount of memory: counts in buckets that widen with the delay, 1,024 to each power of two, and the longest delay of each,
 * so that a percentile is a delay that occurred and right to a thousandth. Mean and largest are exact. Integers only: the same on every machine.
 */

const BUCKET_BITS = 10;
const BUCKETS_PER_OCTAVE = 1 << BUCKET_BITS;
/** Delays of 2^42 us (50 days) and above share the last bucket; the largest is known exactly all the same. */
const OCTAVE_COUNT = 32;

export class Delays {
  count = 0;
  /** The longest, microseconds. */
  maximumUs = 0;
  private sumUs = 0;
  private readonly counts = new Uint32Array((OCTAVE_COUNT + 1) * BUCKETS_PER_OCTAVE);
  private readonly longestUs = new Float64Array((OCTAVE_COUNT + 1) * BUCKETS_PER_OCTAVE);

  /** `delayUs` is an integer, 0 or above. */
  add(delayUs: number): void {
    this.count += 1;
    this.sumUs += delayUs;
    if (delayUs > this.maximumUs) this.maximumUs = delayUs;
    const bucket = bucketOf(delayUs);
    this.counts[bucket] += 1;
    if (delayUs > this.longestUs[bucket]) this.longestUs[bucket] = delayUs;
  }

  get meanUs(): number {
    return this.count === 0 ? 0 : this.sumUs / this.count;
  }

  /** The delay that `share` (0 to 1) of all do not exceed, by nearest rank; 0 where there are none. */
  percentileUs(share: number): number {
    let rank = Math.max(1, Math.ceil(share * this.count));
    for (let bucket = 0; bucket < this.counts.length; bucket += 1) {
      rank -= this.counts[bucket];
      if (rank <= 0) return this.longestUs[bucket];
    }
    return this.maximumUs;
  }
}

/** Below 1,024 a bucket is a microsecond; above, octave n has buckets of 2^n. */
function bucketOf(delayUs: number): number {
  let octave = 0;
  let scaled = delayUs;
  // Beyond 32 bits the shift of an integer would lose the top.
  while (scaled > 0x7fff_ffff) {
    scaled = Math.floor(scaled / 2);
    octave += 1;
  }
  const shift = Math.max(0, 31 - BUCKET_BITS - Math.clz32(scaled));
  octave += shift;
  scaled >>= shift;
  if (octave >= OCTAVE_COUNT) return OCTAVE_COUNT * BUCKETS_PER_OCTAVE + BUCKETS_PER_OCTAVE - 1;
  return octave * BUCKETS_PER_OCTAVE + scaled;
}
