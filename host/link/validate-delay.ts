/**
 * Validation of delays: a base or an orbit, and what scatters about it.
 */
import { durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import { type Fields, readDuration, readFields, readList, readName, readNumber } from "./fields.ts";
import { ORBITS_KM } from "./orbit.ts";
import type { DelaySpec, JitterDistribution } from "./spec.ts";

const JITTER_DISTRIBUTIONS: readonly JitterDistribution[] = [
  "uniform",
  "normal",
  "pareto",
  "paretonormal",
  "exponential",
];
/** Below, the atmosphere; above, no satellite that anybody speaks through. */
const [LOWEST_KM, HIGHEST_KM] = [100, 400_000];
/** Beyond it a lognormal tail is years. */
const LARGEST_SPREAD = 1000;

/** A delay. Throws LinkError. */
export function validateDelay(value: unknown, field: string): DelaySpec {
  const all = [
    "base",
    "jitter",
    "distribution",
    "orbit",
    "elevation",
    "feederElevation",
    "processing",
    "median",
    "p95",
  ];
  const { distribution, orbit } = readFields(value, field, [...all, "table"]);
  const known = [...JITTER_DISTRIBUTIONS, "lognormal", "table"];
  const name =
    distribution === undefined ? undefined : readName(distribution, `${field}.distribution`, "distribution", known);
  if (name === "lognormal") return validateLognormal(value, field);
  if (name === "table") return validateTable(value, field);
  const jitter = ["jitter", "distribution"];
  if (orbit !== undefined) {
    const fields = readFields(value, field, ["orbit", "elevation", "feederElevation", "processing", ...jitter]);
    return { ...validateOrbit(fields, field), ...validateJitter(fields, field) };
  }
  const fields = readFields(value, field, ["base", ...jitter]);
  return { base: readDuration(fields.base, `${field}.base`), ...validateJitter(fields, field) };
}

function validateJitter(fields: Fields, field: string) {
  const jitter: { jitter?: number | string; distribution?: JitterDistribution } = {};
  if (fields.jitter !== undefined) jitter.jitter = readDuration(fields.jitter, `${field}.jitter`);
  if (fields.distribution !== undefined) jitter.distribution = fields.distribution as JitterDistribution;
  return jitter;
}

function validateOrbit(fields: Fields, field: string) {
  const degrees = (name: string) =>
    readNumber(fields[name], `${field}.${name}`, "an elevation is 0 to 90 degrees", 0, 90);
  const delay: Extract<DelaySpec, { orbit: unknown }> = {
    orbit:
      typeof fields.orbit === "number"
        ? readNumber(fields.orbit, `${field}.orbit`, "a height is 100 to 400000 km", LOWEST_KM, HIGHEST_KM)
        : readName(fields.orbit, `${field}.orbit`, "orbit", Object.keys(ORBITS_KM)),
    elevation: degrees("elevation"),
  };
  if (fields.feederElevation !== undefined) delay.feederElevation = degrees("feederElevation");
  if (fields.processing !== undefined) delay.processing = readDuration(fields.processing, `${field}.processing`);
  return delay;
}

function validateLognormal(value: unknown, field: string): DelaySpec {
  const fields = readFields(value, field, ["distribution", "base", "median", "p95"]);
  const delay: DelaySpec = {
    distribution: "lognormal",
    median: readDuration(fields.median, `${field}.median`),
    p95: readDuration(fields.p95, `${field}.p95`),
  };
  if (fields.base !== undefined) delay.base = readDuration(fields.base, `${field}.base`);
  const [medianUs, p95Us] = [durationUs(delay.median, field), durationUs(delay.p95, field)];
  if (medianUs === 0) throw new LinkError(`${field}.median: a lognormal delay has a median above 0`);
  if (p95Us < medianUs) throw new LinkError(`${field}.p95: the 95th percentile is not below the median`);
  if (p95Us > LARGEST_SPREAD * medianUs) {
    throw new LinkError(`${field}.p95: the 95th percentile is at most ${LARGEST_SPREAD} times the median`);
  }
  return delay;
}

function validateTable(value: unknown, field: string): DelaySpec {
  const fields = readFields(value, field, ["distribution", "base", "table"]);
  const table = readList(fields.table, `${field}.table`);
  if (table.length === 0) throw new LinkError(`${field}.table: one delay at least is needed`);
  const delay: DelaySpec = {
    distribution: "table",
    table: table.map((entry, index) => readDuration(entry, `${field}.table[${index}]`)),
  };
  if (fields.base !== undefined) delay.base = readDuration(fields.base, `${field}.base`);
  return delay;
}
