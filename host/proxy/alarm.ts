/**
 * An alarm that goes off within a fifth of a millisecond or so: the event loop's own timers have grains of a whole one, so that every packet would
 * be late by half of that in the mean, and to poll through the grain would take the processor from whoever is being served.
 *
 * A thread sleeps on shared memory (futexes have the grains of the kernel's clock) and sends a message when it is time.
 */
import { Worker } from "node:worker_threads";

const NEVER_NS = 1n << 62n;
const OVER_NS = -1n;
/** Alarms are set to multiples of this: what is due shortly after another goes with it. */
const GRAIN_NS = 200_000n;

export class Alarm {
  private readonly requests = new Int32Array(new SharedArrayBuffer(4));
  private readonly deadlines = new BigInt64Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;
  /** What the thread waits for. */
  private pendingNs = NEVER_NS;

  /** `rings` is called when a time that was set has come, or once for several. */
  constructor(rings: () => void) {
    this.deadlines[0] = NEVER_NS;
    this.thread = new Worker(new URL("alarm-thread.js", import.meta.url), {
      workerData: { requests: this.requests, deadlines: this.deadlines },
    });
    this.thread.on("message", () => {
      this.pendingNs = NEVER_NS;
      rings();
    });
    // Whoever serves has sockets to live for.
    this.thread.unref();
  }

  /** Goes off at `atNs` of process.hrtime, or before where that was asked for already: to wake the thread costs more than to be woken for nothing. */
  set(atNs: bigint): void {
    const roundedNs = ((atNs + GRAIN_NS - 1n) / GRAIN_NS) * GRAIN_NS;
    if (roundedNs >= this.pendingNs) return;
    this.pendingNs = roundedNs;
    this.ask(roundedNs);
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
