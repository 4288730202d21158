/**
 * Reading fields out of JSON that somebody wrote by hand: each reader says which field breaks which rule, in one line.
 */
import { type Duration, durationUs } from "./duration.ts";
import { LinkError } from "./error.ts";
import { suggestion } from "./nearest.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** `value` as an object whose fields are all among `known`. Throws LinkError naming the first that is not, with the nearest name. */
export function readFields(value: unknown, field: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new LinkError(`${field}: an object is needed, not ${JSON.stringify(value) ?? String(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw new LinkError(`${field}: there is no field "${name}"${suggestion(name, known)}`);
  }
  return value as Fields;
}

/** A number from `least` to `most`, both included. */
export function readNumber(value: unknown, field: string, rule: string, least: number, most: number): number {
  if (typeof value !== "number" || !(value >= least && value <= most)) {
    throw new LinkError(`${field}: ${rule}, not ${JSON.stringify(value) ?? String(value)}`);
  }
  return value;
}

/** A probability, 0 to 1. */
export function readProbability(value: unknown, field: string): number {
  return readNumber(value, field, "a probability is 0 to 1", 0, 1);
}

/** An integer from `least` to 2^53 - 1. */
export function readInteger(value: unknown, field: string, least: number): number {
  const rule = `an integer of at least ${least} is needed`;
  const number = readNumber(value, field, rule, least, Number.MAX_SAFE_INTEGER);
  if (!Number.isInteger(number)) throw new LinkError(`${field}: ${rule}, not ${number}`);
  return number;
}

/** One of the names in `known`; `kind` is what they are called. */
export function readName(value: unknown, field: string, kind: string, known: readonly string[]): string {
  if (typeof value !== "string" || !known.includes(value)) {
    const near = typeof value === "string" ? suggestion(value, known) : "";
    throw new LinkError(
      `${field}: ${kind} ${JSON.stringify(value) ?? "(absent)"} is unknown${near || `; known are ${known.join(", ")}`}`,
    );
  }
  return value;
}

/** A list. */
export function readList(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value))
    throw new LinkError(`${field}: a list is needed, not ${JSON.stringify(value) ?? String(value)}`);
  return value;
}

/** A time, in the spelling that it has; whether it is one is {@link durationUs}' affair. */
export function readDuration(value: unknown, field: string): Duration {
  durationUs(value, field);
  return value as Duration;
}

/** The name in `value.model`. */
export function readModel(value: unknown, field: string, kind: string, known: readonly string[]): string {
  if (typeof value !== "object" || value === null) throw new LinkError(`${field}: an object with a model is needed`);
  return readName((value as Fields).model, `${field}.model`, kind, known);
}

/** Spells of exponential length are drawn one after the other, whoever sends: together they last 10 ms at least, or nothing else would be simulated. */
export function refuseFlicker(one: Duration, other: Duration, what: string): void {
  if (durationUs(one, what) + durationUs(other, what) < 10_000) {
    throw new LinkError(`${what} are 10 ms at least together, not ${one} and ${other}`);
  }
}
