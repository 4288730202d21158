/**
 * `perigee sweep`: the same fleet over lists of losses, delays, qualities of service and whatever else, on every processor.
 */
import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { LinkError } from "../link/index.ts";
import { type Row, SimulationError } from "../simulation/index.ts";
import { HEADERS_HELP, readText } from "./link-flags.ts";
import type { Out } from "./out.ts";
import { fileReason } from "./read-file.ts";
import { commandOf } from "./report-page.ts";
import { onEndingSignal } from "./signals.ts";
import { htmlOf } from "./sweep-html.ts";
import {
  type Case,
  casesOf,
  DIMENSIONS,
  type Dimension,
  type Ground,
  keyOf,
  listOf,
  planOfCase,
  seedsOf,
} from "./sweep-plan.ts";
import { runAll } from "./sweep-pool.ts";
import { csvOf, FIGURES, type Found, mapOf, tableOf, variedOf } from "./sweep-report.ts";
import { checkOutputs, type NamedFiles, writeText } from "./write-file.ts";

const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 3;

const EXAMPLES = `
Flags that say LIST take values separated by commas; every combination is run, once for each seed. --headers, which no run
varies, is one list for all.

Examples:
  perigee sweep --loss 0,1%,5%,10% --qos 0,1,2 --seeds 1..10
  perigee sweep --link starlink,oneweb,bgan --interval 10s,60s --figure bytes --csv sweep.csv --html sweep.html
  perigee sweep --delay 20ms,300ms,600ms --loss 0,5%,20% --tcp lwip,linux --results sweep.jsonl

--csv has a line for every run; --html a report in one file that needs no network.
With --results a sweep that was interrupted goes on where it stopped: what the file has is not run again.
Figures for --figure: ${Object.keys(FIGURES).join(", ")}

Exit status: 0 done, ${EXIT_BROKEN} a promise was broken in a run, or a run did not settle, ${EXIT_USAGE} bad command line or file, ${EXIT_INTERRUPTED} interrupted.`;

interface Flags extends Ground {
  link: string;
  loss?: string;
  delay?: string;
  qos: string;
  keepAlive: string;
  payload: string;
  interval: string;
  tcp: string;
  seeds: string;
  workers?: string;
  results?: string;
  csv?: string;
  html?: string;
  figure: string;
  quiet?: boolean;
}

/** The sub-command, for the program to add. */
export function sweepCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  return new Command("sweep")
    .description("simulate a fleet for every combination of lists of losses, delays, QoS, ..., on every processor")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--link <list>", "links by name, or files ending in .json", "geo-vsat")
    .option("--loss <list>", "packets lost, instead of what the link says")
    .option("--delay <list>", "delays each way, instead of what the link says")
    .option("--qos <list>", "qualities of service", "0,1,2")
    .option("--keep-alive <list>", "keep-alives, seconds", "60")
    .option("--payload <list>", "sizes of a reading", "32")
    .option("--interval <list>", "times between two readings of a sensor", "60s")
    .option("--tcp <list>", "TCP of the sensors", "lwip")
    .option("--seeds <list>", "seeds, or FIRST..LAST", "7")
    .option("--sensors <count>", "sensors in the fleet", "50")
    .option("--duration <time>", "how long they publish", "1h")
    .option("--window <count>", "messages that a sensor may have unacknowledged", "8")
    .option("--outbox <bytes>", "what a sensor can keep while it is offline", "16384")
    .option("--headers <list>", HEADERS_HELP)
    .option("--tls <mode>", "TLS of the sensors, in its sizes: see perigee sim --help (default: none)")
    .option("--workers <count>", "threads (default: one for each processor)")
    .option("--results <file>", "write every run there as it ends, and do not repeat what it has")
    .option("--csv <file>", "a line for every run")
    .option("--html <file>", "a report with a map of any figure over any two lists, in one file")
    .option("--figure <name>", "what the map shows", "p95")
    .option("--quiet", "no progress bar and no table")
    .action(async (flags: Flags) => {
      try {
        process.exitCode = await sweep(flags, out, err, commandOf(sweepCommand(), flags));
      } catch (error) {
        if (!(error instanceof LinkError || error instanceof SimulationError || error instanceof RangeError))
          throw error;
        err.write(`Error: ${error.message}\n`);
        process.exitCode = EXIT_USAGE;
      }
    });
}

async function sweep(flags: Flags, out: Out, err: Out, command: string): Promise<number> {
  const { sensors, duration, window, outbox, headers, tls } = flags;
  const ground: Ground = { sensors, duration, window, outbox, headers, tls };
  if (!Object.hasOwn(FIGURES, flags.figure)) {
    throw new LinkError(`--figure: there is no "${flags.figure}"; there are ${Object.keys(FIGURES).join(", ")}`);
  }
  const workerCount = flags.workers === undefined ? availableParallelism() : Number(flags.workers);
  if (!(Number.isInteger(workerCount) && workerCount >= 1 && workerCount <= 256)) {
    throw new LinkError(`--workers: a whole number from 1 to 256, not "${flags.workers}"`);
  }
  const cases = casesOf(valuesOf(flags));
  // A mistake in any value is told before hours of work, not in their midst.
  for (const dimension of DIMENSIONS) {
    for (const value of new Set(cases.map(each => each[dimension])))
      planOfCase({ ...cases[0], [dimension]: value }, ground);
  }
  const links = new Set(cases.map(({ link }) => link).filter(link => link.endsWith(".json")));
  const outputs: NamedFiles = [
    ["--results", flags.results],
    ["--csv", flags.csv],
    ["--html", flags.html],
  ];
  checkOutputs(
    outputs,
    [...links].map(link => ["--link", link] as const),
  );
  const digests = new Map([...links].map(link => [link, createHash("sha256").update(readText(link)).digest("hex")]));
  const known = flags.results === undefined ? new Map<string, Row>() : resultsIn(flags.results);
  const rows: (Row | undefined)[] = cases.map(each => known.get(keyOf(each, ground, digests)));
  const tasks = cases.flatMap((each, index) => (rows[index] === undefined ? [{ index, case: each, ground }] : []));
  const failures: string[] = [];
  let doneCount = 0;
  let stopped = false;
  const listenNoMore = onEndingSignal(() => {
    stopped = true;
  });
  const bar = new SingleBar({
    format: "{bar} {value}/{total} runs, {eta_formatted} left",
    stream: process.stderr,
    clearOnComplete: true,
  });
  const isShown = flags.quiet !== true && err.isTTY === true;
  if (isShown) bar.start(cases.length, cases.length - tasks.length);
  const startMs = performance.now();
  await runAll(
    tasks,
    workerCount,
    ({ index, row, error }) => {
      if (row === undefined) {
        failures.push(`${described(cases[index])}: ${error}`);
      } else {
        rows[index] = row;
        doneCount += 1;
        const line = `${JSON.stringify({ key: keyOf(cases[index], ground, digests), case: cases[index], row })}\n`;
        if (flags.results !== undefined) append(flags.results, line);
      }
      if (isShown) bar.increment();
    },
    () => stopped,
  ).finally(() => bar.stop());
  listenNoMore();
  const found = cases.flatMap((each, index): Found[] => {
    const row = rows[index];
    return row === undefined ? [] : [{ case: each, row }];
  });
  if (flags.csv !== undefined) writeText("--csv", flags.csv, csvOf(found));
  if (flags.html !== undefined) writeText("--html", flags.html, htmlOf(found, flags, command));
  if (flags.quiet !== true && found.length > 0) out.write(reportOf(found, flags.figure));
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  out.write(`${found.length} of ${cases.length} runs, ${doneCount} of them now, in ${seconds} s\n`);
  for (const failure of failures) err.write(`Error: ${failure}\n`);
  if (failures.length > 0) return EXIT_BROKEN;
  if (stopped)
    err.write(`Error: interrupted${flags.results === undefined ? "" : "; the same command goes on from here"}\n`);
  return stopped ? EXIT_INTERRUPTED : 0;
}

function valuesOf(flags: Flags): Record<Dimension, string[]> {
  return {
    link: listOf(flags.link, "--link"),
    loss: flags.loss === undefined ? [""] : listOf(flags.loss, "--loss"),
    delay: flags.delay === undefined ? [""] : listOf(flags.delay, "--delay"),
    qos: listOf(flags.qos, "--qos"),
    keepAlive: listOf(flags.keepAlive, "--keep-alive"),
    payload: listOf(flags.payload, "--payload"),
    interval: listOf(flags.interval, "--interval"),
    tcp: listOf(flags.tcp, "--tcp"),
    seed: seedsOf(flags.seeds),
  };
}

function reportOf(found: readonly Found[], figure: string): string {
  const varied = variedOf(found);
  const [down, across] = varied;
  const map = across === undefined ? "" : `\n${mapOf(found, figure, down, across)}\n`;
  return `${tableOf(found)}\n${map}`;
}

function described(each: Case): string {
  return DIMENSIONS.filter(dimension => each[dimension] !== "")
    .map(dimension => `${dimension} ${each[dimension]}`)
    .join(", ");
}

/** The runs of a results file, by key. A last line that was cut off by a power cut is run again. */
function resultsIn(path: string): Map<string, Row> {
  const known = new Map<string, Row>();
  const text = readText(path);
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    try {
      const { key, row } = JSON.parse(line) as { key: unknown; row: Row };
      if (typeof key !== "string" || typeof row?.published !== "number") throw new Error("no run");
      known.set(key, row);
    } catch {
      if (index < lines.length - 1) throw new LinkError(`--results: ${path}: line ${index + 1} is no run of a sweep`);
    }
  }
  // What follows must begin on a line of its own.
  if (text !== "" && !text.endsWith("\n")) append(path, "\n");
  return known;
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw new LinkError(`--results: cannot write ${path}: ${fileReason(error)}`);
  }
}
