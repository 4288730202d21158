/**
 * One toxic at work on one direction of one connection: bytes go in, and come out later, in other pieces, or not at all.
 *
 * After toxics/*.go of toxiproxy: what each does to a chunk, and when it closes the connection.
 */
import type { RandomStream } from "../random.ts";
import type { DueHandler, Scheduler } from "../scheduler.ts";
import { Timer, type TimerOwner } from "../timer.ts";
import type { ToxicSpec } from "./toxic-spec.ts";

/** What comes after a toxic: another, or the application. */
export interface Outlet {
  take(bytes: Uint8Array): void;
  /** Nothing more will come. */
  end(): void;
  /** The toxic closes the connection, both ways; `reset` for the hard way. */
  cut(reset: boolean): void;
}

export interface Stage extends Outlet {
  /** Hands on at once what it still holds, and does no more. */
  flush(): void;
}

export function stageOf(spec: ToxicSpec, scheduler: Scheduler, random: RandomStream, out: Outlet): Stage {
  const { type, attributes } = spec;
  switch (type) {
    case "latency":
      return new Latency(scheduler, random, attributes.latency * 1000, attributes.jitter * 1000, out);
    case "bandwidth":
      return new Bandwidth(scheduler, attributes.rate, out);
    case "slow_close":
      return new SlowClose(scheduler, attributes.delay * 1000, out);
    case "timeout":
      return new Silence(scheduler, attributes.timeout * 1000, out);
    case "reset_peer":
      return new ResetPeer(scheduler, attributes.timeout * 1000, out);
    case "slicer":
      return new Slicer(scheduler, random, attributes, out);
    case "limit_data":
      return new LimitData(attributes.bytes, out);
  }
}

/** Hands chunks on at times of their own, in order; a null is the end. */
abstract class Delayed implements Stage, DueHandler {
  protected readonly scheduler: Scheduler;
  private readonly out: Outlet;
  private readonly held: (Uint8Array | null)[] = [];
  private lastUs = 0;

  constructor(scheduler: Scheduler, out: Outlet) {
    this.scheduler = scheduler;
    this.out = out;
  }

  abstract take(bytes: Uint8Array): void;

  end(): void {
    this.handOn(null, this.scheduler.nowUs);
  }

  cut(reset: boolean): void {
    this.held.length = 0;
    this.out.cut(reset);
  }

  flush(): void {
    while (this.held.length > 0) this.due();
  }

  due(): void {
    const bytes = this.held.shift();
    if (bytes === null) this.out.end();
    else if (bytes !== undefined) this.out.take(bytes);
  }

  protected handOn(bytes: Uint8Array | null, timeUs: number): void {
    this.lastUs = Math.max(this.lastUs, timeUs);
    this.held.push(bytes);
    // Never = held for good; flush() still has it.
    if (this.lastUs < Number.MAX_SAFE_INTEGER) this.scheduler.at(Math.floor(this.lastUs), this, 0);
  }
}

class Latency extends Delayed {
  private readonly random: RandomStream;
  private readonly latencyUs: number;
  private readonly jitterUs: number;

  constructor(scheduler: Scheduler, random: RandomStream, latencyUs: number, jitterUs: number, out: Outlet) {
    super(scheduler, out);
    this.random = random;
    this.latencyUs = Math.floor(latencyUs);
    this.jitterUs = Math.floor(jitterUs);
  }

  take(bytes: Uint8Array): void {
    const scatterUs = this.jitterUs === 0 ? 0 : this.random.below(2 * this.jitterUs) - this.jitterUs;
    this.handOn(bytes, this.scheduler.nowUs + Math.max(0, this.latencyUs + scatterUs));
  }
}

/** So many bytes a millisecond; a rate of 0 lets nothing through. */
class Bandwidth extends Delayed {
  private readonly rate: number;
  private freeUs = 0;

  constructor(scheduler: Scheduler, rate: number, out: Outlet) {
    super(scheduler, out);
    this.rate = rate;
  }

  take(bytes: Uint8Array): void {
    const durationUs = this.rate === 0 ? Number.MAX_SAFE_INTEGER : (bytes.length * 1000) / this.rate;
    this.freeUs = Math.max(this.freeUs, this.scheduler.nowUs) + durationUs;
    this.handOn(bytes, this.freeUs);
  }
}

class SlowClose extends Delayed {
  private readonly delayUs: number;

  constructor(scheduler: Scheduler, delayUs: number, out: Outlet) {
    super(scheduler, out);
    this.delayUs = delayUs;
  }

  take(bytes: Uint8Array): void {
    this.handOn(bytes, this.scheduler.nowUs);
  }

  override end(): void {
    this.handOn(null, this.scheduler.nowUs + this.delayUs);
  }
}

/** Pieces of about average_size, with a pause after each. */
class Slicer extends Delayed {
  private readonly random: RandomStream;
  private readonly averageSize: number;
  private readonly variation: number;
  private readonly delayUs: number;
  private freeUs = 0;

  constructor(scheduler: Scheduler, random: RandomStream, attributes: Record<string, number>, out: Outlet) {
    super(scheduler, out);
    this.random = random;
    this.averageSize = Math.max(1, Math.floor(attributes.average_size));
    this.variation = Math.floor(attributes.size_variation);
    this.delayUs = attributes.delay;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const scatter = this.variation === 0 ? 0 : this.random.below(2 * this.variation) - this.variation;
      const size = Math.max(1, this.averageSize + scatter);
      this.freeUs = Math.max(this.freeUs, this.scheduler.nowUs);
      this.handOn(bytes.subarray(at, at + size), this.freeUs);
      this.freeUs += this.delayUs;
      at += size;
    }
  }
}

/** Nothing gets through, and after a while the connection is closed; with a time of 0 it never is. */
class Silence implements Stage, TimerOwner {
  private readonly out: Outlet;
  private readonly timer: Timer;

  constructor(scheduler: Scheduler, timeoutUs: number, out: Outlet) {
    this.out = out;
    this.timer = new Timer(scheduler, this, 0);
    if (timeoutUs > 0) this.timer.arm(scheduler.nowUs + Math.floor(timeoutUs));
  }

  take(): void {}

  end(): void {}

  cut(reset: boolean): void {
    this.timer.disarm();
    this.out.cut(reset);
  }

  flush(): void {
    this.timer.disarm();
  }

  timedOut(): void {
    this.out.cut(false);
  }
}

/** The first bytes are the last: a while after them the connection is reset. */
class ResetPeer implements Stage, TimerOwner {
  private readonly scheduler: Scheduler;
  private readonly timeoutUs: number;
  private readonly out: Outlet;
  private readonly timer: Timer;

  constructor(scheduler: Scheduler, timeoutUs: number, out: Outlet) {
    this.scheduler = scheduler;
    this.timeoutUs = Math.floor(timeoutUs);
    this.out = out;
    this.timer = new Timer(scheduler, this, 0);
  }

  take(): void {
    if (!this.timer.armed) this.timer.arm(this.scheduler.nowUs + this.timeoutUs);
  }

  end(): void {
    this.out.end();
  }

  cut(reset: boolean): void {
    this.timer.disarm();
    this.out.cut(reset);
  }

  flush(): void {
    this.timer.disarm();
  }

  timedOut(): void {
    this.out.cut(true);
  }
}

/** So many bytes, and then the connection is closed. */
class LimitData implements Stage {
  private left: number;
  private readonly out: Outlet;

  constructor(bytes: number, out: Outlet) {
    this.left = Math.floor(bytes);
    this.out = out;
  }

  take(bytes: Uint8Array): void {
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    if (part.length > 0) this.out.take(part);
    if (this.left === 0) this.out.cut(false);
  }

  end(): void {
    this.out.end();
  }

  cut(reset: boolean): void {
    this.out.cut(reset);
  }

  flush(): void {}
}
