/**
 * A bearer of messages as a simulation needs it, out of the figures of its preset (link/presets/message-bearers.ts).
 *
 * What no figure says is not made up in silence: it is in `assumed`, and a report prints it.
 */
import { LORAWAN_OVERHEAD_BYTES, loraAirtimeMs } from "../link/billing.ts";
import type { DelaySpec, LossSpec, MessageBearer, OutageSpec } from "../link/index.ts";
import type { Facts } from "../link/presets/provenance.ts";

/** IPv4 and UDP, where the bearer's messages are datagrams. */
const DATAGRAM_HEADER_BYTES = 28;
const LORA_SPREADING_FACTOR = 12;
/** A terminal that is told of a failure, and of which nobody says how long it waits. */
const RETRY_US = 60_000_000;
const DAY_MS = 86_400_000;

/** When something for a terminal comes down: at any time; or after an uplink, what was waiting before it, or the answer to it as well. */
export type DownRule = "any time" | "next uplink" | "this uplink";

export interface BearerSpec {
  readonly name: string;
  /** Largest message, bytes, without the headers of IP. What comes down here is an answer of MQTT-SN: seven bytes at most fit everywhere. */
  readonly largestUpBytes: number;
  /** What the network counts around each message. */
  readonly headerBytes: number;
  readonly down: DownRule;
  /** A terminal may come with nothing, to ask for what is waiting for it. */
  readonly asks: boolean;
  /** How long after an uplink its answer can come. */
  readonly answerUs: number;
  /** What a message takes: so long, so long for each byte, and what scatters on top. */
  readonly fixedUs: number;
  readonly perByteUs: number;
  readonly delay?: DelaySpec;
  /** Least time between two uplinks, and the share of time that a terminal may be on the air. */
  readonly spacingUs: number;
  readonly dutyCycle: number;
  /** Downlinks begin at multiples of this. */
  readonly frameUs: number;
  /** The terminal is told whether a message has arrived, and tries again. */
  readonly told: boolean;
  readonly retryUs: number;
  readonly giveUpUs: number;
  /** How often a message is sent, blindly: from, to. */
  readonly copies: readonly [number, number];
  readonly queueCount: number;
  readonly loss?: LossSpec;
  readonly outage?: OutageSpec;
  /** When an answer to a message is overdue by the bearer's own figures. */
  readonly patienceUs: number;
  readonly bill?: Facts;
  /** Milliseconds on the air, or null where nobody says. */
  readonly airtimeMs: (sizeBytes: number) => number | null;
  readonly assumed: readonly string[];
}

/** The bearer of that name; `loss` and `outage` stand for what its figures say. */
export function bearerSpec(name: string, { facts }: MessageBearer, loss?: LossSpec, outage?: OutageSpec): BearerSpec {
  const number = (value: unknown, otherwise: number) => (typeof value === "number" ? value : otherwise);
  const latency = record(facts.latency);
  const retry = record(facts.retry);
  const assumed: string[] = [];
  const isDatagram = facts.maximumPacket !== undefined;
  const largest = number(facts.maximumUp, number(facts.maximumStoreForwardUp, 0));
  const largestUpBytes = isDatagram ? number(facts.maximumPacket, 0) - DATAGRAM_HEADER_BYTES : largest;
  const isLora = facts.airtimeFormula !== undefined;
  const passes = outage ?? passesOf(facts.passes);
  if (facts.passes !== undefined && passes === undefined)
    assumed.push("a satellite in view at all times (--outage says when)");
  const chance = number(facts.attemptSuccess, 1);
  const losses =
    loss ?? (chance < 1 ? { model: "random" as const, p: Math.round((1 - chance) * 1e9) / 1e9 } : undefined);
  if (losses === undefined) assumed.push("no message lost on the air (--loss says how many)");
  const delay = delayOf(latency);
  if (latency.medianMs === undefined && latency.fixedMs === undefined && !isLora)
    assumed.push("no delay but the wait for a satellite and the time on the air");
  const isAnswered = isLora;
  const down: DownRule = isAnswered ? "this uplink" : facts.downOnlyAfterUp === true ? "next uplink" : "any time";
  const cycleUs = passes?.model === "periodic" ? (milliseconds(passes.on) + milliseconds(passes.off)) * 1000 : 0;
  const told = facts.acknowledgedBy !== undefined;
  if (told && retry.everyMs === undefined) assumed.push("another attempt a minute after one that failed");
  const airBps = number(facts.airBps, number(facts.upBps, 0));
  return {
    name,
    largestUpBytes,
    headerBytes: isDatagram ? DATAGRAM_HEADER_BYTES : 0,
    down,
    asks: record(facts.bill).chargesEmptySession === true,
    answerUs: number(facts.receive1Ms, 0) * 1000,
    fixedUs: Math.round(number(latency.fixedMs, 0) * 1000),
    perByteUs: number(latency.perByteMs, 0) * 1000,
    delay,
    spacingUs: number(facts.minimumSpacingMs, 0) * 1000,
    dutyCycle: number(facts.dutyCycle, 1),
    frameUs: number(facts.frameCycleMs, 0) * 1000,
    told,
    retryUs: retry.everyMs === undefined ? RETRY_US : number(retry.everyMs, 0) * 1000,
    giveUpUs: retry.giveUpMs === undefined ? Number.MAX_SAFE_INTEGER : number(retry.giveUpMs, 0) * 1000,
    copies: Array.isArray(facts.blindRepeats) ? [facts.blindRepeats[0], facts.blindRepeats[1]] : [1, 1],
    queueCount: number(facts.queueMessages, Number.MAX_SAFE_INTEGER),
    loss: losses,
    outage: passes,
    // Both ways at their 95th percentile, and a pass to wait for where there are passes.
    patienceUs: 2 * Math.max(number(latency.p95Ms, 0), number(latency.fixedMs, 0)) * 1000 + cycleUs,
    bill: facts.bill === undefined ? undefined : record(facts.bill),
    airtimeMs: sizeBytes => {
      if (isLora) return loraAirtimeMs(sizeBytes + LORAWAN_OVERHEAD_BYTES, LORA_SPREADING_FACTOR);
      return airBps > 0 ? (sizeBytes * 8000) / airBps : null;
    },
    assumed,
  };
}

function record(value: unknown): Facts {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Facts) : {};
}

function delayOf({ medianMs, p95Ms }: Facts): DelaySpec | undefined {
  if (typeof medianMs !== "number" || typeof p95Ms !== "number") return undefined;
  return { distribution: "lognormal", median: medianMs, p95: p95Ms };
}

/** Passes as service and silence in turn: by their lengths, or so many a day. */
function passesOf(value: unknown): OutageSpec | undefined {
  const { onMs, offMs, perDay } = record(value);
  if (typeof onMs !== "number") return undefined;
  if (typeof offMs === "number") return { model: "periodic", on: onMs, off: offMs };
  return typeof perDay === "number" ? { model: "periodic", on: onMs, off: DAY_MS / perDay - onMs } : undefined;
}

function milliseconds(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
