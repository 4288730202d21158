/**
 * Lengths of time as people write them: a number of milliseconds, or text with a unit ("270ms", "90s", "14min", "6h", "1d"). Within
 * the link everything is integer microseconds.
 */
import { LinkError } from "./error.ts";

/** Milliseconds as a number, or text with a unit: us, ms, s, min (or m), h, d; several may follow each other ("1h30min"). */
export type Duration = number | string;

const UNIT_US: Readonly<Record<string, number>> = {
  us: 1,
  usec: 1,
  usecs: 1,
  ms: 1e3,
  msec: 1e3,
  msecs: 1e3,
  s: 1e6,
  sec: 1e6,
  secs: 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
  d: 86400e6,
};

/** The longest time that a link or a run may name: a hundred years. */
export const LONGEST_US = 36525 * 86400e6;

/**
 * Microseconds in `duration`, an integer. `field` names it in the error.
 * Throws LinkError for text that is no duration, and for a negative or endless one.
 */
export function durationUs(duration: unknown, field: string): number {
  const us =
    typeof duration === "number" ? duration * 1e3 : typeof duration === "string" ? parseUs(duration) : Number.NaN;
  if (typeof duration === "string" && /^\s*[0-9]*\.?[0-9]+\s*$/.test(duration)) {
    const bare = duration.trim();
    throw new LinkError(`${field}: ${bare} of what? A time as text has a unit: ${bare}s, ${bare}min, ...`);
  }
  if (Number.isNaN(us)) {
    throw new LinkError(`${field}: a time is a number of ms or text like "90s", not ${JSON.stringify(duration)}`);
  }
  if (us < 0) throw new LinkError(`${field}: a time cannot be negative: ${duration}`);
  if (us > LONGEST_US) throw new LinkError(`${field}: a time cannot exceed a hundred years: ${duration}`);
  return Math.round(us);
}

function parseUs(text: string): number {
  const trimmed = text.trim();
  if (/^-/.test(trimmed)) return -1;
  if (!/^([0-9]*\.?[0-9]+\s*[a-z]+\s*)+$/i.test(trimmed)) return Number.NaN;
  let totalUs = 0;
  for (const [, amount, unit] of trimmed.matchAll(/([0-9]*\.?[0-9]+)\s*([a-z]+)/gi)) {
    const unitUs = UNIT_US[unit.toLowerCase()];
    if (unitUs === undefined) return Number.NaN;
    totalUs += Number(amount) * unitUs;
  }
  return totalUs;
}
