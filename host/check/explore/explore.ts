/**
 * The search from the first state on, level by level, by this thread alone or with workers; and what it reports.
 */
import type { Core } from "../../core/core.ts";
import type { ActionName } from "./actions.ts";
import { Frontier } from "./frontier.ts";
import { type Breach, Search, type Yield } from "./search.ts";
import type { Settings } from "./settings.ts";
import { describe } from "./trace.ts";
import { Visited } from "./visited.ts";

/** A level is followed by whoever does the work: this thread, or workers that share the memory. */
export type FollowLevel = (start: number, end: number) => Promise<Yield[]> | Yield[];

export interface Limits {
  /** States at most. */
  readonly stateMax: number;
  /** Levels at most. */
  readonly depthMax: number;
}

/** A broken promise, with the actions that break it from the first state on. */
export interface Counterexample {
  readonly text: string;
  readonly actions: readonly ActionName[];
  /** Whether it is what follows, in a healthy world, that breaks it. */
  readonly isByHealing: boolean;
  /** One line an action. */
  readonly lines: readonly string[];
}

export interface Exploration {
  /** Distinct states. */
  readonly stateCount: number;
  /** Actions that were taken. */
  readonly stepCount: number;
  /** Every state that this many actions lead to has been seen. */
  readonly depth: number;
  /** Whether there are no others. */
  readonly isComplete: boolean;
  readonly counterexample: Counterexample | null;
}

/** What an array of bytes holds at most, in bytes: states that wait to be followed have to fit. */
const FRONTIER_BYTES_MAX = 2 ** 32 - 1;

/** The memory of a search. */
export function memoryFor(stateSize: number, stateMax: number): { visited: Visited; frontier: Frontier } {
  return {
    visited: Visited.for(stateMax),
    frontier: Frontier.for(Math.min(stateMax + 1, Math.floor(FRONTIER_BYTES_MAX / (stateSize + 4))), stateSize),
  };
}

/** Explores with this thread alone. */
export async function explore(core: Core, settings: Settings, limits: Limits): Promise<Exploration> {
  const search = new Search(core, settings);
  const { visited, frontier } = memoryFor(search.world.stateSize, limits.stateMax);
  return levels(core, settings, limits, visited, frontier, (start, end) => [
    search.level(visited, frontier, start, end, limits.stateMax),
  ]);
}

/** Level by level, by whatever follows them. */
export async function levels(
  core: Core,
  settings: Settings,
  limits: Limits,
  visited: Visited,
  frontier: Frontier,
  follow: FollowLevel,
): Promise<Exploration> {
  new Search(core, settings).begin(visited, frontier);
  let stepCount = 0;
  let breach: Breach | null = null;
  let [start, end, depth] = [0, 1, 0];
  let isComplete = false;
  while (depth < limits.depthMax && breach === null) {
    frontier.rewind(start);
    const yields = await follow(start, end);
    for (const result of yields) {
      stepCount += result.stepCount;
      breach ??= result.breach;
    }
    if (breach !== null || yields.some(({ isFull }) => isFull)) break;
    [start, end] = [end, frontier.appendedCount];
    if (start === end) {
      isComplete = true;
      break;
    }
    depth += 1;
  }
  const counterexample = breach === null ? null : describe(core, settings, visited.path(breach.slot), breach);
  return { stateCount: frontier.appendedCount, stepCount, depth, isComplete, counterexample };
}
