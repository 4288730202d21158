/**
 * Randomness that is the same on every machine.
 *
 * One 64-bit seed draws a whole run. Every random choice has a stream of its own, named by what it decides ("sensor/7/up/loss");
 * the state of a stream is SHA-256 over seed and name, so that one more stream changes nobody else's draws. The generator is
 * pure-rand's xoroshiro128+: integers only, 128 bits of state that a hash can fill, and tested against its reference.
 *
 * Only integers, comparisons and the four IEEE 754 operations are used from here to a delivered packet. Math.log, Math.exp and
 * Math.pow may differ in the last bit between engines, and one bit is another history: hence the normal distribution
 * comes from an integer table and the exponential from von Neumann's comparisons.
 */
import { createHash } from "node:crypto";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { NORMAL_SCALE, NORMAL_SIZE, normalTable } from "./normal-table.ts";

/** Certainty, as a threshold: every 32-bit draw lies below it. */
const CERTAIN = 2 ** 32;

/** The 64-bit number that draws a run. */
export type Seed = bigint;

/**
 * Reads a seed: a decimal integer from 0 to 2^64 - 1, as text, number or bigint.
 * Throws RangeError, naming the text, for anything else.
 */
export function parseSeed(seed: string | number | bigint): Seed {
  const text = String(seed).trim();
  if (!/^[0-9]+$/.test(text) || BigInt(text) >= 1n << 64n) {
    throw new RangeError(`a seed is an integer from 0 to 18446744073709551615, not "${text}"`);
  }
  return BigInt(text);
}

/** A probability, 0 to 1, as the integer that {@link RandomStream.chance} compares with (resolution 2.3e-10). */
export function thresholdOf(probability: number): number {
  return Math.round(probability * CERTAIN);
}

/** One named stream of one seed. */
export class RandomStream {
  private readonly generator: { next(): number };

  constructor(seed: Seed, name: string) {
    const digest = createHash("sha256").update(`${seed}/${name}`).digest();
    this.generator = xoroshiro128plusFromState([
      digest.readInt32LE(0),
      digest.readInt32LE(4),
      digest.readInt32LE(8),
      // The all-zero state is the one from which the generator never leaves; the set bit rules it out.
      digest.readInt32LE(12) | 1,
    ]);
  }

  /** An integer from 0 to 2^32 - 1. */
  uint32(): number {
    return this.generator.next() >>> 0;
  }

  /** True with the probability that `threshold` stands for; never and always draw nothing. See {@link thresholdOf}. */
  chance(threshold: number): boolean {
    if (threshold <= 0) return false;
    if (threshold >= CERTAIN) return true;
    return this.uint32() < threshold;
  }

  /** An integer from 0 to `bound` - 1, all equally likely; `bound` from 1 to 2^53 - 1. */
  below(bound: number): number {
    if (bound <= CERTAIN) {
      const fair = CERTAIN - (CERTAIN % bound);
      let draw = this.uint32();
      while (draw >= fair) draw = this.uint32();
      return draw % bound;
    }
    const span = 2 ** 53;
    const fair = span - (span % bound);
    let draw = this.uint53();
    while (draw >= fair) draw = this.uint53();
    return draw % bound;
  }

  /** `sigma` times a standard normal deviate, truncated to an integer (at most 3.7 sigma either way). */
  normal(sigma: number): number {
    return Math.trunc((normalTable()[this.uint32() >>> (32 - NORMAL_SIZE)] * sigma) / NORMAL_SCALE);
  }

  /**
   * An exponentially distributed integer of the given mean, by von Neumann's method: the length of a falling run of
   * uniforms decides, so that no logarithm is taken. (Various techniques used in connection with random digits, 1951.)
   */
  exponential(mean: number): number {
    for (let whole = 0; ; whole += 1) {
      const first = this.uint32();
      let last = first;
      let length = 1;
      for (let next = this.uint32(); next < last; next = this.uint32()) {
        last = next;
        length += 1;
      }
      if ((length & 1) === 1) return Math.floor(mean * (whole + first / CERTAIN));
    }
  }

  private uint53(): number {
    const high = this.uint32() >>> 11;
    return high * CERTAIN + this.uint32();
  }
}
