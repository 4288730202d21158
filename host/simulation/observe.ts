/**
 * A simulation with everything that a report tells of it: the runs, what became of every message, and the lives of some.
 */
import type { Qos } from "./checkers.ts";
import { chooseLives, type MessageName } from "./choose-lives.ts";
import { Chronicle } from "./chronicle.ts";
import { type Life, LifeRecorder } from "./lives.ts";
import { type RunOptions, run } from "./run.ts";
import { type Simulation, simulate } from "./simulate.ts";
import type { Version } from "./version.ts";

/** What was seen of one run. */
export interface Observation {
  chronicle: Chronicle;
  /** Empty unless they were asked for. */
  lives: Life[];
}

export interface Observed extends Simulation {
  /** One for each of `runs`. */
  observations: Observation[];
}

/** Simulates as {@link simulate} does; `wanted` are messages whose lives must be there, undefined where nobody wants any. */
export function observe(
  options: RunOptions,
  qosList: readonly Qos[],
  versions: readonly Version[],
  wanted: readonly MessageName[] | undefined,
  progress?: (share: number) => void,
): Observed {
  const chronicles: Chronicle[] = [];
  const newWatch = () => {
    const chronicle = new Chronicle(options.sensorCount);
    chronicles.push(chronicle);
    return chronicle;
  };
  const passCount = wanted === undefined ? 1 : 2;
  const simulation = simulate({ ...options, newWatch }, qosList, versions, share => progress?.(share / passCount));
  const observations = simulation.runs.map(({ qos, version, hash }, index): Observation => {
    const chronicle = chronicles[index];
    if (wanted === undefined) return { chronicle, lives: [] };
    const recorder = new LifeRecorder(chooseLives(chronicle, qos, wanted), version);
    const again = run({ ...options, version, newWatch: () => recorder }, qos, share =>
      progress?.(0.5 + (index + share) / simulation.runs.length / 2),
    );
    if (again.hash !== hash) throw new Error("the same seed has given another run: a fault of the simulation");
    return { chronicle, lives: recorder.lives };
  });
  return { ...simulation, observations };
}
