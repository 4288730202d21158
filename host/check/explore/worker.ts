/** A thread of parallel.ts, with a core of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { loadWasm } from "../../core/load.ts";
import { Frontier } from "./frontier.ts";
import { CORE_SIZE, type LevelTask, type WorkerTask } from "./parallel.ts";
import { Search } from "./search.ts";
import { Visited } from "./visited.ts";

const task = workerData as WorkerTask;
const visited = new Visited(task.visited);
const frontier = new Frontier(task.frontier);
const search = new Search(loadWasm(CORE_SIZE), task.settings);

parentPort?.on("message", ({ start, end }: LevelTask) => {
  parentPort?.postMessage(search.level(visited, frontier, start, end, task.stateMax));
});
