/**
 * Delay after the transmitter: a base, given or from the geometry of an orbit, and what scatters about it or on top of it. The result is never
 * negative and never earlier than the packet before it: see direction.ts for the order of arrival.
 *
 * Everything that a packet costs is integers and tables of integers; whatever needs more is computed when the link is built (distribution.ts,
 * elementary.ts), so that the same seed gives the same delays on every machine.
 */
import { lognormalTable, paretoNormalTable, paretoTable } from "./distribution.ts";
import { durationUs, LONGEST_US } from "./duration.ts";
import { NORMAL_SCALE, normalTable } from "./normal-table.ts";
import { bentPipeUs, ORBITS_KM } from "./orbit.ts";
import type { RandomStream } from "./random.ts";
import type { DelaySpec, JitterDistribution } from "./spec.ts";

export class DelayModel {
  private readonly baseUs: number;
  private readonly scatterUs: (() => number) | null;

  /** `random` is this model's own stream; a delay that does not scatter draws nothing from it. `spec` has been validated. */
  constructor(spec: DelaySpec | undefined, random: RandomStream) {
    this.baseUs = spec === undefined ? 0 : baseUs(spec);
    this.scatterUs = spec === undefined ? null : scatterOf(spec, random);
  }

  /** Microseconds that the next packet travels. */
  nextUs(): number {
    return this.scatterUs === null ? this.baseUs : Math.max(0, this.baseUs + this.scatterUs());
  }
}

/** What a valid delay has before anything scatters, microseconds. */
export function baseUs(spec: DelaySpec): number {
  if (!("orbit" in spec)) return durationUs(spec.base ?? 0, "delay.base");
  const heightKm = typeof spec.orbit === "number" ? spec.orbit : ORBITS_KM[spec.orbit];
  return (
    bentPipeUs(heightKm, spec.elevation, spec.feederElevation ?? spec.elevation) +
    durationUs(spec.processing ?? 0, "delay.processing")
  );
}

/** The median of what a lognormal or tabulated delay adds to its base, microseconds; 0 for the others, which scatter about it. */
export function medianUs(spec: DelaySpec): number {
  if (spec.distribution === "lognormal") return durationUs(spec.median, "delay.median");
  if (spec.distribution !== "table") return 0;
  const sorted = spec.table.map(entry => durationUs(entry, "delay.table")).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** What is added to the base, anew for each packet; null where that is always nothing. */
function scatterOf(spec: DelaySpec, random: RandomStream): (() => number) | null {
  if (spec.distribution === "table") {
    return drawn(
      Float64Array.from(spec.table, entry => durationUs(entry, "delay.table")),
      random,
    );
  }
  if (spec.distribution === "lognormal") {
    return drawn(lognormalTable(medianUs(spec), durationUs(spec.p95, "delay.p95"), LONGEST_US), random);
  }
  const jitterUs = durationUs(spec.jitter ?? 0, "delay.jitter");
  return jitterUs === 0 ? null : jitterOf(spec.distribution ?? "uniform", jitterUs, random);
}

/**
 * What `jitter` means: the half width (uniform), the standard deviation (normal), the scale of netem's table (pareto, paretonormal), or the mean of what is added
 * (exponential).
 */
function jitterOf(distribution: JitterDistribution, jitterUs: number, random: RandomStream): () => number {
  switch (distribution) {
    case "uniform":
      return () => random.below(2 * jitterUs + 1) - jitterUs;
    case "exponential":
      return () => random.exponential(jitterUs);
    case "normal":
      return scaled(normalTable(), jitterUs, random);
    case "pareto":
      return scaled(paretoTable(), jitterUs, random);
    case "paretonormal":
      return scaled(paretoNormalTable(), jitterUs, random);
  }
}

/** An entry of one of netem's tables, times the jitter, truncated. Their 2^12 entries take the highest bits of a draw. */
function scaled(table: Int16Array, jitterUs: number, random: RandomStream): () => number {
  return () => Math.trunc((table[random.uint32() >>> 20] * jitterUs) / NORMAL_SCALE);
}

/** An entry of a table of microseconds, all equally likely. */
function drawn(tableUs: Float64Array, random: RandomStream): () => number {
  return () => tableUs[random.below(tableUs.length)];
}
