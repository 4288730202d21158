/**
 * Every mutant of some sources in one text each: at each place a switch asks which mutant is active, so that what is bundled once
 * serves for all of them. By the instrumenter of StrykerJS; what the switch reads and what it notes is in worker.ts.
 */
import { readFileSync } from "node:fs";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { OPERATORS, type Operator } from "./operators.ts";

export interface Mutant {
  readonly id: number;
  /** Below the root of the project. */
  readonly file: string;
  readonly line: number;
  /** That line. */
  readonly text: string;
  /** Its number among those of the file, from 0: what it is known by while the file stays as it is. */
  readonly place: number;
  readonly operator: string;
  /** The piece of source, and what stands in its place. */
  readonly from: string;
  readonly to: string;
}

export interface Instrumented {
  /** The text of each source, by its path. */
  readonly texts: ReadonlyMap<string, string>;
  readonly mutants: readonly Mutant[];
}

/** Texts of messages and names in a log are no behaviour that a rule asks for. */
const EXCLUDED = ["StringLiteral"];

const silent = () => {};
const logger = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: silent,
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  fatal: silent,
};

/** Puts the operators of ours into Stryker's list, once. */
async function addOperators(): Promise<void> {
  const list = new URL("./mutators/index.js", import.meta.resolve("@stryker-mutator/instrumenter"));
  const { allMutators } = (await import(list.href)) as { allMutators: Operator[] };
  if (!allMutators.includes(OPERATORS[0])) allMutators.push(...OPERATORS);
}

/** The piece of `text` at a location of Stryker's, whose lines count from 0. */
function pieceOf(text: string, { start, end }: Location): string {
  const lines = text.split("\n").slice(start.line, end.line + 1);
  lines[lines.length - 1] = lines[lines.length - 1].slice(0, end.column);
  lines[0] = lines[0].slice(start.column);
  return lines.map(line => line.trim()).join(" ");
}

interface Location {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

/** A call at each place is many times as slow as a comparison and a store. */
function withoutCalls(text: string): string {
  const asked = text.replaceAll(/stryMutAct_9fa48\("(\d+)"\)/g, "(activeMutant === $1)");
  return asked.replaceAll(COUNTER, (_call, ids: string) => `(${ids.replaceAll(/"(\d+)"/g, "metMutants[$1] = 1")})`);
}

const COUNTER = /stryCov_9fa48\(([^()]*)\)/g;
const STORE = /\((?:(?:, )?metMutants\[\d+\] = 1)+\)[,;]?/g;

/** Without the stores, for when it is known which test comes by which mutant. */
export const withoutStores = (text: string): string => text.replaceAll(STORE, "");

/** The sources at `files`, below `root`, with every mutant of theirs. */
export async function instrument(root: string, files: readonly string[]): Promise<Instrumented> {
  await addOperators();
  const instrumenter = new Instrumenter(logger);
  const sources = files.map(file => ({
    name: `${root}${file}`,
    content: readFileSync(`${root}${file}`, "utf8"),
    mutate: true,
  }));
  const options = { plugins: null, excludedMutations: EXCLUDED, ignorers: [], noHeader: true };
  const result = await instrumenter.instrument(sources, options);
  const counts = new Map<string, number>();
  const placeIn = (name: string): number => {
    const place = counts.get(name) ?? 0;
    counts.set(name, place + 1);
    return place;
  };
  const byName = new Map(sources.map(source => [source.name, source.content]));
  return {
    texts: new Map(result.files.map(file => [file.name, withoutCalls(file.content)])),
    mutants: result.mutants
      .filter(mutant => mutant.status !== "Ignored")
      .map(mutant => ({
        id: Number(mutant.id),
        file: mutant.fileName.slice(root.length),
        line: mutant.location.start.line + 1,
        text: (byName.get(mutant.fileName) ?? "").split("\n")[mutant.location.start.line].trim(),
        place: placeIn(mutant.fileName),
        operator: mutant.mutatorName,
        from: pieceOf(byName.get(mutant.fileName) ?? "", mutant.location),
        to: mutant.replacement.replace(/\s+/g, " "),
      })),
  };
}
