/**
 * Where a stack's timers really run out. None of them runs out when its RFC says:
 *
 * - Linux keeps timers in a wheel whose outer levels are coarse and always round up: at 250 Hz a time-out of 744 ms fires 4 to 36 ms
 *   late (kernel/time/timer.c). It is why measured stalls are a smear above RTT + 200 ms.
 * - lwIP counts ticks of a slow (500 ms) and a fast (250 ms) timer: a time-out of three ticks is 1.0 to 1.5 s.
 */
import type { TimerGridSpec } from "./profile.ts";

export interface TimerGrid {
  /** When a retransmission timer set now for `delayUs` runs out. */
  slowDeadlineUs(nowUs: number, delayUs: number): number;
  /** When a delayed-acknowledgement timer set now for `delayUs` runs out. */
  fastDeadlineUs(nowUs: number, delayUs: number): number;
}

export function timerGrid(spec: TimerGridSpec): TimerGrid {
  switch (spec.kind) {
    case "wheel":
      return new WheelGrid(Math.floor(1e6 / spec.hz));
    case "tick":
      return new TickGrid(spec.slowUs, spec.fastUs);
    case "exact":
      return EXACT;
  }
}

const EXACT: TimerGrid = {
  slowDeadlineUs: (nowUs, delayUs) => nowUs + delayUs,
  fastDeadlineUs: (nowUs, delayUs) => nowUs + delayUs,
};

/** Level n of the wheel has 64 buckets of 8^n jiffies; a timer goes to the first level that reaches it and is rounded up there. */
class WheelGrid implements TimerGrid {
  private readonly jiffyUs: number;

  constructor(jiffyUs: number) {
    this.jiffyUs = jiffyUs;
  }

  slowDeadlineUs(nowUs: number, delayUs: number): number {
    const delayJiffies = Math.ceil(delayUs / this.jiffyUs);
    const expiry = Math.floor(nowUs / this.jiffyUs) + delayJiffies;
    let grain = 1;
    for (let reach = 63; delayJiffies >= reach && grain < 8 ** 8; reach *= 8) grain *= 8;
    return (Math.floor(expiry / grain) + 1) * grain * this.jiffyUs;
  }

  fastDeadlineUs(nowUs: number, delayUs: number): number {
    return this.slowDeadlineUs(nowUs, delayUs);
  }
}

class TickGrid implements TimerGrid {
  private readonly slowUs: number;
  private readonly fastUs: number;

  constructor(slowUs: number, fastUs: number) {
    this.slowUs = slowUs;
    this.fastUs = fastUs;
  }

  slowDeadlineUs(nowUs: number, delayUs: number): number {
    const ticks = Math.max(1, Math.round(delayUs / this.slowUs));
    return (Math.floor(nowUs / this.slowUs) + ticks) * this.slowUs;
  }

  fastDeadlineUs(nowUs: number): number {
    return (Math.floor(nowUs / this.fastUs) + 1) * this.fastUs;
  }
}
