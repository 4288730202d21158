/**
 * `perigee pub`: publishes a message, a file, or line after line, with the flags of mosquitto_pub.
 */
import { Buffer } from "node:buffer";
import { fstatSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { type Client, connect, type PerigeeError } from "../client/index.ts";
import { encodeTopic } from "../client/text.ts";
import {
  addConnectionOptions,
  type ConnectionFlags,
  integerOf,
  readInput,
  type Target,
  targetOf,
} from "./connection-options.ts";
import { EXIT_STATUS_HELP, errorLine, exitCodeOf, InputError, UsageError } from "./exit-codes.ts";
import { readLines } from "./lines.ts";

interface Flags extends ConnectionFlags {
  topic?: string;
  message?: string;
  file?: string;
  stdinLine?: boolean;
  stdinFile?: boolean;
  nullMessage?: boolean;
  retain?: boolean;
  repeat?: number;
  repeatDelay?: number;
}

const EXAMPLES = `
Just one of -m, -f, -l, -n and -s says what to publish. With -l a lost connection is made again, and what the server
has not acknowledged is sent again; with -c and -i too, QoS 2 keeps every line from coming twice.

Examples:
  perigee pub -t sensors/1 -m 21.5                            one message
  perigee pub -t sensors/1 -m 21.5 -q 1 -r                    acknowledged, and kept for later subscribers
  tail -f log | perigee pub -t logs/roof -l -q 2 -c -i roof   every line once, through any outage
  perigee pub -h broker.example --cafile ca.pem -u me -P secret -t photos/1 -f roof.jpg

${EXIT_STATUS_HELP}`;

/** The largest payload that a PUBLISH can have, less its topic: section 2.2.3. */
const PAYLOAD_SIZE_MAX = 268_435_455;

/** Lines may be so long, and so much may be queued, without a flag to say so. */
const OUTBOX_SIZE = 1 << 20;

/** The whole header of a PUBLISH but its topic. */
const PUBLISH_OVERHEAD = 9;

/** No end to it: until the server has acknowledged, or the user gives up. */
const PATIENCE_MS = 0x7fff_ffff;

/** The sub-command, for the program to add. */
export function pubCommand(): Command {
  const command = new Command("pub").description("publish: a message, a file, or a message for each line of stdin");
  command
    .optionsGroup("What:")
    .option("-t, --topic <topic>", "topic to publish to")
    .option("-m, --message <text>", "the message")
    .option("-f, --file <file>", "the contents of a file")
    .option("-l, --stdin-line", "every line of stdin, a message each")
    .option("-s, --stdin-file", "all of stdin, one message")
    .option("-n, --null-message", "an empty message; with -r the server forgets the one it kept")
    .option("-r, --retain", "the server keeps the message for later subscribers")
    .option("--repeat <count>", "publish it so many times", integerOf("repeat count", 1, 0x7fff_ffff))
    .option("--repeat-delay <seconds>", "wait so long in between", parseDelay);
  return addConnectionOptions(command).addHelpText("after", EXAMPLES).action(run);
}

function parseDelay(text: string): number {
  const seconds = Number(text);
  if (text.trim() === "" || !(seconds >= 0) || seconds > 2_000_000) {
    throw new UsageError(`Invalid repeat delay given: ${text}; it is a number of seconds`);
  }
  return seconds;
}

async function run(flags: Flags): Promise<void> {
  try {
    const target = targetOf(flags);
    const topic = checkTopic(flags.topic ?? target.topic);
    const payload = await payloadOf(flags);
    if (payload === undefined) await publishLines(flags, target, topic);
    else await publishOne(flags, target, topic, payload);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!flags.quiet) console.error(errorLine(error));
  } finally {
    // An open stdin keeps the process; nobody reads it any more.
    process.stdin.destroy();
  }
}

function checkTopic(topic: string | undefined): string {
  if (topic === undefined) throw new UsageError("Both topic and message must be supplied: -t is missing");
  try {
    encodeTopic(topic);
  } catch (error) {
    throw new UsageError(`Invalid publish topic: ${(error as Error).message}`);
  }
  return topic;
}

/** What to publish; undefined for lines. */
async function payloadOf(flags: Flags): Promise<Buffer | undefined> {
  const modes = [flags.message, flags.file, flags.stdinLine, flags.stdinFile, flags.nullMessage];
  const count = modes.filter(mode => mode !== undefined).length;
  if (count > 1) throw new UsageError("Only one type of message can be sent at once: -m, -f, -l, -n or -s");
  if (count === 0) {
    throw new UsageError("Both topic and message must be supplied: one of -m, -f, -l, -n and -s is missing");
  }
  let payload: Buffer = Buffer.alloc(0);
  if (flags.stdinLine || flags.stdinFile) checkStdin();
  if (flags.stdinLine) {
    if (flags.repeat !== undefined) throw new UsageError("--repeat goes with -m, -f, -n and -s, not with -l");
    return undefined;
  }
  if (flags.message !== undefined) payload = Buffer.from(flags.message);
  if (flags.file !== undefined) payload = readInput("-f", flags.file);
  if (flags.stdinFile) {
    payload = await readAll();
    if (payload.length === 0) throw new InputError("Zero length input on stdin");
  }
  if (payload.length >= PAYLOAD_SIZE_MAX) {
    throw new InputError(`A message must be less than ${PAYLOAD_SIZE_MAX} bytes, and this has ${payload.length}`);
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
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function publishOne(flags: Flags, target: Target, topic: string, payload: Buffer): Promise<void> {
  const size = PUBLISH_OVERHEAD + Buffer.byteLength(topic) + payload.length;
  const client = await open(flags, target, Math.max(OUTBOX_SIZE, size));
  for (let index = 0; index < (flags.repeat ?? 1); index++) {
    if (index > 0 && flags.repeatDelay) await wait(flags.repeatDelay * 1000);
    await client.publish(topic, payload, { qos: flags.qos, retain: flags.retain });
  }
  await client.close({ timeoutMs: PATIENCE_MS });
}

async function publishLines(flags: Flags, target: Target, topic: string): Promise<void> {
  const client = await open(flags, target, OUTBOX_SIZE);
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    process.stdin.destroy();
  };
  client.once("end", error => error && fail(error));
  for await (const line of readLines(process.stdin)) {
    if (failure !== undefined) break;
    // Each promise only tells of failures: what was taken is waited for by close().
    client.publish(topic, line, { qos: flags.qos, retain: flags.retain }).catch(fail);
    await client.room();
  }
  await client.close({ timeoutMs: PATIENCE_MS });
  if (failure !== undefined) throw failure;
}

async function open(flags: Flags, target: Target, outboxSize: number): Promise<Client> {
  const client = await connect(target.url, { ...target.options, outboxSize });
  client.on("close", (error: PerigeeError) => {
    if (!flags.quiet) console.error(`Warning: ${error.message}; connecting again`);
  });
  return client;
}
