/**
 * No wedge: from any state, a link that works, a host that keeps to its loop and a healthy broker bring the client to rest: every
 * message at its end, nothing left in a table, a buffer or a queue. No deadline may have to pass for that but the wait before a
 * reconnect: whoever needs a time-out to go on has been stuck.
 */
import { INBOUND_IDS } from "../../../assembly/layout.ts";
import { CONNECTED, WAITING } from "../../../assembly/session/transitions.ts";
import { type ActionName, actionNamed } from "./actions.ts";
import * as m from "./model.ts";
import type { World } from "./world.ts";

/** The most that a scenario needs is below a hundred. */
const STEP_MAX = 400;

const proceed = actionNamed("continue");
const open = actionNamed("opened");
const lose = actionNamed("lose");
const deliver = actionNamed("deliver");
const transmit = actionNamed("transmit-all");
const timeOut = actionNamed("timeout");
const start = actionNamed("start");

/** The one step that a healthy world takes next, or null where there is none. */
function step(world: World): ActionName | null {
  const { model, core, client } = world;
  if (model[m.PHASE] !== m.RESTING) return proceed(world) ? "continue" : null;
  if (model[m.TRANSPORT] === m.WANTED) return open(world) ? "opened" : null;
  if (model[m.TRANSPORT] === m.UNWANTED) return lose(world) ? "lose" : null;
  // A link that is broken, or a broker that has left, ends the connection.
  const hasLeft = model[m.SERVICE] >= m.LEFT && model[m.QUEUE_COUNT] === 0;
  if (model[m.BROKEN] !== 0 || (hasLeft && model[m.TRANSPORT] === m.OPEN_TRANSPORT)) return lose(world) ? "lose" : null;
  if (deliver(world)) return "deliver";
  if (transmit(world)) return "transmit-all";
  if (core.state(client) === WAITING) return timeOut(world) ? "timeout" : null;
  return start(world) ? "start" : null;
}

/** Heals the world; a violation says where it got stuck. `trace` takes the names of the steps. */
export function heal(world: World, trace?: ActionName[]) {
  for (let count = 0; world.violation === ""; count += 1) {
    if (count === STEP_MAX) return world.violate(`never at rest: ${STEP_MAX} steps of a healthy broker are not enough`);
    const name = step(world);
    if (name === null) break;
    trace?.push(name);
  }
  if (world.violation === "") judgeRest(world);
}

/** What may be left when nothing moves any more: a connection, and nothing else. */
function judgeRest(world: World) {
  const { core, client, model } = world;
  const state = core.state(client);
  if (state !== CONNECTED) return world.violate(`wedged: at rest in state ${state}, not connected`);
  if (model[m.UP_COUNT] !== 0) return world.violate("wedged: a message of the client is never acknowledged");
  if (model[m.DOWN_COUNT] !== 0) return world.violate("wedged: a message of the broker is never acknowledged");
  if (core.outboxUsed(client) !== 0) return world.violate("wedged: the outbox holds what nobody waits for");
  if (core.inFlight(client) !== 0) return world.violate("wedged: the window counts what is not in flight");
  const idsAt = client + INBOUND_IDS;
  for (let at = idsAt; at < idsAt + 2 * world.settings.inboundCount; at += 1) {
    if (world.bytes[at] !== 0) return world.violate("wedged: an identifier received is never given back");
  }
}
