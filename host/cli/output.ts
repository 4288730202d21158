/**
 * How sub and rr print a message: its payload, with its topic, or by a format.
 */
import { Buffer } from "node:buffer";
import type { Command } from "commander";
import type { Message } from "../client/index.ts";
import { parseFormat } from "./format/parse-format.ts";
import { momentNow, printFormat } from "./format/print-format.ts";

export interface OutputFlags {
  verbose?: boolean;
  newline: boolean;
  format?: string;
  pretty?: boolean;
  quiet?: boolean;
}

/** Adds the flags to a command. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("-v, --verbose", "the topic before every message")
    .option("-F, --format <format>", "print by a format, see below")
    .option("--pretty", "JSON of %j and %J over several lines")
    .option("-N, --no-newline", "no end of line after a message");
}

/** What prints a message to standard output. Throws UsageError for a format that is none. */
export function printerOf(flags: OutputFlags): (message: Message) => void {
  const { verbose, newline, quiet } = flags;
  const end = Buffer.from(newline ? "\n" : "");
  if (flags.format !== undefined) {
    const parts = parseFormat(flags.format);
    const options = {
      isPretty: flags.pretty === true,
      onError: (text: string) => {
        if (!quiet) console.error(`Error: ${text}`);
      },
    };
    return message => {
      process.stdout.write(Buffer.concat([printFormat(parts, message, momentNow(), options), end]));
    };
  }
  return ({ topic, payload }) => {
    // As mosquitto_sub prints it: an empty message shows with its topic only.
    if (payload.length === 0) process.stdout.write(verbose && newline ? `${topic} (null)\n` : "");
    else process.stdout.write(Buffer.concat([Buffer.from(verbose ? `${topic} ` : ""), payload, end]));
  };
}
