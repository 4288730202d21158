/**
 * `perigee bench wire`: what one reading costs in every protocol, at every layer, on the air, and a month of them in money.
 */
import Table from "cli-table3";
import { Command } from "commander";
import { durationUs, LinkError, presetOrBearer, tcpProfile } from "../link/index.ts";
import { compareIp, compareMessages, type Line, type Reading } from "../wire/compare.ts";
import { HEADERS_HELP, linkNamed, withHeaders } from "./link-flags.ts";
import type { Out } from "./out.ts";

export const EXIT_USAGE = 2;

const EXAMPLES = `
A reading on a connection that is kept open is what one more of them adds; its month has one handshake, and pings where the keep-alive is shorter than
the interval. "Connection each" is handshake, CONNECT, reading and end, every time. Bytes are IP's, acknowledgements of TCP included; for a bearer of
messages they are the message's. Billed is what the network counts by the rules of the link's sources (perigee link explain NAME).

Examples:
  perigee bench wire --topic sensors/dev0001/temp --payload 12
  perigee bench wire --links iridium-certus-100,geo-vsat,ntn-geo-nbiot --interval 15min
  perigee bench wire --links iridium-sbd,lorawan-eu868-sf12 --payload 24 --json

Exit status: 0 done, ${EXIT_USAGE} bad command line or name.`;

interface Flags {
  topic: string;
  payload: string;
  links: string;
  interval: string;
  keepAlive: string;
  days: string;
  tcp: string;
  headers?: string;
  json?: boolean;
}

/** The command, for the program to add. */
export function benchCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  const command = new Command("bench")
    .description("compare what protocols cost")
    .helpOption("-h, --help", "show this help")
    .helpCommand(false);
  command
    .command("wire")
    .description("bytes, airtime and cost of a reading in MQTT, MQTT-SN, CoAP and HTTP")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--topic <topic>", "topic of the reading", "sensors/dev0001/temp")
    .option("--payload <bytes>", "size of the reading", "12")
    .option("--links <list>", "links and message bearers by name, or files ending in .json", "geo-vsat")
    .option("--interval <time>", "time between two readings", "15min")
    .option("--keep-alive <seconds>", "keep-alive of MQTT; 0 for none", "1200")
    .option("--days <count>", "days of a month", "30")
    .option("--tcp <profile>", "TCP of the sensor", "linux")
    .option("--headers <list>", HEADERS_HELP)
    .option("--json", "as JSON instead of tables")
    .action((flags: Flags) => {
      try {
        out.write(wire(flags));
      } catch (error) {
        if (!(error instanceof LinkError)) throw error;
        err.write(`Error: ${error.message}\n`);
        process.exitCode = EXIT_USAGE;
      }
    });
  return command;
}

function wire(flags: Flags): string {
  const topicSize = Buffer.byteLength(flags.topic);
  if (topicSize === 0 || topicSize > 1024 || /[+#\0]/.test(flags.topic)) {
    throw new LinkError(`--topic: "${flags.topic}" is no topic to publish to [MQTT-3.3.2-2]`);
  }
  const intervalSeconds = durationUs(flags.interval, "--interval") / 1e6;
  if (intervalSeconds < 1) throw new LinkError(`--interval: a second at least, not "${flags.interval}"`);
  const reading: Reading = {
    topic: flags.topic,
    payload: Buffer.alloc(whole(flags.payload, "--payload", 0, 100_000), 0x20),
    intervalSeconds,
    keepAliveSeconds: whole(flags.keepAlive, "--keep-alive", 0, 65_535),
    monthSeconds: whole(flags.days, "--days", 1, 366) * 86_400,
    tcp: tcpProfile(flags.tcp),
  };
  const found = flags.links
    .split(",")
    .map(name => ({ link: name.trim(), lines: linesOf(name.trim(), reading, flags.headers) }));
  if (flags.json) return `${JSON.stringify(found, null, 2)}\n`;
  return found.map(({ link, lines }) => `${link}\n${tableOf(lines)}\n`).join("\n");
}

function linesOf(name: string, reading: Reading, headers: string | undefined): Line[] {
  const subject = name.endsWith(".json")
    ? { summary: name, link: linkNamed(name).link, provenance: [] }
    : presetOrBearer(name);
  return "link" in subject ? compareIp(withHeaders(subject, headers), reading) : compareMessages(subject, reading);
}

function tableOf(lines: readonly Line[]): string {
  if (lines.length === 0) return "nothing of this size fits into its messages";
  const isDressed = lines.some(({ up, upAir, down, downAir }) => up !== upAir || down !== downAir);
  const onAir = isDressed ? ["on air"] : [];
  const head = ["", "message", "TLS", "up", "down", "packets", ...onAir, "airtime ms", "month kB", "billed", "US$"];
  const table = new Table({
    head,
    colAligns: head.map((_, index) => (index === 0 ? "left" : "right")),
    style: { head: [], border: [], compact: true },
  });
  for (const line of lines) {
    const { name, application, tls, up, down, packets, airtimeMs, monthBytes, monthBilled } = line;
    const { amount, unit, dollars } = monthBilled;
    table.push([
      name,
      short(application),
      short(tls),
      short(up),
      short(down),
      short(packets),
      ...(isDressed ? [short(line.upAir + line.downAir)] : []),
      airtimeMs === undefined ? "" : airtimeMs.toFixed(1),
      (monthBytes / 1000).toFixed(1),
      unit === "bytes" ? `${(amount / 1000).toFixed(1)} kB` : `${amount} ${unit}`,
      dollars === undefined ? "" : dollars.toFixed(2),
    ]);
  }
  return table.toString();
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function whole(text: string, flag: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new LinkError(`${flag}: a whole number from ${least} to ${most}, not "${text}"`);
  return value;
}
