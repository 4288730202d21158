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
    this.baseUs = spec === undefined ? 0 : baseOf(spec);
    this.scatterUs = spec === undefined ? null : scatterOf(spec, random);
  }

  /** Microseconds that the next packet travels. */
  nextUs(): number {
    return this.scatterUs === null ? this.baseUs : Math.max(0, this.baseUs + this.scatterUs());
  }
}

function baseOf(spec: DelaySpec): number {
  if (!("orbit" in spec)) return durationUs(spec.base ?? 0, "delay.base");
  const heightKm = typeof spec.orbit === "number" ? spec.orbit : ORBITS_KM[spec.orbit];
  return (
    bentPipeUs(heightKm, spec.elevation, spec.feederElevation ?? spec.elevation) +
    durationUs(spec.processing ?? 0, "delay.processing")
  );
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
    const [medianUs, p95Us] = [durationUs(spec.median, "delay.median"), durationUs(spec.p95, "delay.p95")];
    return drawn(lognormalTable(medianUs, p95Us, LONGEST_US), random);
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
