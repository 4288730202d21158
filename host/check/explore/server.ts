/**
 * A broker in a few bytes: what MQTT 3.1.1 lets a healthy broker do with one client, and the history against which promises
 * are checked. What arrives is acted upon at once; what it sends waits in a queue until it is delivered or lost.
 */
import * as m from "./model.ts";
import type { World } from "./world.ts";

/** The only topic, "t", as on the wire. */
const TOPIC_SIZE = 3;

const DUP = 0x08;

/** Appends a packet to the queue: its first byte, and up to three that tell it apart from others of its type. */
export function send(world: World, first: number, a: number, b: number, c: number): void {
  const { model } = world;
  const count = model[m.QUEUE_COUNT];
  if (count === m.QUEUE_CAPACITY) throw new Error("the explorer let the broker's queue overflow");
  const at = m.QUEUE + m.QUEUE_SIZE * count;
  model[at] = first;
  model[at + 1] = a;
  model[at + 2] = b;
  model[at + 3] = c;
  model[m.QUEUE_COUNT] = count + 1;
}

/** Queues the PUBLISH of the message at `at`, with DUP if it was sent before [MQTT-3.3.1-1]. */
export function sendMessage(world: World, at: number): void {
  const { model } = world;
  const dup = (model[at + m.FLAGS] & m.SENT_ONCE) !== 0 ? DUP : 0;
  if (model[at + m.QOS] !== 0) model[at + m.FLAGS] |= m.SENT_ONCE;
  send(world, 0x30 | dup | (model[at + m.QOS] << 1), 0, model[at + m.DOWN_ID], model[at + m.LABEL]);
}

/** Takes bytes that the client has written: whole packets. With `arrives` false they are lost, and only judged. */
export function take(world: World, bytes: Uint8Array, start: number, end: number, arrives: boolean) {
  for (let at = start; at < end && world.violation === ""; ) {
    const size = at + 1 < end ? bytes[at + 1] + 2 : 0;
    if (size < 2 || size > 127 || at + size > end)
      return world.violate("the client sent a packet that does not add up");
    packet(world, bytes, at, size, arrives);
    at += size;
  }
}

function packet(world: World, bytes: Uint8Array, at: number, size: number, arrives: boolean) {
  const { model } = world;
  const first = bytes[at];
  if (first === 0x10) {
    if (model[m.SERVICE] !== m.UNSERVED) return world.violate("a second CONNECT [MQTT-3.1.0-2]");
    if (arrives) accept(world);
    return;
  }
  if (arrives && model[m.SERVICE] === m.UNSERVED) return world.violate("a packet before CONNECT [MQTT-3.1.0-1]");
  if (model[m.SERVICE] === m.REFUSED) return;
  if (model[m.SERVICE] === m.LEFT) return world.violate("a packet behind DISCONNECT [MQTT-3.14.4-2]");
  if (first >> 4 === 3) return published(world, bytes, at, size, arrives);
  if (first === 0xc0 || first === 0xe0) {
    // DISCONNECT of 5.0 may have a reason and properties.
    if (size !== 2 && (first === 0xc0 || world.settings.level === 4)) {
      return world.violate(`a packet ${first.toString(16)} of ${size} bytes`);
    }
    if (first === 0xe0) {
      // What the broker had sent may still arrive; that it closes is the loss of the connection.
      model[m.SERVICE] = m.LEFT;
    } else if (arrives) send(world, 0xd0, 0, 0, 0);
    return;
  }
  const id = m.readId(bytes, at + 2);
  if (id === 0) return world.violate("a packet identifier of 0 [MQTT-2.3.1-1]");
  if (first === 0x82) return subscribed(world, id, arrives);
  if (size !== 4 && (world.settings.level === 4 || size < 4))
    return world.violate(`an acknowledgement of ${size} bytes`);
  switch (first) {
    case 0x40:
      return arrives ? puback(world, id) : undefined;
    case 0x50:
      return arrives ? pubrec(world, id) : undefined;
    case 0x62:
      return pubrel(world, id, arrives);
    case 0x70:
      return arrives ? pubcomp(world, id) : undefined;
    default:
      return world.violate(`a packet that no client sends: ${first.toString(16)}`);
  }
}

/**
 * CONNECT: the session goes on where it is kept, and all that is unacknowledged goes out again [MQTT-4.4.0-1]. A session that begins
 * is kept from the moment that the client knows of it. Where the broker loses a session, begins another, and then the
 * CONNACK that says so is lost, MQTT has no way to tell the client: the next CONNACK claims a session that is not the client's.
 */
function accept(world: World): void {
  const { model } = world;
  model[m.SERVICE] = m.SERVED;
  send(world, 0x20, model[m.SESSION_KEPT], 0, 0);
  for (let index = 0, at = m.DOWN; index < model[m.DOWN_COUNT]; index += 1, at += m.DOWN_SIZE) {
    if (model[at + m.PROGRESS] === m.UNACKNOWLEDGED && model[at + m.QOS] !== 0) sendMessage(world, at);
    if (model[at + m.PROGRESS] === m.RECEIVED) send(world, 0x62, 0, model[at + m.DOWN_ID], 0);
  }
}

function published(world: World, bytes: Uint8Array, at: number, size: number, arrives: boolean) {
  const { model } = world;
  const qos = (bytes[at] >> 1) & 3;
  const isDup = (bytes[at] & DUP) !== 0;
  const label = bytes[at + size - 1];
  const up = m.findLabel(model, m.UP_COUNT, m.UP, m.UP_SIZE, label);
  if (size !== 2 + TOPIC_SIZE + (qos === 0 ? 0 : 2) + (world.settings.level - 3))
    return world.violate("a PUBLISH of another size");
  if (up < 0 || model[up + m.QOS] !== qos) return world.violate("a PUBLISH of what nobody has published, or has ended");
  const flags = model[up + m.FLAGS];
  if ((flags & m.ENDED) !== 0) return world.violate("a PUBLISH of what the host was told has ended");
  const isRepeated = (flags & m.LEFT_ONCE) !== 0;
  if (isRepeated && qos === 0) return world.violate("QoS 0 sent twice, section 4.3.1");
  if (isRepeated && !isDup) return world.violate("sent again without DUP [MQTT-3.3.1-1]");
  if (isDup && !isRepeated && (flags & m.RESTORED) === 0) return world.violate("sent first with DUP [MQTT-4.3.2-1]");
  model[up + m.FLAGS] |= m.LEFT_ONCE | m.LEFT_NOW;
  if (qos !== 0 && m.readId(bytes, at + 2 + TOPIC_SIZE) !== m.readId(model, up + m.ID)) {
    return world.violate("a PUBLISH with another identifier than the host was told [MQTT-2.2.1-3]");
  }
  if (countInFlight(model) > world.settings.window) return world.violate("more messages in flight than the window");
  if (!arrives) return;
  if (qos === 2 && !hold(model, m.readId(model, up + m.ID)))
    return send(world, 0x50, model[up + m.ID], model[up + m.ID + 1], 0);
  if (model[up + m.ARRIVALS] === 0) {
    for (let older = m.UP; older < up; older += m.UP_SIZE) {
      if (model[older + m.QOS] === qos && qos !== 0 && model[older + m.ARRIVALS] === 0) {
        return world.violate(`QoS ${qos} out of order [MQTT-4.6.0-1]`);
      }
    }
  }
  if (model[up + m.ARRIVALS] < 2) model[up + m.ARRIVALS] += 1;
  if (qos === 2 && model[up + m.ARRIVALS] > 1 && (flags & m.EXCUSED) === 0) {
    return world.violate("QoS 2 arrived twice [MQTT-4.3.3-1]");
  }
  if (qos !== 0) send(world, qos === 1 ? 0x40 : 0x50, model[up + m.ID], model[up + m.ID + 1], 0);
}

/** Messages that are unanswered on this connection; a QoS 2 message is until PUBCOMP. */
function countInFlight(model: Uint8Array): number {
  let count = 0;
  for (let index = 0, at = m.UP; index < model[m.UP_COUNT]; index += 1, at += m.UP_SIZE) {
    const qos = model[at + m.QOS];
    if ((qos === 1 || qos === 2) && (model[at + m.FLAGS] & (m.LEFT_NOW | m.ENDED)) === m.LEFT_NOW) count += 1;
  }
  return count;
}

/** Takes an identifier; false where it was taken already. */
function hold(model: Uint8Array, id: number): boolean {
  const end = m.HELD + m.HELD_SIZE * model[m.HELD_COUNT];
  for (let at = m.HELD; at < end; at += m.HELD_SIZE) if (m.readId(model, at) === id) return false;
  if (model[m.HELD_COUNT] === m.HELD_CAPACITY) throw new Error("the explorer let the broker's identifiers overflow");
  m.writeId(model, end, id);
  model[m.HELD_COUNT] += 1;
  return true;
}

function subscribed(world: World, id: number, arrives: boolean) {
  const up = m.findUp(world.model, id);
  if (up < 0 || world.model[up + m.QOS] !== m.SUBSCRIPTION) return world.violate("a SUBSCRIBE that nobody asked for");
  if (!arrives) return;
  world.model[up + m.ARRIVALS] = 1;
  send(world, 0x90, id >> 8, id & 0xff, 0);
}

function pubrel(world: World, id: number, arrives: boolean) {
  const { model } = world;
  const up = m.findUp(model, id);
  if (up >= 0 && model[up + m.QOS] === 2) {
    model[up + m.FLAGS] |= m.LEFT_NOW;
    if (model[up + m.ARRIVALS] === 0)
      return world.violate("PUBREL for a message that the broker has not [MQTT-4.3.3-1]");
  }
  if (!arrives) return;
  for (let index = 0; index < model[m.HELD_COUNT]; index += 1) {
    if (m.readId(model, m.HELD + m.HELD_SIZE * index) !== id) continue;
    m.removeEntry(model, m.HELD_COUNT, m.HELD, m.HELD_SIZE, index);
    break;
  }
  send(world, 0x70, id >> 8, id & 0xff, 0);
}

function puback(world: World, id: number) {
  const down = m.findDown(world.model, id);
  if (down < 0 || world.model[down + m.QOS] !== 1) return world.violate("PUBACK for what was not sent");
  if (world.model[down + m.DELIVERIES] === 0) return world.violate("PUBACK before the host had it [MQTT-4.3.2-2]");
  world.model[down + m.PROGRESS] = m.FINISHED;
}

function pubrec(world: World, id: number) {
  const { model } = world;
  const down = m.findDown(model, id);
  if (down < 0 || model[down + m.QOS] !== 2) return world.violate("PUBREC for what was not sent");
  if (model[down + m.DELIVERIES] === 0) return world.violate("PUBREC before the host had it [MQTT-4.3.3-2]");
  if (model[down + m.PROGRESS] === m.UNACKNOWLEDGED) model[down + m.PROGRESS] = m.RECEIVED;
  send(world, 0x62, 0, id, 0);
}

/** PUBCOMP ends a message; the answer to a PUBREL that was stray, or sent again, finds none that waits for it. */
function pubcomp(world: World, id: number): void {
  const down = m.findDown(world.model, id);
  if (down >= 0 && world.model[down + m.PROGRESS] === m.RECEIVED) world.model[down + m.PROGRESS] = m.FINISHED;
}
