/**
 * The flags of `perigee sim`, from text to what the simulation takes: every refusal is one line that names the flag and the rule.
 */
import { durationUs, parseSeed, type Seed, TLS_MODES, tcpProfile } from "../link/index.ts";
import { suggestion } from "../link/nearest.ts";
import {
  DEFAULT_VERSION,
  duration,
  group,
  IDENTITY_SIZE,
  isFive,
  type MessageName,
  parseVersions,
  type Qos,
  type Readings,
  RecordedReadings,
  type Recording,
  type RunOptions,
  readRecording,
  SimulationError,
  SyntheticReadings,
  TIME_UNITS,
  type TimeUnit,
  type TlsChoice,
  type Version,
} from "../simulation/index.ts";
import { powerInFile } from "./link-flags.ts";
import { fileReason, RECORDING_SIZE_MAX, readText } from "./read-file.ts";
import { linkOf, messagesOf, type PlannedLink } from "./sim-link.ts";

/** The flags as they are typed. */
export interface SimFlags {
  link?: string;
  tc?: string;
  headers?: string;
  tls?: string;
  loss?: string;
  outage?: string;
  sensors: string;
  duration?: string;
  interval?: string;
  qos: string;
  /** Absent, 3.1.1. */
  mqtt?: string;
  seed: string;
  payload?: string;
  topic: string;
  /** Absent, 60. */
  keepAlive?: string;
  tcp: string;
  window: string;
  outbox: string;
  replay?: string;
  timeColumn?: string;
  timeUnit?: string;
  valueColumns?: string;
  json?: string;
  csv?: string;
  html?: string;
  message?: string;
  power?: string;
  quiet?: boolean;
}

/** What the flags mean. */
export interface Plan extends Omit<PlannedLink, "link"> {
  options: RunOptions;
  qosList: Qos[];
  versions: Version[];
  /** What is replayed, in words; undefined where readings are made up. */
  replayed?: string;
  /** Messages of one run, at most. */
  messageCount: number;
  /** Messages whose lives are asked for. */
  wanted: MessageName[];
}

export const DEFAULT_INTERVAL = "60s";
export const DEFAULT_PAYLOAD = "32";
const DEFAULT_KEEP_ALIVE = "60";
/** What a fleet's memory may take: a WebAssembly memory ends below 4 GiB. */
const LARGEST_FLEET_BYTES = 0xf000_0000;
/** A record of the core beside its outbox, rounded up. */
const RECORD_BYTES = 1024;
/** Messages and keep-alives of all runs together: at some hundred thousand a second of work, minutes of it. */
const MOST_PACKETS = 100_000_000;
/** Fixed header, size of the topic, packet identifier: what a PUBLISH has beside topic and payload, at most. */
const PUBLISH_OVERHEAD = 9;
/** And in MQTT 5.0 the length of its properties, which is 0. */
const EMPTY_PROPERTIES = 1;

/** Flags to options. Throws LinkError, SimulationError or RangeError, one line that names the flag. */
export function planOf(flags: SimFlags): Plan {
  const seed: Seed = parseSeed(flags.seed);
  const sensorCount = integer(flags.sensors, "--sensors", 1, 100_000);
  const interval = flags.interval ?? DEFAULT_INTERVAL;
  const intervalUs = time(interval, "--interval");
  const payloadSize = integer(flags.payload ?? DEFAULT_PAYLOAD, "--payload", IDENTITY_SIZE, 0xffff);
  const outboxBytes = integer(flags.outbox, "--outbox", 64, 1 << 24);
  const { readings, spanUs, messagesIn, mostIn, replayed } = readingsOf(flags, intervalUs, payloadSize, seed);
  const topicOf = topicsOf(flags.topic, sensorCount);
  const { link, ...rest } = linkOf(flags);
  const options: RunOptions = {
    link,
    sensorCount,
    durationUs: flags.duration === undefined ? spanUs : time(flags.duration, "--duration"),
    seed,
    readings,
    topicOf,
    tcp: tcpProfile(flags.tcp),
    tls: flags.tls === undefined ? undefined : tlsOf(flags.tls),
    keepAliveSeconds: integer(flags.keepAlive ?? DEFAULT_KEEP_ALIVE, "--keep-alive", 0, 0xffff),
    window: integer(flags.window, "--window", 1, 0xffff),
    outboxBytes,
    power: flags.power === undefined ? undefined : powerInFile(flags.power, link),
  };
  const versions = parseVersions(flags.mqtt ?? DEFAULT_VERSION, "--mqtt");
  const overhead = PUBLISH_OVERHEAD + (versions.some(isFive) ? EMPTY_PROPERTIES : 0);
  const largest = overhead + new TextEncoder().encode(topicOf(sensorCount - 1)).length + readings.largestSize;
  if (largest > outboxBytes) {
    throw new SimulationError(`--outbox: a message of ${largest} bytes does not fit into ${outboxBytes}`);
  }
  if (sensorCount * (outboxBytes + RECORD_BYTES) > LARGEST_FLEET_BYTES) {
    throw new SimulationError(`--outbox: ${sensorCount} outboxes of ${outboxBytes} bytes are more than 4 GB`);
  }
  const qosList = qosListOf(flags.qos);
  refuseEndless(options, qosList.length * versions.length, messagesIn(options.durationUs));
  if (flags.replay === undefined && intervalUs > options.durationUs) {
    const text = `a reading every ${interval} is none at all in ${flags.duration ?? "24h"} for some sensors`;
    throw new SimulationError(`--interval: ${text}; it is at most --duration`);
  }
  refuseIdleOutage(flags, options);
  const messageCount = messagesIn(options.durationUs) * sensorCount;
  const wanted = messagesOf(flags.message, sensorCount, mostIn(options.durationUs));
  return { options, qosList, versions, replayed, messageCount, wanted, ...rest };
}

/** TLS by the name of a mode: what is resumed has been whole once. Throws SimulationError. */
function tlsOf(name: string): TlsChoice {
  if (!Object.hasOwn(TLS_MODES, name)) {
    const near = suggestion(name, Object.keys(TLS_MODES)) || `; there are ${Object.keys(TLS_MODES).join(", ")}`;
    throw new SimulationError(`--tls: there is no "${name}"${near}`);
  }
  return { first: TLS_MODES[name.replace("-resumed", "")], again: TLS_MODES[name] };
}

/** A slip of a unit must not become a run that never ends. `messageCount` is of one sensor at one QoS. */
function refuseEndless(options: RunOptions, runCount: number, messageCount: number): void {
  const { sensorCount, durationUs, keepAliveSeconds } = options;
  const pingCount = keepAliveSeconds === 0 ? 0 : Math.floor(durationUs / (keepAliveSeconds * 1e6));
  const packetCount = runCount * sensorCount * (messageCount + pingCount);
  if (packetCount <= MOST_PACKETS) return;
  const isOfMessages = messageCount >= pingCount;
  const what = isOfMessages ? "messages" : "keep-alives";
  const cure = isOfMessages ? "--interval" : "--keep-alive (0 for none)";
  throw new SimulationError(
    `--duration: ${group(packetCount)} ${what} and the like are more than a run takes, ${group(MOST_PACKETS)}; ` +
      `choose a shorter --duration, fewer --sensors or a longer ${cure}`,
  );
}

/** An outage that begins when all is over would be none, and nobody told. */
function refuseIdleOutage(flags: SimFlags, { link, durationUs: lastUs }: RunOptions): void {
  const { outage } = link;
  if (flags.outage === undefined || outage?.model !== "windows") return;
  if (outage.windows.some(({ start }) => durationUs(start, "--outage") < lastUs)) return;
  throw new SimulationError(
    `--outage: "${flags.outage}" begins after the end of the run; a longer --duration would reach it`,
  );
}

/** The readings, and how long they last if nobody says. */
function readingsOf(flags: SimFlags, intervalUs: number, payloadSize: number, seed: Seed) {
  const { replay, timeColumn, valueColumns } = flags;
  if (replay === undefined) {
    if (flags.timeUnit !== undefined) throw new SimulationError("--time-unit: it needs --replay");
    if (timeColumn !== undefined) throw new SimulationError("--time-column: it needs --replay");
    if (valueColumns !== undefined) throw new SimulationError("--value-columns: it needs --replay");
    const readings: Readings = new SyntheticReadings(intervalUs, payloadSize, seed);
    const messagesIn = (us: number) => Math.floor(us / intervalUs);
    const mostIn = (us: number) => Math.ceil(us / intervalUs);
    return { readings, spanUs: durationUs("24h", "--duration"), messagesIn, mostIn };
  }
  if (timeColumn === undefined || valueColumns === undefined) {
    throw new SimulationError("--replay: it needs --time-column and --value-columns");
  }
  if (flags.interval !== undefined) throw new SimulationError("--interval: with --replay the recording has the times");
  if (flags.payload !== undefined) throw new SimulationError("--payload: with --replay the recording has the payloads");
  const names = columnsOf(valueColumns);
  if (timeColumn.trim() === "") throw new SimulationError("--time-column: the name of a column, not nothing");
  const unit = unitOfFlag(flags.timeUnit);
  const recording = readRecording(readTable(replay), replay, timeColumn.trim(), names, unit);
  const readings: Readings = new RecordedReadings(recording, seed);
  const messagesIn = (us: number) => Math.floor((us / recording.periodUs) * recording.rows.length);
  // Wherever in the recording a sensor begins.
  const mostIn = (us: number) => Math.ceil(us / recording.periodUs) * recording.rows.length;
  return { readings, spanUs: recording.periodUs, messagesIn, mostIn, replayed: replayedAs(recording, flags) };
}

function columnsOf(list: string): string[] {
  const names = list.split(",").map(name => name.trim());
  if (names.includes("")) throw new SimulationError(`--value-columns: a name is missing in "${list}"`);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new SimulationError(`--value-columns: ${twice} stands twice in "${list}"`);
  return names;
}

function unitOfFlag(text: string | undefined): TimeUnit | undefined {
  if (text === undefined || Object.hasOwn(TIME_UNITS, text)) return text as TimeUnit | undefined;
  throw new SimulationError(`--time-unit: ${Object.keys(TIME_UNITS).join(", ")}, not "${text}"`);
}

/** A unit that was guessed is said, for a guess may be wrong. */
function replayedAs({ rows, periodUs, timeUnit }: Recording, flags: SimFlags): string {
  const guessed =
    timeUnit === undefined || flags.timeUnit !== undefined ? "" : `; times taken for ${timeUnit}, --time-unit tells`;
  return `${flags.replay}: ${group(rows.length)} rows over ${duration(periodUs / 1000)}${guessed}`;
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
  const twice = list.find((part, index) => list.indexOf(part) < index);
  if (twice !== undefined) throw new SimulationError(`--qos: ${twice} stands twice in "${text}"`);
  return list.map(part => Number(part) as Qos);
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
  const isBare = /^\s*[0-9]*\.?[0-9]+\s*$/.test(text);
  if (isBare && Number(text) > 0) {
    throw new SimulationError(
      `${flag}: ${text.trim()} of what? A time has a unit: ${text.trim()}s, ${text.trim()}min, ...`,
    );
  }
  const us = isBare ? 0 : durationUs(text, flag);
  if (us < 1000) throw new SimulationError(`${flag}: a time of at least a millisecond, not "${text}"`);
  return us;
}

function readTable(path: string): string {
  try {
    return readText(path, RECORDING_SIZE_MAX);
  } catch (error) {
    throw new SimulationError(`--replay: cannot read ${path}: ${fileReason(error)}`);
  }
}
