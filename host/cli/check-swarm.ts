/**
 * `perigee check swarm`: thousands of fleets and casts, each with a link and faults of its own, in virtual time.
 */
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { MARKS, type Outcome, type Plan, reduce, regressionTest, runPlan, runSeeds } from "../check/swarm/index.ts";
import { UsageError } from "./exit-codes.ts";
import { wholeNumber } from "./flag-values.ts";
import type { Out } from "./out.ts";

export const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;
export const EXIT_MARKS = 3;

const SEED_MAX = 2 ** 31 - 1;
/** A few hundred seeds reach every mark; fewer need not. */
const MARKED_COUNT = 300;

/** Events of a history that are printed. */
const LAST_COUNT = 12;

const EXAMPLES = `
Each seed draws its quality of service, link, TCP and a few kinds of faults; and either a fleet of sensors, or a cast: sensors whose power
is cut, listeners that come and go, groups that share, visitors, impostors, and a broker that crashes and begins again from its store. While
it lasts nothing may come twice that must not, out of order, damaged or from nowhere; then the link heals, and what was acknowledged must
have arrived and nothing may be pending. Of a cast retained messages, wills, expiry, shared subscriptions, flow control and keep-alive are judged too.
A seed that breaks a promise ends the swarm: its faults are reduced to those that matter and printed as a test.

Marks, which the seeds together must reach: ${MARKS.join("; ")}.

Examples:
  perigee check swarm --seeds 1000
  perigee check swarm --first 4711 --seeds 1

The same seeds give the same hash, on every machine.
Exit status: 0 every promise kept, ${EXIT_BROKEN} one was broken, ${EXIT_USAGE} bad command line, ${EXIT_MARKS} a mark was never reached by ${MARKED_COUNT} seeds or more.`;

interface SwarmFlags {
  seeds: string;
  first: string;
}

/** The sub-command, for `perigee check` to add. */
export function swarmCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  return new Command("swarm")
    .description("simulate a fleet or a cast a seed under faults of its own, and check every promise")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--seeds <count>", "how many seeds", "500")
    .option("--first <seed>", "the first of them", "1")
    .action((flags: SwarmFlags) => {
      process.exitCode = runSwarm(flags, out, err);
    });
}

/** Does as flags ask; answers the exit status. */
export function runSwarm(flags: SwarmFlags, out: Out, err: Out): number {
  let count = 0;
  let first = 0;
  try {
    first = wholeNumber("--first", flags.first, 1, SEED_MAX);
    count = wholeNumber("--seeds", flags.seeds, 1, SEED_MAX - first + 1);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    err.write(`Error: ${error.message}\n`);
    return EXIT_USAGE;
  }
  const bar =
    err.isTTY === true
      ? new SingleBar({
          format: "[{bar}] {value} of {total} seeds",
          barsize: 40,
          hideCursor: true,
          clearOnComplete: true,
        })
      : null;
  bar?.start(count, 0);
  const startMs = performance.now();
  const { failure, missing, seedCount, hash } = runSeeds(first, count, done => bar?.update(done));
  bar?.stop();
  if (failure !== null) {
    tell(failure, out);
    return EXIT_BROKEN;
  }
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  out.write(`every promise kept: ${seedCount} seeds from ${first} in ${seconds} s, hash ${hash.slice(0, 16)}\n`);
  if (missing.length === 0) return 0;
  out.write(`marks not reached: ${missing.join("; ")}\n`);
  return count >= MARKED_COUNT ? EXIT_MARKS : 0;
}

function tell(failure: Outcome, out: Out): void {
  out.write(`broken by seed ${failure.plan.seed}:\n`);
  for (const text of failure.broken) out.write(`  ${text}\n`);
  out.write(`drawn: ${planLine(failure.plan)}\n`);
  const last = failure.history?.slice(-LAST_COUNT) ?? [];
  if (last.length > 0) out.write(`the last of what clients did and saw:\n`);
  for (const event of last) out.write(`  ${JSON.stringify(event)}\n`);
  out.write(`again: perigee check swarm --first ${failure.plan.seed} --seeds 1\n`);
  const reduced = reduce(runPlan(failure.plan));
  out.write(`reduced: ${planLine(reduced.plan)}\n\n${regressionTest(reduced)}`);
}

function planLine({ faults, ...fleet }: Plan): string {
  return `${JSON.stringify(fleet)}, faults ${JSON.stringify(faults)}`;
}
