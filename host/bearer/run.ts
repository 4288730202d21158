/**
 * A fleet over a bearer of messages, in virtual time: the same readings once for each way of sending them, and what became of each.
 *
 * Readings are taken for as long as was asked for. Then the run goes on until everything is out, at most two days more: what is left then is waiting, not
 * lost. The link is not healed: there is no connection that could bring back what the air has lost.
 */
import { createHash } from "node:crypto";
import type { Billed } from "../link/billing.ts";
import type { Seed } from "../link/index.ts";
import { checkAtLeastOnce, checkIntegrity, type Finding } from "../simulation/checkers.ts";
import { History } from "../simulation/history.ts";
import type { Readings } from "../simulation/readings.ts";
import { VirtualTime } from "../simulation/virtual-time.ts";
import { snPublish } from "../wire/mqtt-sn.ts";
import { type Mode, TelemetryClient, TOPIC_ID } from "./client.ts";
import { Gateway } from "./gateway.ts";
import type { BearerSpec } from "./spec.ts";
import { Terminal } from "./terminal.ts";
import { BearerUsage } from "./usage.ts";

const SETTLING_BOUND_US = 2 * 86_400e6;
const SETTLING_STEP_US = 60e6;
/** How long it goes on after the last message, to see what else comes. */
const STRAY_US = 600e6;

export interface BearerOptions {
  bearer: BearerSpec;
  sensorCount: number;
  durationUs: number;
  seed: Seed;
  readings: Readings;
  keepAliveSeconds: number;
  outboxBytes: number;
}

/** What one way of sending has shown. Times are milliseconds. */
export interface BearerRow {
  mode: Mode;
  /** The largest message, bytes. Where that is more than the bearer takes, nothing else is here. */
  messageBytes: number;
  fits: boolean;
  published: number;
  delivered: number;
  /** Neither delivered nor waiting when the run ended, those included that found the outbox full. */
  lost: number;
  waiting: number;
  /** Deliveries beyond the first of a message. */
  duplicates: number;
  /** Readings of which the sensor knows that they have arrived. */
  confirmed: number;
  delayMs: { mean: number; p50: number; p90: number; p95: number; p99: number; max: number };
  up: { messages: number; bytes: number };
  down: { messages: number; bytes: number };
  /** Time on the air of all terminals, or null where nobody says how fast it is. */
  airtimeMs: number | null;
  billed: Billed;
}

export interface BearerRun {
  row: BearerRow;
  finding: Finding;
  hash: string;
}

/** Runs the fleet in one mode; `progress` is told the share of its readings' time that is over. */
export function runBearer(options: BearerOptions, mode: Mode, progress?: (share: number) => void): BearerRun {
  const { bearer, readings, sensorCount, durationUs } = options;
  const usage = new BearerUsage(bearer);
  const history = new History(sensorCount);
  const messageBytes = messageSize(mode, readings.largestSize);
  const fits = messageBytes <= bearer.largestUpBytes;
  const time = new VirtualTime();
  const clients = fits ? fleet(time, options, mode, usage, history) : [];
  const steps = 200;
  for (let step = 1; fits && step <= steps; step += 1) {
    time.runUntil(Math.floor((durationUs * step) / steps));
    progress?.(step / steps);
  }
  const waiting = () => clients.reduce((sum, client) => sum + client.waitingCount, 0);
  while (waiting() > 0 && time.nowUs < durationUs + SETTLING_BOUND_US) time.runUntil(time.nowUs + SETTLING_STEP_US);
  const waitingCount = undelivered(history, waiting());
  time.runUntil(time.nowUs + STRAY_US);
  const published = history.invokedCount + history.refusedCount;
  const ms = (us: number) => Math.round(us) / 1000;
  const percentile = (share: number) => ms(history.delays.percentileUs(share));
  const row: BearerRow = {
    mode,
    messageBytes,
    fits,
    published,
    delivered: history.deliveredCount,
    lost: Math.max(0, published - history.deliveredCount - waitingCount),
    waiting: waitingCount,
    duplicates: history.repeats.count,
    confirmed: history.acknowledgedCount,
    delayMs: {
      mean: ms(history.delays.meanUs),
      p50: percentile(0.5),
      p90: percentile(0.9),
      p95: percentile(0.95),
      p99: percentile(0.99),
      max: ms(history.delays.maximumUs),
    },
    up: { messages: usage.upCount, bytes: usage.upBytes },
    down: { messages: usage.downCount, bytes: usage.downBytes },
    airtimeMs: usage.airtimeMs === null ? null : Math.round(usage.airtimeMs * 1000) / 1000,
    billed: usage.billed,
  };
  return { row, finding: findingOf(history), hash: history.log.digest() };
}

function fleet(time: VirtualTime, options: BearerOptions, mode: Mode, usage: BearerUsage, history: History) {
  const { bearer, readings, sensorCount, seed, keepAliveSeconds, outboxBytes, durationUs: endUs } = options;
  const clients = Array.from({ length: sensorCount }, (_, sensor) => {
    const confirms = mode === 1 || bearer.told;
    const settings = { sensor, mode, keepAliveSeconds, outboxBytes, confirms, endUs };
    const client = new TelemetryClient(time, bearer, history, readings, settings);
    const gateway = new Gateway(time, history, readings, mode === "bare");
    const terminal = new Terminal(time, bearer, seed, `sensor/${sensor}`, usage, client, gateway);
    client.terminal = terminal;
    gateway.terminal = terminal;
    return client;
  });
  for (const client of clients) client.start();
  return clients;
}

/** Of `waitingCount` readings that are still with their clients, those that have not been delivered all the same. */
function undelivered(history: History, waitingCount: number): number {
  const missing = history.invokedCount - history.deliveredCount;
  return Math.min(waitingCount, missing);
}

/** At least once, where somebody has said so (a PUBACK, or a bearer that tells); and whole, whatever has come. */
function findingOf(history: History): Finding {
  const [atLeastOnce, integrity] = [checkAtLeastOnce(history), checkIntegrity(history)];
  return {
    count: atLeastOnce.count + integrity.count,
    violations: [...atLeastOnce.violations, ...integrity.violations],
  };
}

/** Bytes of a message with so many of payload. */
function messageSize(mode: Mode, payloadSize: number): number {
  return mode === "bare" ? payloadSize : snPublish(mode, TOPIC_ID, Buffer.alloc(payloadSize)).length;
}

/** Hash over the runs, 16 hexadecimal digits. */
export function hashOf(runs: readonly BearerRun[]): string {
  const hash = createHash("sha256");
  for (const { row, hash: digest } of runs) hash.update(`${row.mode} ${digest} `);
  return hash.digest("hex").slice(0, 16);
}
