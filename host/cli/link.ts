/**
 * `perigee link`: the links by name, every figure with its source, and links in the words of other tools.
 */
import { Command, Option } from "commander";
import {
  durationUs,
  figuresOf,
  GRADES,
  LinkError,
  type LinkSpec,
  MESSAGE_BEARERS,
  PRESETS,
  presetOrBearer,
  RECORDINGS,
  readMahimahi,
  validateLink,
  type Written,
  writeMahimahi,
  writeTc,
  writeToxiproxy,
} from "../link/index.ts";
import schema from "../link/link.schema.json" with { type: "json" };
import { readAddress } from "../proxy/address.ts";
import { SimulationError } from "../simulation/index.ts";
import { linkNamed, readText } from "./link-flags.ts";
import { EXIT_ADDRESS, type ProxyFlags, proxyFlags, runProxy } from "./link-proxy.ts";

export const EXIT_USAGE = 2;

const EXAMPLES = `
Examples:
  perigee link list                                    every link, and the bearers that carry messages only
  perigee link explain starlink                        every figure, its grade and its source
  perigee link show geo-vsat --format tc               as netem lines; what netem cannot say is told on stderr
  perigee link show site.json --format toxiproxy       a link file of your own
  perigee link show 2g --format mahimahi --direction up > up.trace
  perigee link import up.trace down.trace > cell.json  and then: perigee sim --link cell.json
  perigee link schema > link.schema.json               for your editor, to check link files as you write them

A link in real time, between any client and any server:
  perigee link --listen 1884 --to 127.0.0.1:1883 --link starlink
  perigee link --listen 1884 --to 127.0.0.1:1883 --tc 'delay 270ms loss 1%' --tcp lwip --stats 10
  perigee link --listen 1884 --to 127.0.0.1:1883 --control 8474     and drive it with a client of toxiproxy
  perigee link --listen 1884 --to 127.0.0.1:1883 --link starlink --record weather.rec     the same weather again: --replay weather.rec

Exit status: 0 done, ${EXIT_USAGE} bad command line, name or file, ${EXIT_ADDRESS} an address cannot be listened on.`;

/** Where a command writes: streams, in the program. */
export interface Streams {
  out: { write(text: string): unknown };
  err: { write(text: string): unknown };
}

/** The sub-command, for the program to add. */
export function linkCommand(streams: Streams = { out: process.stdout, err: process.stderr }): Command {
  const refuse = (error: unknown) => {
    if (!(error instanceof LinkError || error instanceof SimulationError)) throw error;
    streams.err.write(`Error: ${error.message}\n`);
    process.exitCode = EXIT_USAGE;
  };
  const answer = (action: () => void) => {
    try {
      action();
    } catch (error) {
      refuse(error);
    }
  };
  const command = proxyFlags(new Command("link"))
    .description("list, explain and convert links; or be one, in real time")
    .enablePositionalOptions()
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: ProxyFlags) => {
      if (Object.keys(flags).every(name => ["tcp", "seed"].includes(name))) {
        command.outputHelp();
        return;
      }
      try {
        process.exitCode = await runProxy(flags, streams.err);
        // Everything is closed and said. Left to itself, Node's end waits for what sockets that were reset still had to write, and turns on
        // one processor for ever where the kernel never tells.
        if (streams.err === process.stderr) process.exit();
      } catch (error) {
        refuse(error);
      }
    });
  // Beside a sub-command they would be obeyed by nobody.
  command.hook("preSubcommand", ({ args: [name] }) => {
    const given = command.options.find(option => command.getOptionValueSource(option.attributeName()) === "cli");
    if (given !== undefined)
      command.error(`Error: ${given.long}: it goes with a link in real time, not with "${name}"`, {
        exitCode: EXIT_USAGE,
      });
  });
  command
    .command("list")
    .description("every link by name")
    .action(() => answer(() => streams.out.write(listText())));
  command
    .command("explain")
    .argument("<name>", "a link or a message bearer")
    .description("every figure of a link, its grade and its source")
    .action((name: string) => answer(() => streams.out.write(explainText(name))));
  command
    .command("show")
    .argument("<link>", "a link by name, or a file ending in .json")
    .description("a link as JSON, as netem lines, as a proxy of toxiproxy, or as a trace of mahimahi")
    .addOption(
      new Option("--format <format>", "how to write it")
        .choices(["json", "tc", "toxiproxy", "mahimahi"])
        .default("json"),
    )
    .addOption(new Option("--direction <direction>", "with mahimahi: which way").choices(["up", "down"]))
    .option("--listen <host:port>", "with toxiproxy: where the proxy listens (default: 127.0.0.1:1884)")
    .option("--upstream <host:port>", "with toxiproxy: where the broker is (default: 127.0.0.1:1883)")
    .action((name: string, flags: ShowFlags) => answer(() => show(name, flags, streams)));
  command
    .command("import")
    .argument("<up>", "trace of mahimahi, from the sensor to the broker")
    .argument("<down>", "trace of mahimahi, back")
    .description("a link file out of two traces of mahimahi")
    .option("--delay <time>", "delay each way, which a trace does not know", "0ms")
    .action((up: string, down: string, flags: { delay: string }) =>
      answer(() => streams.out.write(importText(up, down, flags.delay))),
    );
  command
    .command("schema")
    .description("the JSON Schema of a link file")
    .action(() => answer(() => streams.out.write(`${JSON.stringify(schema, null, 2)}\n`)));
  return command;
}

interface ShowFlags {
  format: "json" | "tc" | "toxiproxy" | "mahimahi";
  direction?: "up" | "down";
  listen?: string;
  upstream?: string;
}

function listText(): string {
  const rows = [
    ...Object.entries(PRESETS).map(([name, { summary }]) => [name, "IP", summary]),
    ...Object.entries(MESSAGE_BEARERS).map(([name, { summary }]) => [name, "messages", summary]),
    ...Object.keys(RECORDINGS).map(name => [
      name,
      "recording",
      "not shipped: perigee link explain says how to bring it",
    ]),
  ];
  return `${columns(rows)}\nMQTT runs over links that carry IP; perigee link explain NAME tells every figure and its source.\n`;
}

function explainText(name: string): string {
  const subject = presetOrBearer(name);
  const rows = figuresOf(subject).map(({ path, value, grade, source }) => [
    path,
    value,
    grade === "F" ? "F illustrative" : (grade ?? ""),
    source,
  ]);
  const limit = "limit" in subject ? `${subject.limit}: MQTT cannot run there.\n` : "";
  const used = Object.entries(GRADES).filter(([grade]) => rows.some(row => row[2].startsWith(grade)));
  const legend = used.map(([grade, meaning]) => `${grade} ${meaning}`).join("; ");
  const units = "Times without a unit are ms, rates bit/s, sizes bytes, shares 0 to 1, money US dollars.";
  const table = rows.length === 0 ? "It has no figures.\n" : `${columns(rows)}${units}\nGrades: ${legend}.\n`;
  return `${name}: ${subject.summary}\n${limit}${table}`;
}

function show(name: string, { format, direction, listen, upstream }: ShowFlags, { out, err }: Streams): void {
  const { link } = linkNamed(name);
  if (direction !== undefined && format !== "mahimahi")
    throw new LinkError(`--direction: it goes with --format mahimahi`);
  for (const [flag, address] of Object.entries({ "--listen": listen, "--upstream": upstream })) {
    if (address === undefined) continue;
    if (format !== "toxiproxy") throw new LinkError(`${flag}: it goes with --format toxiproxy`);
    readAddress(address, flag);
  }
  const { text, missing } = written(link, format, direction, listen ?? "127.0.0.1:1884", upstream ?? "127.0.0.1:1883");
  out.write(text);
  for (const what of missing) err.write(`Warning: ${format} cannot say: ${what}\n`);
}

function written(
  link: LinkSpec,
  format: ShowFlags["format"],
  direction: "up" | "down" | undefined,
  listen: string,
  upstream: string,
): Written {
  if (format === "tc") return writeTc(link);
  if (format === "toxiproxy") return writeToxiproxy(link, listen, upstream);
  if (format === "json") return { text: `${JSON.stringify(link, null, 2)}\n`, missing: [] };
  if (direction === undefined) throw new LinkError("--direction: a trace has one; up or down is needed");
  return writeMahimahi(link[direction], direction);
}

function importText(up: string, down: string, delay: string): string {
  durationUs(delay, "--delay");
  const side = (path: string) => ({ delay: { base: delay }, rate: { trace: readMahimahi(readText(path), path) } });
  const link = validateLink({ name: "trace", up: side(up), down: side(down) });
  return `${JSON.stringify(link)}\n`;
}

/** Columns as wide as their widest cell; the last one is not padded. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  const lines = rows.map(row =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column])))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}
