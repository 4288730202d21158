/**
 * Loss on the air: which of the packets that are sent never arrive.
 *
 * Names and parameters are netem's (tc-netem(8); net/sched/sch_netem.c). Added are `gemodel` with `unit: "time"`, because a sensor that speaks once a
 * minute would stay a whole hour in a burst counted by packets; `gilbert`, the same chain asked for by loss rate and mean burst length as NTIA
 * does; `ber`, which loses large packets more often; and `list`, which loses exactly those that a test names.
 */
import { durationUs } from "./duration.ts";
import { type RandomStream, thresholdOf } from "./random.ts";
import type { LossSpec } from "./spec.ts";

/** Asked once for every packet, in the order in which they are sent. */
export interface LossModel {
  /** True when the packet of `sizeBytes` sent at `nowUs` is lost. `nowUs` never decreases. */
  lost(nowUs: number, sizeBytes: number): boolean;
}

/** The model of a valid spec, or null when nothing is ever lost. `random` is this model's own stream. */
export function lossModel(spec: LossSpec | undefined, random: RandomStream): LossModel | null {
  switch (spec?.model) {
    case undefined:
    case "none":
      return null;
    case "random":
      return spec.p === 0 ? null : new RandomLoss(thresholdOf(spec.p), random);
    case "gemodel":
      if (spec.unit === "time") return new TimedGilbertElliott(spec, random);
      // tc's defaults: r = 1 - p, 1-h = 100 %, 1-k = 0, so that p alone is Bernoulli and p with r the simple Gilbert model.
      return new GilbertElliott(spec.p, spec.r ?? 1 - spec.p, spec["1-h"] ?? 1, spec["1-k"] ?? 0, random);
    case "gilbert": {
      const r = 1 / spec.meanBurst;
      return new GilbertElliott((r * spec.lossRate) / (1 - spec.lossRate), r, 1, 0, random);
    }
    case "state":
      return new FourState(spec, random);
    case "ber":
      return spec.rate === 0 ? null : new BitErrors(spec.rate, spec.unit === "byte" ? 1 : 8, random);
    case "list":
      return new ListedLoss(spec.drop);
  }
}

class RandomLoss implements LossModel {
  private readonly threshold: number;
  private readonly random: RandomStream;

  constructor(threshold: number, random: RandomStream) {
    this.threshold = threshold;
    this.random = random;
  }

  lost(): boolean {
    return this.random.chance(this.threshold);
  }
}

/** Gilbert-Elliott by packet. As in the kernel, the state moves first but the loss is drawn for the state that was left. */
class GilbertElliott implements LossModel {
  private bad = false;
  private readonly toBad: number;
  private readonly toGood: number;
  private readonly lossBad: number;
  private readonly lossGood: number;
  private readonly random: RandomStream;

  constructor(p: number, r: number, lossBad: number, lossGood: number, random: RandomStream) {
    this.toBad = thresholdOf(p);
    this.toGood = thresholdOf(r);
    this.lossBad = thresholdOf(lossBad);
    this.lossGood = thresholdOf(lossGood);
    this.random = random;
  }

  lost(): boolean {
    if (this.bad) {
      if (this.random.chance(this.toGood)) this.bad = false;
      return this.random.chance(this.lossBad);
    }
    if (this.random.chance(this.toBad)) this.bad = true;
    return this.random.chance(this.lossGood);
  }
}

/** Gilbert-Elliott by time: good and bad spells of exponential length, whoever sends in them. */
class TimedGilbertElliott implements LossModel {
  private bad = true;
  private spellEndUs = 0;
  private readonly meanGoodUs: number;
  private readonly meanBadUs: number;
  private readonly lossGood: number;
  private readonly lossBad: number;
  private readonly random: RandomStream;

  constructor(spec: Extract<LossSpec, { unit: "time" }>, random: RandomStream) {
    this.meanGoodUs = durationUs(spec.meanGood, "meanGood");
    this.meanBadUs = durationUs(spec.meanBad, "meanBad");
    this.lossGood = thresholdOf(spec.lossGood);
    this.lossBad = thresholdOf(spec.lossBad);
    this.random = random;
  }

  lost(nowUs: number): boolean {
    while (nowUs >= this.spellEndUs) {
      this.bad = !this.bad;
      // A spell lasts a microsecond at least, so that the loop ends.
      this.spellEndUs += Math.max(1, this.random.exponential(this.bad ? this.meanBadUs : this.meanGoodUs));
    }
    return this.random.chance(this.bad ? this.lossBad : this.lossGood);
  }
}

/** Netem's four states: 1 good, 2 good within a burst, 3 lost within a burst, 4 lost alone. */
class FourState implements LossModel {
  private state = 1;
  private readonly p13: number;
  private readonly p31: number;
  private readonly p32: number;
  private readonly p23: number;
  private readonly p14: number;
  private readonly random: RandomStream;

  constructor(spec: Extract<LossSpec, { model: "state" }>, random: RandomStream) {
    this.p13 = thresholdOf(spec.p13);
    this.p31 = thresholdOf(spec.p31 ?? 1 - spec.p13);
    this.p32 = thresholdOf(spec.p32 ?? 0);
    this.p23 = thresholdOf(spec.p23 ?? 1);
    this.p14 = thresholdOf(spec.p14 ?? 0);
    this.random = random;
  }

  lost(): boolean {
    const draw = this.random.uint32();
    switch (this.state) {
      case 1:
        if (draw < this.p14) this.state = 4;
        else if (draw < this.p14 + this.p13) this.state = 3;
        break;
      case 2:
        if (draw < this.p23) this.state = 3;
        break;
      case 3:
        if (draw < this.p32) this.state = 2;
        else if (draw < this.p32 + this.p31) this.state = 1;
        break;
      default:
        this.state = 1;
    }
    return this.state >= 3;
  }
}

/** Independent errors of bits or bytes (ns-3's RateErrorModel): a packet is lost when any of its n units is wrong. */
class BitErrors implements LossModel {
  private readonly unitRight: number;
  private readonly unitsPerByte: number;
  private readonly thresholds = new Map<number, number>();
  private readonly random: RandomStream;

  constructor(rate: number, unitsPerByte: number, random: RandomStream) {
    this.unitRight = 1 - rate;
    this.unitsPerByte = unitsPerByte;
    this.random = random;
  }

  lost(_nowUs: number, sizeBytes: number): boolean {
    let threshold = this.thresholds.get(sizeBytes);
    if (threshold === undefined) {
      threshold = thresholdOf(1 - power(this.unitRight, sizeBytes * this.unitsPerByte));
      this.thresholds.set(sizeBytes, threshold);
    }
    return this.random.chance(threshold);
  }
}

/** base^exponent by squaring: multiplications only, where Math.pow might differ between engines. */
function power(base: number, exponent: number): number {
  let result = 1;
  let square = base;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

/** Loses the n-th packet of the direction for every n listed, counted from 1 (retransmissions count). */
class ListedLoss implements LossModel {
  private count = 0;
  private readonly drop: ReadonlySet<number>;

  constructor(drop: number[]) {
    this.drop = new Set(drop);
  }

  lost(): boolean {
    this.count += 1;
    return this.drop.has(this.count);
  }
}
