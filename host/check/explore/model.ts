/**
 * What the world around the client looks like, as bytes: the host, the transport, the broker's session, and the history of
 * every message that is not finished. It stands right behind the client's record, so that a state is one run of bytes.
 *
 * Entries are kept in order of age and without gaps; what is behind the last is zero, so that equal worlds are equal bytes.
 */

// Offsets of single bytes.
/** Where the host's loop stands: RESTING, TAKING events, or STORING. */
export const PHASE = 0;
/** The transport: NO_TRANSPORT, WANTED (OPEN was told), OPEN_TRANSPORT, UNWANTED (CLOSE was told). */
export const TRANSPORT = 1;
/** 1 where nothing that leaves arrives any more on this connection. */
export const BROKEN = 2;
/** 1 where one byte of a packet has left, and which. */
export const PART_UP = 3;
export const PART_UP_BYTE = 4;
/** 1 where the first byte of the next packet has arrived at the client. */
export const PART_DOWN = 5;
/** The broker's side of the connection: UNSERVED (no CONNECT yet), SERVED, LEFT (DISCONNECT has come), REFUSED. */
export const SERVICE = 6;
/** 1 where the broker has a session. */
export const SESSION_KEPT = 7;
/** Label of the message that the host is still at, plus 1; 0 for none. */
export const LENT = 8;
export const UP_COUNT = 9;
export const DOWN_COUNT = 10;
export const QUEUE_COUNT = 11;
export const HELD_COUNT = 12;
/** A word: the time. */
export const NOW = 16;

export const RESTING = 0;
export const TAKING = 1;
export const STORING = 2;
export const NO_TRANSPORT = 0;
export const WANTED = 1;
export const OPEN_TRANSPORT = 2;
export const UNWANTED = 3;
export const UNSERVED = 0;
export const SERVED = 1;
export const LEFT = 2;
export const REFUSED = 3;

/** Messages of the client, oldest first: label, QoS (SUBSCRIPTION for SUBSCRIBE), identifier, arrivals, flags. */
export const UP = 20;
export const UP_SIZE = 6;
export const UP_CAPACITY = 4;
/** Messages of the broker, oldest first: label, QoS, identifier, progress, deliveries, flags. */
export const DOWN = UP + UP_SIZE * UP_CAPACITY;
export const DOWN_SIZE = 6;
export const DOWN_CAPACITY = 3;
/** Packets on their way to the client: first byte, then what is in it. */
export const QUEUE = DOWN + DOWN_SIZE * DOWN_CAPACITY;
export const QUEUE_SIZE = 4;
export const QUEUE_CAPACITY = 20;
/** While exploring, the client writes no more where so many wait to be read: what a window of TCP does. */
export const QUEUE_FULL = 6;
/** Identifiers of QoS 2 messages that the broker has taken and not released. */
export const HELD = QUEUE + QUEUE_SIZE * QUEUE_CAPACITY;
export const HELD_SIZE = 2;
export const HELD_CAPACITY = 6;
export const MODEL_SIZE = (HELD + HELD_SIZE * HELD_CAPACITY + 3) & ~3;

// Fields of an entry of UP.
export const LABEL = 0;
export const QOS = 1;
export const ID = 2;
export const ARRIVALS = 4;
export const FLAGS = 5;
export const SUBSCRIPTION = 3;

// Flags of UP.
/** It has left whole, on any connection. */
export const LEFT_ONCE = 1;
/** It, or its PUBREL, has left on this connection. */
export const LEFT_NOW = 2;
/** The store does not know of it yet: a power cut ends it. */
export const UNSTORED = 4;
/** The host has been told of its end, and the store not yet. */
export const ENDED = 8;
/** The broker has forgotten that it had it: it may come again. */
export const EXCUSED = 16;
/** It was restored after a power cut, and counts as sent whether it was or not. */
export const RESTORED = 32;

// Fields of an entry of DOWN; LABEL, QOS and FLAGS as above.
export const DOWN_ID = 2;
export const PROGRESS = 3;
export const DELIVERIES = 4;

// PROGRESS of DOWN.
export const UNACKNOWLEDGED = 1;
export const RECEIVED = 2;
export const FINISHED = 3;

// Flags of DOWN; UNSTORED says that the store does not know of its delivery.
export const SENT_ONCE = 1;

/** The packet identifier in two bytes at `at`. */
export function readId(model: Uint8Array, at: number): number {
  return (model[at] << 8) | model[at + 1];
}

export function writeId(model: Uint8Array, at: number, id: number): void {
  model[at] = id >> 8;
  model[at + 1] = id & 0xff;
}

/** Removes entry `index` of `count` entries of `size` bytes from `start`, and closes the gap. */
export function removeEntry(model: Uint8Array, countAt: number, start: number, size: number, index: number): void {
  const end = start + size * model[countAt];
  const at = start + size * index;
  model.copyWithin(at, at + size, end);
  model.fill(0, end - size, end);
  model[countAt] -= 1;
}

/** Offset of the client's message with `id` that has not ended, or -1. */
export function findUp(model: Uint8Array, id: number): number {
  for (let index = 0, at = UP; index < model[UP_COUNT]; index += 1, at += UP_SIZE) {
    if (model[at + QOS] !== 0 && (model[at + FLAGS] & ENDED) === 0 && readId(model, at + ID) === id) return at;
  }
  return -1;
}

/** Offset of the message with `label` in the list of `count` entries of `size` bytes from `start`, or -1. */
export function findLabel(model: Uint8Array, countAt: number, start: number, size: number, label: number): number {
  for (let index = 0, at = start; index < model[countAt]; index += 1, at += size) {
    if (model[at + LABEL] === label && !(start === UP && model[at + QOS] === SUBSCRIPTION)) return at;
  }
  return -1;
}

/** Offset of the broker's message with identifier `id` that is not finished, or else a finished one, or -1. */
export function findDown(model: Uint8Array, id: number): number {
  let found = -1;
  for (let index = 0, at = DOWN; index < model[DOWN_COUNT]; index += 1, at += DOWN_SIZE) {
    if (model[at + QOS] === 0 || model[at + DOWN_ID] !== id) continue;
    if (model[at + PROGRESS] !== FINISHED) return at;
    found = at;
  }
  return found;
}

/** The lowest label that no entry has. */
export function freeLabel(model: Uint8Array, countAt: number, start: number, size: number): number {
  for (let label = 0; ; label += 1) {
    let isFree = true;
    for (let index = 0; index < model[countAt]; index += 1) {
      if (model[start + size * index + LABEL] === label) isFree = false;
    }
    if (isFree) return label;
  }
}
