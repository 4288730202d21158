/**
 * The thread behind alarm.ts: it sleeps until the time that stands in shared memory, says so, and waits for the next. Plain JavaScript, because a
 * thread is started from a file, and Node 20 runs no TypeScript.
 */
import { parentPort, workerData } from "node:worker_threads";

const { requests, deadlines } = workerData;

for (;;) {
  const request = Atomics.load(requests, 0);
  const deadlineNs = Atomics.load(deadlines, 0);
  if (deadlineNs < 0n) break;
  const waitMs = Number(deadlineNs - process.hrtime.bigint()) / 1e6;
  // Whoever asks again changes the first word, which ends the wait.
  if (waitMs > 0) {
    Atomics.wait(requests, 0, request, waitMs);
  } else {
    parentPort.postMessage(null);
    Atomics.wait(requests, 0, request);
  }
}
