/**
 * A link from a netem line: `delay 270ms 10ms distribution normal loss gemodel 1% 25% rate 64kbit limit 1000`.
 *
 * The grammar is that of tc-netem(8) and its units those of tc(8): bit/s with kbit = 1000 and kibit = 1024, and "bps" for bytes. Both directions get the
 * same line. What is netem's and has no counterpart here (ecn, correlations, seeds) is refused by name, never ignored.
 */
import { durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import { suggestion } from "./nearest.ts";
import type { DelaySpec, DirectionSpec, LinkSpec, LossSpec, RateSpec, SlotSpec } from "./spec.ts";
import { validateLink } from "./validate.ts";

const KEYWORDS = ["delay", "loss", "rate", "limit", "duplicate", "corrupt", "reorder", "slot"] as const;
const SYNONYMS: Readonly<Record<string, string>> = { latency: "delay", drop: "loss" };
const REFUSED = ["ecn", "seed"];
const LOSS_MODELS = ["random", "gemodel", "state"];
const DISTRIBUTIONS = ["uniform", "normal", "pareto", "paretonormal"] as const;

/** Bits a second in one unit, in lower case; a bare number is bits. */
const RATE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  bit: 1,
  kbit: 1e3,
  mbit: 1e6,
  gbit: 1e9,
  tbit: 1e12,
  kibit: 1024,
  mibit: 1024 ** 2,
  gibit: 1024 ** 3,
  bps: 8,
  kbps: 8e3,
  mbps: 8e6,
  gbps: 8e9,
  kibps: 8 * 1024,
  mibps: 8 * 1024 ** 2,
};

/** The words of a line, with a place. */
class Words {
  private index = 0;
  private readonly words: string[];

  constructor(line: string) {
    this.words = line.trim().split(/\s+/).filter(Boolean);
  }

  get ended(): boolean {
    return this.index >= this.words.length;
  }

  /** The next word, or undefined at a keyword or the end. */
  value(): string | undefined {
    const word = this.words[this.index];
    return word === undefined || /^[a-z]/i.test(word) ? undefined : this.take();
  }

  take(): string {
    const word = this.words[this.index];
    this.index += 1;
    return word;
  }

  next(word: string): boolean {
    if (this.words[this.index] !== word) return false;
    this.index += 1;
    return true;
  }

  get current(): string | undefined {
    return this.words[this.index];
  }
}

/** The link of a netem line. Throws LinkError naming the word that is not understood. */
export function parseTc(line: string): LinkSpec {
  const words = new Words(line);
  // "tc qdisc add dev eth0 root netem ..." may be pasted whole.
  if (words.current === "tc") while (!words.ended && words.take() !== "netem");
  else words.next("netem");
  if (words.ended) throw new LinkError(`tc: no parameter of netem in "${line.trim()}"`);
  const direction: DirectionSpec = {};
  const seen = new Set<string>();
  while (!words.ended) {
    const keyword = SYNONYMS[words.current as string] ?? words.current;
    // Which of the two was meant nobody can know.
    if (seen.has(keyword)) throw new LinkError(`tc: ${keyword} stands twice in "${line.trim()}"`);
    seen.add(keyword);
    parseParameter(words, direction);
  }
  return validateLink({ name: "tc", up: direction, down: direction }, "tc");
}

function parseParameter(words: Words, direction: DirectionSpec): void {
  const keyword = words.take();
  switch (keyword) {
    case "delay":
    case "latency":
      direction.delay = parseDelay(words);
      return;
    case "loss":
    case "drop":
      direction.loss = parseLoss(words);
      return;
    case "rate":
      direction.rate = parseRate(words);
      return;
    case "limit":
      direction.limit = { packets: wholeNumber(required(words, "limit", "a number of packets"), "limit") };
      return;
    case "duplicate":
      direction.duplicate = { p: chance(words, "duplicate") };
      return;
    case "corrupt":
      direction.corrupt = { p: chance(words, "corrupt") };
      return;
    case "reorder":
      direction.reorder = { p: chance(words, "reorder") };
      if (words.next("gap")) direction.reorder.gap = wholeNumber(required(words, "gap", "a number of packets"), "gap");
      return;
  }
  if (keyword === "slot") {
    direction.slot = parseSlot(words);
    return;
  }
  if (REFUSED.includes(keyword)) throw new LinkError(`tc: "${keyword}" of netem is not modelled`);
  throw new LinkError(`tc: "${keyword}" is no parameter of netem${suggestion(keyword, KEYWORDS)}`);
}

function parseDelay(words: Words): DelaySpec {
  const delay: Extract<DelaySpec, { jitter?: unknown; base: unknown }> = {
    base: time(required(words, "delay", "a time"), "delay"),
  };
  const jitter = words.value();
  if (jitter !== undefined) delay.jitter = time(jitter, "jitter");
  refuseCorrelation(words, "delay");
  if (words.next("distribution")) {
    const name = words.ended ? "(absent)" : words.take();
    const distribution = DISTRIBUTIONS.find(known => known === name);
    if (distribution === undefined) {
      throw new LinkError(`tc: distribution "${name}" is not modelled${suggestion(name, DISTRIBUTIONS)}`);
    }
    delay.distribution = distribution;
  }
  return delay;
}

function parseLoss(words: Words): LossSpec {
  const named = words.current !== undefined && /^[a-z]/i.test(words.current) ? words.take() : "random";
  const values: number[] = [];
  for (let word = words.value(); word !== undefined; word = words.value()) values.push(percent(word, "loss"));
  if (!LOSS_MODELS.includes(named))
    throw new LinkError(`tc: loss model "${named}" is unknown${suggestion(named, LOSS_MODELS)}`);
  if (values.length === 0) throw new LinkError(`tc: loss ${named} needs a percentage`);
  const most = named === "random" ? 1 : named === "gemodel" ? 4 : 5;
  if (values.length > most) {
    const what =
      named === "random" ? "the correlation of random loss is not modelled (use gemodel)" : "too many percentages";
    throw new LinkError(`tc: loss ${named}: ${what}`);
  }
  const names =
    named === "random" ? ["p"] : named === "gemodel" ? ["p", "r", "1-h", "1-k"] : ["p13", "p31", "p32", "p23", "p14"];
  return Object.fromEntries([["model", named], ...values.map((value, index) => [names[index], value])]) as LossSpec;
}

function parseSlot(words: Words): SlotSpec {
  if (words.current === "distribution") throw new LinkError("tc: slots by a distribution are not modelled");
  const slot: SlotSpec = { min: time(required(words, "slot", "a time"), "slot") };
  const most = words.value();
  if (most !== undefined) slot.max = time(most, "slot");
  if (words.next("packets")) slot.packets = wholeNumber(required(words, "packets", "a number"), "packets");
  if (words.next("bytes")) slot.bytes = wholeNumber(required(words, "bytes", "a number"), "bytes");
  return slot;
}

function parseRate(words: Words): RateSpec {
  const word = required(words, "rate", "a rate");
  const match = /^([0-9]*\.?[0-9]+)([a-z]*)(\/s)?$/i.exec(word);
  const unit = match === null ? undefined : RATE_UNITS[match[2].toLowerCase()];
  if (match === null || unit === undefined) throw new LinkError(`tc: rate "${word}" is no rate like 64kbit`);
  const rate: RateSpec = { bps: Number(match[1]) * unit };
  const overhead = words.value();
  if (overhead !== undefined) rate.packetOverhead = wholeNumber(overhead, "rate's packet overhead");
  const cellSize = words.value();
  if (cellSize !== undefined) rate.cellSize = wholeNumber(cellSize, "rate's cell size");
  const cellOverhead = words.value();
  if (cellOverhead !== undefined) rate.cellOverhead = wholeNumber(cellOverhead, "rate's cell overhead");
  return rate;
}

function chance(words: Words, keyword: string): number {
  const p = percent(required(words, keyword, "a percentage"), keyword);
  refuseCorrelation(words, keyword);
  return p;
}

function refuseCorrelation(words: Words, keyword: string): void {
  if (words.value() !== undefined) throw new LinkError(`tc: the correlation of ${keyword} is not modelled`);
}

function required(words: Words, keyword: string, what: string): string {
  const word = words.value();
  if (word === undefined) throw new LinkError(`tc: ${keyword} needs ${what}`);
  return word;
}

/** A percentage as tc reads it: the sign may be left out, "1" is one percent. */
function percent(word: string, keyword: string): number {
  const match = /^(-?[0-9]*\.?[0-9]+)%?$/.exec(word);
  if (match === null) throw new LinkError(`tc: ${keyword} "${word}" is no percentage like 1%`);
  const p = Number(match[1]) / 100;
  if (p < 0 || p > 1) throw new LinkError(`tc: ${keyword} ${word} is not between 0% and 100%`);
  return p;
}

/** A time as tc reads it: a bare number is microseconds. */
function time(word: string, keyword: string): string {
  const text = /^-?[0-9.]+$/.test(word) ? `${word}us` : word;
  durationUs(text, `tc: ${keyword}`);
  return text;
}

function wholeNumber(word: string, what: string): number {
  if (!/^-?[0-9]+$/.test(word)) throw new LinkError(`tc: ${what} "${word}" is no whole number`);
  return Number(word);
}
