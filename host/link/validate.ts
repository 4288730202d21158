/**
 * Validation of a link: from JSON that somebody wrote to a {@link LinkSpec} that can be built, or one line that says which field breaks which rule.
 *
 * What stands beside `up` and `down` counts for both directions, unless a direction says otherwise; only an outage beside them is one outage of
 * the whole link.
 */
import { type Duration, durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import { type Fields, readFields, readInteger, readList, readName, readNumber, readProbability } from "./fields.ts";
import {
  DIRECTION_FIELDS,
  type DirectionSpec,
  type LimitSpec,
  type LinkSpec,
  type LossSpec,
  type OutageSpec,
} from "./spec.ts";

/** Smallest and largest MTU: what every IPv4 host takes (RFC 791: 68), and the largest IP packet. */
const [SMALLEST_MTU, LARGEST_MTU] = [68, 65_535];
/** Rates beyond a terabit a second would round to no time at all. */
const LARGEST_BPS = 1e12;
const LARGEST_OVERHEAD_BYTES = 65_535;

/** `input` as a link. `field` begins every message. Throws LinkError. */
export function validateLink(input: unknown, field = "link"): LinkSpec {
  const known = ["name", "mtu", "up", "down", ...DIRECTION_FIELDS];
  const fields = readFields(input, field, known);
  const both = directionFields(fields);
  const link: LinkSpec = {
    up: validateDirection({ ...both, ...optionalObject(fields.up, `${field}.up`) }, `${field}.up`),
    down: validateDirection({ ...both, ...optionalObject(fields.down, `${field}.down`) }, `${field}.down`),
  };
  if (fields.name !== undefined) link.name = String(fields.name);
  if (fields.mtu !== undefined) {
    link.mtu = readNumber(fields.mtu, `${field}.mtu`, "an MTU is 68 to 65535 bytes", SMALLEST_MTU, LARGEST_MTU);
    readInteger(link.mtu, `${field}.mtu`, SMALLEST_MTU);
  }
  if (fields.outage !== undefined) link.outage = validateOutage(fields.outage, `${field}.outage`);
  return link;
}

/** The fields that count for both directions. */
function directionFields(fields: Fields): Record<string, unknown> {
  const both: Record<string, unknown> = {};
  for (const name of DIRECTION_FIELDS) {
    if (name !== "outage" && fields[name] !== undefined) both[name] = fields[name];
  }
  return both;
}

function optionalObject(value: unknown, field: string): Fields {
  return value === undefined ? {} : readFields(value, field, DIRECTION_FIELDS);
}

function validateDirection(fields: Fields, field: string): DirectionSpec {
  const direction: DirectionSpec = {};
  if (fields.delay !== undefined) direction.delay = validateDelay(fields.delay, `${field}.delay`);
  if (fields.rate !== undefined) direction.rate = validateRate(fields.rate, `${field}.rate`);
  if (fields.limit !== undefined) direction.limit = validateLimit(fields.limit, `${field}.limit`);
  if (fields.loss !== undefined) direction.loss = validateLoss(fields.loss, `${field}.loss`);
  if (fields.corrupt !== undefined) direction.corrupt = validateChance(fields.corrupt, `${field}.corrupt`);
  if (fields.duplicate !== undefined) direction.duplicate = validateChance(fields.duplicate, `${field}.duplicate`);
  if (fields.reorder !== undefined) {
    const reorder = readFields(fields.reorder, `${field}.reorder`, ["p", "gap"]);
    direction.reorder = { p: readProbability(reorder.p, `${field}.reorder.p`) };
    if (reorder.gap !== undefined) direction.reorder.gap = readInteger(reorder.gap, `${field}.reorder.gap`, 1);
  }
  if (fields.outage !== undefined) direction.outage = validateOutage(fields.outage, `${field}.outage`);
  return direction;
}

function validateDelay(value: unknown, field: string): DirectionSpec["delay"] {
  const fields = readFields(value, field, ["base", "jitter", "distribution"]);
  const delay: NonNullable<DirectionSpec["delay"]> = { base: validateDuration(fields.base, `${field}.base`) };
  if (fields.jitter !== undefined) delay.jitter = validateDuration(fields.jitter, `${field}.jitter`);
  if (fields.distribution !== undefined) {
    const name = readName(fields.distribution, `${field}.distribution`, "distribution", ["uniform", "normal"]);
    delay.distribution = name === "normal" ? "normal" : "uniform";
  }
  return delay;
}

function validateRate(value: unknown, field: string): DirectionSpec["rate"] {
  const fields =
    typeof value === "number"
      ? { bps: value }
      : readFields(value, field, ["bps", "packetOverhead", "cellSize", "cellOverhead"]);
  const rule = "a rate is 1 to 10^12 bits a second";
  const rate: NonNullable<DirectionSpec["rate"]> = {
    bps: readNumber((fields as Fields).bps, `${field}.bps`, rule, 1, LARGEST_BPS),
  };
  const overhead = (name: "packetOverhead" | "cellOverhead") => {
    const bytes = (fields as Fields)[name];
    const overheadRule = "an overhead is a number of bytes, up to 65535 either way";
    if (bytes !== undefined) {
      rate[name] = readNumber(bytes, `${field}.${name}`, overheadRule, -LARGEST_OVERHEAD_BYTES, LARGEST_OVERHEAD_BYTES);
    }
  };
  overhead("packetOverhead");
  overhead("cellOverhead");
  const { cellSize } = fields as Fields;
  if (cellSize !== undefined) rate.cellSize = readInteger(cellSize, `${field}.cellSize`, 0);
  if ((rate.cellSize ?? 0) + (rate.cellOverhead ?? 0) < 0) {
    throw new LinkError(`${field}.cellOverhead: a cell cannot be smaller than nothing`);
  }
  return rate;
}

function validateLimit(value: unknown, field: string): LimitSpec {
  const fields = typeof value === "number" ? { packets: value } : readFields(value, field, ["packets", "bytes"]);
  const limit: LimitSpec = {};
  const { packets, bytes } = fields as Fields;
  if (packets !== undefined) limit.packets = readInteger(packets, `${field}.packets`, 1);
  if (bytes !== undefined) limit.bytes = readInteger(bytes, `${field}.bytes`, 1);
  return limit;
}

function validateChance(value: unknown, field: string): { p: number } {
  const fields = typeof value === "number" ? { p: value } : readFields(value, field, ["p"]);
  return { p: readProbability((fields as Fields).p, `${field}.p`) };
}

const LOSS_FIELDS: Readonly<Record<string, readonly string[]>> = {
  none: [],
  random: ["p"],
  gemodel: ["p", "r", "1-h", "1-k", "unit"],
  gilbert: ["lossRate", "meanBurst"],
  state: ["p13", "p31", "p32", "p23", "p14"],
  ber: ["rate", "unit"],
  list: ["drop"],
};

/** A loss model, or a bare probability for `random`. Throws LinkError. */
export function validateLoss(value: unknown, field: string): LossSpec {
  if (typeof value === "number") return { model: "random", p: readProbability(value, `${field}.p`) };
  const model = readModel(value, field, "loss model", Object.keys(LOSS_FIELDS));
  const timed = model === "gemodel" && (value as Fields).unit === "time";
  const known = timed ? ["unit", "meanGood", "meanBad", "lossGood", "lossBad"] : LOSS_FIELDS[model];
  const fields = readFields(value, field, ["model", ...known]);
  const p = (name: string) => readProbability(fields[name], `${field}.${name}`);
  const optional = (...names: string[]) =>
    Object.fromEntries(names.filter(name => fields[name] !== undefined).map(name => [name, p(name)]));
  switch (model) {
    case "random":
      return { model, p: p("p") };
    case "gemodel":
      if (!timed) return { model, p: p("p"), ...optional("r", "1-h", "1-k") };
      return {
        model,
        unit: "time",
        meanGood: validateDuration(fields.meanGood, `${field}.meanGood`),
        meanBad: validateDuration(fields.meanBad, `${field}.meanBad`),
        lossGood: p("lossGood"),
        lossBad: p("lossBad"),
      };
    case "gilbert":
      return validateGilbert(fields, field);
    case "state":
      return { model, p13: p("p13"), ...optional("p31", "p32", "p23", "p14") };
    case "ber": {
      const loss: LossSpec = { model, rate: p("rate") };
      if (fields.unit !== undefined) {
        loss.unit = readName(fields.unit, `${field}.unit`, "unit", ["bit", "byte"]) === "byte" ? "byte" : "bit";
      }
      return loss;
    }
    case "list":
      return { model, drop: readList(fields.drop, `${field}.drop`).map(n => readInteger(n, `${field}.drop`, 1)) };
    default:
      return { model: "none" };
  }
}

function validateGilbert(fields: Fields, field: string): LossSpec {
  const lossRate = readProbability(fields.lossRate, `${field}.lossRate`);
  const rule = "a mean burst is at least one packet";
  const meanBurst = readNumber(fields.meanBurst, `${field}.meanBurst`, rule, 1, Number.MAX_SAFE_INTEGER);
  // The chain enters a burst with p = r L / (1 - L), which must stay a probability.
  if (lossRate > meanBurst / (meanBurst + 1)) {
    throw new LinkError(
      `${field}.lossRate: ${lossRate} cannot be had in bursts of ${meanBurst}; at most ${meanBurst / (meanBurst + 1)}`,
    );
  }
  return { model: "gilbert", lossRate, meanBurst };
}

/** An outage model. Throws LinkError. */
export function validateOutage(value: unknown, field: string): OutageSpec {
  const model = readModel(value, field, "outage model", ["none", "on-off", "periodic", "windows"]);
  const duration = (fields: Fields, name: string) => validateDuration(fields[name], `${field}.${name}`);
  if (model === "on-off") {
    const fields = readFields(value, field, ["model", "meanOn", "meanOff"]);
    return { model, meanOn: duration(fields, "meanOn"), meanOff: duration(fields, "meanOff") };
  }
  if (model === "periodic") {
    const fields = readFields(value, field, ["model", "on", "off", "phase"]);
    const outage: OutageSpec = { model, on: duration(fields, "on"), off: duration(fields, "off") };
    if (durationUs(outage.on, field) + durationUs(outage.off, field) === 0) {
      throw new LinkError(`${field}: a period cannot be empty`);
    }
    if (fields.phase !== undefined) outage.phase = duration(fields, "phase");
    return outage;
  }
  if (model === "windows") {
    const fields = readFields(value, field, ["model", "windows"]);
    let previousEndUs = 0;
    const windows = readList(fields.windows, `${field}.windows`).map((window, index) => {
      const name = `${field}.windows[${index}]`;
      const { start, end } = readFields(window, name, ["start", "end"]);
      const span = { start: validateDuration(start, `${name}.start`), end: validateDuration(end, `${name}.end`) };
      const [startUs, endUs] = [durationUs(span.start, name), durationUs(span.end, name)];
      if (endUs <= startUs) throw new LinkError(`${name}: a window ends after it starts`);
      if (startUs < previousEndUs) throw new LinkError(`${name}: windows are in order and do not overlap`);
      previousEndUs = endUs;
      return span;
    });
    return { model, windows };
  }
  readFields(value, field, ["model"]);
  return { model: "none" };
}

function readModel(value: unknown, field: string, kind: string, known: readonly string[]): string {
  if (typeof value !== "object" || value === null) throw new LinkError(`${field}: an object with a model is needed`);
  return readName((value as Fields).model, `${field}.model`, kind, known);
}

/** Keeps the spelling; whether it is a time is {@link durationUs}' affair. */
function validateDuration(value: unknown, field: string): Duration {
  durationUs(value, field);
  return value as Duration;
}
