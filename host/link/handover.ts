/**
 * Handovers: the terminal changes satellite or beam at a beat, and both directions feel it at once.
 *
 * Starlink reassigns every terminal every 15 s, all at the same moments (Mohan et al., WWW 2024, arXiv 2310.09242); the way to the next satellite is longer or
 * shorter (a step that lasts until the next handover), and while the change lasts packets are late or lost. Steps and spikes are drawn
 * once a handover, whoever sends how much, so a quiet sensor sees the same sky as a busy one.
 */
import { durationUs } from "./duration.ts";
import { type RandomStream, thresholdOf } from "./random.ts";
import type { HandoverSpec } from "./spec.ts";

export class Handover {
  /** The threshold for a loss while a handover lasts: see RandomStream.chance. */
  readonly lossThreshold: number;
  private readonly periodUs: number;
  private readonly lastsUs: number;
  private readonly stepUs: readonly [number, number];
  private readonly spikeUs: readonly [number, number];
  private readonly random: RandomStream;
  private changedUs: number;
  private currentStepUs: number;
  private currentSpikeUs = 0;
  /** Before the first handover there was none to suffer from. */
  private changed = false;

  /** `spec` has been validated; `random` is this model's own stream. */
  constructor(spec: HandoverSpec, random: RandomStream) {
    this.random = random;
    this.periodUs = durationUs(spec.period, "handover.period");
    this.lastsUs = durationUs(spec.lasts ?? 0, "handover.lasts");
    this.stepUs = microseconds(spec.stepMs);
    this.spikeUs = microseconds(spec.spikeMs);
    this.lossThreshold = thresholdOf(spec.lossBurst ?? 0);
    this.changedUs = spec.phase === "seeded" ? -random.below(this.periodUs) : 0;
    this.currentStepUs = this.draw(this.stepUs);
  }

  /** True while a handover is under way at `nowUs`, which never decreases from call to call. */
  underWay(nowUs: number): boolean {
    this.advance(nowUs);
    return this.changed && nowUs - this.changedUs < this.lastsUs;
  }

  /** What a packet sent at `nowUs` is later by, microseconds. `nowUs` never decreases from call to call. */
  delayUs(nowUs: number): number {
    return this.underWay(nowUs) ? this.currentStepUs + this.currentSpikeUs : this.currentStepUs;
  }

  private advance(nowUs: number): void {
    while (nowUs >= this.changedUs + this.periodUs) {
      this.changedUs += this.periodUs;
      this.changed = true;
      this.currentStepUs = this.draw(this.stepUs);
      this.currentSpikeUs = this.draw(this.spikeUs);
    }
  }

  private draw([leastUs, mostUs]: readonly [number, number]): number {
    return leastUs + this.random.below(mostUs - leastUs + 1);
  }
}

function microseconds(pair: readonly [number, number] | undefined): readonly [number, number] {
  return pair === undefined ? [0, 0] : [Math.round(pair[0] * 1000), Math.round(pair[1] * 1000)];
}
