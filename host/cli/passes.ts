/**
 * `perigee passes`: when a satellite stands high enough above a station, as a table and as windows that a link uses.
 */
import { Command } from "commander";
import { findPasses, type GroundStation, type Pass, passWindows } from "../link/elements/find-passes.ts";
import { FROZEN_ELEMENTS } from "../link/elements/frozen.ts";
import { type Elements, readElements, readOmm, readTle } from "../link/elements/read-elements.ts";
import { LinkError, validateOutage } from "../link/index.ts";
import { suggestion } from "../link/nearest.ts";
import { SimulationError } from "../simulation/index.ts";
import type { Streams } from "./link.ts";
import { readText } from "./link-flags.ts";
import { checkOutputs, writeText } from "./write-file.ts";

export const EXIT_USAGE = 2;

const DAY_MS = 86_400_000;
/** SGP4's elements are good to about a kilometre at their epoch and drift by kilometres a day. */
const OLDEST_DAYS = 14;
const MOST_DAYS = 366;

const EXAMPLES = `
Frozen elements, for trying: ${Object.keys(FROZEN_ELEMENTS).join(", ")}. For a satellite of today take today's
elements; those older than ${OLDEST_DAYS} days are warned about.

Examples:
  perigee passes --frozen iss-2019 --station 47.3769,8.5417,408
  perigee passes --omm orbcomm.json --station 60.17,24.94,20 --min-elevation 20 --from 2026-11-20T00:00Z --days 3 --json passes.json
  perigee sim --link orbit.json --outage 'passes passes.json' --duration 3d

With several satellites in one file the link keeps one until it sets, then takes the next. The windows count from --from, which is
when a simulation begins; the distance to the satellite is added to the delay of the link.

Exit status: 0 done, ${EXIT_USAGE} bad command line, elements or file.`;

interface PassesFlags {
  omm?: string;
  tle?: string;
  frozen?: string;
  station: string;
  minElevation: string;
  from?: string;
  days: string;
  json?: string;
}

/** The sub-command, for the program to add. */
export function passesCommand(streams: Streams = { out: process.stdout, err: process.stderr }): Command {
  return new Command("passes")
    .description("passes of a satellite over a station, from orbital elements")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--omm <file>", "elements as orbit mean-elements messages, JSON")
    .option("--tle <file>", "elements in two lines")
    .option("--frozen <name>", "elements that come with Perigee")
    .requiredOption("--station <lat,lon,alt>", "degrees north, degrees east, metres above the sea")
    .option("--min-elevation <degrees>", "how high above the horizon a satellite must stand", "10")
    .option("--from <time>", "ISO 8601, UTC unless it says otherwise (default: the epoch of the elements)")
    .option("--days <count>", `how long, up to ${MOST_DAYS}`, "7")
    .option(
      "--json <file>",
      "write the windows for --outage 'passes FILE'; - for standard output, instead of the table",
    )
    .action((flags: PassesFlags) => {
      try {
        runPasses(flags, streams);
      } catch (error) {
        if (!(error instanceof LinkError || error instanceof SimulationError)) throw error;
        streams.err.write(`Error: ${error.message}\n`);
        process.exitCode = EXIT_USAGE;
      }
    });
}

function runPasses(flags: PassesFlags, { out, err }: Streams): void {
  const satellites = elementsOf(flags);
  const station = stationOf(flags.station);
  const minimumElevation = numberOf(flags.minElevation, "--min-elevation", 0, 90);
  const fromMs = flags.from === undefined ? satellites[0].epochMs : timeOf(flags.from);
  const toMs = fromMs + Math.round(numberOf(flags.days, "--days", 0.001, MOST_DAYS) * DAY_MS);
  const jsonFile = flags.json === "-" ? undefined : flags.json;
  checkOutputs(
    [["--json", jsonFile]],
    [
      ["--omm", flags.omm],
      ["--tle", flags.tle],
    ],
  );
  const passes = satellites
    .flatMap(satellite => findPasses(satellite, station, minimumElevation, fromMs, toMs))
    .sort((a, b) => a.riseMs - b.riseMs);
  for (const { name, epochMs } of satellites) {
    const days = Math.floor(Math.max(Math.abs(fromMs - epochMs), Math.abs(toMs - epochMs)) / DAY_MS);
    if (days >= OLDEST_DAYS) {
      err.write(`Warning: the elements of ${name} are of ${iso(epochMs)}, up to ${days} days away\n`);
    }
  }
  const windows = passWindows(passes, station, fromMs);
  const json = `${JSON.stringify({
    satellites: satellites.map(({ name, epochMs }) => ({ name, epoch: iso(epochMs) })),
    station,
    minimumElevation,
    from: iso(fromMs),
    to: iso(toMs),
    outage: validateOutage({ model: "passes", windows }, "passes"),
  })}\n`;
  if (jsonFile !== undefined) writeText("--json", jsonFile, json);
  out.write(flags.json === "-" ? json : tableOf(passes, windows as { start: number; end: number }[], toMs - fromMs));
}

function tableOf(passes: readonly Pass[], windows: readonly { start: number; end: number }[], spanMs: number): string {
  const width = Math.max(9, ...passes.map(({ satellite }) => satellite.name.length));
  const head = `${"satellite".padEnd(width)}  rises                     sets                      lasts    highest   nearest`;
  const rows = passes.map(({ satellite, riseMs, setMs, maximumElevation, nearestKm }) =>
    [
      satellite.name.padEnd(width),
      iso(riseMs),
      iso(setMs),
      `${((setMs - riseMs) / 1000).toFixed(1)} s`.padStart(8),
      `${maximumElevation.toFixed(1)}°`.padStart(6),
      `${nearestKm.toFixed(0)} km`.padStart(9),
    ].join("  "),
  );
  const servedMs = windows.reduce((sum, { start, end }) => sum + end - start, 0);
  const edges = [0, ...windows.flatMap(({ start, end }) => [start, end]), spanMs];
  let longestMs = 0;
  for (let index = 0; index < edges.length; index += 2)
    longestMs = Math.max(longestMs, edges[index + 1] - edges[index]);
  const share = ((100 * servedMs) / spanMs).toFixed(1);
  const count = passes.length === 1 ? "1 pass" : `${passes.length} passes`;
  const summary = `${count}; service ${share} % of the time, longest silence ${(longestMs / 3_600_000).toFixed(1)} h`;
  return `${[...(rows.length === 0 ? [] : [head, ...rows]), summary].join("\n")}\n`;
}

function elementsOf({ omm, tle, frozen }: PassesFlags): Elements[] {
  const given = [omm, tle, frozen].filter(value => value !== undefined);
  if (given.length !== 1) throw new LinkError("elements come from one of --omm, --tle and --frozen");
  if (omm !== undefined) return readOmm(readText(omm), omm);
  if (tle !== undefined) return readTle(readText(tle), tle);
  const name = frozen ?? "";
  if (Object.hasOwn(FROZEN_ELEMENTS, name)) return readElements(FROZEN_ELEMENTS[name], name);
  const known = Object.keys(FROZEN_ELEMENTS);
  const near = suggestion(name, known) || `; there are ${known.join(", ")}`;
  throw new LinkError(`--frozen: there are no elements "${name}"${near}`);
}

function stationOf(text: string): GroundStation {
  const parts = text.split(",");
  if (parts.length !== 3) throw new LinkError(`--station: latitude, longitude and altitude are needed, not "${text}"`);
  return {
    latitude: numberOf(parts[0], "--station: latitude", -90, 90),
    longitude: numberOf(parts[1], "--station: longitude", -180, 180),
    altitudeM: numberOf(parts[2], "--station: altitude", -500, 9000),
  };
}

function numberOf(text: string, what: string, least: number, most: number): number {
  const value = /^-?[0-9]*\.?[0-9]+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new LinkError(`${what}: a number from ${least} to ${most}, not "${text.trim()}"`);
  }
  return value;
}

/** ISO 8601; without a zone it is UTC, whatever the machine's. */
function timeOf(text: string): number {
  const zoned = /T.*(Z|[+-][0-9]{2}:?[0-9]{2})$/i.test(text) || !text.includes("T") ? text : `${text}Z`;
  const ms = /^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) ? Date.parse(zoned) : Number.NaN;
  if (Number.isNaN(ms)) throw new LinkError(`--from: a time such as 2026-11-20T06:00Z, not "${text}"`);
  return ms;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
