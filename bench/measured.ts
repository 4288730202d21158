/**
 * The simulated TCP beside real Linux TCP: every row that was measured, every figure of it, and whether it is within its bar.
 *
 * The rows are in test/link/measured-rows.ts, the experiment in test/link/telemetry-peers.ts: publishers over a lossy link, in virtual time. A measured
 * row is one run; the model is the mean or the quantile of several seeds together. Nothing here depends on the machine: the table only changes when the
 * model does.
 */
import { writeFileSync } from "node:fs";
import { transfer } from "../test/link/bulk-peers.ts";
import {
  MEASURED,
  MEASURED_BULK,
  MEASURED_BYTES,
  MEASURED_LONGER,
  MEASURED_OUTAGE,
  type TelemetryRow,
} from "../test/link/measured-rows.ts";
import { type Experiment, mean, type Outcome, quantile, runExperiment } from "../test/link/telemetry-peers.ts";

/** One way, ms: half of the round trip that the machine of the measurement really had. */
const ONE_WAY_MS = 270.6;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const BULK_SEED_COUNT = 300;
/** The profile with each congestion control. */
const STACKS = { reno: "linux", cubic: "linux-cubic" } as const;
const MESSAGES = 4000;

let outside = 0;

function simulate(lossPercent: number, qos: 0 | 1 | 2, rest: Partial<Experiment> = {}): Outcome[] {
  const direction =
    lossPercent === 0
      ? { delay: { base: ONE_WAY_MS } }
      : { delay: { base: ONE_WAY_MS }, loss: { model: "random" as const, p: lossPercent / 100 } };
  const rhythm = { publisherCount: 100, messageCount: 40, intervalMs: 5000, publisherNoDelay: true };
  const link = { up: direction, down: direction };
  return (lossPercent === 0 ? [1] : SEEDS).map(seed => runExperiment({ link, qos, seed, ...rhythm, ...rest }));
}

/** `measured / model`, marked when it is farther off than `within` (a share, or milliseconds). */
function cell(measured: number, model: number, digits: number, within?: { share?: number; ms?: number }): string {
  const text = `${measured.toFixed(digits)} / ${model.toFixed(digits)}`;
  if (within === undefined) return text;
  const off = Math.abs(model - measured);
  const inside = off <= (within.ms ?? 0) || off <= (within.share ?? 0) * measured;
  if (inside) return text;
  outside += 1;
  return `**${text}** (${model > measured ? "+" : "-"}${((off / measured) * 100).toFixed(0)} %)`;
}

function telemetryRow(row: TelemetryRow): string {
  const outcomes = simulate(row.lossPercent, row.qos);
  const pooled = (figure: (outcome: Outcome) => number[]) => outcomes.flatMap(figure);
  const perMessage = (figure: (outcome: Outcome) => number) => mean(outcomes.map(figure)) / MESSAGES;
  const delays = pooled(outcome => outcome.delaysMs);
  const acknowledged = pooled(outcome => outcome.acknowledgedMs);
  const connects = pooled(outcome => outcome.connectMs);
  const rare = row.lossPercent <= 5;
  const meanBar = rare ? { share: row.qos === 0 ? 0.05 : 0.1 } : undefined;
  const bytesBar = { share: row.lossPercent === 0 ? 0.0005 : 0.05, ms: 0.2 };
  // A percentile that lies on a step of the distribution moves with the noise of one run; where it lies between two, it says nothing.
  const cells = [
    `${row.lossPercent} %`,
    String(row.qos),
    cell(row.mean, mean(delays), 0, meanBar),
    cell(row.p50, quantile(delays, 0.5), 0, rare ? { ms: 2 } : { share: 0.15 }),
    cell(row.p90, quantile(delays, 0.9), 0, rare ? { share: 0.05 } : { share: 0.15 }),
    cell(row.p95, quantile(delays, 0.95), 0, rare ? { share: 0.05 } : undefined),
    cell(row.p99, quantile(delays, 0.99), 0),
    row.qos === 0 ? "" : cell(row.acknowledged, mean(acknowledged), 0),
    row.qos === 0 ? "" : cell(row.acknowledgedP95, quantile(acknowledged, 0.95), 0),
    cell(row.connect, mean(connects), 0, { share: 0.15 }),
    cell(row.connectP95, quantile(connects, 0.95), 0, { share: 0.05 }),
    cell(row.mqttConnect, mean(pooled(outcome => outcome.mqttConnectMs)), 0),
    cell(
      row.packets,
      perMessage(outcome => outcome.upPackets + outcome.downPackets),
      2,
      { share: 0.05 },
    ),
    cell(
      row.up,
      perMessage(outcome => outcome.upBytes),
      1,
      bytesBar,
    ),
    cell(
      row.down,
      perMessage(outcome => outcome.downBytes),
      1,
      bytesBar,
    ),
  ];
  return `| ${cells.join(" | ")} |`;
}

function bulkRow(row: (typeof MEASURED_BULK)[number]): string {
  const direction = { delay: { base: row.oneWayMs }, loss: { model: "random" as const, p: row.lossPercent / 100 } };
  const runs = Array.from({ length: row.lossPercent === 0 ? 1 : BULK_SEED_COUNT }, (_, index) =>
    transfer(row.byteCount, { up: direction, down: direction }, index + 1, { client: STACKS[row.congestion] }),
  );
  const times = runs.map(run => run.ms);
  const bar = { share: 0.15 };
  const cells = [
    row.congestion,
    `${row.byteCount / 1000}`,
    `${2 * row.oneWayMs} ms`,
    `${row.lossPercent} %`,
    String(row.count),
    cell(row.mean, mean(times), 0, bar),
    cell(row.p10, quantile(times, 0.1), 0, bar),
    cell(row.p50, quantile(times, 0.5), 0, bar),
    cell(row.p90, quantile(times, 0.9), 0, bar),
    cell(row.up / 1000, mean(runs.map(run => run.upBytes)) / 1000, 1, { share: 0.05 }),
    cell(row.down / 1000, mean(runs.map(run => run.downBytes)) / 1000, 1),
  ];
  return `| ${cells.join(" | ")} |`;
}

function exactRow({ qos, ...measured }: (typeof MEASURED_BYTES)[number]): string {
  const [outcome] = simulate(0, qos);
  const cells = (["upBytes", "upPackets", "downBytes", "downPackets"] as const).map(
    name => `${measured[name]} / ${outcome[name] / 100}`,
  );
  return `| ${qos} | ${cells.join(" | ")} |`;
}

function outageRow(): string {
  const direction = { delay: { base: ONE_WAY_MS } };
  const outage = { model: "windows" as const, windows: [{ start: "60s", end: "120s" }] };
  const rhythm = { publisherCount: 50, messageCount: 20, intervalMs: 10_000, publisherNoDelay: true };
  const outcome = runExperiment({ link: { up: direction, down: direction, outage }, qos: 1, seed: 1, ...rhythm });
  const cells = [
    `1000 / ${outcome.delaysMs.length}`,
    `0 / ${100 - (outcome.closeReasons.get("finished") ?? 0)}`,
    cell(MEASURED_OUTAGE.p50, quantile(outcome.delaysMs, 0.5), 0, { ms: 2 }),
    cell(MEASURED_OUTAGE.mean, mean(outcome.delaysMs), 0, { share: 0.05 }),
    cell(MEASURED_OUTAGE.max, Math.max(...outcome.delaysMs), 0, { share: 0.05 }),
    cell(MEASURED_OUTAGE.packets, (outcome.upPackets + outcome.downPackets) / 1000, 2, { share: 0.05 }),
  ];
  return `| ${cells.join(" | ")} |`;
}

const HEAD = [
  "| loss each way | QoS | mean | p50 | p90 | p95 | p99 | ack mean | ack p95 | connect mean | connect p95 | MQTT connect mean | packets | bytes up | bytes down |",
  "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
];
const rows = MEASURED.map(telemetryRow);
const longer = MEASURED_LONGER.map(telemetryRow);
const bulk = MEASURED_BULK.map(bulkRow);
const exact = MEASURED_BYTES.map(exactRow);
const outage = outageRow();

const lines = [
  "# Measured",
  "",
  "`npm run bench measured`: the simulated TCP (profile `linux`) beside real Linux TCP over a link that lost packets. Every cell is `measured / model`;",
  "**bold** is farther off than its bar. Times are ms, packets and bytes are IP's, a message, with all of the connection.",
  "",
  "## Telemetry",
  "",
  "100 publishers to mosquitto, 40 messages each of 44 bytes, one every 5 s, round trip 540 ms. A measured row is one run of 4,000 messages; the model is",
  `${SEEDS.length} runs together. Bars: up to 5 % loss the mean within 5 % (QoS 0) or 10 %, p50 within 2 ms, p90 and p95 within 5 %; from 10 % loss p50 and p90`,
  "within 15 %; packets and bytes within 5 %; time to connect within 15 % and its p95 within 5 %. What has no bar is shown all the same: one run's tail is noise.",
  "",
  ...HEAD,
  ...rows,
  "",
  "The last row again, with 600 publishers in one run on Linux 6.18:",
  "",
  ...HEAD,
  ...longer,
  "",
  "## Bytes without loss",
  "",
  "A run's sums over 100 publishers, divided by 100. Down at QoS 2, 4,702 cannot be one connection's: 84 packets are a SYN of 60 bytes, two of the end of 52",
  "and 81 with 4 bytes of MQTT, 4,700 together. The measured sum has four bare acknowledgements more in the hundred connections, of a machine that paused for",
  "longer than the 40 ms that an acknowledgement waits.",
  "",
  "| QoS | bytes up | packets up | bytes down | packets down |",
  "|---|---|---|---|---|",
  ...exact,
  "",
  "## An outage of a minute",
  "",
  "50 publishers at QoS 1, 20 messages each, one every 10 s, and a minute of silence from the 60th second on.",
  "",
  "| delivered | disconnected | p50 | mean | max | packets |",
  "|---|---|---|---|---|---|",
  outage,
  "",
  "## Bulk",
  "",
  "From the first write to the last byte read, over one connection; Linux 6.18 without a rate limit, both ends on a busy machine of two cores. The profile `linux` has",
  "Reno, as the telemetry above was measured, `linux-cubic` CUBIC (RFC 9438). Bars of 15 % for the times. Kilobytes are IP's. What the kernel sends down has no bar: without a rate limit segments come in clumps, of which a slow reader",
  "acknowledges the last; the model's reader is never late.",
  "",
  "| | kB | round trip | loss each way | transfers | mean | p10 | p50 | p90 | kB up | kB down |",
  "|---|---|---|---|---|---|---|---|---|---|---|",
  ...bulk,
  "",
  `Cells outside their bars: ${outside}.`,
  "",
];
writeFileSync(new URL("../bench/measured.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
