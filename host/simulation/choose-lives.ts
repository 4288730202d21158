/**
 * Which messages are worth a look: all of them if they are few, otherwise those to whom something happened, and some to whom nothing did.
 */
import type { Qos } from "./checkers.ts";
import type { Chronicle, MessageColumns } from "./chronicle.ts";
import type { Choice } from "./lives.ts";

/** A message by its sensor and number. */
export interface MessageName {
  sensor: number;
  sequence: number;
}

/** All are shown up to so many. */
const FEW = 120;
/** Otherwise so many of each kind of trouble, and so many without. */
const OF_EACH = 15;
/** What is looked at after the last event of a message: acknowledgements of TCP are delayed by up to half a second. */
const AFTER_US = 500_000;
/** A message that never ends is looked at for so long after it was published, or sent the last time. */
const ENDLESS_US = 120e6;

/** The kinds, the worse first. A message is shown as the first that fits. */
const KINDS: readonly { why: string; fits: (columns: MessageColumns, at: number, qos: Qos) => boolean }[] = [
  {
    why: "lost",
    fits: (columns, at, qos) =>
      columns.deliveredCount[at] === 0 && (qos === 0 || !Number.isNaN(columns.acknowledgedUs[at])),
  },
  { why: "unknown", fits: (columns, at) => columns.deliveredCount[at] === 0 },
  { why: "delivered twice", fits: (columns, at) => columns.deliveredCount[at] > 1 },
  { why: "published again", fits: (columns, at) => columns.sentCount[at] > 1 },
];

/** The messages of a run whose lives are kept, in order of sensor and number; `wanted` are among them, if they were published. */
export function chooseLives(chronicle: Chronicle, qos: Qos, wanted: readonly MessageName[]): Choice[] {
  const chosen = new Map<string, Choice>();
  const choose = (sensor: number, sequence: number, why: string) => {
    const key = `${sensor}/${sequence}`;
    const columns = chronicle.sensors[sensor];
    if (columns?.publishedUs[sequence] === undefined || chosen.has(key)) return;
    const publishedUs = columns.publishedUs[sequence];
    chosen.set(key, { sensor, sequence, why, publishedUs, untilUs: endOf(columns, sequence) + AFTER_US });
  };
  const kindOf = (columns: MessageColumns, at: number) => KINDS.find(({ fits }) => fits(columns, at, qos))?.why;
  for (const { sensor, sequence } of wanted) choose(sensor, sequence, "asked for");

  const all = chronicle.sensors.flatMap((columns, sensor) => columns.publishedUs.map((_, at) => [sensor, at] as const));
  const byKind = new Map<string, (readonly [number, number])[]>();
  for (const name of all) {
    const kind = kindOf(chronicle.sensors[name[0]], name[1]);
    if (kind === undefined) continue;
    const names = byKind.get(kind);
    if (names === undefined) byKind.set(kind, [name]);
    else names.push(name);
  }
  const most = all.length <= FEW ? all.length : OF_EACH;
  for (const [why, names] of byKind) for (const [sensor, at] of spread(names, most)) choose(sensor, at, why);
  const delayOf = ([sensor, at]: readonly [number, number]) =>
    chronicle.sensors[sensor].deliveredUs[at] - chronicle.sensors[sensor].publishedUs[at];
  const delayed = all.filter(name => !Number.isNaN(delayOf(name)));
  const slowest = largest(delayed, delayOf, all.length <= FEW ? 5 : OF_EACH);
  for (const [sensor, at] of slowest) choose(sensor, at, "long delay");
  for (const [sensor, at] of spread(all, all.length <= FEW ? all.length : 2 * OF_EACH)) choose(sensor, at, "");
  return [...chosen.values()].sort((a, b) => a.sensor - b.sensor || a.sequence - b.sequence);
}

function endOf(columns: MessageColumns, at: number): number {
  const ends = [columns.acknowledgedUs[at], columns.deliveredUs[at]].filter(us => !Number.isNaN(us));
  return ends.length > 0 ? Math.max(...ends) : columns.publishedUs[at] + ENDLESS_US;
}

/** `count` of `values`, evenly out of the whole. */
function spread<T>(values: readonly T[], count: number): T[] {
  if (values.length <= count) return [...values];
  return Array.from({ length: count }, (_, index) => values[Math.floor((index * values.length) / count)]);
}

/** The `count` of `values` with the largest measure. */
function largest<T>(values: readonly T[], measure: (value: T) => number, count: number): T[] {
  return values
    .map(value => ({ value, size: measure(value) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, count)
    .map(({ value }) => value);
}
