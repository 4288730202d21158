// The real module: thousands of states of every scenario break no promise; two cores at work see the same states as one; and what
// the search takes for the same state behaves the same.
import { describe, expect, it } from "vitest";
import { actionNamed } from "../../../host/check/explore/actions.ts";
import { Canonical } from "../../../host/check/explore/canonical.ts";
import { CORE_SIZE, explore, replay, SCENARIOS, type Settings } from "../../../host/check/explore/index.ts";
import { World } from "../../../host/check/explore/world.ts";
import { loadJavaScript, loadWasm } from "../../../host/core/load.ts";
import { EFFORT } from "../../effort.ts";

const NAMES = Object.keys(SCENARIOS);

describe("every promise is kept", () => {
  it.each(NAMES)("%s", async name => {
    const limits = { stateMax: EFFORT === 1 ? 2500 : 400_000, depthMax: 1000 };
    const found = await explore(loadWasm(CORE_SIZE), SCENARIOS[name], limits);
    expect(found.counterexample?.lines.concat(found.counterexample.text) ?? []).toEqual([]);
    expect(found.stateCount).toBe(limits.stateMax);
    expect(found.depth).toBeGreaterThan(4);
  });
});

it("both builds have the same states", async () => {
  const limits = { stateMax: 1_000_000, depthMax: 9 };
  const settings = SCENARIOS.everything;
  const wasm = await explore(loadWasm(CORE_SIZE), settings, { ...limits, depthMax: 5 });
  const javaScript = await explore(await loadJavaScript(CORE_SIZE), settings, { ...limits, depthMax: 5 });
  expect(wasm.stateCount).toBeGreaterThan(1000);
  expect(javaScript).toEqual(wasm);
});

it("a small world is explored to its end", async () => {
  const actions = SCENARIOS.publishing.actions.filter(name => !/part|twice|resend/.test(name));
  const settings: Settings = { ...SCENARIOS.publishing, upMax: 1, outboxSize: 16, window: 1, actions };
  const found = await explore(loadWasm(CORE_SIZE), settings, { stateMax: 100_000, depthMax: 1000 });
  expect(found.isComplete).toBe(true);
  expect(found.counterexample).toBeNull();
});

it("a replay names the action that is none, or that cannot happen", () => {
  const core = loadWasm(CORE_SIZE);
  expect(() => replay(core, SCENARIOS.publishing, ["continue", "fly"])).toThrow('action 2: there is no action "fly"');
  expect(() => replay(core, SCENARIOS.publishing, ["deliver"])).toThrow('action 1, "deliver", cannot happen there');
  expect(replay(core, SCENARIOS.publishing, ["continue", "opened"])).toBe("");
});

/** What each action makes of the state that a world is in: its hash, or what it breaks, or that it cannot happen. */
function successors(world: World, canonical: Canonical, settings: Settings, state: Uint8Array): string[] {
  return settings.actions.map(name => {
    world.load(state, 0);
    world.violation = "";
    if (!actionNamed(name)(world)) return `${name}: cannot happen`;
    canonical.hash();
    return `${name}: ${world.violation} ${canonical.low} ${canonical.high}`;
  });
}

describe("states with one hash go the same ways", () => {
  it.each(NAMES)("%s", name => {
    const settings = SCENARIOS[name];
    const world = new World(loadWasm(CORE_SIZE), settings);
    const canonical = new Canonical(world);
    const seen = new Map<string, Uint8Array>();
    const queue: Uint8Array[] = [];
    const enter = (): void => {
      canonical.hash();
      const key = `${canonical.low} ${canonical.high}`;
      const state = new Uint8Array(world.stateSize);
      world.save(state, 0);
      const twin = seen.get(key);
      if (twin === undefined) {
        seen.set(key, state);
        queue.push(state);
      } else if (Buffer.compare(twin, state) !== 0 && twinCount < 200 * EFFORT) {
        twinCount += 1;
        expect(successors(world, canonical, settings, state)).toEqual(successors(world, canonical, settings, twin));
      }
    };
    let twinCount = 0;
    enter();
    for (let index = 0; index < queue.length && seen.size < 2000 * EFFORT; index += 1) {
      for (const action of settings.actions) {
        world.load(queue[index], 0);
        if (actionNamed(action)(world)) enter();
      }
    }
    expect(twinCount).toBeGreaterThan(20);
  });
});
