/**
 * One application message on its way through the broker.
 *
 * It starts as a place in the bytes that were received, which are borrowed. Most messages are encoded for their
 * subscribers and forgotten before those bytes go back, so a payload is copied only when something keeps the message:
 * a queue, a durable session's window, the retained store. `keep` says so, `own` copies, once, for all of them.
 */
import { Buffer } from "node:buffer";
import type { Qos } from "./codec/control.ts";
import { copyBytes } from "./codec/publish.ts";
import type { Topic } from "./topics.ts";

/** Up to this size V8 keeps a typed array's bytes inside its heap, which is cheaper than any pool. */
const HEAP_ARRAY_SIZE = 64;

/** What a message has only if it was published with properties (5.0). */
export interface Extras {
  /** Properties for the subscribers, as they came; the broker's own bytes. Null when there are none. */
  readonly forwarded: Uint8Array | null;
  /** When the message expires, ms; Infinity for never. */
  readonly expiresMs: number;
}

export class Message {
  readonly topic: Topic;
  /** As published. A subscriber gets the lower of this and what it was granted [MQTT-3.8.4-6]. */
  readonly qos: Qos;
  /** The payload is bytes[start, end). */
  bytes: Uint8Array;
  start: number;
  end: number;
  /** RETAIN of a QoS 2 message that waits for its PUBREL. */
  isRetain = false;
  /** Published by the broker itself: $SYS. */
  isOfBroker = false;
  /** More than one subscriber gets it. */
  isFannedOut = false;
  /** The whole packet at QoS 0 without flags, written once when several subscribers get it. */
  encoded: Uint8Array | null = null;
  /** The same for 5.0, for those that get it without an alias and without identifiers. */
  encoded5: Uint8Array | null = null;
  extras: Extras | null = null;
  /** Of a retained message: the client that published it, which No Local keeps it from. */
  publisherId = "";
  /** With storage: the number of its record, 0 for none, and how many deliveries share it. */
  storeId = 0;
  storeCount = 0;
  #isKept = false;
  #isOwned: boolean;

  constructor(topic: Topic, qos: Qos, bytes: Uint8Array, start: number, end: number, isOwned: boolean) {
    this.topic = topic;
    this.qos = qos;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#isOwned = isOwned;
  }

  get payloadSize(): number {
    return this.end - this.start;
  }

  /** What the message takes in a queue, bytes: its topic and its payload. */
  get size(): number {
    return this.end - this.start + this.topic.wire.length + (this.extras?.forwarded?.length ?? 0);
  }

  /** [MQTT-3.3.2-5] nothing that has expired is sent for the first time. */
  isExpired(nowMs: number): boolean {
    return this.extras !== null && nowMs >= this.extras.expiresMs;
  }

  /** [MQTT-3.3.2-6] what is left of the expiry interval, in whole seconds begun; -1 when the message does not expire. */
  remainingS(nowMs: number): number {
    if (this.extras === null || this.extras.expiresMs === Number.POSITIVE_INFINITY) return -1;
    return Math.max(0, Math.ceil((this.extras.expiresMs - nowMs) / 1000));
  }

  /** The same message under another topic, for a client behind a mount point. */
  under(topic: Topic): Message {
    const other = new Message(topic, this.qos, this.bytes, this.start, this.end, this.#isOwned);
    other.extras = this.extras;
    return other;
  }

  /** Something will read the message after the call in which it arrived. */
  keep(): void {
    this.#isKept = true;
  }

  /** Copies the payload if it is kept and still borrowed. Called before the received bytes go back. */
  settle(): void {
    if (this.#isKept && !this.#isOwned) this.own();
  }

  /** Copies the payload now, unless it is the broker's already. */
  own(): void {
    if (this.#isOwned) return;
    const size = this.end - this.start;
    const copy = size <= HEAP_ARRAY_SIZE ? new Uint8Array(size) : Buffer.allocUnsafe(size);
    copyBytes(copy, 0, this.bytes, this.start, this.end);
    this.bytes = copy;
    this.start = 0;
    this.end = size;
    this.#isOwned = true;
  }
}
