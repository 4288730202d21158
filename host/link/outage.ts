/**
 * Outages: spells in which nothing gets through, whatever is sent.
 *
 * `on-off` is mahimahi's pair of exponential spells (rain fade, call drops), `periodic` a beat (a constellation with gaps), `windows` a list (a recorded
 * day), `passes` a list turned inside out: service in the windows (passes.ts). Every model is asked with a clock that never runs back.
 */
import { durationUs } from "./duration.ts";
import { PassOutage } from "./passes.ts";
import type { RandomStream } from "./random.ts";
import type { OutageSpec } from "./spec.ts";

export interface OutageModel {
  /** True when the link is silent at `nowUs`. `nowUs` never decreases from call to call. */
  silent(nowUs: number): boolean;
  /** Where the model also knows the distance: what it adds to the delay of a packet sent at `nowUs`, microseconds. */
  delayUs?(nowUs: number): number;
}

/** The model of a valid spec, or null when there are no outages. */
export function outageModel(spec: OutageSpec | undefined, random: RandomStream): OutageModel | null {
  switch (spec?.model) {
    case undefined:
    case "none":
      return null;
    case "on-off":
      return new OnOffOutage(durationUs(spec.meanOn, "meanOn"), durationUs(spec.meanOff, "meanOff"), random);
    case "periodic":
      return new PeriodicOutage(
        durationUs(spec.on, "on"),
        durationUs(spec.off, "off"),
        durationUs(spec.phase ?? 0, "phase"),
      );
    case "windows":
      return new WindowOutage(
        spec.windows.map(window => [durationUs(window.start, "start"), durationUs(window.end, "end")]),
      );
    case "passes":
      return new PassOutage(spec.windows);
  }
}

/** Exponential spells, beginning with service. */
class OnOffOutage implements OutageModel {
  private off = true;
  private spellEndUs = 0;
  private readonly meanOnUs: number;
  private readonly meanOffUs: number;
  private readonly random: RandomStream;

  constructor(meanOnUs: number, meanOffUs: number, random: RandomStream) {
    this.meanOnUs = meanOnUs;
    this.meanOffUs = meanOffUs;
    this.random = random;
  }

  silent(nowUs: number): boolean {
    while (nowUs >= this.spellEndUs) {
      this.off = !this.off;
      // A spell lasts a microsecond at least, so that the loop ends.
      this.spellEndUs += Math.max(1, this.random.exponential(this.off ? this.meanOffUs : this.meanOnUs));
    }
    return this.off;
  }
}

/** Service for `on`, silence for `off`, over and over; at time zero `phase` of the period has already passed. */
class PeriodicOutage implements OutageModel {
  private readonly onUs: number;
  private readonly periodUs: number;
  private readonly phaseUs: number;

  constructor(onUs: number, offUs: number, phaseUs: number) {
    this.onUs = onUs;
    this.periodUs = onUs + offUs;
    this.phaseUs = phaseUs;
  }

  silent(nowUs: number): boolean {
    return (nowUs + this.phaseUs) % this.periodUs >= this.onUs;
  }
}

/** Silence from each start up to, and without, its end. */
class WindowOutage implements OutageModel {
  private next = 0;
  private readonly windowsUs: [number, number][];

  constructor(windowsUs: [number, number][]) {
    this.windowsUs = windowsUs;
  }

  silent(nowUs: number): boolean {
    while (this.next < this.windowsUs.length && nowUs >= this.windowsUs[this.next][1]) this.next += 1;
    return this.next < this.windowsUs.length && nowUs >= this.windowsUs[this.next][0];
  }
}
