/**
 * What a sweep has found: a row for every combination, its seeds together, and a map of one figure over two dimensions.
 */

import Table from "cli-table3";
import { grouped } from "../grouped.ts";
import type { Row } from "../simulation/index.ts";
import { csvLine } from "./csv.ts";
import { type Case, DIMENSIONS, type Dimension } from "./sweep-plan.ts";

export interface Found {
  readonly case: Case;
  readonly row: Row;
}

/** What can be shown in the map, by name: the figure, and its digits. */
export const FIGURES: Readonly<Record<string, { of: (row: Row) => number; digits: number; what: string }>> = {
  delivered: { of: row => (100 * row.delivered) / row.published, digits: 2, what: "delivered, %" },
  lost: { of: row => row.lost, digits: 0, what: "messages lost" },
  duplicates: { of: row => row.duplicates, digits: 0, what: "duplicates" },
  mean: { of: row => row.delayMs.mean, digits: 0, what: "mean delay, ms" },
  p50: { of: row => row.delayMs.p50, digits: 0, what: "median delay, ms" },
  p95: { of: row => row.delayMs.p95, digits: 0, what: "95th percentile of the delay, ms" },
  p99: { of: row => row.delayMs.p99, digits: 0, what: "99th percentile of the delay, ms" },
  max: { of: row => row.delayMs.max, digits: 0, what: "largest delay, ms" },
  bytes: { of: row => (row.ip.upBytes + row.ip.downBytes) / row.published, digits: 1, what: "bytes of IP a message" },
  packets: { of: row => (row.ip.upPackets + row.ip.downPackets) / row.published, digits: 2, what: "packets a message" },
  resent: { of: row => row.retransmissions, digits: 0, what: "segments sent again" },
  reconnects: { of: row => row.reconnects, digits: 0, what: "reconnects" },
  airtime: { of: row => row.airtimeMs / row.published, digits: 2, what: "airtime a message, ms" },
};

const SHADES = ["  ", "░░", "▒▒", "▓▓", "██"];
const COLUMNS = [
  "delivered",
  "lost",
  "duplicates",
  "mean",
  "p50",
  "p95",
  "p99",
  "bytes",
  "packets",
  "resent",
  "reconnects",
];

/** Dimensions with more than one value, seeds left out: they are repetitions. */
export function variedOf(found: readonly Found[]): Dimension[] {
  return DIMENSIONS.filter(
    dimension => dimension !== "seed" && new Set(found.map(each => each.case[dimension])).size > 1,
  );
}

/** Every combination: its values in `varied`, and its runs, which differ in their seeds. */
export function combinationsOf(found: readonly Found[], varied: readonly Dimension[]) {
  const groups = grouped(found, each => JSON.stringify(varied.map(dimension => each.case[dimension])));
  return [...groups.values()].map(group => ({ values: varied.map(dimension => group[0].case[dimension]), group }));
}

/** The table: the mean over the seeds of every combination. */
export function tableOf(found: readonly Found[]): string {
  const varied = variedOf(found);
  const table = new Table({ head: [...varied, "runs", ...COLUMNS], style: { head: [], border: [], compact: true } });
  for (const { values, group } of combinationsOf(found, varied)) {
    table.push([
      ...values.map(shown),
      String(group.length),
      ...COLUMNS.map(name => meanOf(group, name).toFixed(FIGURES[name].digits)),
    ]);
  }
  return table.toString();
}

/** The map of `figure` over two dimensions, everything else in the mean; darker is more. */
export function mapOf(found: readonly Found[], figure: string, down: Dimension, across: Dimension): string {
  const valuesOf = (dimension: Dimension) => [...new Set(found.map(each => each.case[dimension]))];
  const [rows, columns] = [valuesOf(down), valuesOf(across)];
  const means = rows.map(row =>
    columns.map(column => {
      const group = found.filter(each => each.case[down] === row && each.case[across] === column);
      return group.length === 0 ? Number.NaN : meanOf(group, figure);
    }),
  );
  const known = means.flat().filter(Number.isFinite);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const shade = (value: number) => {
    if (!Number.isFinite(value)) return "";
    const share = most > least ? (value - least) / (most - least) : 0;
    return `${SHADES[Math.min(SHADES.length - 1, Math.floor(share * SHADES.length))]} ${value.toFixed(FIGURES[figure].digits)}`;
  };
  const table = new Table({
    head: [`${down} \\ ${across}`, ...columns.map(shown)],
    style: { head: [], border: [], compact: true },
  });
  for (const [index, row] of rows.entries()) table.push([shown(row), ...means[index].map(shade)]);
  return `${FIGURES[figure].what}\n${table.toString()}`;
}

/** One line a run, with a head. */
export function csvOf(found: readonly Found[]): string {
  const names = Object.keys(FIGURES);
  const lines = found.map(({ case: each, row }) =>
    csvLine([
      ...DIMENSIONS.map(dimension => each[dimension]),
      row.published,
      ...names.map(name => FIGURES[name].of(row)),
    ]),
  );
  return [csvLine([...DIMENSIONS, "published", ...names]), ...lines].join("");
}

/** The mean of `figure` over `group`. */
export function meanOf(group: readonly Found[], figure: string): number {
  return group.reduce((sum, { row }) => sum + FIGURES[figure].of(row), 0) / group.length;
}

function shown(value: string): string {
  return value === "" ? "as the link" : value;
}
