/**
 * A thread that runs test files, or some tests of them, with one mutant active or with none.
 *
 * A file is loaded anew for each mutant, since what it makes once it makes with the mutant in. The first failure ends the run. Where no
 * mutant is active it notes which tests come by which mutants.
 */
import { parentPort } from "node:worker_threads";
import { type File, startTests, type Task, type Test, type VitestRunner } from "@vitest/runner";
import fc from "fast-check";

export const NO_MUTANT = -1;

export interface Order {
  readonly mutant: number;
  /** The bundle. */
  readonly bundle: string;
  /** Names of the tests to run; all where it is missing. */
  readonly tests?: readonly string[];
}

export interface Outcome {
  /** The first test that failed, or "". */
  readonly failed: string;
  readonly error: string;
  /** With no mutant active: how much processor time each test took, in ms, and the mutants that it came by; under "" those of loading the file. */
  readonly tests: Record<string, { ms: number; mutants: number[] }>;
  /** The counters of an instrumented build, where there are any. */
  readonly coverage?: unknown;
}

const port = parentPort;
if (port === null) throw new Error("this file is a worker's");

/** The names that instrument.ts writes: the mutant that is in force, and a mark for each that the tests have come by. */
const metMutants = new Uint8Array(1 << 16);
Object.assign(globalThis, { activeMutant: NO_MUTANT, metMutants });

// Every random test the same way each time, so that a mutant that lives does so twice.
fc.configureGlobal({ seed: 7 });

const fullName = (task: Task): string =>
  task.suite === undefined || task.suite.name === "" ? task.name : `${fullName(task.suite)} > ${task.name}`;

/** Every test below. */
function testsOf(tasks: readonly Task[]): Test[] {
  return tasks.flatMap(task => (task.type === "test" ? [task] : testsOf(task.tasks)));
}

const config: VitestRunner["config"] = {
  root: "/",
  setupFiles: [],
  name: undefined,
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 7, hooks: "stack", setupFiles: "list" },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

let runCount = 0;

/** Processor time so far; the machine may be busy with something else. */
function processorUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function run({ mutant, bundle, tests }: Order): Promise<Outcome> {
  const outcome: Outcome & { failed: string; error: string } = { failed: "", error: "", tests: {} };
  const fail = (name: string, error: string): void => {
    if (outcome.failed === "") Object.assign(outcome, { failed: name, error: error.slice(0, 300) });
  };
  runCount += 1;
  const take = (name: string, ms: number): void => {
    const before = outcome.tests[name] ?? { ms: 0, mutants: [] };
    const met = [...metMutants.keys()].filter(id => metMutants[id] === 1);
    metMutants.fill(0);
    outcome.tests[name] = { ms: before.ms + ms, mutants: [...new Set([...before.mutants, ...met])] };
  };
  let startUs = 0;
  const chosen = tests === undefined ? undefined : new Set(tests);
  const runner: VitestRunner = {
    config,
    importFile: path => import(`${path}?${runCount}`),
    onCollected(files) {
      if (mutant === NO_MUTANT) take("", 0);
      for (const file of files) {
        if (file.result?.state === "fail") fail("loading the file", file.result.errors?.[0]?.message ?? "");
      }
    },
    onBeforeRunTask(test) {
      startUs = processorUs();
      if (outcome.failed !== "" || chosen?.has(fullName(test)) === false) test.mode = "skip";
    },
    onAfterRunTask(test) {
      if (mutant === NO_MUTANT) take(fullName(test), (processorUs() - startUs) / 1000);
      if (test.result?.state === "fail") fail(fullName(test), test.result.errors?.[0]?.message ?? "");
    },
  };
  Object.assign(globalThis, { activeMutant: mutant });
  let files: File[] = [];
  try {
    files = await startTests([new URL(bundle, import.meta.url).href], runner);
  } catch (error) {
    fail("running the file", String(error));
  }
  if (testsOf(files).length === 0) fail("loading the file", "it has no test");
  for (const file of files) if (file.result?.state === "fail") fail("a hook", file.result.errors?.[0]?.message ?? "");
  return { ...outcome, coverage: Reflect.get(globalThis, "__coverage__") };
}

port.on("message", async (order: Order) => port.postMessage(await run(order)));
process.on("uncaughtException", error =>
  port.postMessage({ failed: "outside of tests", error: String(error), tests: {} }),
);
