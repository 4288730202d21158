/**
 * Which tests a mutant can fail: those that come by it, or, of one that is met while a file is loaded, all of that file. First the files
 * that have killed most of its neighbours for the time they take.
 */
import type { Outcome } from "./worker.ts";

export interface Step {
  readonly file: string;
  /** All of the file where it is missing. */
  readonly tests?: readonly string[];
  readonly ms: number;
}

/** What running a file with no mutant active has shown. */
export type Measured = ReadonlyMap<string, Outcome["tests"]>;

/** How many mutants of each source each test file has killed. */
export class Killers {
  readonly #counts = new Map<string, Map<string, number>>();

  of(source: string): Map<string, number> {
    const counts = this.#counts.get(source) ?? new Map<string, number>();
    this.#counts.set(source, counts);
    return counts;
  }

  count(source: string, test: string): void {
    const counts = this.of(source);
    counts.set(test, (counts.get(test) ?? 0) + 1);
  }
}

/** Loading a file takes about so long. */
const LOAD_MS = 50;
/** Files that take longer come last, whatever they have killed. */
const SHORT_MS = 600;

export function planFor(mutant: number, measured: Measured, killers: ReadonlyMap<string, number>): Step[] {
  const steps: Step[] = [];
  for (const [file, { "": loading, ...tests }] of measured) {
    if (loading === undefined) continue;
    const all = Object.entries(tests);
    const isStatic = loading.mutants.includes(mutant);
    const chosen = isStatic ? all : all.filter(([, { mutants }]) => mutants.includes(mutant));
    if (chosen.length === 0) continue;
    const ms = chosen.reduce((sum, [, test]) => sum + test.ms, 0);
    steps.push(isStatic ? { file, ms } : { file, ms, tests: chosen.map(([name]) => name) });
  }
  const promise = ({ file, ms }: Step): number => ((killers.get(file) ?? 0) + 0.3) / (ms + LOAD_MS);
  const isLong = ({ ms }: Step): number => (ms > SHORT_MS ? 1 : 0);
  return steps.sort((a, b) => isLong(a) - isLong(b) || promise(b) - promise(a));
}
