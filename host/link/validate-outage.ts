/**
 * Validation of what silences or shakes a whole link: outages, passes and handovers; and the address translator behind it.
 */
import { durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import {
  type Fields,
  readDuration,
  readFields,
  readList,
  readModel,
  readName,
  readNumber,
  readProbability,
  refuseFlicker,
} from "./fields.ts";
import type { HandoverSpec, OutageSpec, PassSpec } from "./spec.ts";

/** Further than any satellite: two and a half times the way to the Moon. */
const LARGEST_RANGE_KM = 1e6;
const LARGEST_STEP_MS = 60_000;
/** Each handover is drawn, whoever sends: a shorter period would be a simulation of nothing else. */
const SHORTEST_PERIOD_US = 100_000;

/** An outage model. Throws LinkError. */
export function validateOutage(value: unknown, field: string): OutageSpec {
  const model = readModel(value, field, "outage model", ["none", "on-off", "periodic", "windows", "passes"]);
  const duration = (fields: Fields, name: string) => readDuration(fields[name], `${field}.${name}`);
  if (model === "on-off") {
    const fields = readFields(value, field, ["model", "meanOn", "meanOff"]);
    const spells = { meanOn: duration(fields, "meanOn"), meanOff: duration(fields, "meanOff") };
    refuseFlicker(spells.meanOn, spells.meanOff, `${field}: meanOn and meanOff`);
    return { model, ...spells };
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
  if (model === "windows" || model === "passes") {
    const fields = readFields(value, field, ["model", "windows"]);
    const list = readList(fields.windows, `${field}.windows`);
    if (model === "windows") return { model, windows: validateWindows(list, `${field}.windows`, []) };
    return { model, windows: validateWindows(list, `${field}.windows`, ["rangeKm"]) };
  }
  readFields(value, field, ["model"]);
  return { model: "none" };
}

/** Windows in order; `more` are the fields of a window beside its start and end. */
function validateWindows(list: readonly unknown[], field: string, more: readonly string[]): PassSpec[] {
  let previousEndUs = 0;
  return list.map((window, index) => {
    const name = `${field}[${index}]`;
    const { start, end, rangeKm } = readFields(window, name, ["start", "end", ...more]);
    const span: PassSpec = { start: readDuration(start, `${name}.start`), end: readDuration(end, `${name}.end`) };
    const [startUs, endUs] = [durationUs(span.start, name), durationUs(span.end, name)];
    if (endUs <= startUs) throw new LinkError(`${name}: a window ends after it starts`);
    if (startUs < previousEndUs) throw new LinkError(`${name}: windows are in order and do not overlap`);
    previousEndUs = endUs;
    if (rangeKm !== undefined) span.rangeKm = validateRanges(rangeKm, `${name}.rangeKm`);
    return span;
  });
}

function validateRanges(value: unknown, field: string): number[] {
  const ranges = readList(value, field);
  if (ranges.length < 2) throw new LinkError(`${field}: two ranges at least, at the start and at the end`);
  const rule = "a range is 0 to 1000000 km";
  return ranges.map((range, index) => readNumber(range, `${field}[${index}]`, rule, 0, LARGEST_RANGE_KM));
}

/** Handovers. Throws LinkError. */
export function validateHandover(value: unknown, field: string): HandoverSpec {
  const fields = readFields(value, field, ["period", "phase", "stepMs", "spikeMs", "lossBurst", "lasts"]);
  const handover: HandoverSpec = { period: readDuration(fields.period, `${field}.period`) };
  const periodUs = durationUs(handover.period, `${field}.period`);
  if (periodUs < SHORTEST_PERIOD_US)
    throw new LinkError(`${field}.period: 100 ms at least, not ${JSON.stringify(fields.period)}`);
  if (fields.phase !== undefined) {
    const phase = readName(fields.phase, `${field}.phase`, "phase", ["global", "seeded"]);
    handover.phase = phase === "seeded" ? "seeded" : "global";
  }
  if (fields.stepMs !== undefined) handover.stepMs = validatePair(fields.stepMs, `${field}.stepMs`);
  if (fields.spikeMs !== undefined) handover.spikeMs = validatePair(fields.spikeMs, `${field}.spikeMs`);
  if (fields.lossBurst !== undefined) handover.lossBurst = readProbability(fields.lossBurst, `${field}.lossBurst`);
  if (fields.lasts !== undefined) {
    handover.lasts = readDuration(fields.lasts, `${field}.lasts`);
    if (durationUs(handover.lasts, field) > periodUs) throw new LinkError(`${field}.lasts: longer than the period`);
  } else if (handover.spikeMs !== undefined || handover.lossBurst !== undefined) {
    throw new LinkError(`${field}.lasts: a spike or a burst of loss needs to last`);
  }
  return handover;
}

/** The least and the most of a uniform draw, milliseconds. */
function validatePair(value: unknown, field: string): [number, number] {
  const pair = readList(value, field);
  if (pair.length !== 2) throw new LinkError(`${field}: two numbers, the least and the most, not ${pair.length}`);
  const [least, most] = pair.map((ms, index) =>
    readNumber(ms, `${field}[${index}]`, "milliseconds from 0 to 60000", 0, LARGEST_STEP_MS),
  );
  if (most < least) throw new LinkError(`${field}: the least comes first`);
  return [least, most];
}
