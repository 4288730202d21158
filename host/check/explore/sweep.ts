/**
 * What has come to its end without anybody being told: QoS 0 of the client once it is not in the outbox any more, and messages of
 * the broker of which no copy is under way. Their labels are then free for others.
 */
import { HEAD, RECEIVED_END, RECEIVED_START, TAIL } from "../../../assembly/layout.ts";
import * as m from "./model.ts";
import type { World } from "./world.ts";

/** Forgets what is over. */
export function sweep(world: World): void {
  const { model } = world;
  for (let at = m.UP + m.UP_SIZE * (model[m.UP_COUNT] - 1); at >= m.UP; at -= m.UP_SIZE) {
    if (model[at + m.QOS] === 0 && !isQueued(world, model[at + m.LABEL])) {
      m.removeEntry(model, m.UP_COUNT, m.UP, m.UP_SIZE, (at - m.UP) / m.UP_SIZE);
    }
  }
  if (model[m.PHASE] !== m.RESTING || model[m.LENT] !== 0 || unreadSize(world) > 0) return;
  for (let at = m.DOWN + m.DOWN_SIZE * (model[m.DOWN_COUNT] - 1); at >= m.DOWN; at -= m.DOWN_SIZE) {
    const isOver = model[at + m.QOS] === 0 || model[at + m.PROGRESS] === m.FINISHED;
    if (isOver && !isUnderWay(model, model[at + m.LABEL])) {
      m.removeEntry(model, m.DOWN_COUNT, m.DOWN, m.DOWN_SIZE, (at - m.DOWN) / m.DOWN_SIZE);
    }
  }
}

/** Bytes in the receive region that the client has not made anything of. */
export function unreadSize(world: World): number {
  const { client, words } = world;
  return words[(client + RECEIVED_END) >> 2] - words[(client + RECEIVED_START) >> 2];
}

function isQueued(world: World, label: number): boolean {
  const { bytes, words, client } = world;
  const end = client + words[(client + TAIL) >> 2];
  // Every packet of a scenario is shorter than 128 bytes.
  for (let at = client + words[(client + HEAD) >> 2]; at < end; at += 2 + bytes[at + 1]) {
    if ((bytes[at] & 0xf6) === 0x30 && bytes[at + 1 + bytes[at + 1]] === label) return true;
  }
  return false;
}

function isUnderWay(model: Uint8Array, label: number): boolean {
  for (let index = 0, at = m.QUEUE; index < model[m.QUEUE_COUNT]; index += 1, at += m.QUEUE_SIZE) {
    if (model[at] >> 4 === 3 && model[at + 3] === label) return true;
  }
  return false;
}
