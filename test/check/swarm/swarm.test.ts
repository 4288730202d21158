/**
 * Seeds that draw their own fleet and faults: no promise is broken, everything settles, every mark is reached; and a broker that breaks
 * a promise is found, and its faults are reduced to those that matter.
 */
import { describe, expect, it } from "vitest";
import { Broker, type BrokerOptions, type Connection } from "../../../host/broker/index.ts";
import {
  draw,
  MARKS,
  type Mark,
  type Plan,
  reduce,
  regressionTest,
  runPlan,
  runSeeds,
} from "../../../host/check/swarm/index.ts";
import { EFFORT } from "../../effort.ts";

const SEED_COUNT = EFFORT === 1 ? 500 : 3000;
/** Seeds of one test: a slow machine should know where it is. */
const CHUNK_COUNT = 50;
const CHUNKS = Array.from({ length: SEED_COUNT / CHUNK_COUNT }, (_, index) => 1 + index * CHUNK_COUNT);

describe(`${SEED_COUNT} seeds break no promise and settle`, { timeout: 120_000 }, () => {
  const missing = new Set<Mark>(MARKS);

  it.each(CHUNKS)(`${CHUNK_COUNT} from %i on`, first => {
    const summary = runSeeds(first, CHUNK_COUNT);
    const { failure } = summary;
    expect(failure === null ? [] : [`seed ${failure.plan.seed}`, ...failure.broken]).toEqual([]);
    expect(summary.seedCount).toBe(CHUNK_COUNT);
    for (const mark of MARKS) if (!summary.missing.includes(mark)) missing.delete(mark);
  });

  it("and together they reach every mark", () => {
    expect([...missing]).toEqual([]);
  });
});

it("the same seeds have the same history, others another", () => {
  expect(runSeeds(7, 5).hash).toBe(runSeeds(7, 5).hash);
  expect(runSeeds(8, 5).hash).not.toBe(runSeeds(7, 5).hash);
});

it("a mark that no seed reaches is told", () => {
  const quiet = runSeeds(1, 1);
  expect(quiet.missing.length).toBeGreaterThan(0);
  expect(MARKS).toEqual(expect.arrayContaining([...quiet.missing]));
});

/** Says that it has what it then throws away, when a client connects for the third time. */
class Forgetful extends Broker {
  #connectCount = 0;

  override receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    if (bytes[0] === 0x10) this.#connectCount += 1;
    // A clean session in place of the one that it was asked to keep.
    const changed = Uint8Array.from(bytes);
    if (bytes[0] === 0x10 && this.#connectCount % 3 === 0) changed[9] |= 2;
    super.receive(connection, changed, nowMs);
  }
}

/** The first plan that this broker fails with. */
function firstFailure(newBroker: (options: BrokerOptions) => Broker): Plan {
  const { failure } = runSeeds(1, 100, undefined, newBroker);
  if (failure === null) throw new Error("a broken broker was not found in a hundred seeds");
  return failure.plan;
}

describe("a broker that loses a session when a client comes back", () => {
  const newBroker = (options: BrokerOptions) => new Forgetful(options);

  it("is found, and reduced to a fault that makes clients come back", () => {
    const plan = firstFailure(newBroker);
    const reduced = reduce(runPlan(plan, newBroker), newBroker);
    expect(reduced.broken.length).toBeGreaterThan(0);
    expect(reduced.plan.faults.length).toBeLessThanOrEqual(2);
    expect(reduced.plan.minutes).toBeLessThanOrEqual(plan.minutes);
    // With the broker as it is, nothing is wrong with the same plan.
    expect(runPlan(reduced.plan).broken).toEqual([]);
    expect(regressionTest(reduced)).toContain(`"seed": ${plan.seed}`);
  });
});

it("a plan is data: it survives being printed", () => {
  const plan = draw(3);
  const again = JSON.parse(JSON.stringify(plan)) as Plan;
  expect(again).toEqual(plan);
  expect(runPlan(again).hash).toBe(runPlan(plan).hash);
});
