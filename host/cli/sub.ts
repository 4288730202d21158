/**
 * `perigee sub`: prints the messages of topics, with the flags of mosquitto_sub.
 */
import { Command } from "commander";
import type { Client, Message, PerigeeError, SubscribeOptions } from "../client/index.ts";
import { encodeFilter } from "../client/text.ts";
import { topicMatches } from "../client/topic-matches.ts";
import { endOf, withClient } from "./client-of-command.ts";
import { addConnectionOptions, type ConnectionFlags, integerOf } from "./connection-options.ts";
import { EXIT_FAILED, EXIT_STATUS_HELP, errorLine, exitCodeOf, UsageError } from "./exit-codes.ts";
import { addOutputOptions, type OutputFlags, printerOf } from "./output.ts";
import { onEndingSignal } from "./signals.ts";
import { targetOf, versionOf } from "./target.ts";

interface Flags extends ConnectionFlags, OutputFlags {
  topic?: string[];
  filterOut?: string[];
  unsubscribe?: string[];
  count?: number;
  timeout?: number;
  staleRetained?: boolean;
  retainedOnly?: boolean;
  retainAsPublished?: boolean;
  removeRetained?: boolean;
  randomFilter?: number;
  exitOnSubscribed?: boolean;
}

const EXAMPLES = `
A message is acknowledged after it was printed, so that with QoS 1 or 2 and -c none is lost on the way to a pipe.
A lost connection is made again. SIGINT, SIGTERM and SIGHUP disconnect and end with 0; before the server has accepted
the connection they end with 130, 143 and 129.

Formats (-F): %t topic, %p payload, %x and %X in hexadecimal, %l its size, %q QoS, %r retained, %m packet identifier,
%j as JSON, %J with a payload that is JSON, %I time, %U seconds since 1970, %% a percent sign; of MQTT 5.0 %A alias,
%C content type, %D correlation data, %E expiry, %F payload format, %P user properties, %R response topic,
%S subscription identifier. Between % and the letter: - to the left, 0 with zeros, the width, .most; @X is strftime's
%X, @N nanoseconds; \\n \\t \\r \\a \\e \\v \\0 \\\\ as in C.

Examples:
  perigee sub -t 'sensors/#' -v                   all sensors, with their topics
  perigee sub -t sensors/1 -C 1 -W 10             one message, or status 27 after ten seconds
  perigee sub -t 'sensors/#' -F '@H:@M:@S %-20t %p'   in columns, with the time
  perigee sub -t logs/roof -q 2 -c -i reader      the server keeps what comes while this is not running
  perigee sub -t 'old/#' --remove-retained --retained-only -W 5   makes the server forget

${EXIT_STATUS_HELP}
  27     -W: the time was over`;

const several = (text: string, all: string[] = []) => [...all, text];

/** The sub-command, for the program to add. */
export function subCommand(): Command {
  const command = new Command("sub").description("subscribe, and print the messages that come");
  command
    .optionsGroup("What:")
    .option("-t, --topic <filter>", "topic filter; repeats", several)
    .option("-T, --filter-out <filter>", "leave out messages of these topics; repeats", several)
    .option("-U, --unsubscribe <filter>", "unsubscribe from it, after subscribing; repeats", several)
    .option("-R, --stale-retained", "leave out messages that the server had kept")
    .option("--retained-only", "only messages that the server had kept; end at the first other one")
    .option("--retain-as-published", "MQTT 5.0: the retain flag as the publisher set it")
    .option("--remove-retained", "make the server forget each kept message that comes")
    .option("--random-filter <percent>", "print so many of a hundred, drawn", parseChance)
    .option("-C, --count <count>", "end after so many messages", integerOf("message count", 1, 0x7fff_ffff))
    .option("-W, --timeout <seconds>", "end after so long, with status 27", integerOf("timeout", 1, 2_000_000))
    .option("-E, --exit-on-subscribed", "end as soon as the server has acknowledged the subscriptions");
  addOutputOptions(command);
  return addConnectionOptions(command).addHelpText("after", EXAMPLES).action(run);
}

function parseChance(text: string): number {
  const percent = /^[0-9]*\.?[0-9]+$/.test(text) ? Number(text) : 0;
  if (percent >= 0.1 && percent <= 100) return percent;
  throw new UsageError(`--random-filter chance must be between 0.1-100.0, not ${text}`);
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
  const print = printerOf(flags);
  if (flags.staleRetained && flags.retainedOnly) {
    throw new UsageError("Combining '-R' and '--retained-only' makes no sense");
  }
  const target = await targetOf(flags);
  const filters = flags.topic ?? [];
  if (filters.length === 0) throw new UsageError("You must specify a topic to subscribe to: -t");
  for (const filter of filters) checkFilter(filter, "subscription");
  for (const filter of flags.filterOut ?? []) checkFilter(filter, "filter");
  for (const filter of flags.unsubscribe ?? []) checkFilter(filter, "unsubscribe");

  await withClient(target, flags, client => receive(flags, client, filters, print));
}

function checkFilter(filter: string, what: string): void {
  try {
    encodeFilter(filter);
  } catch (error) {
    throw new UsageError(`Invalid ${what} topic: ${(error as Error).message}`);
  }
}

/** Prints what comes until it is enough, the time is over, or a signal. */
async function receive(
  flags: Flags,
  client: Client,
  filters: string[],
  print: (message: Message) => void,
): Promise<void> {
  const ended = endOf(client);
  const farewell = flags.property?.disconnect;
  const close = () => void client.close({ timeoutMs: 0, properties: farewell });
  const stopListening = onEndingSignal(close);
  // The reader of a pipe has gone: so do we, quietly.
  process.stdout.on("error", close);
  const warn = (text: string) => {
    if (!flags.quiet) console.error(`Warning: ${text}`);
  };
  client.on("close", (error, isTriedAgain) => isTriedAgain && warn(`${error.message}; connecting again`));
  client.on("warning", error => warn(error.message));

  let isDone = false;
  let left = flags.count ?? Number.POSITIVE_INFINITY;
  const finish = () => {
    isDone = true;
    // What makes the server forget has to leave first.
    void client.close({ timeoutMs: flags.removeRetained ? undefined : 0, properties: farewell });
  };
  client.on("message", message => {
    if (isDone) return;
    const { topic, retain } = message;
    if (flags.retainedOnly && !retain) {
      finish();
      return;
    }
    if (flags.filterOut?.some(filter => topicMatches(filter, topic))) return;
    if (flags.removeRetained && retain) client.publish(topic, "", { qos: 1, retain: true }).catch(() => {});
    if (flags.staleRetained && retain) return;
    if (flags.randomFilter === undefined || Math.random() * 100 < flags.randomFilter) print(message);
    left--;
    if (left === 0) finish();
  });

  let grants: Awaited<ReturnType<Client["subscribe"]>> = [];
  try {
    const { subscribe: properties, unsubscribe } = flags.property ?? {};
    const isFive = versionOf(flags) === 5;
    const options: SubscribeOptions = {
      qos: flags.qos,
      retainAsPublished: isFive && flags.retainAsPublished,
      // What would be left out need not come.
      retainHandling: isFive && flags.staleRetained && !flags.removeRetained ? 2 : 0,
      properties,
    };
    const subscribed = client.subscribe(filters, options);
    // One request each, as mosquitto_sub sends them; nobody waits for their answers.
    for (const filter of flags.unsubscribe ?? []) {
      client.unsubscribe(filter, { properties: unsubscribe }).catch(() => {});
    }
    grants = await subscribed;
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
  const failure = await ended;
  stopListening();
  if (failure !== undefined) throw failure;
}
