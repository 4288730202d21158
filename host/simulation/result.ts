/**
 * The result of a simulation as data: what `perigee sim --json` writes, one row a quality of service, in each version of MQTT that was asked for.
 *
 * Every message that was published is one of three: delivered; lost (it never came, and nothing of it is under way: at QoS 0 on the link, else
 * refused by a full outbox, or a broken promise); or unknown (it never came and was never acknowledged, so nobody was told that it had).
 */
import { createHash } from "node:crypto";
import { type Energy, energyOf, type PowerProfile, type Seed } from "../link/index.ts";
import type { Qos } from "./checkers.ts";
import type { RunResult } from "./run.ts";
import { DEFAULT_VERSION, type Version } from "./version.ts";

export interface Row {
  /** Absent where all rows are of MQTT 3.1.1. */
  version?: Version;
  qos: Qos;
  /** Readings that were to be published, those included that the client had no room for. */
  published: number;
  delivered: number;
  lost: number;
  /** Deliveries beyond the first of a message. */
  duplicates: number;
  unknown: number;
  /** From the reading to its first delivery, milliseconds; percentiles to a thousandth. */
  delayMs: { mean: number; p50: number; p90: number; p95: number; p99: number; max: number };
  /** Bytes of MQTT packets, up from the sensors and down to them. */
  mqtt: { upBytes: number; downBytes: number };
  /** What the ends have sent, headers and retransmissions included. */
  ip: { upBytes: number; downBytes: number; upPackets: number; downPackets: number };
  /** What went on the air of it, framed and with headers compressed; absent where that is the same. */
  air?: { upBytes: number; downBytes: number };
  retransmissions: number;
  /** Connections beyond the first of each sensor. */
  reconnects: number;
  /** Time that the transmitters of both directions were busy, milliseconds, all sensors together. */
  airtimeMs: number;
  /** What the sensors' radios took, joules, all together; only with a power profile. `perMessage` of those delivered. */
  energyJ?: Energy & { perMessage: number };
}

export interface SimulationResult {
  /** A number where it is exact as one, otherwise text. */
  seed: number | string;
  link: string;
  durationMs: number;
  sensors: number;
  /** 16 hexadecimal digits over the event logs of all rows. */
  hash: string;
  rows: Row[];
}

/** The row of a run; with what it took, where somebody says what its radios take. */
export function rowOf(result: RunResult, power?: PowerProfile): Row {
  const { history, qos } = result;
  const { delays } = history;
  let unknown = 0;
  if (qos > 0) {
    for (const record of history.sensors) {
      for (let sequence = 0; sequence < record.invokedCount; sequence += 1) {
        if (!record.acknowledged.has(sequence) && !record.delivered.has(sequence)) unknown += 1;
      }
    }
  }
  const published = history.invokedCount + history.refusedCount;
  const percentile = (share: number) => milliseconds(delays.percentileUs(share));
  return {
    qos,
    published,
    delivered: history.deliveredCount,
    lost: published - history.deliveredCount - unknown,
    duplicates: history.repeats.count,
    unknown,
    delayMs: {
      mean: milliseconds(delays.meanUs),
      p50: percentile(0.5),
      p90: percentile(0.9),
      p95: percentile(0.95),
      p99: percentile(0.99),
      max: milliseconds(delays.maximumUs),
    },
    mqtt: result.mqtt,
    ip: result.ip,
    ...(result.air === undefined ? {} : { air: result.air }),
    retransmissions: result.retransmissionCount,
    reconnects: result.reconnectCount,
    airtimeMs: milliseconds(result.radio.up.airtimeUs + result.radio.down.airtimeUs),
    ...(power === undefined ? {} : { energyJ: energyOfRun(result, power) }),
  };
}

function energyOfRun(result: RunResult, power: PowerProfile): Energy & { perMessage: number } {
  const { history, radio, reconnectCount, elapsedUs } = result;
  const sensorCount = history.sensors.length;
  const energy = energyOf(power, {
    ...radio,
    connectionCount: sensorCount + reconnectCount,
    sensorSeconds: (sensorCount * elapsedUs) / 1e6,
  });
  const all = { ...energy, perMessage: energy.total / Math.max(1, history.deliveredCount) };
  // Six figures are more than any data sheet has.
  const rounded = Object.entries(all).map(([name, joules]) => [name, Number(joules.toPrecision(6))]);
  return Object.fromEntries(rounded);
}

/** All rows, and what they belong to. */
export function simulationResult(
  seed: Seed,
  link: string,
  durationUs: number,
  sensors: number,
  results: RunResult[],
  power?: PowerProfile,
): SimulationResult {
  const hash = createHash("sha256");
  // What 3.1.1 alone hashes to is from before there was a choice, and is still the same.
  for (const { version, qos, hash: digest } of results) {
    hash.update(`${version === DEFAULT_VERSION ? "" : `${version} `}${qos} ${digest} `);
  }
  const isChoice = results.some(({ version }) => version !== DEFAULT_VERSION);
  return {
    seed: seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : String(seed),
    link,
    durationMs: milliseconds(durationUs),
    sensors,
    hash: hash.digest("hex").slice(0, 16),
    rows: results.map(each => (isChoice ? { version: each.version, ...rowOf(each, power) } : rowOf(each, power))),
  };
}

/** Microseconds as milliseconds with three decimals, none of them an artefact of binary fractions. */
function milliseconds(us: number): number {
  return Math.round(us) / 1000;
}
