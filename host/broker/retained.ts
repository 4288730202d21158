/**
 * The retained messages (3.3.1.3): at most one a topic, in a tree of levels, so that a new subscription finds what it
 * matches without a look at the rest. Those that expire (5.0, 3.3.2.3.3) go when their time has come.
 */
import type { Message } from "./message.ts";
import type { Journal } from "./storage/journal.ts";
import { type Timed, Timers } from "./timers.ts";
import type { Topic } from "./topics.ts";

/** A message that will expire, on its way to that. */
class Expiry implements Timed {
  readonly topic: Topic;
  deadlineMs = 0;
  heapIndex = -1;

  constructor(topic: Topic) {
    this.topic = topic;
  }
}

interface Node {
  children: Map<string, Node> | null;
  message: Message | null;
  expiry: Expiry | null;
  /** With storage: the number of its record; 0 for none. */
  storeId: number;
}

export class RetainedMessages {
  count = 0;
  /** Keeps the records; null without storage. */
  journal: Journal | null = null;
  /** Payload bytes of all of them. */
  byteSize = 0;
  readonly #root: Node = { children: null, message: null, expiry: null, storeId: 0 };
  readonly #expiries = new Timers<Expiry>();

  /** When the next message expires, ms; Infinity for never. */
  get nextExpiryMs(): number {
    return this.#expiries.first?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Removes what has expired. */
  expire(nowMs: number): void {
    for (
      let first = this.#expiries.first;
      first !== undefined && first.deadlineMs <= nowMs;
      first = this.#expiries.first
    ) {
      this.delete(first.topic);
    }
  }

  /** [MQTT-3.3.1-5] [MQTT-3.3.1-7] replaces the topic's message. */
  set(message: Message): void {
    this.#keep(this.#place(message), message);
  }

  /** The same, of a message that was loaded under a number. */
  adopt(message: Message, storeId: number): void {
    this.#place(message).storeId = storeId;
  }

  /** $SYS is published anew by each broker. */
  #keep(node: Node, message: Message): void {
    const { journal } = this;
    if (journal === null || message.topic.text.startsWith("$SYS/")) return;
    const isNew = node.storeId === 0;
    if (isNew) node.storeId = journal.nextId();
    const record = { ...journal.messageRecord(message), publisherId: message.publisherId };
    journal.put(`r${node.storeId}`, record, isNew);
  }

  #place(message: Message): Node {
    let node = this.#root;
    for (const level of message.topic.text.split("/")) {
      node.children ??= new Map();
      let child = node.children.get(level);
      if (child === undefined) {
        child = { children: null, message: null, expiry: null, storeId: 0 };
        node.children.set(level, child);
      }
      node = child;
    }
    if (node.message === null) this.count++;
    else this.byteSize -= node.message.payloadSize;
    this.#forget(node);
    node.message = message;
    this.byteSize += message.payloadSize;
    const expiresMs = message.extras?.expiresMs ?? Number.POSITIVE_INFINITY;
    if (expiresMs === Number.POSITIVE_INFINITY) return node;
    node.expiry = new Expiry(message.topic);
    this.#expiries.set(node.expiry, expiresMs);
    return node;
  }

  /** [MQTT-3.3.1-10] removes the topic's message, if there is one. */
  delete(topic: Topic): void {
    this.#deleteBelow(this.#root, topic.levels, 0);
  }

  #deleteBelow(node: Node, levels: string[], depth: number): void {
    if (depth === levels.length) {
      if (node.message === null) return;
      this.count--;
      this.byteSize -= node.message.payloadSize;
      node.message = null;
      if (node.storeId > 0) this.journal?.remove(`r${node.storeId}`);
      node.storeId = 0;
      this.#forget(node);
      return;
    }
    const child = node.children?.get(levels[depth]);
    if (!child) return;
    this.#deleteBelow(child, levels, depth + 1);
    if (child.message === null && child.children === null) {
      node.children?.delete(levels[depth]);
      if (node.children?.size === 0) node.children = null;
    }
  }

  #forget(node: Node): void {
    if (node.expiry !== null) this.#expiries.remove(node.expiry);
    node.expiry = null;
  }

  /** The messages whose topic matches `filter`, in the order in which their topics first came. */
  match(filter: string): Message[] {
    const found: Message[] = [];
    this.#collect(this.#root, filter.split("/"), 0, found);
    return found;
  }

  #collect(node: Node, levels: string[], depth: number, found: Message[]): void {
    if (depth === levels.length) {
      if (node.message !== null) found.push(node.message);
      return;
    }
    const level = levels[depth];
    if (level === "#") {
      this.#collectAll(node, depth === 0, found);
      return;
    }
    if (level !== "+") {
      const child = node.children?.get(level);
      if (child) this.#collect(child, levels, depth + 1, found);
      return;
    }
    for (const [name, child] of node.children ?? NO_CHILDREN) {
      // [MQTT-4.7.2-1]
      if (depth > 0 || !name.startsWith("$")) this.#collect(child, levels, depth + 1, found);
    }
  }

  #collectAll(node: Node, isRoot: boolean, found: Message[]): void {
    if (node.message !== null) found.push(node.message);
    for (const [name, child] of node.children ?? NO_CHILDREN) {
      if (!isRoot || !name.startsWith("$")) this.#collectAll(child, false, found);
    }
  }
}

const NO_CHILDREN: ReadonlyMap<string, Node> = new Map();
