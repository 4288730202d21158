/**
 * Passes: service while a satellite stands above the mask, silence between. Turned round, the windows of an outage; and with the range to the satellite, the
 * delay of the way to it, which changes by milliseconds while it passes.
 *
 * The windows are computed beforehand (`perigee passes`), so that no trigonometry runs in a simulation. Between two ranges the delay
 * is interpolated on a straight line, in integers.
 */
import { durationUs } from "./duration.ts";
import { lightUs } from "./orbit.ts";
import type { OutageModel } from "./outage.ts";
import type { PassSpec } from "./spec.ts";

interface Window {
  readonly startUs: number;
  readonly endUs: number;
  /** One-way delays at equal steps from start to end; empty where no range is known. */
  readonly delaysUs: readonly number[];
}

/** `windows` are in order and do not overlap. Every method is asked with a clock that never runs back. */
export class PassOutage implements OutageModel {
  private next = 0;
  private readonly windows: readonly Window[];

  constructor(windows: readonly PassSpec[]) {
    this.windows = windows.map(({ start, end, rangeKm }) => ({
      startUs: durationUs(start, "start"),
      endUs: durationUs(end, "end"),
      delaysUs: (rangeKm ?? []).map(lightUs),
    }));
  }

  silent(nowUs: number): boolean {
    return this.windowAt(nowUs) === null;
  }

  /** What the satellite's distance adds to the delay of a packet sent at `nowUs`, microseconds: one leg, terminal to satellite. */
  delayUs(nowUs: number): number {
    const window = this.windowAt(nowUs);
    if (window === null || window.delaysUs.length === 0) return 0;
    const { startUs, endUs, delaysUs } = window;
    const position = (nowUs - startUs) * (delaysUs.length - 1);
    const spanUs = endUs - startUs;
    const index = Math.floor(position / spanUs);
    const [before, after] = [delaysUs[index], delaysUs[index + 1]];
    return before + Math.round(((after - before) * (position - index * spanUs)) / spanUs);
  }

  private windowAt(nowUs: number): Window | null {
    while (this.next < this.windows.length && nowUs >= this.windows[this.next].endUs) this.next += 1;
    const window = this.windows[this.next];
    return window !== undefined && nowUs >= window.startUs ? window : null;
  }
}
