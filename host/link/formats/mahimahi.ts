/**
 * mahimahi's traces (mm-link(1)): a line is a whole millisecond at which 1500 bytes may leave; the last line is the length of the trace, after which it begins
 * again. They are how recorded cellular and satellite links are passed on.
 */
import { LinkError } from "../error.ts";
import { OPPORTUNITY_BYTES } from "../pace.ts";
import type { DirectionSpec } from "../spec.ts";
import { validateTrace } from "../validate.ts";
import type { Written } from "./written.ts";

/** A constant rate that no trace of whole milliseconds up to this length can say exactly is rounded. */
const LONGEST_MS = 60_000;
const OPPORTUNITY_BITS = OPPORTUNITY_BYTES * 8;
/** More opportunities than this in a trace are a rate that mahimahi was not made for. */
const MOST_OPPORTUNITIES = 1_000_000;

/**
 * The trace in `text`, milliseconds. `name` is what errors call it.
 * Throws LinkError for an empty line before the last (a hole), a line that is no whole millisecond, and time that runs back.
 */
export function readMahimahi(text: string, name: string): number[] {
  const lines = text.split(/\r?\n/);
  while (lines.length > 0 && lines[lines.length - 1].trim() === "") lines.pop();
  if (lines.length === 0) throw new LinkError(`${name}: the trace is empty`);
  let previousMs = 0;
  const trace = lines.map((line, index) => {
    const word = line.trim();
    if (word === "") throw new LinkError(`${name}: line ${index + 1} is empty: the trace has a hole`);
    if (!/^[0-9]+$/.test(word)) throw new LinkError(`${name}: line ${index + 1} is no whole millisecond: "${word}"`);
    const ms = Number(word);
    if (ms < previousMs) throw new LinkError(`${name}: line ${index + 1}: time runs back, from ${previousMs} to ${ms}`);
    previousMs = ms;
    return ms;
  });
  return validateTrace(trace, name);
}

/** The rate of one direction as a trace. Throws LinkError where it has none. */
export function writeMahimahi(direction: DirectionSpec, side: "up" | "down"): Written {
  const { rate } = direction;
  if (rate === undefined) throw new LinkError(`mahimahi: the link has no rate ${side}, and a trace is a rate`);
  const missing = Object.keys(direction).filter(part => part !== "rate");
  if (rate.packetOverhead !== undefined || rate.cellSize !== undefined) missing.push("overheads of packets and cells");
  if ("trace" in rate) return { text: lines(rate.trace), missing };
  const { periodMs, count } = shortestTrace(rate.bps);
  if (count < 1 || count > MOST_OPPORTUNITIES)
    throw new LinkError(`mahimahi: ${rate.bps} bit/s cannot be told in a trace`);
  const bps = (count * OPPORTUNITY_BITS * 1000) / periodMs;
  if (bps !== rate.bps) missing.push(`${rate.bps} bit/s: the nearest is ${bps.toFixed(1)}`);
  return {
    text: lines(Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * periodMs) / count))),
    missing,
  };
}

/** The shortest trace of whole milliseconds and opportunities that has exactly this rate, or the nearest of a minute. */
function shortestTrace(bps: number): { periodMs: number; count: number } {
  for (let periodMs = 1; periodMs <= LONGEST_MS; periodMs += 1) {
    const bits = bps * periodMs;
    if (bits >= OPPORTUNITY_BITS * 1000 && bits % (OPPORTUNITY_BITS * 1000) === 0) {
      return { periodMs, count: bits / (OPPORTUNITY_BITS * 1000) };
    }
  }
  return { periodMs: LONGEST_MS, count: Math.round((bps * LONGEST_MS) / (OPPORTUNITY_BITS * 1000)) };
}

function lines(trace: readonly number[]): string {
  return `${trace.join("\n")}\n`;
}
