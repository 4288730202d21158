/**
 * Delay after the transmitter: a base, and jitter about it. The result is never negative and never earlier than the packet before
 * it: see direction.ts for the order of arrival.
 */
import { durationUs } from "./duration.ts";
import type { RandomStream } from "./random.ts";
import type { DelaySpec } from "./spec.ts";

export class DelayModel {
  private readonly baseUs: number;
  private readonly jitterUs: number;
  private readonly normal: boolean;
  private readonly random: RandomStream;

  /** `random` is this model's own stream; without jitter nothing is drawn from it. */
  constructor(spec: DelaySpec | undefined, random: RandomStream) {
    this.baseUs = durationUs(spec?.base ?? 0, "delay.base");
    this.jitterUs = durationUs(spec?.jitter ?? 0, "delay.jitter");
    this.normal = spec?.distribution === "normal";
    this.random = random;
  }

  /** Microseconds that the next packet travels. `jitter` is the half width (uniform) or the standard deviation (normal). */
  nextUs(): number {
    if (this.jitterUs === 0) return this.baseUs;
    const offUs = this.normal
      ? this.random.normal(this.jitterUs)
      : this.random.below(2 * this.jitterUs + 1) - this.jitterUs;
    return Math.max(0, this.baseUs + offUs);
  }
}
