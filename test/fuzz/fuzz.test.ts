// Whatever bytes come, the core and the broker stand. Seconds here, minutes in the long suites; PERIGEE_FUZZ_INPUTS and PERIGEE_FUZZ_SEED ask for
// another effort. An input that shows a fault is printed, ready for corpus.ts.
import { expect, it } from "vitest";
import { CORPUS } from "./corpus.ts";
import { fuzz } from "./guided.ts";
import { loadTargets } from "./instrumented.ts";

const NAMES = ["core", "broker-codec", "broker-machine"] as const;
const INPUTS = Number(process.env.PERIGEE_FUZZ_INPUTS ?? (process.env.PERIGEE_LONG === "1" ? 120_000 : 400));
const SEED = Number(process.env.PERIGEE_FUZZ_SEED ?? 7);

const targets = await loadTargets(NAMES);

it.each(NAMES)("%s", async name => {
  const target = targets.get(name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const summary = await fuzz(target, CORPUS[name], { seed: SEED, inputCount: INPUTS });
  const { fault, inputCount, keptCount, branchCount } = summary;
  const shown = fault === undefined ? "" : `${fault.text}\n${Buffer.from(fault.input).toString("hex")}`;
  expect(shown, `seed ${SEED}, input ${inputCount}`).toBe("");
  expect(keptCount).toBeGreaterThan(20);
  expect(branchCount).toBeGreaterThan(200);
});
