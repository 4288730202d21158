/**
 * The conformance table: for every numbered statement of the standard, who it binds, and the tests that exercise it for the client
 * and for the broker, or the reason why none can. The statements themselves are in the standard and are not repeated here.
 *
 * rows.tsv has a line a statement: version, number, level, whom it binds, the client's answer, the broker's answer. An answer is
 * `FILE > TEXT`, where FILE is below test/ and TEXT stands in the title of a test of it (or, in a list of vectors, in the row that is
 * run); `none: REASON`; or `later: REASON` for what is not built. It is empty where nobody is bound.
 */
import { existsSync, readFileSync } from "node:fs";

export type Side = "client" | "broker";

export const SIDES: readonly Side[] = ["client", "broker"];

export interface Row {
  readonly version: string;
  readonly number: string;
  readonly level: string;
  readonly binds: string;
  readonly client: string;
  readonly broker: string;
}

const folder = new URL("../", import.meta.url);

export const TABLE = new URL("table.md", import.meta.url);

/** All rows. Throws for a line with another number of columns. */
export function readRows(): Row[] {
  const lines = readFileSync(new URL("rows.tsv", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .slice(1);
  return lines.map(line => {
    const columns = line.split("\t");
    if (columns.length !== 6) throw new Error(`six columns, not ${columns.length}: ${line}`);
    const [version, number, level, binds, client, broker] = columns;
    return { version, number, level, binds, client, broker };
  });
}

/** Whether an answer names a test, and not a reason. */
export function namesTest(answer: string): boolean {
  return answer !== "" && !/^(none|later): ./.test(answer);
}

/** What is wrong with an answer, or "". */
export function faultOf(answer: string): string {
  if (/^(none|later): ./.test(answer)) return "";
  const [file, text] = answer.split(" > ");
  if (text === undefined) return `"${answer}" is neither a test nor a reason`;
  const url = new URL(file, folder);
  if (!existsSync(url)) return `there is no test/${file}`;
  const source = readFileSync(url, "utf8");
  // A title, or the row of a vector: in quotes, whole or in part.
  const quoted = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`["'\`][^\\n]*${quoted}`).test(source) ? "" : `test/${file} has no "${text}"`;
}

/** Rows that must have an answer of `side`, and how many of those name a test. */
export function countsOf(
  rows: readonly Row[],
  version: string,
  side: Side,
): { all: number; must: number; tested: number } {
  const bound = rows.filter(row => row.version === version && row[side] !== "");
  // What binds the other side only is answered by a reason that says so.
  const must = bound.filter(
    row => row.level !== "MAY" && !/^none: (the|a) (server|client|sender|device)/.test(row[side]),
  );
  return { all: bound.length, must: must.length, tested: must.filter(row => namesTest(row[side])).length };
}

/** The table as Markdown. */
export function markdown(rows: readonly Row[]): string {
  const versions = [...new Set(rows.map(({ version }) => version))];
  const lines = [
    "# Conformance",
    "",
    "Every numbered statement of MQTT 3.1.1 and 5.0, and the test that exercises it, or the reason why none can. Made from",
    "`test/conformance/rows.tsv` by `npx vitest run --config test/vitest.config.ts test/conformance -u`; files are below `test/`.",
    "Where both versions share the code of the core, a row of 5.0 may name the test that runs it in the form of 3.1.1.",
    "",
    "| version | side | statements that bind it | exercised by a test |",
    "|---|---|--:|--:|",
  ];
  for (const version of versions) {
    for (const side of SIDES) {
      const { must, tested } = countsOf(rows, version, side);
      lines.push(`| ${version} | ${side} | ${must} | ${tested} (${((100 * tested) / must).toFixed(1)} %) |`);
    }
  }
  for (const version of versions) {
    lines.push("", `## MQTT ${version}`, "", "| statement | level | client | broker |", "|---|---|---|---|");
    for (const row of rows.filter(candidate => candidate.version === version)) {
      lines.push(`| ${row.number} | ${row.level} | ${cell(row.client)} | ${cell(row.broker)} |`);
    }
  }
  return `${lines.join("\n")}\n`;
}

function cell(answer: string): string {
  if (answer === "") return "";
  if (!namesTest(answer))
    return answer
      .replace(/^none: /, "*")
      .replace(/^later: /, "*later: ")
      .concat("*");
  const [file, text] = answer.split(" > ");
  return `${file}: ${text}`.replace(/([|*<[\]`])/g, "\\$1");
}
