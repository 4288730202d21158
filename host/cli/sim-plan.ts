/**
 * The flags of `perigee sim`, from text to what the simulation takes: every refusal is one line that names the flag and the rule.
 */
import { readFileSync } from "node:fs";
import { durationUs, illustrativeParts, parseSeed, type Seed, tcpProfile } from "../link/index.ts";
import {
  IDENTITY_SIZE,
  parseLoss,
  parseOutage,
  type Qos,
  type Readings,
  RecordedReadings,
  type RunOptions,
  readRecording,
  SimulationError,
  SyntheticReadings,
  withWeather,
} from "../simulation/index.ts";
import { fileReason } from "./file-reason.ts";
import { linkOfFlags, outageInFile } from "./link-flags.ts";

/** The flags as they are typed. */
export interface SimFlags {
  link?: string;
  tc?: string;
  loss?: string;
  outage?: string;
  sensors: string;
  duration?: string;
  interval: string;
  qos: string;
  seed: string;
  payload: string;
  topic: string;
  keepAlive: string;
  tcp: string;
  window: string;
  outbox: string;
  replay?: string;
  timeColumn?: string;
  valueColumns?: string;
  json?: string;
  quiet?: boolean;
}

/** What the flags mean. */
export interface Plan {
  options: RunOptions;
  qosList: Qos[];
  /** Parts of the link that rest on assumptions. */
  illustrative: string[];
}

export const DEFAULT_LINK = "geo-vsat";
/** What a fleet's memory may take: a WebAssembly memory ends below 4 GiB. */
const LARGEST_FLEET_BYTES = 0xf000_0000;
/** A record of the core beside its outbox, rounded up. */
const RECORD_BYTES = 1024;
/** Fixed header, size of the topic, packet identifier: what a PUBLISH has beside topic and payload, at most. */
const PUBLISH_OVERHEAD = 9;

/** Flags to options. Throws LinkError, SimulationError or RangeError, one line that names the flag. */
export function planOf(flags: SimFlags): Plan {
  const seed: Seed = parseSeed(flags.seed);
  const sensorCount = integer(flags.sensors, "--sensors", 1, 100_000);
  const intervalUs = time(flags.interval, "--interval");
  const payloadSize = integer(flags.payload, "--payload", IDENTITY_SIZE, 0xffff);
  const outboxBytes = integer(flags.outbox, "--outbox", 64, 1 << 24);
  const { readings, spanUs } = readingsOf(flags, intervalUs, payloadSize, seed);
  const topicOf = topicsOf(flags.topic, sensorCount);
  const { link, illustrative } = linkOf(flags);
  const options: RunOptions = {
    link,
    sensorCount,
    durationUs: flags.duration === undefined ? spanUs : time(flags.duration, "--duration"),
    seed,
    readings,
    topicOf,
    tcp: tcpProfile(flags.tcp),
    keepAliveSeconds: integer(flags.keepAlive, "--keep-alive", 0, 0xffff),
    window: integer(flags.window, "--window", 1, 0xffff),
    outboxBytes,
  };
  const largest = PUBLISH_OVERHEAD + new TextEncoder().encode(topicOf(sensorCount - 1)).length + readings.largestSize;
  if (largest > outboxBytes) {
    throw new SimulationError(`--outbox: a message of ${largest} bytes does not fit into ${outboxBytes}`);
  }
  if (sensorCount * (outboxBytes + RECORD_BYTES) > LARGEST_FLEET_BYTES) {
    throw new SimulationError(`--outbox: ${sensorCount} outboxes of ${outboxBytes} bytes are more than 4 GB`);
  }
  return { options, qosList: qosListOf(flags.qos), illustrative };
}

/** The link, and those of its parts that rest on assumptions of ours, not on what the flags say. */
function linkOf(flags: SimFlags) {
  const { link, preset } = linkOfFlags(flags, DEFAULT_LINK);
  const changed = withWeather(
    link,
    flags.loss === undefined ? undefined : parseLoss(flags.loss, "--loss"),
    flags.outage === undefined ? undefined : outageOf(flags.outage),
  );
  const illustrative = (preset === undefined ? [] : illustrativeParts(preset)).filter(
    part =>
      !(part.startsWith("loss") && flags.loss !== undefined) &&
      !(part.startsWith("outage") && flags.outage !== undefined),
  );
  return { link: changed, illustrative };
}

function outageOf(text: string) {
  const file = /^\s*passes\s+(.*\S)\s*$/.exec(text)?.[1];
  return file === undefined ? parseOutage(text, "--outage") : outageInFile(file);
}

/** The readings, and how long they last if nobody says. */
function readingsOf(flags: SimFlags, intervalUs: number, payloadSize: number, seed: Seed) {
  const { replay, timeColumn, valueColumns } = flags;
  if (replay === undefined) {
    if (timeColumn !== undefined) throw new SimulationError("--time-column: it needs --replay");
    if (valueColumns !== undefined) throw new SimulationError("--value-columns: it needs --replay");
    const readings: Readings = new SyntheticReadings(intervalUs, payloadSize, seed);
    return { readings, spanUs: durationUs("24h", "--duration") };
  }
  if (timeColumn === undefined || valueColumns === undefined) {
    throw new SimulationError("--replay: it needs --time-column and --value-columns");
  }
  const names = valueColumns.split(",").map(name => name.trim());
  const recording = readRecording(readText(replay), replay, timeColumn.trim(), names);
  const readings: Readings = new RecordedReadings(recording, seed);
  return { readings, spanUs: recording.periodUs };
}

/** The topic of each sensor: its number fills in for {sensor}, with as many digits as the last one has. */
function topicsOf(topic: string, sensorCount: number): (sensor: number) => string {
  if (topic === "" || /[+#\0]/.test(topic)) {
    throw new SimulationError(
      `--topic: "${topic}" is no topic to publish to: it is empty or holds a wildcard [MQTT-3.3.2-2]`,
    );
  }
  if (topic.startsWith("$")) {
    throw new SimulationError(`--topic: "${topic}" is the server's: topics with $ are not for clients [MQTT-4.7.2-1]`);
  }
  if (new TextEncoder().encode(topic).length > 1024) throw new SimulationError("--topic: it is longer than 1024 bytes");
  const digits = Math.max(4, String(sensorCount - 1).length);
  return sensor => topic.replaceAll("{sensor}", String(sensor).padStart(digits, "0"));
}

function qosListOf(text: string): Qos[] {
  const list = text.split(",").map(part => part.trim());
  for (const part of list) {
    if (!/^[012]$/.test(part)) throw new SimulationError(`--qos: a quality of service is 0, 1 or 2, not "${part}"`);
  }
  return [...new Set(list)].map(part => Number(part) as Qos);
}

function integer(text: string, flag: string, least: number, most: number): number {
  const value = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new SimulationError(`${flag}: a whole number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** Microseconds of a time that is not zero. */
function time(text: string, flag: string): number {
  const us = durationUs(text, flag);
  if (us < 1000) throw new SimulationError(`${flag}: a time of at least a millisecond, not "${text}"`);
  return us;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new SimulationError(`--replay: cannot read ${path}: ${fileReason(error)}`);
  }
}
