/**
 * The worker thread from outside: hands it orders, and ends one that does not come back. How long it may take is counted in processor
 * time of this process, so that a busy machine makes no mutant look like one that hangs.
 */
import { Worker } from "node:worker_threads";
import type { Order, Outcome } from "./worker.ts";

/** Loads of files after which a thread has so many texts in its memory that a new one is cheaper. */
const LOADS_MAX = 400;
const HEAP_MAX_MB = 1500;

/** Processor time so far, in ms. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export class Thread {
  readonly #script: URL;
  #worker: Worker | undefined;
  #loadCount = 0;

  constructor(script: URL) {
    this.#script = script;
  }

  /** What becomes of `order` within `limitMs` of processor time; a run that takes longer has failed, and so has one that ends the thread. */
  async run(order: Order, limitMs: number): Promise<Outcome> {
    if (this.#loadCount >= LOADS_MAX) await this.end();
    this.#worker ??= new Worker(this.#script, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MAX_MB },
      // What a test prints is not the run's.
      stdout: true,
      stderr: true,
    });
    const worker = this.#worker;
    this.#loadCount += 1;
    const startMs = processorMs();
    return new Promise(resolve => {
      const finish = (outcome: Outcome, isOver: boolean): void => {
        clearInterval(watch);
        for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
        if (isOver) void this.end().then(() => resolve(outcome));
        else resolve(outcome);
      };
      const failed = (failed: string, error: string) => finish({ failed, error, tests: {} }, true);
      const watch = setInterval(() => {
        if (processorMs() - startMs > limitMs) failed("takes too long", `more than ${limitMs} ms`);
      }, 200);
      worker.on("message", (outcome: Outcome) => finish(outcome, outcome.failed === "outside of tests"));
      worker.on("error", error => failed("ends the thread", String(error)));
      worker.on("exit", code => failed("ends the thread", `exit code ${code}`));
      worker.postMessage(order);
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#loadCount = 0;
    worker?.on("error", () => {});
    await worker?.terminate();
  }
}
