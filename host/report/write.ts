/**
 * A report as one file that needs no other: the page of the build with the data in it.
 */
import { readFileSync } from "node:fs";
import type { ReportData } from "./data.ts";

/** The file's text. `page` is where the page stands that host/report/bundle.js made. */
export function reportText(data: ReportData, page: URL | string): string {
  const text = readFileSync(page, "utf8");
  // Inside of a script the end of one is what must not appear; functions, because a replacement text gives "$" a meaning.
  const json = JSON.stringify(data).replaceAll("<", "\\u003c");
  return text
    .replace("<title>Perigee</title>", () => `<title>${escaped(data.title)}</title>`)
    .replace('id="data">null<', () => `id="data">${json}<`);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
