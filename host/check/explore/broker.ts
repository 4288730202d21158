/**
 * What the broker does of its own accord: it has messages for the client, repeats itself, loses the session, refuses.
 */
import * as m from "./model.ts";
import { send, sendMessage } from "./server.ts";
import type { World } from "./world.ts";

/** The broker has a message for the client. */
export function sendNew(world: World, qos: number): boolean {
  const { model } = world;
  const isServed = model[m.SERVICE] === m.SERVED;
  if (model[m.DOWN_COUNT] >= world.settings.downMax || model[m.SESSION_KEPT] === 0) return false;
  if ((qos === 0 && !isServed) || model[m.QUEUE_COUNT] > 3) return false;
  const at = m.DOWN + m.DOWN_SIZE * model[m.DOWN_COUNT];
  const label = m.freeLabel(model, m.DOWN_COUNT, m.DOWN, m.DOWN_SIZE);
  model.set([label, qos, qos === 0 ? 0 : freeId(model), m.UNACKNOWLEDGED, 0, 0], at);
  model[m.DOWN_COUNT] += 1;
  if (isServed) sendMessage(world, at);
  return true;
}

function freeId(model: Uint8Array): number {
  for (let id = 1; ; id += 1) if (m.findDown(model, id) < 0) return id;
}

/** The broker repeats the oldest of QoS 2 that is unacknowledged, as MQTT 3.1.1 lets it. */
export function sendAgain(world: World): boolean {
  const { model } = world;
  if (model[m.SERVICE] !== m.SERVED || model[m.QUEUE_COUNT] > 2) return false;
  for (let index = 0, at = m.DOWN; index < model[m.DOWN_COUNT]; index += 1, at += m.DOWN_SIZE) {
    if (model[at + m.QOS] !== 2 || model[at + m.PROGRESS] === m.FINISHED) continue;
    if (model[at + m.PROGRESS] === m.RECEIVED) send(world, 0x62, 0, model[at + m.DOWN_ID], 0);
    else sendMessage(world, at);
    return true;
  }
  return false;
}

/** The broker loses all that it knows of the client. */
export function forget({ model }: World): boolean {
  if (model[m.TRANSPORT] !== m.NO_TRANSPORT || model[m.SESSION_KEPT] === 0) return false;
  model[m.SESSION_KEPT] = 0;
  model.fill(0, m.DOWN, m.QUEUE);
  model.fill(0, m.HELD);
  model[m.DOWN_COUNT] = 0;
  model[m.HELD_COUNT] = 0;
  for (let index = 0; index < model[m.UP_COUNT]; index += 1) {
    model[m.UP + m.UP_SIZE * index + m.FLAGS] |= m.EXCUSED;
  }
  return true;
}

/** The broker refuses instead of accepting. */
export function refuse({ model }: World, code: number): boolean {
  if (model[m.QUEUE] !== 0x20 || model[m.PART_DOWN] !== 0 || model[m.SERVICE] !== m.SERVED) return false;
  model.fill(0, m.QUEUE, m.HELD);
  model[m.QUEUE] = 0x20;
  model[m.QUEUE + 2] = code;
  model[m.QUEUE_COUNT] = 1;
  model[m.SERVICE] = m.REFUSED;
  return true;
}
