/** The page of a report, build/report.html: echarts with what draws by it. The command puts the data in. Plain JavaScript, as host/build.js. */
import { inlinePage } from "../inline-page.js";

/** Writes build/report.html. `root` is the repository's folder, ending in "/". */
export function bundleReport(root) {
  const files = { html: "host/report/page.html", entry: "host/report/page/main.ts", to: "build/report.html" };
  return inlinePage(root, files, { legalComments: "none" });
}
