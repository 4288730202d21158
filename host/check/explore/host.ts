/**
 * The host's side: the loop that assembly/index.ts asks for, in single steps, so that a loss or a power cut can come between any
 * two of them, and what the host is told of messages, checked against the history.
 */
import * as event from "../../../assembly/session/events.ts";
import { FULL } from "../../../assembly/status.ts";
import * as m from "./model.ts";
import { take } from "./server.ts";
import type { World } from "./world.ts";

/** Every answer that says why a connection ended lies between these, assembly/status.ts. */
const REASON_FIRST = -32;
const REASON_LAST = -95;

const scratch = new Uint8Array(64);

/** One step of the loop: an event, or the store. */
export function proceed(world: World): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] === m.RESTING) return false;
  if (model[m.PHASE] === m.STORING) {
    world.store();
    for (let at = m.UP + m.UP_SIZE * (model[m.UP_COUNT] - 1); at >= m.UP; at -= m.UP_SIZE) {
      model[at + m.FLAGS] &= ~m.UNSTORED;
      if ((model[at + m.FLAGS] & m.ENDED) !== 0) removeUp(model, at);
    }
    for (let index = 0; index < model[m.DOWN_COUNT]; index += 1) {
      model[m.DOWN + m.DOWN_SIZE * index + m.FLAGS] &= ~m.UNSTORED;
    }
    model[m.PHASE] = m.RESTING;
    return true;
  }
  const type = core.nextEvent(client, world.nowMs);
  model[m.LENT] = 0;
  switch (type) {
    case event.NONE:
      model[m.PHASE] = world.settings.isDurable && core.pendingStore(client, 0) > 0 ? m.STORING : m.RESTING;
      return true;
    case event.OPEN:
      if (model[m.TRANSPORT] !== m.NO_TRANSPORT) world.violate("OPEN while there is a transport");
      model[m.TRANSPORT] = m.WANTED;
      return true;
    case event.CONNECTED:
      if (model[m.TRANSPORT] !== m.OPEN_TRANSPORT) world.violate("CONNECTED without a transport");
      model[m.SESSION_KEPT] = 1;
      // [MQTT-3.2.2-5] of 5.0: what a server knows nothing of is sent as new.
      if (world.settings.level === 5 && core.eventFlags(client) === 0) {
        for (let index = 0; index < model[m.UP_COUNT]; index += 1) {
          model[m.UP + m.UP_SIZE * index + m.FLAGS] &= ~m.LEFT_ONCE;
        }
      }
      return true;
    case event.CLOSE:
      checkReason(world);
      model[m.TRANSPORT] = m.UNWANTED;
      return true;
    case event.MESSAGE:
      delivered(world);
      return true;
    case event.PUBLISHED:
    case event.SUBSCRIBED:
      ended(world, type);
      return true;
    default:
      world.violate(`nextEvent answered ${type}`);
      return true;
  }
}

function checkReason(world: World): void {
  const reason = world.core.reason(world.client);
  if (reason > REASON_FIRST || reason < REASON_LAST) world.violate(`CLOSE with the reason ${reason}`);
}

function removeUp(model: Uint8Array, at: number): void {
  m.removeEntry(model, m.UP_COUNT, m.UP, m.UP_SIZE, (at - m.UP) / m.UP_SIZE);
}

/** MESSAGE: exactly once at QoS 2, in order, and only what the broker has sent. */
function delivered(world: World) {
  const { model, core, client } = world;
  if (core.payloadSize(client) !== 1 || core.topicSize(client) !== 1) return world.violate("a message of another size");
  const label = world.bytes[core.payloadAddress(client)];
  const at = m.findLabel(model, m.DOWN_COUNT, m.DOWN, m.DOWN_SIZE, label);
  if (at < 0) return world.violate("the host was given a message that nobody sent");
  const qos = model[at + m.QOS];
  if (model[at + m.DELIVERIES] === 0) {
    for (let older = m.DOWN; older < at; older += m.DOWN_SIZE) {
      if (qos !== 0 && model[older + m.QOS] === qos && model[older + m.DELIVERIES] === 0) {
        return world.violate(`QoS ${qos} delivered out of order [MQTT-4.6.0-5]`);
      }
    }
  }
  if (qos !== 1 && model[at + m.DELIVERIES] > 0) return world.violate(`QoS ${qos} delivered twice [MQTT-4.3.3-2]`);
  model[at + m.DELIVERIES] = 1;
  model[at + m.FLAGS] |= m.UNSTORED;
  model[m.LENT] = label + 1;
}

/** PUBLISHED and SUBSCRIBED: the broker has it, and the host waits for it. */
function ended(world: World, type: number) {
  const { model, core, client } = world;
  const at = m.findUp(model, core.eventId(client));
  if (at < 0) return world.violate("the host was told of the end of nothing");
  if ((type === event.SUBSCRIBED) !== (model[at + m.QOS] === m.SUBSCRIPTION)) return world.violate("the wrong end");
  if (model[at + m.ARRIVALS] === 0) return world.violate("the host was told that the broker has what it has not");
  if (world.settings.isDurable) model[at + m.FLAGS] |= m.ENDED;
  else removeUp(model, at);
}

/** Up to `most` bytes leave, and arrive unless the way is broken. Answers whether there were any. */
export function transmit(world: World, most: number): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] === m.TAKING || model[m.TRANSPORT] !== m.OPEN_TRANSPORT) return false;
  const size = core.transmit(client);
  if (size === 0) return false;
  // The barrier, assembly/session/durability.ts: a host may ask as early as it likes.
  if (model[m.PHASE] === m.STORING) world.violate("offered before it was stored");
  if (most < size && (size < 2 || model[m.PART_UP] !== 0)) return false;
  const count = Math.min(size, most);
  const at = core.transmitAddress(client);
  const part = model[m.PART_UP];
  scratch[0] = model[m.PART_UP_BYTE];
  scratch.set(world.bytes.subarray(at, at + count), part);
  if (core.transmitted(client, count, world.nowMs) !== 0) world.violate("transmitted refused what was offered");
  if (count < size) {
    model[m.PART_UP] = 1;
    model[m.PART_UP_BYTE] = scratch[0];
    return true;
  }
  model[m.PART_UP] = 0;
  model[m.PART_UP_BYTE] = 0;
  take(world, scratch, 0, part + count, model[m.BROKEN] === 0);
  model[m.PHASE] = m.TAKING;
  return true;
}

/** Bytes that have come; false where they do not fit. */
export function receive(world: World, packet: Uint8Array, start: number, end: number): boolean {
  const { core, client } = world;
  if (core.receiveRoom(client) < end - start) return false;
  world.bytes.set(packet.subarray(start, end), core.receiveAddress(client));
  const answer = core.received(client, end - start, world.nowMs);
  if (answer !== 0) world.violate(`received answered ${answer}`);
  world.model[m.PHASE] = m.TAKING;
  return true;
}

/** The host publishes, QoS 0 to 2, or subscribes. */
export function command(world: World, qos: number): boolean {
  const { model, core, client } = world;
  if (model[m.PHASE] === m.STORING || model[m.UP_COUNT] >= world.settings.upMax) return false;
  const label = m.freeLabel(model, m.UP_COUNT, m.UP, m.UP_SIZE);
  // In 5.0 a property length of 0 stands before the list, or before the payload.
  const properties = world.settings.level === 5 ? [0] : [];
  const at =
    qos === m.SUBSCRIPTION
      ? core.subscribe(client, 4 + properties.length)
      : core.publish(client, 1, 1 + properties.length, qos << 1);
  if (at === FULL) return true;
  if (at < 0) {
    world.violate(`a command answered ${at}`);
    return true;
  }
  if (qos === m.SUBSCRIPTION) world.bytes.set([...properties, 0, 1, 0x74, 0], at);
  else {
    world.bytes[at] = 0x74;
    world.bytes.set([...properties, label], core.composedEnd(client) - 1 - properties.length);
  }
  const next = (world.lastId % 0xffff) + 1;
  const id = core.commit(client);
  if (id === FULL && qos !== 0) {
    if (m.findUp(model, next) < 0) world.violate("no identifier is free, though the next one is");
    return true;
  }
  if (qos === 0 ? id !== 0 : id <= 0 || id > 0xffff) world.violate(`commit answered ${id}`);
  if (qos !== 0 && m.findUp(model, id) >= 0) world.violate(`identifier ${id} is in use [MQTT-2.3.1-2]`);
  const entry = m.UP + m.UP_SIZE * model[m.UP_COUNT];
  model[entry + m.LABEL] = label;
  model[entry + m.QOS] = qos;
  m.writeId(model, entry + m.ID, id);
  model[entry + m.FLAGS] = world.settings.isDurable ? m.UNSTORED : 0;
  model[m.UP_COUNT] += 1;
  model[m.PHASE] = m.TAKING;
  return true;
}
