/**
 * Validation of losses: netem's models and parameters, and those that loss.ts adds.
 */
import { LinkError } from "./error.ts";
import {
  type Fields,
  readDuration,
  readFields,
  readInteger,
  readList,
  readModel,
  readName,
  readNumber,
  readProbability,
  refuseFlicker,
} from "./fields.ts";
import type { LossSpec } from "./spec.ts";

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
  const { unit } = value as Fields;
  const timed = model === "gemodel" && unit === "time";
  const known = timed ? ["unit", "meanGood", "meanBad", "lossGood", "lossBad"] : LOSS_FIELDS[model];
  const fields = readFields(value, field, ["model", ...known]);
  const p = (name: string) => readProbability(fields[name], `${field}.${name}`);
  const optional = (...names: string[]) =>
    Object.fromEntries(names.filter(name => fields[name] !== undefined).map(name => [name, p(name)]));
  switch (model) {
    case "random":
      return { model, p: p("p") };
    case "gemodel":
      if (unit !== undefined) readName(unit, `${field}.unit`, "unit", ["packet", "time"]);
      if (!timed) return { model, p: p("p"), ...optional("r", "1-h", "1-k") };
      return validateTimed(fields, field);
    case "gilbert":
      return validateGilbert(fields, field);
    case "state":
      return validateState({ model, p13: p("p13"), ...optional("p31", "p32", "p23", "p14") }, field);
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

function validateTimed(fields: Fields, field: string): LossSpec {
  const [meanGood, meanBad] = [
    readDuration(fields.meanGood, `${field}.meanGood`),
    readDuration(fields.meanBad, `${field}.meanBad`),
  ];
  refuseFlicker(meanGood, meanBad, `${field}: meanGood and meanBad`);
  const lossGood = readProbability(fields.lossGood, `${field}.lossGood`);
  const lossBad = readProbability(fields.lossBad, `${field}.lossBad`);
  return { model: "gemodel", unit: "time", meanGood, meanBad, lossGood, lossBad };
}

/** Two ways out of one state: what is written out must leave room for staying. tc's own default for p31 may exceed it, as it does in tc. */
function validateState(loss: Extract<LossSpec, { model: "state" }>, field: string): LossSpec {
  for (const [one, other] of [["p13", "p14"] as const, ["p31", "p32"] as const]) {
    if ((loss[one] ?? 0) + (loss[other] ?? 0) > 1) {
      throw new LinkError(`${field}: ${one} and ${other} leave the same state, and are more than 1 together`);
    }
  }
  return loss;
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
