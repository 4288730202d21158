/**
 * `npm run mutate [-- PART [SECONDS]]`: breaks the core ("assembly") or the broker's machine and codec ("broker") on purpose, one
 * piece at a time, and counts how often a test sees it. Writes bench/mutation-PART.md.
 *
 * The mutants are taken in an order drawn from a seed, so that as many as fit into SECONDS of processor time are a fair sample; the next
 * run goes on where it ended, as long as no source has changed.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleCore, bundleName, bundleTests } from "../test/mutation/bundle.ts";
import { instrument, type Mutant, withoutStores } from "../test/mutation/instrument.ts";
import { PARTS } from "../test/mutation/parts.ts";
import { Killers, planFor } from "../test/mutation/plan.ts";
import { type Judged, readReasons, shuffled, table } from "../test/mutation/table.ts";
import { Thread } from "../test/mutation/thread.ts";
import type { Outcome } from "../test/mutation/worker.ts";

const NO_MUTANT = -1;

const SEED = 7;
/** A mutant that still lives after so much of its tests, the likeliest and cheapest first, counts as alive: more would not be worth the time. */
const PLAN_MS = Number(process.env.PERIGEE_PLAN_MS ?? 4000);

const [name = "assembly", seconds = "7200"] = process.argv.slice(2);
if (PARTS[name] === undefined) {
  console.error(`no part "${name}"; one of: ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = `build/mutation-${name}`;
const part = PARTS[name](root);

interface Measurement {
  readonly hash: string;
  readonly tests: Outcome["tests"];
}

/** Of what these files, below the root, hold. */
function hashOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(`${root}${file}`));
  return hash.digest("hex");
}

const processorSeconds = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

/** Runs every test file that has changed since `before` once, no mutant active: what takes how long, and which test comes by which mutant. */
async function measure(thread: Thread, before: Record<string, Measurement>): Promise<Record<string, Measurement>> {
  const measured: Record<string, Measurement> = {};
  for (const file of part.tests) {
    const hash = sourcesKey + hashOf([file]);
    measured[file] = before[file];
    if (measured[file]?.hash === hash) continue;
    const outcome = await thread.run({ mutant: NO_MUTANT, bundle: bundleName(file) }, 600_000);
    if (outcome.failed !== "")
      console.error(`left out, it fails by itself: ${file}: ${outcome.failed}: ${outcome.error}`);
    measured[file] = { hash, tests: outcome.failed === "" ? outcome.tests : {} };
  }
  await thread.end();
  return measured;
}

/** What becomes of `mutant`. */
async function judge(thread: Thread, mutant: Mutant, measured: Map<string, Outcome["tests"]>): Promise<Judged> {
  const plan = planFor(mutant.id, measured, killers.of(mutant.file));
  if (plan.length === 0) return { ...mutant, killedBy: "", state: "no test comes by" };
  let spentMs = 0;
  let isWhole = true;
  for (const { file, tests, ms } of plan) {
    if (spentMs > 0 && spentMs + ms > PLAN_MS) {
      isWhole = false;
      continue;
    }
    spentMs += ms;
    const outcome = await thread.run({ mutant: mutant.id, bundle: bundleName(file), tests }, 5000 + 10 * ms);
    if (outcome.failed !== "") {
      killers.count(mutant.file, file);
      return { ...mutant, killedBy: `${file}: ${outcome.failed}`, state: "killed" };
    }
  }
  return { ...mutant, killedBy: "", state: isWhole ? "lives" : "lives, not all tests run" };
}

const { texts, mutants } = await instrument(root, part.sources);
const sourcesKey = hashOf(part.sources);
const testsKey = hashOf(part.tests);
const sourceKeys = new Map(part.sources.map(file => [file, hashOf([file])]));
const placeOf = ({ file, place }: Mutant): string => `${file} ${place}`;
mkdirSync(`${root}${folder}`, { recursive: true });
const log = `${root}${folder}/judged.jsonl`;
const judged = new Map<string, Judged>();
/** What lived with other tests is judged again, and first: the sample stays fair. */
const again = new Set<string>();
const killers = new Killers();
for (const line of existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []) {
  const result = JSON.parse(line) as Judged & { sourceKey: string; testsKey: string };
  if (result.sourceKey !== sourceKeys.get(result.file)) continue;
  judged.set(placeOf(result), result);
  if (result.state !== "killed" && result.testsKey !== testsKey) again.add(placeOf(result));
  else again.delete(placeOf(result));
  if (result.state === "killed") killers.count(result.file, result.killedBy.split(":")[0]);
}

const measuredFile = `${root}${folder}/measured.json`;
const before = existsSync(measuredFile) ? JSON.parse(readFileSync(measuredFile, "utf8")) : {};
const thread = new Thread(new URL(`./mutation-${name}/worker.js`, import.meta.url));
await bundleCore({ root, texts, folder });
await bundleTests({ root, texts, folder }, part.tests);
const all = await measure(thread, before);
writeFileSync(measuredFile, JSON.stringify(all));
const measured = new Map(Object.entries(all).map(([file, { tests }]) => [file, tests]));
const plain = new Map([...texts].map(([path, text]) => [path, withoutStores(text)]));
await bundleCore({ root, texts: plain, folder });
await bundleTests({ root, texts: plain, folder }, part.tests);

const endSeconds = processorSeconds() + Number(seconds);
const order = shuffled(mutants, SEED);
for (const mutant of [...order.filter(mutant => again.has(placeOf(mutant))), ...order]) {
  if (judged.has(placeOf(mutant)) && !again.delete(placeOf(mutant))) continue;
  if (processorSeconds() > endSeconds) break;
  const result = await judge(thread, mutant, measured);
  judged.set(placeOf(mutant), result);
  appendFileSync(log, `${JSON.stringify({ ...result, sourceKey: sourceKeys.get(mutant.file), testsKey })}\n`);
}
await thread.end();
const reasons = readReasons(readFileSync(`${root}test/mutation/reasons.tsv`, "utf8"));
const known = mutants.flatMap(mutant => {
  const result = judged.get(placeOf(mutant));
  return result === undefined ? [] : [{ ...result, ...mutant }];
});
const text = table({ name, mutants, judged: known, reasons, seed: SEED });
writeFileSync(`${root}bench/mutation-${name}.md`, text);
console.log(text);
