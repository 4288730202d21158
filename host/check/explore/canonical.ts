/**
 * Which states are the same. A state is copied, what makes no difference is made equal in the copy, and the copy is hashed. What makes no
 * difference, and why:
 *
 *     identifiers   the core only compares them and counts on, modulo 65,535: they are replaced by their distance from the
 *                   counter. States keep the real ones, so that the wrap itself is run through.
 *     labels        payloads are never looked into: a message is known by its age
 *     time          only differences count: deadlines become what is left of them, silences end at the keep-alive
 *     jitter        the generator's state and the back-off: the wait is one millisecond whatever they are
 *     dead bytes    what is outside of what the record says is in use, and the view when no event is open. That the core reads none
 *                   of them is what the guarded build shows.
 *     the reason    why the last connection ended is only told, never acted upon
 */
import * as layout from "../../../assembly/layout.ts";
import * as m from "./model.ts";
import type { World } from "./world.ts";

const IDENTIFIERS = 0xffff;
const NO_LABEL = 0xff;
/** First byte of PUBREL, and of an outbox entry of which PUBREC has come. */
const RELEASED = 0x62;

export class Canonical {
  /** The two halves of the hash; neither is ever 0. */
  low = 0;
  high = 0;
  readonly #world: World;
  readonly #copy: Uint8Array;
  readonly #words: Int32Array;
  readonly #upAges = new Uint8Array(256);
  readonly #downAges = new Uint8Array(256);
  #lastId = 0;

  constructor(world: World) {
    this.#world = world;
    // At the same addresses as the state itself, because that is what is in its pointers.
    const buffer = new ArrayBuffer(world.client + world.stateSize);
    this.#copy = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
  }

  /** Hashes the state that the world is in. */
  hash(): void {
    const world = this.#world;
    const copy = this.#copy;
    const words = this.#words;
    world.save(copy, world.client);
    this.#lastId = world.lastId;
    const { modelAt } = world;
    this.#ages(modelAt);
    this.#times(modelAt);
    this.#record(world.client);
    this.#session(world.client);
    if (world.settings.isDurable) this.#session(world.storeAt - layout.SESSION);
    else copy.fill(0, world.storeAt, modelAt);
    this.#model(modelAt);
    let low = 0x811c9dc5;
    let high = 0x2f0b4c47;
    for (let index = 0; index < words.length; index += 1) {
      const word = words[index];
      low = Math.imul(low ^ word, 0x9e3779b1);
      low ^= low >>> 15;
      high = Math.imul(((high << 13) | (high >>> 19)) + word, 0x85ebca6b);
      high ^= high >>> 16;
    }
    this.low = finish(low) | 1;
    this.high = finish(high ^ low) || 1;
  }

  #ages(modelAt: number): void {
    const copy = this.#copy;
    this.#upAges.fill(NO_LABEL);
    this.#downAges.fill(NO_LABEL);
    for (let age = 0; age < copy[modelAt + m.UP_COUNT]; age += 1) {
      this.#upAges[copy[modelAt + m.UP + m.UP_SIZE * age]] = age;
    }
    for (let age = 0; age < copy[modelAt + m.DOWN_COUNT]; age += 1) {
      this.#downAges[copy[modelAt + m.DOWN + m.DOWN_SIZE * age]] = age;
    }
  }

  #times(modelAt: number): void {
    const words = this.#words;
    const { client } = this.#world;
    const now = words[(modelAt + m.NOW) >> 2];
    const keepAlive = words[(client + layout.KEEP_ALIVE) >> 2];
    for (const at of [client + layout.LAST_SENT, client + layout.LAST_RECEIVED]) {
      words[at >> 2] = Math.min((now - words[at >> 2]) | 0, keepAlive);
    }
    const deadlineAt = (client + layout.DEADLINE) >> 2;
    words[deadlineAt] = Math.max((words[deadlineAt] - now) | 0, 0);
    words[(modelAt + m.NOW) >> 2] = 0;
  }

  /** The fields, the control region, and what is received. */
  #record(client: number): void {
    const copy = this.#copy;
    const words = this.#words;
    for (const at of [layout.REASON, layout.RANDOM, layout.BACKOFF]) words[(client + at) >> 2] = 0;
    copy[client + layout.REFUSAL] = 0;
    if (words[(client + layout.LEAVING_SIZE) >> 2] === 0) words[(client + layout.LEAVING) >> 2] = 0;
    if (copy[client + layout.DELIVERED] === 0 && copy[client + layout.MODE] === 0) {
      copy.fill(0, client + layout.VIEW, client + layout.STREAM_LEFT + 4);
      if (this.#world.settings.level === 5)
        copy.fill(0, client + layout.EVENT_PROPERTIES, client + layout.EVENT_CODE + 4);
    }
    // Until when messages have been aged: none of a scenario expires.
    if (this.#world.settings.level === 5) words[(client + layout.CLOCK) >> 2] = 0;
    if (!this.#world.settings.isDurable) {
      copy[client + layout.UNSTORED] = 0;
      words[(client + layout.DIRTY_START) >> 2] = 0;
      words[(client + layout.DIRTY_END) >> 2] = 0;
    }
    const controlEnd = client + layout.CONTROL + copy[client + layout.CONTROL_SIZE];
    copy.fill(0, controlEnd, client + layout.SESSION);
    for (let at = client + layout.CONTROL; at < controlEnd; at += 2 + copy[at + 1]) {
      if (copy[at] === RELEASED) this.#relate(at + 2);
    }
    const unread = words[(client + layout.RECEIVED_START) >> 2];
    const unreadEnd = words[(client + layout.RECEIVED_END) >> 2];
    copy.fill(0, words[(client + layout.RECEIVE) >> 2], unread);
    copy.fill(0, unreadEnd, words[(client + layout.END) >> 2]);
    this.#unread(unread, unreadEnd);
  }

  /** Packets that have come and wait: whole ones, the last excepted. */
  #unread(start: number, end: number): void {
    const copy = this.#copy;
    for (let at = start; at + 2 <= end && copy[at + 1] < 0x80; ) {
      const next = at + 2 + copy[at + 1];
      if (next > end) return;
      if (copy[at] >> 4 === 3) copy[next - 1] = this.#downAges[copy[next - 1]];
      else if (speaksOfUp(copy[at] >> 4) && next >= at + 4) this.#relate(at + 2);
      at = next;
    }
  }

  /** The session region of the record at `base`; of the store's copy, of where its record would be. */
  #session(base: number): void {
    const copy = this.#copy;
    const words = this.#words;
    const { client } = this.#world;
    const outbox = base + words[(client + layout.OUTBOX) >> 2] - client;
    const head = base + read(copy, base + layout.HEAD);
    const tail = base + read(copy, base + layout.TAIL);
    if (base !== client) this.#relateWord(base + layout.LAST_ID);
    else copy.fill(0, base + layout.LAST_ID, base + layout.LAST_ID + 4);
    copy.fill(0, outbox, head);
    copy.fill(0, tail, base + words[(client + layout.CONNECT_PACKET) >> 2] - client);
    for (let at = head; at < tail; ) {
      const next = at + 2 + copy[at + 1];
      const first = copy[at];
      if (first === 0) copy.fill(0, at + 2, next);
      else if (first > 0x7f) this.#relate(at + 2);
      else {
        // Two bytes of header, a topic of one.
        if ((first & 6) !== 0) this.#relate(at + 5);
        // What has been received is only released: its payload is never sent again.
        const label = copy[next - 1];
        copy[next - 1] = first === RELEASED ? 0 : this.#upAges[label];
      }
      at = next;
    }
  }

  #model(base: number): void {
    const copy = this.#copy;
    for (let age = 0, at = base + m.UP; age < copy[base + m.UP_COUNT]; age += 1, at += m.UP_SIZE) {
      if (copy[at + m.QOS] !== 0) this.#relate(at + m.ID);
      copy[at] = age;
    }
    for (let at = base + m.HELD; at < base + m.HELD + m.HELD_SIZE * copy[base + m.HELD_COUNT]; at += m.HELD_SIZE) {
      this.#relate(at);
    }
    const queueEnd = base + m.QUEUE + m.QUEUE_SIZE * copy[base + m.QUEUE_COUNT];
    for (let at = base + m.QUEUE; at < queueEnd; at += m.QUEUE_SIZE) {
      const type = copy[at] >> 4;
      if (type === 3) copy[at + 3] = this.#downAges[copy[at + 3]];
      else if (speaksOfUp(type)) this.#relate(at + 1);
    }
    const lent = copy[base + m.LENT];
    if (lent !== 0) copy[base + m.LENT] = 1 + this.#downAges[lent - 1];
    for (let age = 0; age < copy[base + m.DOWN_COUNT]; age += 1) copy[base + m.DOWN + m.DOWN_SIZE * age] = age;
  }

  /** The identifier at `at`, high byte first, as its distance from the counter; 0 stays 0. */
  #relate(at: number): void {
    const copy = this.#copy;
    const id = (copy[at] << 8) | copy[at + 1];
    if (id === 0) return;
    const distance = ((id - this.#lastId + IDENTIFIERS) % IDENTIFIERS) + 1;
    copy[at] = distance >> 8;
    copy[at + 1] = distance & 0xff;
  }

  /** The same of a word with the low byte first. */
  #relateWord(at: number): void {
    const copy = this.#copy;
    const distance = (read(copy, at) - this.#lastId + IDENTIFIERS) % IDENTIFIERS;
    copy[at] = distance & 0xff;
    copy[at + 1] = distance >> 8;
  }
}

/** PUBACK, PUBREC, PUBCOMP and SUBACK from the broker speak of identifiers of the client. */
function speaksOfUp(type: number): boolean {
  return type === 4 || type === 5 || type === 7 || type === 9;
}

function read(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8);
}

function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
