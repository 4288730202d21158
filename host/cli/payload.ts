/**
 * What pub and rr send: the flags that say it, of which just one is given, and the bytes that come of them.
 */
import { Buffer } from "node:buffer";
import { fstatSync } from "node:fs";
import type { Command } from "commander";
import { encodeTopic } from "../client/text.ts";
import { InputError, UsageError } from "./exit-codes.ts";
import { readInput } from "./tls-options.ts";

export interface PayloadFlags {
  topic?: string;
  message?: string;
  file?: string;
  stdinLine?: boolean;
  stdinFile?: boolean;
  nullMessage?: boolean;
}

/** The largest payload that a PUBLISH can have, less its topic: section 2.2.3. */
const PAYLOAD_SIZE_MAX = 268_435_455;

/** Adds the flags; `-l` is of pub alone. */
export function addPayloadOptions(command: Command, hasLines: boolean): Command {
  command
    .option("-t, --topic <topic>", "topic to publish to")
    .option("-m, --message <text>", "the message")
    .option("-f, --file <file>", "the contents of a file");
  if (hasLines) command.option("-l, --stdin-line", "every line of stdin, a message each; a line has up to 1 MiB");
  return command
    .option("-s, --stdin-file", "all of stdin, one message")
    .option("-n, --null-message", "an empty message; with -r the server forgets the one it kept");
}

/** The topic to publish to, of -t or else of -L. Throws UsageError. */
export function checkTopic(topic: string | undefined): string {
  if (topic === undefined) throw new UsageError("Both topic and message must be supplied: -t is missing");
  try {
    encodeTopic(topic);
  } catch (error) {
    throw new UsageError(`Invalid publish topic: ${(error as Error).message}`);
  }
  return topic;
}

/** What to publish; "lines" for -l. Throws UsageError and InputError. */
export async function payloadOf(flags: PayloadFlags): Promise<Buffer | "lines"> {
  const modes = [flags.message, flags.file, flags.stdinLine, flags.stdinFile, flags.nullMessage];
  const count = modes.filter(mode => mode !== undefined).length;
  if (count > 1) throw new UsageError("Only one type of message can be sent at once: -m, -f, -l, -n or -s");
  if (count === 0) {
    throw new UsageError("Both topic and message must be supplied: one of -m, -f, -l, -n and -s is missing");
  }
  if (flags.stdinLine || flags.stdinFile) checkStdin();
  if (flags.stdinLine) return "lines";
  let payload: Buffer = Buffer.alloc(0);
  if (flags.message !== undefined) payload = Buffer.from(flags.message);
  if (flags.file !== undefined) payload = readInput("-f", flags.file, PAYLOAD_SIZE_MAX - 1);
  if (flags.stdinFile) {
    payload = await readAll();
    if (payload.length === 0) throw new InputError("Zero length input on stdin");
  }
  return payload;
}

/** Node reads a directory as if it were empty: nothing would be published, and nobody told. */
function checkStdin(): void {
  let isDirectory = false;
  try {
    isDirectory = fstatSync(0).isDirectory();
  } catch {
    // A stdin that is closed has nothing to read, and says so itself.
  }
  if (isDirectory) throw new InputError("Unable to read stdin: it is a directory");
}

async function readAll(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size >= PAYLOAD_SIZE_MAX)
      throw new InputError(`Unable to read stdin: has more than ${PAYLOAD_SIZE_MAX - 1} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}
