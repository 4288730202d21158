/**
 * Everything that may happen, by name: to the host's loop, the transport, the power, the time, the broker and its packets. An action
 * answers false where it cannot happen in a state; what it has changed by then does not count.
 */
import { NEVER } from "../../../assembly/session/timers.ts";
import { NOTHING } from "../../../assembly/status.ts";
import { forget, refuse, sendAgain, sendNew } from "./broker.ts";
import { command, proceed, receive, transmit } from "./host.ts";
import { HOSTILE_PACKETS } from "./hostile.ts";
import * as m from "./model.ts";
import { sweep } from "./sweep.ts";
import type { World } from "./world.ts";

type Action = (world: World) => boolean;

const packet = new Uint8Array(16);

/** The first packet of the queue as bytes, in `packet`; answers its size. */
function head({ model, settings }: World): number {
  const [first, a, b, c] = [model[m.QUEUE], model[m.QUEUE + 1], model[m.QUEUE + 2], model[m.QUEUE + 3]];
  packet[0] = first;
  packet[2] = a;
  packet[3] = b;
  packet[4] = c;
  packet[1] = 2;
  if (first === 0xd0) packet[1] = 0;
  // In 5.0 a property length of 0 stands behind the identifier, or behind the return code of CONNACK.
  const isFive = settings.level === 5;
  if (first === 0x20 && isFive) {
    packet[1] = 3;
    packet[4] = 0;
  } else if (first === 0x90) {
    packet[1] = isFive ? 4 : 3;
    packet[4] = 0;
    packet[5] = 0;
  } else if (first >> 4 === 3) {
    packet.set([0, 1, 0x74], 2);
    let at = 5;
    if ((first & 6) !== 0) {
      packet.set([a, b], at);
      at += 2;
    }
    if (isFive) packet[at++] = 0;
    packet[at] = c;
    packet[1] = at - 1;
  }
  return 2 + packet[1];
}

function deliver(world: World, times: number): boolean {
  const { model } = world;
  if (!canReceive(world) || model[m.QUEUE_COUNT] === 0) return false;
  const size = head(world);
  // Only answers of a broker come twice in a row without a fault.
  if (times > 1 && ![0x40, 0x50, 0x70, 0x90].includes(packet[0])) return false;
  for (let time = 0; time < times; time += 1) {
    if (!receive(world, packet, time === 0 ? model[m.PART_DOWN] : 0, size)) return false;
  }
  model[m.PART_DOWN] = 0;
  m.removeEntry(model, m.QUEUE_COUNT, m.QUEUE, m.QUEUE_SIZE, 0);
  return true;
}

function canReceive({ model }: World): boolean {
  return model[m.PHASE] === m.RESTING && model[m.TRANSPORT] === m.OPEN_TRANSPORT;
}

/** The transport is gone, and all that was under way with it. */
function forgetConnection({ model }: World): void {
  for (const at of [m.TRANSPORT, m.BROKEN, m.PART_UP, m.PART_UP_BYTE, m.PART_DOWN, m.SERVICE]) model[at] = 0;
  model.fill(0, m.QUEUE, m.HELD);
  model[m.QUEUE_COUNT] = 0;
  for (let index = 0; index < model[m.UP_COUNT]; index += 1) {
    model[m.UP + m.UP_SIZE * index + m.FLAGS] &= ~m.LEFT_NOW;
  }
}

function lose(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.TRANSPORT] === m.NO_TRANSPORT || model[m.PHASE] === m.STORING) return false;
  core.closed(client, world.nowMs);
  forgetConnection(world);
  model[m.LENT] = 0;
  model[m.PHASE] = m.TAKING;
  return true;
}

function powerCut(world: World): boolean {
  const { model } = world;
  forgetConnection(world);
  for (let at = m.UP + m.UP_SIZE * (model[m.UP_COUNT] - 1); at >= m.UP; at -= m.UP_SIZE) {
    const isUnstored = (model[at + m.FLAGS] & m.UNSTORED) !== 0;
    if (isUnstored && model[at + m.QOS] !== 0 && (model[at + m.FLAGS] & m.LEFT_ONCE) !== 0) {
      world.violate("it had left before it was stored");
    }
    if (isUnstored || model[at + m.QOS] === 0) {
      m.removeEntry(model, m.UP_COUNT, m.UP, m.UP_SIZE, (at - m.UP) / m.UP_SIZE);
    } else {
      model[at + m.FLAGS] = (model[at + m.FLAGS] & ~m.ENDED) | m.RESTORED;
    }
  }
  for (let index = 0, at = m.DOWN; index < model[m.DOWN_COUNT]; index += 1, at += m.DOWN_SIZE) {
    // The power went between the delivery and the store: nobody can know of it, so it may come again.
    if ((model[at + m.FLAGS] & m.UNSTORED) === 0) continue;
    model[at + m.FLAGS] &= ~m.UNSTORED;
    if (model[at + m.QOS] === 2) model[at + m.DELIVERIES] = 0;
  }
  model[m.LENT] = 0;
  world.restart();
  return true;
}

function timeOut(world: World): boolean {
  const { core, client, model } = world;
  if (model[m.PHASE] !== m.RESTING) return false;
  const wait = core.nextTimeout(client, world.nowMs);
  if (wait === NEVER) return false;
  if (wait < 0) world.violate(`nextTimeout answered ${wait}`);
  world.nowMs = (world.nowMs + wait) | 0;
  core.timedOut(client, world.nowMs);
  model[m.PHASE] = m.TAKING;
  return true;
}

function open(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.TRANSPORT] !== m.WANTED || model[m.PHASE] === m.STORING) return false;
  // Refused where it is not wanted any more: CLOSE follows.
  model[m.TRANSPORT] = core.opened(client, world.nowMs) === 0 ? m.OPEN_TRANSPORT : m.UNWANTED;
  model[m.PHASE] = m.TAKING;
  return true;
}

/** The host drops the oldest message that has never been sent. */
function drop(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] === m.STORING) return false;
  const id = core.drop(client);
  if (id === NOTHING) return false;
  if (id < 0) world.violate(`drop answered ${id}`);
  model[m.PHASE] = m.TAKING;
  const at = id === 0 ? -1 : m.findUp(model, id);
  if (at < 0) return true;
  if ((model[at + m.FLAGS] & m.LEFT_ONCE) !== 0) world.violate("what had been sent was dropped");
  if (world.settings.isDurable) model[at + m.FLAGS] |= m.ENDED;
  else m.removeEntry(model, m.UP_COUNT, m.UP, m.UP_SIZE, (at - m.UP) / m.UP_SIZE);
  return true;
}

/**
 * What would happen if so many messages had come and gone that the next identifier is the one of the oldest that is still there:
 * another message is refused. The counter goes back afterwards.
 */
function wrap(world: World): boolean {
  const { model, lastId } = world;
  if (model[m.UP_COUNT] === 0 || model[m.UP_COUNT] >= world.settings.upMax) return false;
  const id = m.readId(model, m.UP + m.ID);
  if (id === 0 || (model[m.UP + m.FLAGS] & m.ENDED) !== 0 || model[m.PHASE] === m.STORING) return false;
  world.lastId = id === 1 ? 0xffff : id - 1;
  const isTaken = command(world, 1);
  world.lastId = lastId;
  return isTaken;
}

function disconnect(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] === m.STORING || world.isIdle) return false;
  if (core.disconnect(client, world.nowMs) !== 0) return false;
  model[m.LENT] = 0;
  model[m.PHASE] = m.TAKING;
  return true;
}

function start(world: World): boolean {
  if (!world.isIdle || world.model[m.PHASE] !== m.RESTING) return false;
  world.connect();
  return true;
}

function resend(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] !== m.RESTING || model[m.UP_COUNT] === 0) return false;
  if (core.resend(client) !== 0) return false;
  for (let index = 0; index < model[m.UP_COUNT]; index += 1) {
    model[m.UP + m.UP_SIZE * index + m.FLAGS] &= ~m.LEFT_NOW;
  }
  return true;
}

function hasWindow({ model }: World): boolean {
  return model[m.QUEUE_COUNT] < m.QUEUE_FULL;
}

/** More than a client of a scenario offers at once. */
const ALL = 64;

const HONEST = {
  continue: proceed,
  opened: open,
  transmit: world => hasWindow(world) && transmit(world, ALL),
  "transmit-part": world => hasWindow(world) && transmit(world, 1),
  // Healing only: whatever the broker has not been able to deliver yet.
  "transmit-all": world => transmit(world, ALL),
  deliver: world => deliver(world, 1),
  "deliver-twice": world => world.model[m.PART_DOWN] === 0 && deliver(world, 2),
  "deliver-part": world => {
    const { model } = world;
    if (!canReceive(world) || model[m.QUEUE_COUNT] === 0 || model[m.PART_DOWN] !== 0) return false;
    head(world);
    if (!receive(world, packet, 0, 1)) return false;
    model[m.PART_DOWN] = 1;
    return true;
  },
  lose,
  timeout: timeOut,
  break: ({ model }) => {
    if (model[m.TRANSPORT] !== m.OPEN_TRANSPORT || model[m.BROKEN] !== 0) return false;
    model[m.BROKEN] = 1;
    return true;
  },
  "power-cut": powerCut,
  resend,
  drop,
  wrap,
  disconnect,
  start,
  forget,
  // Unavailable, and not authorised.
  refuse: world => refuse(world, world.settings.level === 5 ? 0x88 : 3),
  "refuse-for-good": world => refuse(world, world.settings.level === 5 ? 0x87 : 5),
  "publish-0": world => command(world, 0),
  "publish-1": world => command(world, 1),
  "publish-2": world => command(world, 2),
  subscribe: world => command(world, m.SUBSCRIPTION),
  "send-0": world => sendNew(world, 0),
  "send-1": world => sendNew(world, 1),
  "send-2": world => sendNew(world, 2),
  "send-again": sendAgain,
} satisfies Record<string, Action>;

function hostile(name: keyof typeof HOSTILE_PACKETS): Action {
  return world => {
    if (!canReceive(world) || world.model[m.PART_DOWN] !== 0) return false;
    const bytes = HOSTILE_PACKETS[name](world);
    return bytes !== null && receive(world, Uint8Array.from(bytes), 0, bytes.length);
  };
}

export type ActionName = keyof typeof HONEST | keyof typeof HOSTILE_PACKETS;

const ACTIONS = new Map<ActionName, Action>([
  ...(Object.entries(HONEST) as [ActionName, Action][]),
  ...(Object.keys(HOSTILE_PACKETS) as (keyof typeof HOSTILE_PACKETS)[]).map(
    name => [name, hostile(name)] as [ActionName, Action],
  ),
]);

/** Whether there is an action with that name. */
export function isAction(name: string): name is ActionName {
  return ACTIONS.has(name as ActionName);
}

/** What to call for an action, with what has come to its end forgotten behind it. */
export function actionNamed(name: ActionName): Action {
  const action = ACTIONS.get(name);
  if (action === undefined) throw new RangeError(`no action is called ${name}`);
  return world => {
    if (!action(world)) return false;
    sweep(world);
    return true;
  };
}
