/**
 * The time of a recorded row: ISO 8601, UTC where it names no zone, so that a recording is the same one on every machine; or a
 * number since any origin. A column of numbers has one unit: told, or taken from the size of its first.
 */

/** Units of a column of numbers, and their microseconds. */
export const TIME_UNITS = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 } as const;

export type TimeUnit = keyof typeof TIME_UNITS;

const NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;

/** Section 5.4 of ISO 8601:2004 in its extended format, with a space for the T as RFC 3339 allows. */
const ISO =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)? ?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$/i;

/** The unit that the first of a column suggests, or undefined where it is no number. */
export function unitOf(text: string): TimeUnit | undefined {
  if (!NUMBER.test(text)) return undefined;
  const size = Math.abs(Number(text));
  // Since 1970, seconds reach 10^11 in the year 5138, milliseconds in 1973, and so on.
  return size < 1e11 ? "s" : size < 1e14 ? "ms" : size < 1e17 ? "us" : "ns";
}

/** Microseconds since 1970 or since what the numbers count from; NaN where `text` is neither kind of time. */
export function readTimeUs(text: string, unit: TimeUnit | undefined): number {
  if (unit !== undefined) return NUMBER.test(text) ? Math.round(Number(text) * TIME_UNITS[unit]) : Number.NaN;
  const match = ISO.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year));
  // A day that its month has not would be a day of the next. A leap second is the second that follows it, as in POSIX.
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - zoneSeconds(zone);
  return date.getTime() * 1000 + seconds * 1e6 + Number(fraction.padEnd(6, "0").slice(0, 6));
}

/** Seconds by which a zone is ahead of UTC; NaN where there is no such zone. */
function zoneSeconds(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || 0);
  if (hours > 23 || minutes > 59) return Number.NaN;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}
