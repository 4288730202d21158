/**
 * A whole simulation: the same fleet, link, seed and faults once for each version and quality of service, so that the rows compare.
 */
import type { Qos } from "./checkers.ts";
import { type SimulationResult, simulationResult } from "./result.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";
import { DEFAULT_VERSION, type Version } from "./version.ts";

export interface Simulation {
  result: SimulationResult;
  runs: RunResult[];
}

/** Runs `options` at each of `qosList` in each of `versions`; `progress` is told the share of everything that is over, 0 to 1. */
export function simulate(
  options: RunOptions,
  qosList: readonly Qos[],
  versions: readonly Version[] = [DEFAULT_VERSION],
  progress?: (share: number) => void,
): Simulation {
  const pairs = versions.flatMap(version => qosList.map(qos => ({ version, qos })));
  const runs = pairs.map(({ version, qos }, index) =>
    run({ ...options, version }, qos, share => progress?.((index + share) / pairs.length)),
  );
  const { seed, link, durationUs, sensorCount, power } = options;
  return { result: simulationResult(seed, link.name ?? "link", durationUs, sensorCount, runs, power), runs };
}
