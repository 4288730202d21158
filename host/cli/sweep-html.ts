/** The report of a sweep as a file: `perigee sweep --html`. */
import { reportText } from "../report/write.ts";
import { PAGE, VERSION } from "./report-page.ts";
import type { Ground } from "./sweep-plan.ts";
import { combinationsOf, FIGURES, type Found, meanOf, variedOf } from "./sweep-report.ts";

/** The file's text. */
export function htmlOf(found: readonly Found[], flags: Ground & { figure: string }, command: string): string {
  const varied = variedOf(found);
  const figures = Object.entries(FIGURES).map(([name, { what, digits }]) => ({ name, what, digits }));
  const combinations = combinationsOf(found, varied);
  return reportText(
    {
      kind: "sweep",
      title: `A sweep over ${varied.length === 0 ? "seeds" : varied.join(", ")}`,
      version: VERSION,
      command,
      facts: [
        ["runs", String(found.length)],
        ["combinations", String(combinations.length)],
        ["sensors", flags.sensors],
        ["duration", flags.duration],
        ["messages", String(found.reduce((sum, { row }) => sum + row.published, 0))],
      ],
      dimensions: varied,
      figures,
      figure: flags.figure,
      points: combinations.map(({ values, group }) => ({
        values,
        runs: group.length,
        means: figures.map(({ name }) => meanOf(group, name)),
      })),
    },
    PAGE,
  );
}
