/**
 * How pub and sub end, for scripts: mosquitto's numbers, so that what tests for them goes on working.
 */
import { PerigeeError } from "../client/index.ts";

export const EXIT_FAILED = 1;
const EXIT_PROTOCOL = 2;
const EXIT_LOST = 7;
const EXIT_TLS = 8;
const EXIT_TOO_LARGE = 9;
export const EXIT_TIMED_OUT = 27;

export const EXIT_STATUS_HELP = `Exit status, as mosquitto's:
  0      done
  1-5    the CONNACK code with which the server refused: 1 protocol version, 2 client id,
         3 unavailable, 4 bad user name or password, 5 not authorised
  1      also: bad command line, unreadable file, server not reachable
  2      also: the server broke a rule of MQTT, before it accepted or three times in a row
  7      the connection was lost before the server accepted it
  8      TLS failed: a wrong certificate, or no TLS at the other side
  9      a message is too large`;

/** A command line that cannot be obeyed. */
export class UsageError extends Error {}

/** An input that cannot be read. */
export class InputError extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof InputError) return EXIT_FAILED;
  if (!(error instanceof PerigeeError)) throw error;
  switch (error.code) {
    case "ENDED_REFUSED":
      return error.refusal;
    case "ENDED_TRANSPORT":
    case "ENDED_TIMEOUT":
    case "ENDED_RESUME":
      return EXIT_LOST;
    case "TLS":
      return EXIT_TLS;
    case "MISUSE_TOO_LARGE":
      return EXIT_TOO_LARGE;
    default:
      return /^(MALFORMED|UNEXPECTED)_/.test(error.code) ? EXIT_PROTOCOL : EXIT_FAILED;
  }
}

/** One line for a person: what is wrong, and with what. */
export function errorLine(error: unknown): string {
  const { message } = error as Error;
  if (error instanceof PerigeeError && error.code === "ENDED_REFUSED") return `Connection error: ${message}`;
  return `Error: ${message}`;
}
