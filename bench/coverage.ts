/**
 * `npm run coverage`: how many branches of the core the tests take, from the JavaScript build. Writes bench/coverage.md; ends with 1
 * where fewer than LEAST of a hundred are taken.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import coverageLibrary, { type CoverageMapData } from "istanbul-lib-coverage";
import { bundleCore, bundleName, bundleTests } from "../test/mutation/bundle.ts";
import { counted } from "../test/mutation/counted.ts";
import { PARTS } from "../test/mutation/parts.ts";
import { Thread } from "../test/mutation/thread.ts";

const LEAST = 98;
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = "build/coverage";
const { sources, tests } = PARTS.assembly(root);

const texts = counted(root, sources);
mkdirSync(`${root}${folder}`, { recursive: true });
await bundleCore({ root, texts, folder });
await bundleTests({ root, texts: new Map(), folder }, tests);

const thread = new Thread(new URL("./coverage/worker.js", import.meta.url));
const map = coverageLibrary.createCoverageMap({});
for (const file of tests) {
  const { failed, error, coverage } = await thread.run({ mutant: -1, bundle: bundleName(file) }, 600_000);
  if (failed !== "") throw new Error(`${file}: ${failed}: ${error}`);
  if (coverage !== undefined) map.merge(coverage as CoverageMapData);
}
await thread.end();

const rows: string[] = [];
const missing: string[] = [];
for (const file of sources) {
  const coverage = map.fileCoverageFor(`${root}${file}`);
  const { branches, statements } = coverage.toSummary().data;
  if (statements.total === 0) continue;
  rows.push(`| ${file} | ${statements.covered} of ${statements.total} | ${branches.covered} of ${branches.total} |`);
  const lines = readFileSync(`${root}${file}`, "utf8").split("\n");
  for (const [id, counts] of Object.entries(coverage.data.b)) {
    const { loc, locations } = coverage.data.branchMap[id];
    counts.forEach((count, arm) => {
      const line = locations[arm]?.start?.line ?? loc.start.line;
      if (count === 0) missing.push(`| ${file}:${line} | \`${lines[line - 1].trim().replaceAll("|", "\\|")}\` |`);
    });
  }
}
const { branches, statements } = map.getCoverageSummary().data;

const text = `# Coverage of the core

\`npm run coverage\`: what of \`assembly/\` its tests take, counted by istanbul in the JavaScript build; of what only some builds have, in the build of
the full profile or of the sensor's. The tests of \`test/assembly\` but \`durability\`, and the explorer. At least ${LEAST} % of the branches, or the command fails.

| file | statements | branches |
|---|--:|--:|
${rows.join("\n")}
| **all** | ${statements.covered} of ${statements.total} (${statements.pct} %) | ${branches.covered} of ${branches.total} (**${branches.pct} %**) |

Branches that no test takes:

| where | the line |
|---|---|
${missing.join("\n")}
`;
writeFileSync(`${root}bench/coverage.md`, text);
console.log(text);
if (branches.pct < LEAST) {
  console.error(`${branches.pct} % of the branches are taken, and ${LEAST} % are asked for`);
  process.exitCode = 1;
}
