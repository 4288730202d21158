/**
 * Delays in a fixed amount of memory: counts in buckets that widen with the delay, 1,024 to each power of two, so that a percentile
 * is right to a thousandth. Mean and largest are exact. Integers only: the same on every machine.
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
  private readonly buckets = new Uint32Array((OCTAVE_COUNT + 1) * BUCKETS_PER_OCTAVE);

  /** `delayUs` is an integer, 0 or above. */
  add(delayUs: number): void {
    this.count += 1;
    this.sumUs += delayUs;
    if (delayUs > this.maximumUs) this.maximumUs = delayUs;
    this.buckets[bucketOf(delayUs)] += 1;
  }

  get meanUs(): number {
    return this.count === 0 ? 0 : this.sumUs / this.count;
  }

  /** The smallest delay that `share` (0 to 1) of all do not exceed, by nearest rank; 0 where there are none. */
  percentileUs(share: number): number {
    let rank = Math.max(1, Math.ceil(share * this.count));
    // The last bucket has no end but the longest delay.
    for (let bucket = 0; bucket < this.buckets.length - 1; bucket += 1) {
      rank -= this.buckets[bucket];
      if (rank <= 0) return Math.min(highestOf(bucket), this.maximumUs);
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

/** The largest delay in a bucket. */
function highestOf(bucket: number): number {
  if (bucket < 2 * BUCKETS_PER_OCTAVE) return bucket;
  const octave = Math.floor(bucket / BUCKETS_PER_OCTAVE) - 1;
  const within = bucket - octave * BUCKETS_PER_OCTAVE;
  return (within + 1) * 2 ** octave - 1;
}
