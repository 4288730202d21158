/**
 * `npm run mutate [-- PART [SECONDS|FILE[:LINE]]]`: breaks the core ("assembly") or the broker's machine and codec ("broker") on purpose, one
 * piece at a time, and counts how often a test sees it. Writes bench/mutation-PART.md.
 *
 * The mutants are taken in an order drawn from a seed, so that as many as fit into SECONDS of processor time are a fair sample; the next
 * run goes on where it ended, as long as no source has changed. With a place all of its mutants are judged by all of their tests, and said;
 * the table stays as it is, since what somebody has chosen is no sample.
 */
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleCore, bundleName, bundleTests } from "../test/mutation/bundle.ts";
import { instrument, type Mutant, withoutStores } from "../test/mutation/instrument.ts";
import { PARTS } from "../test/mutation/parts.ts";
import { Killers, planFor } from "../test/mutation/plan.ts";
import { type Judged, readReasons, reasonOf, shuffled, table } from "../test/mutation/table.ts";
import { Thread } from "../test/mutation/thread.ts";
import type { Outcome } from "../test/mutation/worker.ts";

const NO_MUTANT = -1;

const SEED = 7;
/** A mutant that still lives after so much of its tests, the likeliest and cheapest first, counts as alive: more would not be worth the time. */
const PLAN_MS = Number(process.env.PERIGEE_PLAN_MS ?? 4000);

const [name = "assembly", effort = "7200"] = process.argv.slice(2);
const seconds = Number(effort);
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

/** What becomes of `mutant` within `planMs` of its tests. */
async function judge(
  thread: Thread,
  mutant: Mutant,
  measured: Map<string, Outcome["tests"]>,
  planMs: number,
): Promise<Judged> {
  const plan = planFor(mutant.id, measured, killers.of(mutant.file));
  if (plan.length === 0) return { ...mutant, killedBy: "", state: "no test comes by" };
  let spentMs = 0;
  let isWhole = true;
  for (const { file, tests, ms } of plan) {
    if (spentMs > 0 && spentMs + ms > planMs) {
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

/** What is known of a mutant that lived `before`, once it was `shown` the tests that have changed since. */
function joined(before: Judged | undefined, shown: Judged): Judged {
  if (before === undefined || shown.state === "killed" || before.state === "no test comes by") return shown;
  const isWhole = before.state === "lives" && shown.state !== "lives, not all tests run";
  return { ...shown, state: isWhole ? "lives" : "lives, not all tests run" };
}

const { texts, mutants } = await instrument(root, part.sources);
const sourcesKey = hashOf(part.sources);
const testsKey = hashOf(part.tests);
const sourceKeys = new Map(part.sources.map(file => [file, hashOf([file])]));
const placeOf = ({ file, place }: Mutant): string => `${file} ${place}`;
mkdirSync(`${root}${folder}`, { recursive: true });
const log = `${root}${folder}/judged.jsonl`;
const judged = new Map<string, Judged>();
/** What lived with other tests, and the key of those, is judged again, and first: the sample stays fair. What has a reason comes last. */
const again = new Map<string, string>();
const killers = new Killers();
/** For each key of all tests the key of each, so that what lived is shown only what has changed since. */
const testsFile = `${root}${folder}/tests.json`;
const snapshots: Record<string, Record<string, string>> = existsSync(testsFile)
  ? JSON.parse(readFileSync(testsFile, "utf8"))
  : {};
snapshots[testsKey] = Object.fromEntries(part.tests.map(file => [file, hashOf([file])]));
for (const line of existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []) {
  const result = JSON.parse(line) as Judged & { sourceKey: string; testsKey: string };
  if (result.sourceKey !== sourceKeys.get(result.file)) continue;
  judged.set(placeOf(result), result);
  if (result.state !== "killed" && result.testsKey !== testsKey) again.set(placeOf(result), result.testsKey);
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
writeFileSync(testsFile, JSON.stringify(snapshots));
const measured = new Map(Object.entries(all).map(([file, { tests }]) => [file, tests]));
const plain = new Map([...texts].map(([path, text]) => [path, withoutStores(text)]));
await bundleCore({ root, texts: plain, folder });
await bundleTests({ root, texts: plain, folder }, part.tests);

if (Number.isNaN(seconds)) {
  const chosen = mutants.filter(({ file, line }) => [file, `${file}:${line}`].includes(effort));
  if (chosen.length === 0) {
    console.error(
      `no mutant at "${effort}"; a number of seconds, or a place such as ${mutants[0].file}:${mutants[0].line}`,
    );
    process.exit(2);
  }
  for (const mutant of chosen) {
    const { state, killedBy } = await judge(thread, mutant, measured, Number.POSITIVE_INFINITY);
    console.log(`${mutant.file}:${mutant.line}  ${mutant.from}  ->  ${mutant.to}  ${killedBy || state}`);
  }
  await thread.end();
  process.exit(0);
}
/** Holds the mutant under trial: what is still there on the next start has taken the whole process with it, out of all limits of its thread. */
const trialFile = `${root}${folder}/trial`;
const lethal = existsSync(trialFile) ? readFileSync(trialFile, "utf8") : "";
process.once("SIGINT", () => {
  rmSync(trialFile, { force: true });
  process.exit(130);
});
const write = (mutant: Mutant): void => {
  const sourceKey = sourceKeys.get(mutant.file);
  appendFileSync(log, `${JSON.stringify({ ...judged.get(placeOf(mutant)), sourceKey, testsKey })}\n`);
};
const reasons = readReasons(readFileSync(`${root}test/mutation/reasons.tsv`, "utf8"));
const endSeconds = processorSeconds() + seconds;
const order = shuffled(mutants, SEED);
const isOpen = (mutant: Mutant): boolean => again.has(placeOf(mutant)) && reasonOf(mutant, reasons) === "";
const isExplained = (mutant: Mutant): boolean => again.has(placeOf(mutant)) && !isOpen(mutant);
const [open, explained] = [order.filter(isOpen), order.filter(isExplained)];
for (const mutant of [...open, ...order.filter(mutant => !again.has(placeOf(mutant))), ...explained]) {
  const place = placeOf(mutant);
  const seen = snapshots[again.get(place) ?? ""] ?? {};
  if (judged.has(place) && !again.delete(place)) continue;
  if (processorSeconds() > endSeconds) break;
  if (lethal === place) {
    judged.set(place, { ...mutant, killedBy: "ends the process", state: "killed" });
    write(mutant);
    continue;
  }
  writeFileSync(trialFile, place);
  const others = [...measured].filter(([file]) => seen[file] !== snapshots[testsKey][file]);
  const shown = await judge(thread, mutant, new Map(others), PLAN_MS);
  judged.set(place, joined(judged.get(place), shown));
  write(mutant);
}
rmSync(trialFile, { force: true });
await thread.end();
const known = mutants.flatMap(mutant => {
  const result = judged.get(placeOf(mutant));
  return result === undefined ? [] : [{ ...result, ...mutant }];
});
const text = table({ name, mutants, judged: known, reasons, seed: SEED });
writeFileSync(`${root}bench/mutation-${name}.md`, text);
console.log(text);
