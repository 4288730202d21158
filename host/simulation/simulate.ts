/**
 * A whole simulation: the same fleet, link, seed and faults once for each quality of service, so that the rows compare.
 */
import type { Qos } from "./checkers.ts";
import { type SimulationResult, simulationResult } from "./result.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";

export interface Simulation {
  result: SimulationResult;
  runs: RunResult[];
}

/** Runs `options` at each of `qosList`; `progress` is told the share of everything that is over, 0 to 1. */
export function simulate(options: RunOptions, qosList: readonly Qos[], progress?: (share: number) => void): Simulation {
  const runs = qosList.map((qos, index) => run(options, qos, share => progress?.((index + share) / qosList.length)));
  const { seed, link, durationUs, sensorCount } = options;
  return { result: simulationResult(seed, link.name ?? "link", durationUs, sensorCount, runs), runs };
}
