/**
 * Threads that take the next task when they are done with one.
 */
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { Outcome, Task } from "./sweep-plan.ts";

/** Beside the program in build/. */
const WORKER = fileURLToPath(new URL("sweep-worker.js", import.meta.url));
/** A thread that is done finds another task waiting. */
const TASKS_A_THREAD = 2;

/** Runs all tasks on `workerCount` threads; `done` hears of each as it ends, in whatever order. Rejects when a thread dies. */
export async function runAll(
  tasks: readonly Task[],
  workerCount: number,
  done: (outcome: Outcome) => void,
  isStopped: () => boolean,
): Promise<void> {
  const threadCount = Math.min(workerCount, tasks.length);
  if (threadCount === 0) return;
  const pool = new Piscina<Task, Outcome>({ filename: WORKER, minThreads: threadCount, maxThreads: threadCount });
  let nextIndex = 0;
  const feed = async () => {
    while (nextIndex < tasks.length && !isStopped()) {
      nextIndex += 1;
      done(await pool.run(tasks[nextIndex - 1]));
    }
  };
  try {
    await Promise.all(Array.from({ length: TASKS_A_THREAD * threadCount }, feed));
  } finally {
    await pool.destroy();
  }
}
