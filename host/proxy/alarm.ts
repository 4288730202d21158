/**
 * An alarm that goes off within a fifth of a millisecond or so: the event loop's own timers have grains of a whole one, so that every packet would
 * be late by half of that in the mean, and to poll through the grain would take the processor from whoever is being served.
 *
 * A thread sleeps on shared memory (futexes have the grains of the kernel's clock) and sends a message when it is time.
 */
import { Worker } from "node:worker_threads";

const NEVER_NS = 1n << 62n;
const OVER_NS = -1n;
/** Alarms are set to multiples of this, microseconds: what is due shortly after another goes with it. */
const GRAIN_US = 200;

export class Alarm {
  private readonly requests = new Int32Array(new SharedArrayBuffer(4));
  private readonly deadlines = new BigInt64Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;

  /** `rings` is called once for each {@link set}, unless another follows before. */
  constructor(rings: () => void) {
    this.deadlines[0] = NEVER_NS;
    this.thread = new Worker(new URL("alarm-thread.js", import.meta.url), {
      workerData: { requests: this.requests, deadlines: this.deadlines },
    });
    this.thread.on("message", rings);
    // Whoever serves has sockets to live for.
    this.thread.unref();
  }

  /** Goes off at `atNs` of process.hrtime, and not at the time that was set before. */
  set(atNs: bigint): void {
    const grainNs = BigInt(GRAIN_US) * 1000n;
    this.ask(((atNs + grainNs - 1n) / grainNs) * grainNs);
  }

  /** Ends the thread. */
  stop(): void {
    this.ask(OVER_NS);
  }

  private ask(deadlineNs: bigint): void {
    Atomics.store(this.deadlines, 0, deadlineNs);
    Atomics.add(this.requests, 0, 1);
    Atomics.notify(this.requests, 0);
  }
}
