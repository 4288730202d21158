/**
 * `perigee pub`: publishes a message, a file, or line after line, with the flags of mosquitto_pub.
 */
import { Buffer } from "node:buffer";
import { setTimeout as wait } from "node:timers/promises";
import { Command } from "commander";
import { type Client, connect, PerigeeError, type PublishOptions } from "../client/index.ts";
import { addConnectionOptions, type ConnectionFlags, integerOf } from "./connection-options.ts";
import { EXIT_STATUS_HELP, errorLine, exitCodeOf, UsageError } from "./exit-codes.ts";
import { readLines } from "./lines.ts";
import { addPayloadOptions, checkTopic, type PayloadFlags, payloadOf } from "./payload.ts";
import { warnOfAlias } from "./properties.ts";
import { type EndingSignal, exitCodeOfSignal, onEndingSignal } from "./signals.ts";
import { type Target, targetOf } from "./target.ts";

interface Flags extends ConnectionFlags, PayloadFlags {
  retain?: boolean;
  repeat?: number;
  repeatDelay?: number;
}

const EXAMPLES = `
Just one of -m, -f, -l, -n and -s says what to publish. A lost connection is made again, and what the server has not
acknowledged is sent again; with -c and -i too, QoS 2 keeps every line from coming twice. An acknowledgement is
waited for as long as it takes: where the server says nothing for 60 s the connection is made again. A limit is
"timeout 90 perigee pub ...": SIGTERM, SIGINT and SIGHUP give what was accepted 2 s more, then disconnect.

Examples:
  perigee pub -t sensors/1 -m 21.5                            one message
  perigee pub -t sensors/1 -m 21.5 -q 1 -r                    acknowledged, and kept for later subscribers
  tail -f log | perigee pub -t logs/roof -l -q 2 -c -i roof   every line once, through any outage
  perigee pub -h broker.example --cafile ca.pem -u me -P secret -t photos/1 -f roof.jpg

${EXIT_STATUS_HELP}
  129, 130, 143  ended by SIGHUP, SIGINT or SIGTERM`;

/** Lines may be so long, and so much may be queued, without a flag to say so. */
const OUTBOX_SIZE = 1 << 20;

/** The whole header of a PUBLISH but its topic. */
const PUBLISH_OVERHEAD = 9;

/** No end to it: until the server has acknowledged, or the user gives up. */
const PATIENCE_MS = 0x7fff_ffff;

/** How long what was accepted may take after a signal, ms. */
const SIGNAL_PATIENCE_MS = 2_000;

/** The sub-command, for the program to add. */
export function pubCommand(): Command {
  const command = new Command("pub").description("publish: a message, a file, or a message for each line of stdin");
  addPayloadOptions(command.optionsGroup("What:"), true)
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

/** What a signal ends. */
interface Interruption {
  signal?: EndingSignal;
  /** Aborted at the signal. */
  readonly controller: AbortController;
}

async function run(flags: Flags): Promise<void> {
  const interruption: Interruption = { controller: new AbortController() };
  try {
    const target = await targetOf(flags);
    const topic = checkTopic(flags.topic);
    const payload = await payloadOf(flags);
    warnOfAlias(flags);
    if (payload !== "lines") await publishOne(flags, target, topic, payload, interruption);
    else if (flags.repeat !== undefined) throw new UsageError("--repeat goes with -m, -f, -n and -s, not with -l");
    else await publishLines(flags, target, topic, interruption);
    if (interruption.signal !== undefined) process.exitCode = exitCodeOfSignal(interruption.signal);
  } catch (error) {
    const { signal } = interruption;
    process.exitCode = signal === undefined ? exitCodeOf(error) : exitCodeOfSignal(signal);
    const line = signal === undefined ? errorLine(error) : `Error: ended by ${signal}; not everything was acknowledged`;
    if (!flags.quiet) console.error(line);
  } finally {
    // An open stdin keeps the process; nobody reads it any more.
    process.stdin.destroy();
  }
}

async function publishOne(
  flags: Flags,
  target: Target,
  topic: string,
  payload: Buffer,
  interruption: Interruption,
): Promise<void> {
  const size = PUBLISH_OVERHEAD + Buffer.byteLength(topic) + payload.length;
  const client = await open(flags, target, Math.max(OUTBOX_SIZE, size), interruption);
  const { signal } = interruption.controller;
  try {
    for (let index = 0; index < (flags.repeat ?? 1) && !signal.aborted; index++) {
      if (index > 0 && flags.repeatDelay) await wait(flags.repeatDelay * 1000, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await tolerate(client.publish(topic, payload, publishOptions(flags)), flags);
    }
  } finally {
    await client.close({ timeoutMs: PATIENCE_MS, properties: flags.property?.disconnect });
  }
}

async function publishLines(flags: Flags, target: Target, topic: string, interruption: Interruption): Promise<void> {
  const client = await open(flags, target, OUTBOX_SIZE, interruption);
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    process.stdin.destroy();
  };
  client.once("end", error => error && fail(error));
  for await (const line of readLines(process.stdin, OUTBOX_SIZE)) {
    if (failure !== undefined || interruption.signal !== undefined) break;
    // Each promise only tells of failures: what was taken is waited for by close().
    tolerate(client.publish(topic, line, publishOptions(flags)), flags).catch(fail);
    await client.room();
  }
  await client.close({ timeoutMs: PATIENCE_MS, properties: flags.property?.disconnect });
  if (failure !== undefined) throw failure;
}

export function publishOptions({ qos, retain, property }: Flags): PublishOptions {
  if (property?.publish === undefined) return { qos, retain };
  // Aliases are the client's own affair, see warnOfAlias.
  const { topicAlias: _, ...properties } = property.publish;
  return { qos, retain, properties };
}

/** A message of MQTT 5.0 that the server refuses, or that has expired, is told, and is no reason to stop: as mosquitto_pub has it. */
async function tolerate(published: Promise<unknown>, { quiet }: Flags): Promise<void> {
  try {
    await published;
  } catch (error) {
    if (!(error instanceof PerigeeError) || (error.code !== "REFUSED" && error.code !== "EXPIRED")) throw error;
    if (!quiet) console.error(`Warning: Publish failed: ${error.message}`);
  }
}

async function open(flags: Flags, target: Target, outboxSize: number, interruption: Interruption): Promise<Client> {
  const client = await connect(target.url, { ...target.options, outboxSize });
  client.on("close", (error: PerigeeError, isTriedAgain) => {
    if (isTriedAgain && !flags.quiet) console.error(`Warning: ${error.message}; connecting again`);
  });
  const stop = onEndingSignal(signal => {
    interruption.signal = signal;
    interruption.controller.abort();
    process.stdin.destroy();
    void client.close({ timeoutMs: SIGNAL_PATIENCE_MS });
  });
  client.once("end", stop);
  return client;
}
