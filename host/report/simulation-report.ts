/**
 * The data of a simulation's report, from what was observed.
 */
import { type Figure, GRADES, type PowerProfile } from "../link/index.ts";
import {
  cellsOf,
  joules,
  type Life,
  type LifeStep,
  nameOf,
  type Observation,
  type Observed,
  outageShares,
  type Row,
  type RunOptions,
  type RunResult,
  silentSpells,
  verdict,
} from "../simulation/index.ts";
import type { FigureData, LifeData, RowData, SimulationData, StepData } from "./data.ts";

/** Parts that the time of a run is cut into. */
const BIN_COUNT = 240;
/** Steps that are drawn of a life: its beginning, as far as it can be read. */
const MOST_STEPS = 80;
/** Shares at which the distribution of delays is told; its tail more finely than its middle. */
const SHARES = [
  ...Array.from({ length: 99 }, (_, index) => (index + 1) / 100),
  ...Array.from({ length: 29 }, (_, index) => 1 - 0.01 * 10 ** (-(index + 1) / 10)),
  1,
];

/** The head of the results, as cellsOf has the cells. */
const RESULT_HEAD = [
  ...["QoS", "published", "delivered", "lost", "duplicates", "unknown"],
  ...["delay\np50", "p95", "p99", "longest", "MQTT\nup, down", "IP\nup, down", "packets\nup, down"],
  ...["sent\nagain", "recon-\nnects", "airtime"],
];

export interface ReportOptions {
  version: string;
  command: string;
  summary: string;
  figures: readonly Figure[];
  facts: readonly (readonly [string, string])[];
}

export function simulationReport(observed: Observed, options: RunOptions, about: ReportOptions): SimulationData {
  const { result, runs, observations } = observed;
  const { durationUs, link, seed, sensorCount } = options;
  const lines = verdict(result, runs).split("\n");
  const isChoice = result.rows.some(row => row.version !== undefined);
  return {
    kind: "simulation",
    title: `${sensorCount} ${sensorCount === 1 ? "sensor" : "sensors"} over ${result.link}`,
    version: about.version,
    command: about.command,
    facts: [
      ...about.facts,
      ...powerFacts(options.power),
      ["seed", String(result.seed)],
      ["hash of the event logs", result.hash],
    ],
    verdict: lines,
    isGood: runs.every(run => run.finding.count === 0 && run.pendingCount === 0),
    results: {
      head: [
        ...(isChoice ? ["MQTT"] : []),
        ...RESULT_HEAD,
        ...(options.power === undefined ? [] : ["energy", "a message"]),
      ],
      rows: result.rows.map(row => [...cellsOf(row), ...energyCells(row)]),
    },
    link: { name: result.link, summary: about.summary, figures: about.figures.map(figureOf) },
    binS: durationUs / BIN_COUNT / 1e6,
    silent: outageShares(link, seed, sensorCount, durationUs, BIN_COUNT),
    rows: runs.map((run, index) => rowOf(run, observations[index], options)),
  };
}

function powerFacts(power: PowerProfile | undefined): [string, string][] {
  return power === undefined ? [] : [["radio", `${power.name === undefined ? "" : `${power.name}: `}${power.source}`]];
}

function energyCells({ energyJ }: Row): string[] {
  return energyJ === undefined ? [] : [joules(energyJ.total), joules(energyJ.perMessage)];
}

function figureOf({ path, value, grade, source }: Figure): FigureData {
  return {
    path,
    value,
    grade: grade ?? "",
    meaning: grade === undefined ? "as the command says" : GRADES[grade],
    source,
    isIllustrative: grade === "F",
  };
}

function rowOf(run: RunResult, { chronicle, lives }: Observation, options: RunOptions): RowData {
  const { history } = run;
  const published = history.invokedCount + history.refusedCount;
  const binUs = options.durationUs / BIN_COUNT;
  const publishedIn = new Array<number>(BIN_COUNT).fill(0);
  const deliveredIn = new Array<number>(BIN_COUNT).fill(0);
  const worstMs = new Array<number | null>(BIN_COUNT).fill(null);
  const binOf = (us: number) => Math.min(BIN_COUNT - 1, Math.floor(us / binUs));
  for (const { publishedUs, deliveredUs, refusedUs } of chronicle.sensors) {
    for (const us of refusedUs) publishedIn[binOf(us)] += 1;
    for (let at = 0; at < publishedUs.length; at += 1) {
      const bin = binOf(publishedUs[at]);
      publishedIn[bin] += 1;
      if (Number.isNaN(deliveredUs[at])) continue;
      deliveredIn[binOf(deliveredUs[at])] += 1;
      const delayMs = (deliveredUs[at] - publishedUs[at]) / 1000;
      if (delayMs > (worstMs[bin] ?? 0)) worstMs[bin] = delayMs;
    }
  }
  const { up, down } = chronicle;
  const kinds = [
    ["MQTT", "mqtt"],
    ["TCP and IP headers of it", "headers"],
    ["acknowledgements of TCP", "acknowledgements"],
    ["opening and closing", "connections"],
    ["sent again", "retransmissions"],
  ] as const;
  return {
    name: nameOf(run),
    published,
    delays: SHARES.map(share => [
      history.delays.percentileUs(share) / 1000,
      (share * history.delays.count) / Math.max(1, published),
    ]),
    publishedIn,
    deliveredIn,
    worstMs,
    bytes: kinds.map(([kind, name]) => ({ kind, up: up[name], down: down[name] })),
    lives: lives.map(life => lifeOf(life, options)),
  };
}

/** The steps, with what was lost over and over in one. */
function foldedSteps(steps: readonly LifeStep[], fromUs: number): StepData[] {
  const folded: StepData[] = [];
  for (const { atUs, what, isUp, arrivedUs, sizeBytes = 0, isRepeat } of steps) {
    const us = atUs - fromUs;
    const way = isUp === undefined ? 0 : isUp ? 1 : -1;
    const tookUs = isUp === undefined || arrivedUs == null ? null : arrivedUs - atUs;
    const before = folded.at(-1);
    if (before !== undefined && way !== 0 && tookUs === null && isRepeat) {
      const [firstUs, name, itsWay, itsTook, size, isAgain, count] = before;
      if (itsTook === null && itsWay === way && name === what && isAgain === 1) {
        folded[folded.length - 1] = [firstUs, name, itsWay, null, size, 1, count + 1, us];
        continue;
      }
    }
    folded.push([us, what, way, tookUs, sizeBytes, isRepeat ? 1 : 0, 1, us]);
  }
  return folded;
}

function lifeOf(life: Life, { link, seed, durationUs }: RunOptions): LifeData {
  const { publishedUs: fromUs, acknowledgedUs, steps, sensor } = life;
  const ends = [...steps.map(step => step.arrivedUs ?? step.atUs), ...life.deliveredUs, acknowledgedUs ?? 0];
  const folded = foldedSteps(steps, fromUs);
  const untilUs = Math.min(durationUs, Math.max(fromUs, ...ends));
  return {
    sensor,
    number: life.sequence,
    why: life.why,
    publishedUs: fromUs,
    acknowledgedUs: acknowledgedUs === null ? null : acknowledgedUs - fromUs,
    deliveredUs: life.deliveredUs.map(us => us - fromUs),
    steps: folded.slice(0, MOST_STEPS),
    omitted: life.omittedCount + folded.slice(MOST_STEPS).reduce((sum, step) => sum + step[6], 0),
    silent: silentSpells(link, seed, sensor, fromUs, untilUs).map(([from, to]) => [
      Math.round(from - fromUs),
      Math.round(to - fromUs),
    ]),
  };
}
