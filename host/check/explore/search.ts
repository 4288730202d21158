/**
 * One level of the breadth-first search, as far as one worker follows it: every action in every state, every state that is new
 * judged and kept. Because a level is over before the next begins, the path to a state is as short as there is one.
 */
import type { Core } from "../../core/core.ts";
import { type ActionName, actionNamed } from "./actions.ts";
import { Canonical } from "./canonical.ts";
import type { Frontier } from "./frontier.ts";
import { heal } from "./heal.ts";
import type { Settings } from "./settings.ts";
import { NO_PARENT, NO_ROOM, SEEN, type Visited } from "./visited.ts";
import { World } from "./world.ts";

/** Entries that a worker takes at once. */
const BATCH = 128;

/** A promise that was broken: after the state in `slot`, by `action` or, null, by healing. */
export interface Breach {
  readonly text: string;
  readonly slot: number;
  readonly action: ActionName | null;
}

/** What following a level has brought. */
export interface Yield {
  /** States seen for the first time. */
  newCount: number;
  /** Actions taken. */
  stepCount: number;
  /** Why it ended before the level did: no room left for states. */
  isFull: boolean;
  breach: Breach | null;
}

export class Search {
  readonly world: World;
  readonly #canonical: Canonical;
  readonly #names: readonly ActionName[];
  readonly #actions: readonly ((world: World) => boolean)[];
  readonly #before: Uint8Array;

  constructor(core: Core, settings: Settings) {
    this.world = new World(core, settings);
    this.#canonical = new Canonical(this.world);
    this.#names = settings.actions;
    this.#actions = settings.actions.map(actionNamed);
    this.#before = new Uint8Array(this.world.stateSize);
  }

  /** Enters the first state. */
  begin(visited: Visited, frontier: Frontier): void {
    this.world.reset();
    this.#canonical.hash();
    const slot = visited.claim(this.#canonical.low, this.#canonical.high, NO_PARENT, 0);
    this.#keep(frontier, slot, 0);
  }

  /** Follows the entries below `end` until there are none, or there is no room, or a promise is broken. */
  level(visited: Visited, frontier: Frontier, start: number, end: number, stateMax: number): Yield {
    const result: Yield = { newCount: 0, stepCount: 0, isFull: false, breach: null };
    const { world } = this;
    for (;;) {
      const { first, count } = frontier.take(end, BATCH);
      if (count === 0 || result.isFull) return result;
      for (let index = first; index < first + count; index += 1) {
        const parent = frontier.slotOf(index);
        this.#before.set(frontier.bytes.subarray(frontier.stateAt(index), frontier.stateAt(index) + world.stateSize));
        for (let action = 0; action < this.#actions.length; action += 1) {
          world.load(this.#before, 0);
          if (!this.#actions[action](world)) continue;
          result.stepCount += 1;
          if (world.violation !== "") {
            result.breach = { text: world.violation, slot: parent, action: this.#names[action] };
            return result;
          }
          this.#canonical.hash();
          const slot = visited.claim(this.#canonical.low, this.#canonical.high, parent, action);
          if (slot === SEEN) continue;
          if (slot === NO_ROOM || frontier.appendedCount >= stateMax || !this.#keep(frontier, slot, start)) {
            result.isFull = true;
            return result;
          }
          result.newCount += 1;
          heal(world);
          if (world.violation !== "") {
            result.breach = { text: world.violation, slot, action: null };
            return result;
          }
        }
      }
    }
  }

  #keep(frontier: Frontier, slot: number, oldest: number): boolean {
    const index = frontier.append(oldest);
    if (index < 0) return false;
    frontier.setSlot(index, slot);
    this.world.save(frontier.bytes, frontier.stateAt(index));
    return true;
  }
}
