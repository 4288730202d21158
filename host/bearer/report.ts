/**
 * What a fleet over a bearer has shown, for people and as data.
 */
import Table from "cli-table3";
import type { Seed } from "../link/index.ts";
import { bytes, duration, group } from "../simulation/quantities.ts";
import type { Mode } from "./client.ts";
import { type BearerRow, type BearerRun, hashOf } from "./run.ts";

export interface BearerResult {
  /** A number where it is exact as one, otherwise text. */
  seed: number | string;
  bearer: string;
  durationMs: number;
  sensors: number;
  /** 16 hexadecimal digits over the event logs of all rows. */
  hash: string;
  rows: BearerRow[];
}

export function bearerResult(
  seed: Seed,
  bearer: string,
  durationUs: number,
  sensors: number,
  runs: readonly BearerRun[],
): BearerResult {
  return {
    seed: seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : String(seed),
    bearer,
    durationMs: durationUs / 1000,
    sensors,
    hash: hashOf(runs),
    rows: runs.map(run => run.row),
  };
}

/** A way of sending in words. */
export function modeName(mode: Mode): string {
  return mode === "bare" ? "bare payload" : `MQTT-SN, QoS ${mode}`;
}

/** A column of the table: its head, and what stands in it. */
type Column = readonly [string, (row: BearerRow) => string];

const COLUMNS: readonly Column[] = [
  ["pub-\nlished", row => group(row.published)],
  ["deliv-\nered", row => group(row.delivered)],
  ["lost", row => group(row.lost)],
  ["wait-\ning", row => group(row.waiting)],
  ["dupli-\ncates", row => group(row.duplicates)],
  ["con-\nfirmed", row => group(row.confirmed)],
  ["delay\np50", row => (row.delivered === 0 ? "-" : duration(row.delayMs.p50))],
  ["\np95", row => (row.delivered === 0 ? "-" : duration(row.delayMs.p95))],
  ["\np99", row => (row.delivered === 0 ? "-" : duration(row.delayMs.p99))],
  ["\nmax", row => (row.delivered === 0 ? "-" : duration(row.delayMs.max))],
  ["mes-\nsages", row => `${group(row.up.messages)}\n${group(row.down.messages)}`],
  ["bytes\nup/down", row => `${bytes(row.up.bytes)}\n${bytes(row.down.bytes)}`],
  ["air-\ntime", row => (row.airtimeMs === null ? "" : duration(row.airtimeMs))],
  ["billed", row => billedText(row)],
];

function billedText({ billed: { amount, unit, dollars } }: BearerRow): string {
  const amountText = unit === "bytes" ? bytes(amount) : `${group(amount)} ${unit}`;
  return dollars === undefined ? amountText : `${amountText}\nUS$ ${dollars.toFixed(2)}`;
}

/** What says nothing in any row is left out: nobody waits, or nobody knows how fast the air is. */
function columnsOf(rows: readonly BearerRow[]): readonly Column[] {
  return COLUMNS.filter(
    ([head]) =>
      (head !== "wait-\ning" || rows.some(({ waiting }) => waiting > 0)) &&
      (head !== "air-\ntime" || rows.some(({ airtimeMs }) => airtimeMs !== null)),
  );
}

/** No lines but one under the head, as in the table of links that carry IP. */
const EMPTY = ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left", "bottom-right"];
const LINES = {
  ...Object.fromEntries([...EMPTY, "left", "left-mid", "right", "right-mid"].map(name => [name, ""])),
  "mid-mid": "─",
  middle: " ",
};

/** The table, without a last newline. */
export function bearerTable({ rows }: BearerResult): string {
  const columns = columnsOf(rows);
  const head = ["", "bytes\neach", ...columns.map(([name]) => name)];
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (index === 0 ? "left" : "right")),
    chars: LINES,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 1 },
  });
  for (const row of rows) {
    const name = [modeName(row.mode), String(row.messageBytes)];
    if (row.fits) table.push([...name, ...columns.map(([, cell]) => cell(row))]);
    else table.push([...name, { content: "does not fit", colSpan: columns.length, hAlign: "left" }]);
  }
  return table
    .toString()
    .split("\n")
    .map(line => line.trimEnd())
    .join("\n");
}

/** What the checkers say, the seed and the hash, and each broken promise as far as they are spelled out. */
export function bearerVerdict(result: BearerResult, runs: readonly BearerRun[]): string {
  const brokenCount = runs.reduce((sum, run) => sum + run.finding.count, 0);
  const answer = brokenCount > 0 ? `${group(brokenCount)} PROMISES BROKEN` : "every promise kept";
  const lines = [`checkers: ${answer}; seed ${result.seed}, hash ${result.hash}`];
  for (const { row, finding } of runs) {
    for (const { text } of finding.violations) lines.push(`  ${modeName(row.mode)}: ${text}`);
  }
  return lines.join("\n");
}
