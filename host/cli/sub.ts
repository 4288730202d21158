/**
 * `perigee sub`: prints the messages of topics, with the flags of mosquitto_sub.
 */
import { Command } from "commander";
import { type Client, connect, type Message, type PerigeeError } from "../client/index.ts";
import { encodeFilter } from "../client/text.ts";
import { addConnectionOptions, type ConnectionFlags, integerOf, targetOf } from "./connection-options.ts";
import { EXIT_FAILED, EXIT_STATUS_HELP, EXIT_TIMED_OUT, errorLine, exitCodeOf, UsageError } from "./exit-codes.ts";
import { onEndingSignal } from "./signals.ts";

interface Flags extends ConnectionFlags {
  topic?: string[];
  count?: number;
  timeout?: number;
  verbose?: boolean;
  newline: boolean;
  staleRetained?: boolean;
  exitOnSubscribed?: boolean;
}

const EXAMPLES = `
A message is acknowledged after it was printed, so that with QoS 1 or 2 and -c none is lost on the way to a pipe.
A lost connection is made again. SIGINT, SIGTERM and SIGHUP disconnect and end with 0; before the server has accepted
the connection they end with 130, 143 and 129.

Examples:
  perigee sub -t 'sensors/#' -v                   all sensors, with their topics
  perigee sub -t sensors/1 -C 1 -W 10             one message, or status 27 after ten seconds
  perigee sub -t logs/roof -q 2 -c -i reader      the server keeps what comes while this is not running

${EXIT_STATUS_HELP}
  27     -W: the time was over`;

/** The sub-command, for the program to add. */
export function subCommand(): Command {
  const command = new Command("sub").description("subscribe, and print the messages that come");
  command
    .optionsGroup("What:")
    .option("-t, --topic <filter>", "topic filter; repeats", (filter: string, all: string[] = []) => [...all, filter])
    .option("-v, --verbose", "the topic before every message")
    .option("-N, --no-newline", "no end of line after a message")
    .option("-R, --stale-retained", "leave out messages that the server had kept")
    .option("-C, --count <count>", "end after so many messages", integerOf("message count", 1, 0x7fff_ffff))
    .option("-W, --timeout <seconds>", "end after so long, with status 27", integerOf("timeout", 1, 2_000_000))
    .option("-E, --exit-on-subscribed", "end as soon as the server has acknowledged the subscriptions");
  return addConnectionOptions(command).addHelpText("after", EXAMPLES).action(run);
}

async function run(flags: Flags): Promise<void> {
  try {
    await subscribe(flags);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!flags.quiet) console.error(errorLine(error));
  }
}

async function subscribe(flags: Flags): Promise<void> {
  const target = targetOf(flags);
  const filters = [...(flags.topic ?? []), ...(target.topic === undefined ? [] : [target.topic])];
  if (filters.length === 0) throw new UsageError("You must specify a topic to subscribe to: -t");
  for (const filter of filters) checkFilter(filter);

  let client: Client | undefined;
  const timer =
    flags.timeout === undefined
      ? undefined
      : setTimeout(() => {
          process.exitCode = EXIT_TIMED_OUT;
          if (!flags.quiet) console.error("Timed out");
          if (client === undefined) process.exit();
          void client.close({ timeoutMs: 0 });
        }, flags.timeout * 1000);
  try {
    client = await connect(target.url, target.options);
    await print(flags, client, filters);
  } finally {
    clearTimeout(timer);
  }
}

function checkFilter(filter: string): void {
  try {
    encodeFilter(filter);
  } catch (error) {
    throw new UsageError(`Invalid subscription topic: ${(error as Error).message}`);
  }
}

/** Prints what comes until it is enough, the time is over, or a signal. */
async function print(flags: Flags, client: Client, filters: string[]): Promise<void> {
  let failure: PerigeeError | undefined;
  const ended = new Promise<void>(resolve => {
    client.once("end", error => {
      failure = error;
      resolve();
    });
  });
  const close = () => void client.close({ timeoutMs: 0 });
  const stopListening = onEndingSignal(close);
  // The reader of a pipe has gone: so do we, quietly.
  process.stdout.on("error", close);
  const warn = (text: string) => {
    if (!flags.quiet) console.error(`Warning: ${text}`);
  };
  client.on("close", (error, isTriedAgain) => isTriedAgain && warn(`${error.message}; connecting again`));
  client.on("warning", error => warn(error.message));

  let left = flags.count ?? Number.POSITIVE_INFINITY;
  client.on("message", message => {
    if (left === 0 || (flags.staleRetained && message.retain)) return;
    process.stdout.write(format(message, flags));
    left--;
    if (left === 0) close();
  });

  let grants: Awaited<ReturnType<Client["subscribe"]>> = [];
  try {
    grants = await client.subscribe(filters, { qos: flags.qos });
  } catch (error) {
    // The client has ended first, and tells why.
    if ((error as PerigeeError).code !== "CLOSED") throw error;
  }
  const refused = grants.filter(grant => grant.qos === null);
  for (const { filter } of refused) warn(`the server refuses the subscription to "${filter}"`);
  if (grants.length > 0 && refused.length === grants.length) {
    process.exitCode = EXIT_FAILED;
    if (!flags.quiet) console.error("Error: All subscription requests were denied.");
    close();
  } else if (flags.exitOnSubscribed) {
    close();
  }
  await ended;
  stopListening();
  if (failure !== undefined) throw failure;
}

/** As mosquitto_sub prints it: an empty message shows with its topic only. */
function format({ topic, payload }: Message, { verbose, newline }: Flags): Buffer {
  const end = newline ? "\n" : "";
  if (payload.length === 0) return Buffer.from(verbose ? `${topic} (null)${end}` : "");
  return Buffer.concat([Buffer.from(verbose ? `${topic} ` : ""), payload, Buffer.from(end)]);
}
