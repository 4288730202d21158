/**
 * The result for people: a table, one row a quality of service and version of MQTT, and a line with what the checkers say.
 */
import Table from "cli-table3";
import { bytes, duration, group, joules } from "./quantities.ts";
import type { Row, SimulationResult } from "./result.ts";
import type { RunResult } from "./run.ts";
import { DEFAULT_VERSION } from "./version.ts";

const HEAD = [
  "QoS",
  "pub-\nlished",
  "deliv-\nered",
  "lost",
  "dupli-\ncates",
  "un-\nknown",
  "delay\np50",
  "\np95",
  "\np99",
  "\nmax",
  "MQTT up\nand down",
  "IP up\nand down",
  "packets",
  "re-\nsent",
  "recon-\nnects",
  "air-\ntime",
];

/** No lines but one under the head: the table stays within 132 columns. */
const LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  "mid-mid": "─",
  right: "",
  "right-mid": "",
  middle: " ",
};

/** The table, without a last newline. Rows have two lines: up, and down. */
export function table(result: SimulationResult): string {
  const isChoice = result.rows.some(row => row.version !== undefined);
  // Shorter heads make room for the column of the version.
  const head = isChoice ? ["MQTT", ...HEAD.map(text => text.replace(" up\nand ", "\nup/"))] : HEAD;
  const rows = new Table({
    head,
    chars: LINES,
    colAligns: head.map(() => "right"),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 1 },
  });
  for (const row of result.rows) rows.push(cellsOf(row));
  return rows
    .toString()
    .split("\n")
    .map(line => line.trimEnd())
    .join("\n");
}

/** What went on the air where that is not what IP counts: a line a row, without a last newline; or nothing. */
export function airText({ rows }: SimulationResult): string {
  const lines = rows.flatMap(({ qos, version, air }) => {
    if (air === undefined) return [];
    const name = version === undefined ? "" : `MQTT ${version}, `;
    return [`on the air: ${name}QoS ${qos}, ${bytes(air.upBytes)} up, ${bytes(air.downBytes)} down, in frames`];
  });
  return lines.join("\n");
}

/** What the radios took, where that was asked for: a line a row, without a last newline; or nothing. */
export function energyText({ rows }: SimulationResult): string {
  const lines = rows.flatMap(({ qos, version, energyJ }) => {
    if (energyJ === undefined) return [];
    const { transmit, receive, idle, connect, total, perMessage } = energyJ;
    const name = version === undefined ? "" : `MQTT ${version}, `;
    const parts = [`transmitting ${joules(transmit)}`, `receiving ${joules(receive)}`, `idle ${joules(idle)}`];
    if (connect > 0) parts.push(`connecting ${joules(connect)}`);
    return [`energy: ${name}QoS ${qos}, ${joules(total)}, ${joules(perMessage)} a message; ${parts.join(", ")}`];
  });
  return lines.join("\n");
}

/** What the checkers say, the seed and the hash; and a line for each broken promise or message that is left, as far as they are spelled out. */
export function verdict(result: SimulationResult, runs: readonly RunResult[]): string {
  const brokenCount = runs.reduce((sum, run) => sum + run.finding.count, 0);
  const pending = runs.filter(run => run.pendingCount > 0);
  const answer =
    brokenCount > 0
      ? `${group(brokenCount)} PROMISES BROKEN`
      : pending.length > 0
        ? "no promise broken, but NOT SETTLED"
        : "every promise kept";
  const lines = [`checkers: ${answer}; seed ${result.seed}, hash ${result.hash}`];
  for (const run of runs) for (const { text } of run.finding.violations) lines.push(`  ${nameOf(run)}: ${text}`);
  for (const run of pending)
    lines.push(
      `  ${nameOf(run)}: an hour after the link had healed ${group(run.pendingCount)} messages were still pending`,
    );
  return lines.join("\n");
}

/** A row in words; the version is said where it is not the one that everybody expects. */
export function nameOf({ version, qos }: Pick<RunResult, "version" | "qos">): string {
  return version === DEFAULT_VERSION ? `QoS ${qos}` : `MQTT ${version}, QoS ${qos}`;
}

/** A row of the table, in the order of {@link HEAD}, which the version comes before where there is a choice. */
export function cellsOf(row: Row): string[] {
  const { delayMs, mqtt, ip } = row;
  // What never arrived has no delay; nought would be the best there is.
  const delay = (ms: number) => (row.delivered === 0 ? "-" : duration(ms));
  return [
    ...(row.version === undefined ? [] : [row.version.replace(", aliases", "\nalias")]),
    String(row.qos),
    group(row.published),
    group(row.delivered),
    group(row.lost),
    group(row.duplicates),
    group(row.unknown),
    delay(delayMs.p50),
    delay(delayMs.p95),
    delay(delayMs.p99),
    delay(delayMs.max),
    `${bytes(mqtt.upBytes)}\n${bytes(mqtt.downBytes)}`,
    `${bytes(ip.upBytes)}\n${bytes(ip.downBytes)}`,
    `${group(ip.upPackets)}\n${group(ip.downPackets)}`,
    group(row.retransmissions),
    group(row.reconnects),
    duration(row.airtimeMs),
  ];
}
