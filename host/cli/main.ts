#!/usr/bin/env node
/**
 * `perigee`: the program, of which each command is a file beside this one. Only the command that was asked for is loaded.
 */
import { Command, CommanderError } from "commander";
import { checkArguments } from "./arguments.ts";
import { UsageError } from "./exit-codes.ts";
import { joinProperties } from "./properties.ts";

declare const PERIGEE_VERSION: string;

interface Entry {
  readonly name: string;
  readonly description: string;
  /** Exit status for a command line that commander refuses; 1 when absent. */
  readonly usageStatus?: number;
  load(): Promise<Command>;
}

const COMMANDS: readonly Entry[] = [
  {
    name: "pub",
    description: "publish: a message, a file, or a message for each line of stdin",
    load: async () => (await import("./pub.ts")).pubCommand(),
  },
  {
    name: "sub",
    description: "subscribe, and print the messages that come",
    load: async () => (await import("./sub.ts")).subCommand(),
  },
  {
    name: "rr",
    description: "send a request, and print the response",
    load: async () => (await import("./rr.ts")).rrCommand(),
  },
  {
    name: "broker",
    description: "run the reference broker",
    load: async () => (await import("./broker.ts")).brokerCommand(),
  },
  {
    name: "passwd",
    description: "keep a password file for the broker",
    load: async () => (await import("./passwd.ts")).passwdCommand(),
  },
  {
    name: "sim",
    description: "run a fleet of sensors over a bad link, in virtual time, and report",
    usageStatus: 2,
    load: async () => (await import("./sim.ts")).simCommand(),
  },
  {
    name: "link",
    description: "list, explain and convert links; the sources of their figures",
    usageStatus: 2,
    load: async () => (await import("./link.ts")).linkCommand(),
  },
  {
    name: "sweep",
    description: "simulate a fleet for every combination of losses, delays, QoS, ...",
    usageStatus: 2,
    load: async () => (await import("./sweep.ts")).sweepCommand(),
  },
  {
    name: "bench",
    description: "what a reading costs in MQTT, MQTT-SN, CoAP and HTTP over a link",
    usageStatus: 2,
    load: async () => (await import("./bench.ts")).benchCommand(),
  },
  {
    name: "passes",
    description: "passes of a satellite over a station, as windows that a link uses",
    usageStatus: 2,
    load: async () => (await import("./passes.ts")).passesCommand(),
  },
  {
    name: "check",
    description: "look for what breaks a promise, in every state and under every fault",
    usageStatus: 2,
    load: async () => (await import("./check.ts")).checkCommand(),
  },
  {
    name: "board",
    description: "the client on a microcontroller: its sizes, and an emulated board",
    load: async () => (await import("./board.ts")).boardCommand(),
  },
  {
    name: "tour",
    description: "a day of telemetry over a satellite link, explained",
    usageStatus: 2,
    load: async () => (await import("./tour.ts")).tourCommand(),
  },
];

const EXAMPLES = `
Three terminals, one minute:
  perigee broker                              a broker on port 1883
  perigee sub -t 'sensors/#' -v               prints what comes
  perigee pub -t sensors/1 -m 21.5 -q 1       comes there
No network at all:
  perigee tour                                what a satellite does to a day of telemetry

pub and sub take the flags of mosquitto_pub and mosquitto_sub; perigee COMMAND --help shows them.`;

/** One line on stderr, whatever commander has to say: what is wrong, then where to read on. */
function tellUsage(commandName: string, text: string): void {
  const line = text
    .replace(/^error: /i, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
  const sentence = line.charAt(0).toUpperCase() + line.slice(1).replace(/\.$/, "");
  process.stderr.write(`Error: ${sentence}. Use '${commandName} --help' to see usage.\n`);
}

/**
 * What becomes of output that cannot be written: a reader that has gone (`| head`) is no fault and ends nothing, sub
 * excepted, which closes by itself; a full disk is named, for nobody may take half an output for a whole one.
 */
function watchOutput(status: number): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`Error: standard output cannot be written: ${error.message}\n`);
    process.exitCode = status;
    process.once("exit", () => {
      process.exitCode = status;
    });
  });
}

/** What was typed, with each -D of pub, sub and rr as one value. */
function argumentsOf(program: Command, wanted: string | undefined): string[] {
  const [node, script, ...args] = process.argv;
  const command = program.commands.find(each => each.name() === wanted);
  if (command === undefined || !["pub", "sub", "rr"].includes(command.name())) return process.argv;
  return [node, script, args[0], ...joinProperties(args.slice(1), command)];
}

async function main(): Promise<void> {
  const wanted = process.argv[2];
  watchOutput(COMMANDS.find(({ name }) => name === wanted)?.usageStatus ?? 1);
  const program = new Command("perigee")
    .description("An MQTT client for the far end of a bad link, and a laboratory of bad links.")
    .version(PERIGEE_VERSION, "--version", "show the version")
    .enablePositionalOptions()
    .helpOption("--help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", EXAMPLES);
  for (const { name, description, load } of COMMANDS) {
    const isWanted = wanted === name || (wanted === "help" && process.argv[3] === name);
    program.addCommand(isWanted ? await load() : new Command(name).description(description));
  }
  const nameUsage = (command: Command, path: string) => {
    command.exitOverride().configureOutput({ outputError: text => tellUsage(path, text) });
    for (const part of command.commands) nameUsage(part, `${path} ${part.name()}`);
  };
  nameUsage(program, "perigee");
  try {
    checkArguments(process.argv.slice(2));
    await program.parseAsync(argumentsOf(program, wanted));
  } catch (error) {
    if (error instanceof CommanderError) {
      const usageStatus = COMMANDS.find(({ name }) => name === wanted)?.usageStatus;
      process.exitCode = error.exitCode === 0 ? 0 : (usageStatus ?? error.exitCode);
    } else if (error instanceof UsageError) {
      tellUsage(`perigee ${wanted}`, error.message);
      process.exitCode = COMMANDS.find(({ name }) => name === wanted)?.usageStatus ?? 1;
    } else {
      throw error;
    }
  }
}

await main();
