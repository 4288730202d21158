/**
 * `perigee sim`: a day of telemetry over a link that loses, stalls and cuts out, in virtual time.
 */
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { LinkError, PRESETS, TCP_PROFILES, TLS_MODES } from "../link/index.ts";
import {
  airText,
  checkChronicle,
  energyText,
  IDENTITY_SIZE,
  type Observed,
  observe,
  SimulationError,
  simulate,
  TIME_UNITS,
  table,
  verdict,
} from "../simulation/index.ts";
import { HEADERS_HELP } from "./link-flags.ts";
import type { Out } from "./out.ts";
import { commandOf } from "./report-page.ts";
import { bearerOfFlags, runBearerSim } from "./sim-bearer.ts";
import { csvOf } from "./sim-csv.ts";
import { htmlOf } from "./sim-html.ts";
import { DEFAULT_LINK, inputsOf } from "./sim-link.ts";
import { DEFAULT_INTERVAL, DEFAULT_PAYLOAD, type Plan, planOf, type SimFlags } from "./sim-plan.ts";
import { checkOutputs, type NamedFiles, writeText } from "./write-file.ts";

const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;
const EXIT_UNSETTLED = 3;

const EXAMPLES = `
Links:     ${Object.keys(PRESETS).join(", ")}
           (perigee link explain NAME: their figures and sources); a file of your own: --link site.json;
           or a line of netem: --tc 'delay 270ms 10ms loss random 5% rate 64kbit'
           Links that carry single messages (perigee link list) run the same telemetry as bare messages and as MQTT-SN 1.2:
           --qos bare,-1,0,1; with --loss of messages, --outage, and what the network bills
Losses:    --loss 5%, --loss 0.05, --loss 'gemodel 1% 25%', --loss none        in both directions
           --loss 'gilbert 1% 4'             loss rate and mean burst, packets
Outages:   --outage 'on-off 6h 90s'          service and silence of these mean lengths, drawn for each sensor
           --outage 'periodic 10min 2min'    service and silence of these lengths, by the clock
           --outage 'at 2h for 60s, at 5h for 10min'
           --outage 'passes FILE'            service while a satellite passes: perigee passes --json FILE
           --outage none

Every sensor is the client that a board would run, on a TCP and a link of its own. Readings are published at each
QoS in turn, in each version of --mqtt, with the same seed; then the link heals, and all that is under way must arrive. Each message is then
delivered, lost, or unknown: neither delivered nor acknowledged. Loss at QoS 1 and 2 means that the sensor's outbox
was full, or that a promise was broken. IP bytes count every header and retransmission of both ends.

Files:     --json FILE   seed, link, hash, and a row for each QoS with everything that the table has, unrounded
           --csv FILE    a row a message: mqtt, qos, sensor, number, published_s, sent_s (first), sent_count, acknowledged_s,
                         delivered_s (first), delivered_count, delay_ms, fate (delivered, lost, unknown, refused)
           --html FILE   a report in one file that needs no network: results, delays, deliveries and outages over time, bytes
                         by what they were for, the lives of messages packet by packet, the link's figures and sources.
                         It has those messages to whom something happened, and some others; --message names more,
                         as SENSOR/NUMBER: both are counted from 0

Energy:    --power FILE  {"source": "data sheet, 3.2", "transmitW": 2.1, "receiveW": 0.3, "idleW": 0.01, "connectJ": 4}
           watts while the radio transmits, receives and does neither; "transmitJPerByte", "receiveJPerByte" instead of the watts
           where a data sheet says those, or the link has no rate; "connectJ" for each connection, on top. None is built in

Examples:
  perigee sim                                        a day of 50 sensors over a geostationary satellite
  perigee sim --link iridium-certus-100 --qos 1      what it costs on a narrow link
  perigee sim --mqtt 3.1.1,5,5-alias --qos 1         what topic aliases save
  perigee sim --link iridium-sbd --interval 15min    messages by satellite: what arrives when, and what it costs
  perigee sim --tls tls1.3-resumed --headers ipv6    what TLS and longer headers add
  perigee sim --power radio.json                     and the energy that it takes
  perigee sim --loss 5% --tcp linux                  a lossy link, and sensors on Linux
  perigee sim --outage 'periodic 10min 40min' --duration 7d --interval 10min
  perigee sim --html report.html --message 12/345    a report, with the life of message 345 of sensor 12 in it
  perigee sim --replay weather.csv --time-column time --value-columns temperature,humidity

Exit status: 0 every promise kept, ${EXIT_BROKEN} a promise was broken, ${EXIT_USAGE} bad command line or file, ${EXIT_UNSETTLED} messages still pending
an hour after the link had healed.`;

/** The sub-command, for the program to add. */
export function simCommand(): Command {
  return simFlags(new Command("sim"))
    .description("simulate a fleet of sensors over a lossy link, and check what each QoS promises")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .action((flags: SimFlags) => {
      process.exitCode = runSim(flags, process.stdout, process.stderr);
    });
}

/** Gives a command the flags of a simulation, with their defaults. */
function simFlags(command: Command): Command {
  return command
    .option("--link <name>", `link by name, or a file ending in .json (default: ${DEFAULT_LINK})`)
    .option("--tc <line>", "link as a line of netem, for both directions")
    .option("--headers <list>", HEADERS_HELP)
    .option("--loss <loss>", "packets lost, instead of what the link says")
    .option("--outage <outage>", "when nothing gets through, instead of what the link says")
    .option("--sensors <count>", "sensors in the fleet", "50")
    .option("--duration <time>", "how long they publish; with --replay: the recording once (default: 24h)")
    .option("--interval <time>", `time between two readings of a sensor (default: ${DEFAULT_INTERVAL})`)
    .option("--qos <list>", "qualities of service to compare", "0,1,2")
    .option("--mqtt <list>", "versions to compare: 3.1.1, 5, 5-alias (5.0 with topic aliases)", "3.1.1")
    .option("--seed <number>", "draws everything that is random; the same seed, the same run", "7")
    .option("--payload <bytes>", `size of a reading, ${IDENTITY_SIZE} at least (default: ${DEFAULT_PAYLOAD})`)
    .option("--topic <topic>", "topic of a reading; {sensor} becomes the sensor's number", "sensors/{sensor}")
    .option("--keep-alive <seconds>", "keep-alive of the sensors; 0 for none (default: 60; of MQTT-SN 65535)")
    .option("--tcp <profile>", `TCP of the sensors: ${Object.keys(TCP_PROFILES).join(", ")}`, "lwip")
    .option("--tls <mode>", `TLS of the sensors, in its sizes: ${Object.keys(TLS_MODES).join(", ")} (default: none)`)
    .option("--window <count>", "messages that a sensor may have unacknowledged", "8")
    .option("--outbox <bytes>", "what a sensor can keep while it is offline", "16384")
    .option("--replay <file>", "readings out of a CSV file with a header line")
    .option(
      "--time-column <name>",
      "column with the time of a row: ISO 8601 (UTC if no zone is named) or a number since any moment",
    )
    .option(
      "--time-unit <unit>",
      `unit of a number: ${Object.keys(TIME_UNITS).join(", ")} (default: by its size, if since 1970)`,
    )
    .option("--value-columns <names>", "columns to publish, separated by commas")
    .option("--json <file>", "write the result as JSON; - for standard output, instead of the table")
    .option("--csv <file>", "write a row a message as CSV")
    .option("--html <file>", "write a report with charts, in one file")
    .option("--power <file>", "what a sensor's radio takes, as JSON: adds energy to table, JSON and report")
    .option("--message <list>", "messages whose lives the report must have, SENSOR/NUMBER, separated by commas")
    .option("--quiet", "no progress bar and no table: the verdict only");
}

/** Runs a simulation as flags ask for it, and returns the exit status. */
export function runSim(flags: SimFlags, out: Out, err: Out): number {
  try {
    const bearer = bearerOfFlags(flags);
    if (bearer !== undefined) return runBearerSim(flags, bearer, out);
    return runPlan(planOf(flags), flags, out, err);
  } catch (error) {
    if (error instanceof LinkError || error instanceof SimulationError || error instanceof RangeError) {
      err.write(`Error: ${error.message}\n`);
      return EXIT_USAGE;
    }
    throw error;
  }
}

function runPlan(plan: Plan, flags: SimFlags, out: Out, err: Out): number {
  const { illustrative, replayed } = plan;
  const jsonFile = flags.json === "-" ? undefined : flags.json;
  const { html, csv } = flags;
  if (flags.message !== undefined && html === undefined) throw new SimulationError("--message: it needs --html");
  const outputs: NamedFiles = [
    ["--json", jsonFile],
    ["--csv", csv],
    ["--html", html],
  ];
  checkOutputs(outputs, inputsOf(flags));
  if (html !== undefined && flags.tls !== undefined)
    throw new SimulationError("--html: it names the packets of MQTT, and --tls hides them");
  if (csv !== undefined || html !== undefined)
    checkChronicle(plan.messageCount, csv === undefined ? "--html" : "--csv");
  const observed = simulateWithBar(plan, flags, flags.quiet !== true && err.isTTY === true);
  const { result, runs } = observed;
  const json = `${JSON.stringify(result, null, 2)}\n`;
  if (jsonFile !== undefined) writeText("--json", jsonFile, json);
  if (csv !== undefined) writeText("--csv", csv, csvOf(observed));
  if (html !== undefined) writeText("--html", html, htmlOf(observed, plan, flags, commandOf(simCommand(), flags)));
  if (flags.json === "-") {
    out.write(json);
  } else {
    if (flags.quiet !== true) {
      out.write(`${table(result)}\n`);
      for (const lines of [airText(result), energyText(result)]) if (lines !== "") out.write(`${lines}\n`);
    }
    out.write(`${verdict(result, runs)}\n`);
    if (flags.quiet !== true && replayed !== undefined) out.write(`replayed: ${replayed}\n`);
    if (flags.quiet !== true && illustrative.length > 0) {
      out.write(`illustrative: ${illustrative.join(", ")} of ${result.link}; perigee link explain ${result.link}\n`);
    }
  }
  if (runs.some(run => run.finding.count > 0)) return EXIT_BROKEN;
  return runs.some(run => run.pendingCount > 0) ? EXIT_UNSETTLED : 0;
}

/** Simulates, with a progress bar on standard error where a person is looking. */
function simulateWithBar({ options, qosList, versions, wanted }: Plan, flags: SimFlags, isWatched: boolean): Observed {
  const bar = new SingleBar({
    format: "simulating [{bar}] {percentage}%",
    barsize: 40,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  });
  const progress = isWatched ? (share: number) => bar.update(Math.round(share * 1000)) : undefined;
  if (isWatched) bar.start(1000, 0);
  try {
    // What nobody reads is not kept.
    if (flags.html === undefined && flags.csv === undefined) {
      return { ...simulate(options, qosList, versions, progress), observations: [] };
    }
    return observe(options, qosList, versions, flags.html === undefined ? undefined : wanted, progress);
  } finally {
    bar.stop();
  }
}
