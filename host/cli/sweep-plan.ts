/**
 * The cases of a sweep: every combination of the values that were listed, each with a key by which a finished one is known again.
 */
import { durationUs, LinkError, type LinkSpec } from "../link/index.ts";
import type { Qos, Row } from "../simulation/index.ts";
import { planOf, type SimFlags } from "./sim-plan.ts";

/** The flags that take lists, in the order of the columns. */
export const DIMENSIONS = ["link", "loss", "delay", "qos", "keepAlive", "payload", "interval", "tcp", "seed"] as const;

export type Dimension = (typeof DIMENSIONS)[number];

/** One value for each dimension; "" is what the link itself says. */
export type Case = Record<Dimension, string>;

/** What all cases have in common. */
export interface Ground {
  sensors: string;
  duration: string;
  window: string;
  outbox: string;
  headers?: string;
  tls?: string;
}

/** What a worker is told, and what it answers. */
export interface Task {
  index: number;
  case: Case;
  ground: Ground;
}

export interface Outcome {
  index: number;
  row?: Row;
  hash?: string;
  /** Why there is no row. */
  error?: string;
}

const MOST_CASES = 1_000_000;

/** Every combination, the first dimension slowest. Throws LinkError. */
export function casesOf(values: Readonly<Record<Dimension, readonly string[]>>): Case[] {
  const count = DIMENSIONS.reduce((product, dimension) => product * values[dimension].length, 1);
  if (count > MOST_CASES) throw new LinkError(`${count} runs are more than a million`);
  let cases: Partial<Case>[] = [{}];
  for (const dimension of DIMENSIONS) {
    cases = cases.flatMap(each => values[dimension].map(value => ({ ...each, [dimension]: value })));
  }
  return cases as Case[];
}

/** What tells a case from every other, whatever else is swept; of a link file it is what the file says (`digests`, by path), which a name is not. */
export function keyOf(each: Case, ground: Ground, digests: ReadonlyMap<string, string>): string {
  const digest = digests.get(each.link);
  const values = DIMENSIONS.map(dimension => each[dimension]);
  return JSON.stringify(digest === undefined ? [values, ground] : [values, ground, digest]);
}

/** The values of a flag: separated by commas, none twice. A loss model has blanks and no commas. Throws LinkError. */
export function listOf(text: string, flag: string): string[] {
  const values = text.split(",").map(value => value.trim());
  if (values.some(value => value === "")) throw new LinkError(`${flag}: an empty value in "${text}"`);
  return [...new Set(values)];
}

/** Seeds: a list, or FIRST..LAST. Throws LinkError. */
export function seedsOf(text: string): string[] {
  const range = /^\s*(\d{1,15})\.\.(\d{1,15})\s*$/.exec(text);
  if (range === null) return listOf(text, "--seeds");
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last < first || last - first >= MOST_CASES)
    throw new LinkError(`--seeds: "${text}" is no range of at most a million`);
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

/** The case as `perigee sim` would have it. Throws LinkError, SimulationError or RangeError. */
export function planOfCase(each: Case, ground: Ground) {
  const { link, loss, delay, qos, keepAlive, payload, interval, tcp, seed } = each;
  const flags: SimFlags = {
    link,
    loss: loss === "" ? undefined : loss,
    qos,
    keepAlive,
    payload,
    interval,
    tcp,
    seed,
    topic: "sensors/{sensor}",
    ...ground,
  };
  const plan = planOf(flags);
  if (delay !== "") plan.options.link = withDelay(plan.options.link, delay);
  return { options: plan.options, qos: Number(qos) as Qos };
}

/** The link with that delay each way, instead of its own. */
function withDelay(link: LinkSpec, delay: string): LinkSpec {
  durationUs(delay, "--delay");
  return { ...link, up: { ...link.up, delay: { base: delay } }, down: { ...link.down, delay: { base: delay } } };
}
