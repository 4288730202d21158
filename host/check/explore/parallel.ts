/**
 * The search with worker threads: they share the table of what was seen and the ring of what is to be followed, and wait for one
 * another between two levels.
 */
import { Worker } from "node:worker_threads";
import { loadWasm } from "../../core/load.ts";
import { type Exploration, explore, type Limits, levels, memoryFor } from "./explore.ts";
import type { FrontierBuffers } from "./frontier.ts";
import type { Yield } from "./search.ts";
import type { Settings } from "./settings.ts";
import type { VisitedBuffers } from "./visited.ts";
import { World } from "./world.ts";

/** What a worker begins with. */
export interface WorkerTask {
  readonly settings: Settings;
  readonly visited: VisitedBuffers;
  readonly frontier: FrontierBuffers;
  readonly stateMax: number;
}

/** A level that a worker is to follow. */
export interface LevelTask {
  readonly start: number;
  readonly end: number;
}

/** One page is more than a scenario needs. */
export const CORE_SIZE = 65536;

/** Where the build has put the worker: beside the bundle that this file is part of. */
const WORKER = new URL("./explore-worker.js", import.meta.url);

/** Explores the WebAssembly build with `workerCount` threads; with one, in this thread. */
export async function exploreWith(workerCount: number, settings: Settings, limits: Limits): Promise<Exploration> {
  const core = loadWasm(CORE_SIZE);
  if (workerCount === 1) return explore(core, settings, limits);
  const { visited, frontier } = memoryFor(new World(core, settings).stateSize, limits.stateMax);
  const workerData: WorkerTask = {
    settings,
    visited: visited.buffers,
    frontier: frontier.buffers,
    stateMax: limits.stateMax,
  };
  const workers = Array.from({ length: workerCount }, () => new Worker(WORKER, { workerData }));
  try {
    const follow = (start: number, end: number) => Promise.all(workers.map(worker => ask(worker, { start, end })));
    return await levels(core, settings, limits, visited, frontier, follow);
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()));
  }
}

/** One level by one worker. */
function ask(worker: Worker, task: LevelTask): Promise<Yield> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      worker.off("message", done);
      worker.off("error", failed);
    };
    const done = (result: Yield) => {
      settle();
      resolve(result);
    };
    const failed = (error: Error) => {
      settle();
      reject(error);
    };
    worker.on("message", done);
    worker.on("error", failed);
    worker.postMessage(task);
  });
}
