/**
 * CUBIC (RFC 9438) as Linux has it (tcp_cubic.c): after a loss the window returns along a cubic curve to where it was, waits there, and then looks further;
 * never slower than Reno would.
 *
 * The curve is a function of time, not of the round trip, which is what makes it fair to satellites. At the small windows of telemetry it is Reno
 * that is faster, and CUBIC follows it ("Reno-friendly", RFC 9438 4.3), but it gives back three tenths after a loss and not a half.
 */
import { root } from "../elementary.ts";
import type { CongestionAvoidance } from "./avoidance.ts";
import { HyStart } from "./hystart.ts";

/** Beta of RFC 9438 4.6, 0.7, in Linux's 1024ths; fast convergence keeps (1 + beta) / 2 (4.7). */
const BETA_1024 = 717;
/** C of RFC 9438 4.2, 0.4 segments per second cubed. */
const SEGMENTS_PER_CUBIC_SECOND = 0.4;
/** 3 (1 - beta) / (1 + beta) of RFC 9438 4.3 as its inverse, in eighths: acknowledged segments for one of Reno's. */
const FRIENDLY_EIGHTHS = 15;
/** As fast as slow start at half speed, at most; and before any loss showed where the path ends, a twentieth. */
const FASTEST_COUNT = 2;
const SEARCHING_COUNT = 20;
/** Linux looks at the curve no more often, as long as the window stands. */
const LOOK_US = 31_250;
/** Round trips within a second of a new epoch are those of the loss, not the path's. */
const UNSETTLED_US = 1_000_000;
const NOT_BEGUN = -1;

export class Cubic implements CongestionAvoidance {
  private readonly hystart = new HyStart();
  private largestCount = 0;
  private originCount = 0;
  /** When the curve is back at its origin, from the epoch's start. */
  private returnUs = 0;
  private epochUs = NOT_BEGUN;
  private ackedCount = 0;
  /** What Reno's window would be. */
  private renoCount = 0;
  private leastRoundTripUs = 0;
  private lookedUs = 0;
  private lookedCount = 0;
  private forOne = 0;

  threshold(windowCount: number): number {
    this.epochUs = NOT_BEGUN;
    this.largestCount =
      windowCount < this.largestCount ? Math.floor((windowCount * (1024 + BETA_1024)) / 2048) : windowCount;
    return Math.max(Math.floor((windowCount * BETA_1024) / 1024), 2);
  }

  segmentsForOne(windowCount: number, ackedCount: number, nowUs: number): number {
    this.ackedCount += ackedCount;
    if (windowCount === this.lookedCount && nowUs - this.lookedUs <= LOOK_US) return this.forOne;
    this.lookedCount = windowCount;
    this.lookedUs = nowUs;
    if (this.epochUs === NOT_BEGUN) this.begin(windowCount, ackedCount, nowUs);
    this.forOne = Math.max(this.friendly(windowCount, this.onCurve(windowCount, nowUs)), FASTEST_COUNT);
    return this.forOne;
  }

  timedOut(): void {
    this.largestCount = 0;
    this.epochUs = NOT_BEGUN;
    this.leastRoundTripUs = 0;
    this.lookedCount = 0;
    this.forOne = 0;
    this.hystart.restart();
  }

  resumed(pauseUs: number): void {
    if (this.epochUs !== NOT_BEGUN) this.epochUs += pauseUs;
  }

  measured(
    roundTripUs: number,
    nowUs: number,
    slowWindowCount: number | null,
    acknowledged: number,
    next: number,
  ): boolean {
    if (this.epochUs !== NOT_BEGUN && nowUs - this.epochUs < UNSETTLED_US) return false;
    if (this.leastRoundTripUs === 0 || roundTripUs < this.leastRoundTripUs) this.leastRoundTripUs = roundTripUs;
    if (slowWindowCount === null) return false;
    return this.hystart.ends(roundTripUs, this.leastRoundTripUs, nowUs, slowWindowCount, acknowledged, next);
  }

  /** RFC 9438 4.2: the curve begins at the window as it is, and its plateau is where the loss was. */
  private begin(windowCount: number, ackedCount: number, nowUs: number): void {
    this.epochUs = nowUs;
    this.ackedCount = ackedCount;
    this.renoCount = windowCount;
    this.originCount = Math.max(this.largestCount, windowCount);
    const seconds = root((this.originCount - windowCount) / SEGMENTS_PER_CUBIC_SECOND, 3);
    this.returnUs = Math.floor(seconds * 1e6);
  }

  private onCurve(windowCount: number, nowUs: number): number {
    const atUs = nowUs - this.epochUs + this.leastRoundTripUs;
    const seconds = (atUs - this.returnUs) / 1e6;
    const targetCount = this.originCount + Math.trunc(SEGMENTS_PER_CUBIC_SECOND * seconds * seconds * seconds);
    const forOne =
      targetCount > windowCount ? Math.floor(windowCount / (targetCount - windowCount)) : 100 * windowCount;
    return this.largestCount === 0 ? Math.min(forOne, SEARCHING_COUNT) : forOne;
  }

  private friendly(windowCount: number, forOne: number): number {
    const forRenosOne = (windowCount * FRIENDLY_EIGHTHS) >> 3;
    while (this.ackedCount > forRenosOne) {
      this.ackedCount -= forRenosOne;
      this.renoCount += 1;
    }
    if (this.renoCount <= windowCount) return forOne;
    return Math.min(forOne, Math.floor(windowCount / (this.renoCount - windowCount)));
  }
}
