/**
 * `perigee rr`: sends a request and prints the response, with the flags of mosquitto_rr: MQTT 5.0 section 4.10, or the same
 * by agreement in 3.1.1.
 */
import type { Buffer } from "node:buffer";
import { Command } from "commander";
import { type Client, type Message, PerigeeError } from "../client/index.ts";
import { encodeTopic } from "../client/text.ts";
import { endOf, withClient } from "./client-of-command.ts";
import { addConnectionOptions, type ConnectionFlags, integerOf } from "./connection-options.ts";
import { EXIT_FAILED, EXIT_STATUS_HELP, errorLine, exitCodeOf, UsageError } from "./exit-codes.ts";
import { addOutputOptions, type OutputFlags, printerOf } from "./output.ts";
import { addPayloadOptions, checkTopic, type PayloadFlags, payloadOf } from "./payload.ts";
import { warnOfAlias } from "./properties.ts";
import { exitCodeOfSignal, onEndingSignal } from "./signals.ts";
import { targetOf, versionOf } from "./target.ts";

interface Flags extends ConnectionFlags, PayloadFlags, OutputFlags {
  e?: string;
  retain?: boolean;
  staleRetained?: boolean;
  timeout?: number;
}

const EXAMPLES = `
The request says where its response is expected: -e. With -D publish correlation-data only a response that brings the
same back is taken, or one that brings none.

Examples:
  perigee rr -t devices/7/get -e answers/me -m temperature -W 10
  perigee rr -t devices/7/get -e answers/me -n -D publish correlation-data 42 -F '%D: %p'

${EXIT_STATUS_HELP}
  27     -W: the time was over`;

/** The sub-command, for the program to add. */
export function rrCommand(): Command {
  const command = new Command("rr").description("send a request, and print the response");
  addPayloadOptions(command.optionsGroup("What:"), false)
    .option("-e <topic>", "topic of the response")
    .option("-r, --retain", "the server keeps the request for later subscribers")
    .option("-R, --stale-retained", "a message that the server had kept is no response")
    .option("-W, --timeout <seconds>", "end after so long, with status 27", integerOf("timeout", 1, 2_000_000));
  addOutputOptions(command);
  return addConnectionOptions(command, "mqttv5").addHelpText("after", EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  try {
    await ask(flags);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!flags.quiet) console.error(errorLine(error));
  }
}

async function ask(flags: Flags): Promise<void> {
  const print = printerOf(flags);
  const target = await targetOf(flags, 5);
  const { topic } = flags;
  if (topic === undefined || flags.e === undefined) {
    throw new UsageError("All of topic, message, and response topic must be supplied: -t, -m or the like, -e");
  }
  checkTopic(topic);
  const responseTopic = checkResponseTopic(flags.e);
  const payload = await payloadOf(flags);
  warnOfAlias(flags);
  if (payload === "lines") throw new UsageError("rr takes no lines");

  const isFive = versionOf(flags, 5) === 5;
  const properties = isFive ? { ...flags.property?.publish, topicAlias: undefined, responseTopic } : undefined;
  const request = { topic, responseTopic, payload, properties };
  await withClient(target, flags, client => exchange(client, flags, request, print));
}

function checkResponseTopic(topic: string): string {
  try {
    encodeTopic(topic);
  } catch (error) {
    throw new UsageError(`Invalid response topic: ${(error as Error).message}`);
  }
  return topic;
}

interface Request {
  readonly topic: string;
  readonly responseTopic: string;
  readonly payload: Buffer;
  readonly properties: Message["properties"];
}

/** Asks, and prints the first response. */
async function exchange(client: Client, flags: Flags, request: Request, print: (message: Message) => void) {
  const ended = endOf(client);
  const close = () => void client.close({ timeoutMs: 0, properties: flags.property?.disconnect });
  const stopListening = onEndingSignal(signal => {
    process.exitCode = exitCodeOfSignal(signal);
    close();
  });
  client.on("close", (error, isTriedAgain) => {
    if (isTriedAgain && !flags.quiet) console.error(`Warning: ${error.message}; connecting again`);
  });
  let isAnswered = false;
  client.on("message", message => {
    if (isAnswered || (flags.staleRetained && message.retain) || !isResponse(message, request)) return;
    isAnswered = true;
    print(message);
    close();
  });
  try {
    const { qos, retain, property } = flags;
    const [grant] = await client.subscribe(request.responseTopic, { qos, properties: property?.subscribe });
    if (grant.qos === null) {
      process.exitCode = EXIT_FAILED;
      if (!flags.quiet) console.error("Error: All subscription requests were denied.");
      close();
    } else {
      await client.publish(request.topic, request.payload, { qos, retain, properties: request.properties });
    }
  } catch (error) {
    // The client has ended first, and tells why; or the response was faster than the acknowledgement.
    if (!(error instanceof PerigeeError) || error.code !== "CLOSED") {
      close();
      throw error;
    }
  }
  const failure = await ended;
  stopListening();
  if (failure !== undefined) throw failure;
}

/** Correlation data of another request are another's response. */
function isResponse({ properties }: Message, request: Request): boolean {
  const [given, wanted] = [properties?.correlationData, request.properties?.correlationData];
  return given === undefined || wanted === undefined || given.equals(wanted);
}
