/**
 * The table of a run: the score of each file, and every mutant that lives, with the reason why none can tell it or with none.
 *
 * Reasons are kept in reasons.tsv by the line and what was changed in it, so that they outlive the numbers of lines.
 */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { Mutant } from "./instrument.ts";

export interface Judged extends Mutant {
  readonly state: "killed" | "lives" | "lives, not all tests run" | "no test comes by";
  /** The test file and the test. */
  readonly killedBy: string;
}

/** `items` in an order that `seed` draws. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = xoroshiro128plus(seed);
  const order = [...items];
  for (let index = order.length - 1; index > 0; index -= 1) {
    const other = uniformInt(random, 0, index);
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order;
}

/** The reasons of a file of them. A row is source, its line, the piece of it, what stands in its place, why; "*" is any piece or any change. */
export function readReasons(text: string): Map<string, string> {
  const rows = text.split("\n").filter(row => row !== "" && !row.startsWith("#"));
  return new Map(rows.map(row => [row.slice(0, row.lastIndexOf("\t")), row.slice(row.lastIndexOf("\t") + 1)]));
}

/** Why no test can tell the mutant, or "". */
export function reasonOf({ file, text, from, to }: Mutant, reasons: ReadonlyMap<string, string>): string {
  for (const change of [`${from}\t${to}`, `${from}\t*`, "*\t*"]) {
    const reason = reasons.get(`${file}\t${text}\t${change}`);
    if (reason !== undefined) return reason;
  }
  return "";
}

const percent = (part: number, whole: number): string => (whole === 0 ? "-" : `${((100 * part) / whole).toFixed(1)} %`);
const code = (text: string): string => `\`${text.replaceAll("|", "\\|").replaceAll("`", "'").slice(0, 100)}\``;

function scoreRow(
  name: string,
  total: number,
  judged: readonly Judged[],
  reasons: ReadonlyMap<string, string>,
): string {
  const killed = judged.filter(({ state }) => state === "killed").length;
  const same = judged.filter(mutant => mutant.state !== "killed" && reasonOf(mutant, reasons) !== "").length;
  const cells = [name, total, judged.length, killed, same, percent(killed, judged.length)];
  return `| ${[...cells, percent(killed, judged.length - same)].join(" | ")} |`;
}

export interface Run {
  readonly name: string;
  readonly mutants: readonly Mutant[];
  readonly judged: readonly Judged[];
  readonly reasons: ReadonlyMap<string, string>;
  readonly seed: number;
}

export function table({ name, mutants, judged, reasons, seed }: Run): string {
  const files = [...new Set(mutants.map(({ file }) => file))];
  const rows = files.map(file => {
    const own = judged.filter(mutant => mutant.file === file);
    return scoreRow(file, mutants.filter(mutant => mutant.file === file).length, own, reasons);
  });
  const living = judged
    .filter(({ state }) => state !== "killed")
    .sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1))
    .map(mutant => {
      const { file, line, from, to, state } = mutant;
      return `| ${file}:${line} | ${code(from)} | ${code(to)} | ${reasonOf(mutant, reasons) || state} |`;
    });
  const sample =
    judged.length < mutants.length ? `, ${judged.length} of them judged, in an order drawn from seed ${seed}` : "";
  return `# Mutation: ${name}

\`npm run mutate -- ${name}\`: ${mutants.length} mutants${sample}. Each is one change: Stryker's operators but texts, and of ours bits,
constants, rows of states and single statements (test/mutation/operators.ts). The tests that come by it run until one fails, the cheapest first.
"The same" are those that live and have their reason in the last table: the score in the last column leaves them out.

| file | mutants | judged | killed | the same | killed of judged | without the same |
|---|--:|--:|--:|--:|--:|--:|
${rows.join("\n")}
${scoreRow("**all**", mutants.length, judged, reasons)}

Those that live:

| where | in the place of | stands | why it lives |
|---|---|---|---|
${living.join("\n")}
`;
}
