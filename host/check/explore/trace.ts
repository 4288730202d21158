/**
 * A path through the states as names of actions: told line by line, and run again, so that what was found once is a test for ever.
 */
import type { Core } from "../../core/core.ts";
import { type ActionName, actionNamed, isAction } from "./actions.ts";
import type { Counterexample } from "./explore.ts";
import { heal } from "./heal.ts";
import * as m from "./model.ts";
import type { Breach } from "./search.ts";
import type { Settings } from "./settings.ts";
import { World } from "./world.ts";

const STATES = ["idle", "waiting", "opening", "connecting", "connected", "disconnecting", "closing", "ending"];
const PHASES = ["resting", "taking events", "storing"];

/** One line for an action and what it has led to. */
function line(world: World, name: string): string {
  const { core, client, model } = world;
  const up: string[] = [];
  for (let index = 0, at = m.UP; index < model[m.UP_COUNT]; index += 1, at += m.UP_SIZE) {
    const kind = model[at + m.QOS] === m.SUBSCRIPTION ? "subscribe" : `q${model[at + m.QOS]}`;
    up.push(`${kind}#${m.readId(model, at + m.ID)}${model[at + m.ARRIVALS] > 0 ? " arrived" : ""}`);
  }
  const down: string[] = [];
  for (let index = 0, at = m.DOWN; index < model[m.DOWN_COUNT]; index += 1, at += m.DOWN_SIZE) {
    down.push(`q${model[at + m.QOS]}#${model[at + m.DOWN_ID]}${model[at + m.DELIVERIES] > 0 ? " delivered" : ""}`);
  }
  const parts = [`${STATES[core.state(client)]}, ${PHASES[model[m.PHASE]]}`];
  if (up.length > 0) parts.push(`up: ${up.join(", ")}`);
  if (down.length > 0) parts.push(`down: ${down.join(", ")}`);
  return `${name.padEnd(22)} ${parts.join("; ")}`;
}

/** The path that a search has found, told. */
export function describe(core: Core, settings: Settings, path: readonly number[], breach: Breach): Counterexample {
  const actions = path.map(index => settings.actions[index]);
  if (breach.action !== null) actions.push(breach.action);
  const world = new World(core, settings);
  const lines: string[] = [];
  for (const name of actions) {
    actionNamed(name)(world);
    lines.push(line(world, name));
  }
  if (breach.action === null) {
    const steps: ActionName[] = [];
    heal(world, steps);
    lines.push(`then a healthy broker: ${steps.length > 60 ? `${steps.slice(0, 60).join(" ")} ...` : steps.join(" ")}`);
  }
  return { text: breach.text, actions, isByHealing: breach.action === null, lines };
}

/**
 * Runs actions, given by name, then heals. Answers the promise that is broken on the way, or "" where all are kept. Throws a
 * RangeError for a name that is no action, and for an action that cannot happen where it stands.
 */
export function replay(core: Core, settings: Settings, names: readonly string[]): string {
  const world = new World(core, settings);
  for (const [index, name] of names.entries()) {
    if (!isAction(name)) throw new RangeError(`action ${index + 1}: there is no action "${name}"`);
    if (!actionNamed(name)(world)) throw new RangeError(`action ${index + 1}, "${name}", cannot happen there`);
    if (world.violation !== "") return world.violation;
  }
  heal(world);
  return world.violation;
}
