/**
 * Threads that take the next task when they are done with one.
 */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Outcome, Task } from "./sweep-plan.ts";

/** Beside the program in build/. */
const WORKER = fileURLToPath(new URL("sweep-worker.js", import.meta.url));

/** Runs all tasks on `workerCount` threads; `done` hears of each as it ends, in whatever order. Rejects when a thread dies. */
export async function runAll(
  tasks: readonly Task[],
  workerCount: number,
  done: (outcome: Outcome) => void,
  isStopped: () => boolean,
): Promise<void> {
  let nextIndex = 0;
  const workers = Array.from({ length: Math.min(workerCount, tasks.length) }, () => new Worker(WORKER));
  try {
    await Promise.all(
      workers.map(
        worker =>
          new Promise<void>((resolve, reject) => {
            const feed = () => {
              if (nextIndex >= tasks.length || isStopped()) {
                resolve();
                return;
              }
              worker.postMessage(tasks[nextIndex]);
              nextIndex += 1;
            };
            worker.on("message", (outcome: Outcome) => {
              done(outcome);
              feed();
            });
            worker.on("error", reject);
            feed();
          }),
      ),
    );
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()));
  }
}
