/**
 * `perigee check explore`: every state of the client that a number of steps leads to, over the real WebAssembly module.
 */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { CORE_SIZE, type Exploration, exploreWith, replay, SCENARIOS } from "../check/explore/index.ts";
import { loadWasm } from "../core/load.ts";
import { UsageError } from "./exit-codes.ts";
import { wholeNumber } from "./flag-values.ts";
import type { Out } from "./out.ts";

export const EXIT_BROKEN = 1;
export const EXIT_USAGE = 2;

const DEPTH_MAX = 1000;

const EXAMPLES = `
A state is the client's record, what its store remembers, and a small model of broker, link and host around it. From each, every
action that can happen is taken: packets, losses, power cuts, time-outs, commands, a broker that breaks rules. In each new state every
promise is checked, and that a healthy broker brings the client to rest from there. The first broken promise ends the
search with the shortest way to it, which --replay walks again.

Scenarios: ${Object.keys(SCENARIOS).join(", ")}

Examples:
  perigee check explore                                    a short look, in seconds
  perigee check explore --states 10000000                  a long one: minutes on two cores
  perigee check explore --scenario 'power cuts' --depth 14
  perigee check explore --scenario receiving --replay 'continue opened continue transmit'

Exit status: 0 every promise kept, ${EXIT_BROKEN} one was broken, ${EXIT_USAGE} bad command line.`;

interface ExploreFlags {
  scenario?: string;
  states?: string;
  depth?: string;
  workers?: string;
  replay?: string;
}

/** The sub-command, for `perigee check` to add. */
export function exploreCommand(out: Out = process.stdout, err: Out = process.stderr): Command {
  return new Command("explore")
    .description("explore the states of the client core, breadth first, and check every promise in each")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES)
    .option("--scenario <name>", "only this one (default: all, one after another)")
    .option("--states <count>", "distinct states at most, all scenarios together (default: 500000)")
    .option("--depth <actions>", `actions at most (default: ${DEPTH_MAX})`)
    .option("--workers <count>", "threads (default: one for each processor, up to 8)")
    .option("--replay <actions>", "walk these actions of a scenario, then heal")
    .action(async (flags: ExploreFlags) => {
      process.exitCode = await runExplore(flags, out, err);
    });
}

/** Explores as flags ask for it; answers the exit status. */
export async function runExplore(flags: ExploreFlags, out: Out, err: Out): Promise<number> {
  try {
    const names = flags.scenario === undefined ? Object.keys(SCENARIOS) : [scenarioName(flags.scenario)];
    if (flags.replay !== undefined) return runReplay(flags, out);
    const stateMax = wholeNumber("--states", flags.states ?? "500000", 1, 100_000_000);
    const depthMax = wholeNumber("--depth", flags.depth ?? String(DEPTH_MAX), 1, DEPTH_MAX);
    const workers = wholeNumber("--workers", flags.workers ?? String(Math.min(8, availableParallelism())), 1, 64);
    let left = stateMax;
    let total = 0;
    const startMs = performance.now();
    for (const [index, name] of names.entries()) {
      const scenarioMs = performance.now();
      // What a scenario leaves over goes to those behind it.
      const share = Math.max(1, Math.floor(left / (names.length - index)));
      const found = await exploreWith(workers, SCENARIOS[name], { stateMax: share, depthMax });
      left -= found.stateCount;
      total += found.stateCount;
      out.write(`${line(name, found)}, ${((performance.now() - scenarioMs) / 1000).toFixed(1)} s\n`);
      if (found.counterexample !== null) {
        tell(name, found, out);
        return EXIT_BROKEN;
      }
    }
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    out.write(`every promise kept: ${total.toLocaleString("en")} distinct states in ${seconds} s\n`);
    return 0;
  } catch (error) {
    // A RangeError is of actions to replay that there are not, or that cannot happen.
    if (!(error instanceof UsageError || error instanceof RangeError)) throw error;
    err.write(`Error: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

function line(name: string, found: Exploration): string {
  const { stateCount, stepCount, depth, isComplete } = found;
  const reach = isComplete ? `all there are, the farthest ${depth} actions away` : `all up to ${depth} actions away`;
  return `${name}: ${stateCount.toLocaleString("en")} states, ${reach}, ${stepCount.toLocaleString("en")} actions taken`;
}

function tell(name: string, { counterexample }: Exploration, out: Out): void {
  if (counterexample === null) return;
  out.write(`broken: ${counterexample.text}\n`);
  for (const text of counterexample.lines) out.write(`  ${text}\n`);
  out.write(`again: perigee check explore --scenario '${name}' --replay '${counterexample.actions.join(" ")}'\n`);
}

function runReplay(flags: ExploreFlags, out: Out): number {
  if (flags.scenario === undefined)
    throw new UsageError("--replay needs --scenario, the one that the actions belong to");
  const idle = (["states", "depth", "workers"] as const).find(name => flags[name] !== undefined);
  if (idle !== undefined) throw new UsageError(`--${idle} would change nothing of a --replay`);
  const names = (flags.replay ?? "").split(/\s+/).filter(name => name !== "");
  const violation = replay(loadWasm(CORE_SIZE), SCENARIOS[scenarioName(flags.scenario)], names);
  out.write(violation === "" ? `every promise kept: ${names.length} actions\n` : `broken: ${violation}\n`);
  return violation === "" ? 0 : EXIT_BROKEN;
}

function scenarioName(name: string): string {
  if (Object.hasOwn(SCENARIOS, name)) return name;
  throw new UsageError(`--scenario: there is no "${name}"; there are ${Object.keys(SCENARIOS).join(", ")}`);
}
