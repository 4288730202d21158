/**
 * Values of flags that several commands read in the same way. What cannot be obeyed is a UsageError that names the flag, what it wants
 * and what it was given.
 */
import { UsageError } from "./exit-codes.ts";

/** A whole number in decimal digits, from `least` to `most`. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`${flag}: a whole number from ${least} to ${most}, not "${text}"`);
}

/** `host:port` of a peer that somebody else runs, `[::1]:1883` too: neither half is left to be guessed. */
export function hostAndPort(flag: string, text: string): { host: string; port: number } {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(text) ?? [];
  if (host === undefined || !/^[^\s/@[\]]+$/.test(host)) throw new UsageError(`${flag}: host:port, not "${text}"`);
  return { host, port: wholeNumber(flag, port, 1, 65_535) };
}
