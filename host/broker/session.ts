/**
 * A session (4.1): what the server remembers of a client, whether it is connected or not.
 *
 * Towards the client a message is first in the queue, then in flight, then (QoS 2, after PUBREC) released. Each is a
 * doubly linked list of the same `Delivery`, so that a message moves without being copied or searched, and the lists
 * keep the order in which a resumed session must send again [MQTT-4.6.0-1] [MQTT-4.6.0-4].
 */
import type { Will } from "./codec/connect.ts";
import type { Qos } from "./codec/control.ts";
import type { Connection } from "./connection.ts";
import type { Entrance, Permissions } from "./entrance.ts";
import type { Message } from "./message.ts";
import { StoreError } from "./storage/records.ts";
import type { SessionJournal } from "./storage/session-journal.ts";
import type { Grant, Via } from "./subscriptions.ts";
import { NEVER_S } from "./terms.ts";
import type { Timed } from "./timers.ts";

/** One message for one client. */
export interface Delivery {
  /** Null once nothing will send the payload again: a clean session's messages in flight, released messages. */
  message: Message | null;
  readonly qos: Qos;
  readonly isRetain: boolean;
  /** The subscriptions that it came through, where the client or the broker must know; most often null. */
  readonly via: Via | null;
  /** Taken over from a connection that has ended, and not yet sent on this one. */
  isUnsent: boolean;
  /** 0 while it is queued. */
  packetId: number;
  /** Topic and payload bytes while it is in flight; 0 before and after. */
  size: number;
  isReleased: boolean;
  /** With storage: the number of its record; 0 for none. */
  storeId: number;
  previous: Delivery | null;
  next: Delivery | null;
}

export class DeliveryList {
  head: Delivery | null = null;
  tail: Delivery | null = null;
  count = 0;

  append(delivery: Delivery): void {
    delivery.previous = this.tail;
    delivery.next = null;
    if (this.tail === null) this.head = delivery;
    else this.tail.next = delivery;
    this.tail = delivery;
    this.count++;
  }

  remove(delivery: Delivery): void {
    const { previous, next } = delivery;
    if (previous === null) this.head = next;
    else previous.next = next;
    if (next === null) this.tail = previous;
    else next.previous = previous;
    this.count--;
  }
}

/** Packet identifiers in use, by their low bits. Twice the window or more, so that a free one is always near. */
const FIRST_TABLE_SIZE = 64;
const MAX_PACKET_ID = 0xffff;

/** A will that waits for its delay (3.1.3.2.2). */
export interface DelayedWill {
  readonly will: Will;
  readonly dueMs: number;
}

export class Session implements Timed {
  readonly clientId: string;
  /** How long it outlives its connection, s: 0 ends with it [MQTT-3.1.2-6], NEVER_S not by itself. */
  expiryS: number;
  /** Null while the client is away. */
  connection: Connection | null = null;
  /** As it counts, of the latest CONNECT; and what the session may do, null for everything. */
  username: string | undefined = undefined;
  permissions: Permissions | null = null;
  /** Where it came in last. Null only before its first CONNECT is accepted. */
  entrance: Entrance | null = null;
  /** Keeps its records; null without storage, and for a session that ends with its connection. */
  journal: SessionJournal | null = null;
  /** Filter and what was granted. */
  readonly subscriptions = new Map<string, Grant>();

  /** While the client is away: when the session ends, ms, and the will that goes out before. */
  expiresMs = Number.POSITIVE_INFINITY;
  delayedWill: DelayedWill | null = null;
  deadlineMs = 0;
  heapIndex = -1;

  readonly queue = new DeliveryList();
  /** Topic and payload bytes of the queue. */
  queueSize = 0;
  /** Not later than the first message of the queue expires, ms. */
  queueExpiresMs = Number.POSITIVE_INFINITY;
  /** QoS 0 messages in the queue: those that come later must wait behind them. */
  queuedQos0Count = 0;
  /** Sent, and waiting for PUBACK or PUBREC [MQTT-4.3.2-3] [MQTT-4.3.3-3]. */
  readonly inflight = new DeliveryList();
  /** Topic and payload bytes of those that this connection has sent. */
  inflightSize = 0;
  /** PUBREC has come, PUBCOMP has not: in the order of the PUBRECs. */
  readonly released = new DeliveryList();
  /** The first in flight that this connection has not sent again, because its window is full; and how many there are. */
  unsent: Delivery | null = null;
  unsentCount = 0;

  /** QoS 2 messages from the client whose PUBREL has not come; null when already passed on. Lazily made. */
  received: Map<number, Message | null> | null = null;
  /** Topic and payload bytes held there. */
  receivedSize = 0;

  /** Where the latest match of a topic has put this session (see subscriptions.ts). */
  matchStamp = 0;
  matchIndex = 0;

  #slots: (Delivery | undefined)[] | null = null;
  #lastPacketId = 0;

  constructor(clientId: string, isClean: boolean) {
    this.clientId = clientId;
    this.expiryS = isClean ? 0 : NEVER_S;
  }

  /** Ends with its connection. */
  get isClean(): boolean {
    return this.expiryS === 0;
  }

  /** Messages that take a place in the window. */
  get inflightCount(): number {
    return this.inflight.count + this.released.count - this.unsentCount;
  }

  /** A new connection: all in flight must be sent again. */
  markUnsent(): void {
    this.unsent = this.inflight.head;
    this.inflightSize = 0;
    this.unsentCount = this.inflight.count;
    for (let delivery = this.unsent; delivery !== null; delivery = delivery.next) delivery.isUnsent = true;
  }

  /** It has been sent on this connection, or never will be. */
  markSent(delivery: Delivery): void {
    if (!delivery.isUnsent) return;
    delivery.isUnsent = false;
    this.inflightSize += delivery.size;
    this.unsentCount--;
    if (this.unsent === delivery) this.unsent = delivery.next;
  }

  /**
   * Gives `delivery` an identifier that no other uses [MQTT-2.3.1-4], and puts it last in flight. 5.0: [MQTT-2.2.1-4]
   * [MQTT-4.3.2-1] [MQTT-4.3.3-1].
   */
  launch(delivery: Delivery): void {
    const slots = this.#roomySlots();
    const mask = slots.length - 1;
    let packetId = this.#lastPacketId;
    do {
      packetId = packetId === MAX_PACKET_ID ? 1 : packetId + 1;
    } while (slots[packetId & mask] !== undefined);
    this.#lastPacketId = packetId;
    delivery.packetId = packetId;
    slots[packetId & mask] = delivery;
    delivery.size = delivery.message === null ? 0 : delivery.message.size;
    this.inflightSize += delivery.size;
    this.inflight.append(delivery);
    this.journal?.placed(delivery);
  }

  /** Puts a delivery last in the queue. */
  enqueue(delivery: Delivery): void {
    const { message } = delivery;
    this.queue.append(delivery);
    this.queueSize += message?.size ?? 0;
    this.queueExpiresMs = Math.min(this.queueExpiresMs, message?.extras?.expiresMs ?? Number.POSITIVE_INFINITY);
    if (delivery.qos === 0) this.queuedQos0Count++;
  }

  /** Takes a delivery out of the queue. */
  dequeue(delivery: Delivery): void {
    this.queue.remove(delivery);
    this.queueSize -= delivery.message?.size ?? 0;
    if (delivery.qos === 0) this.queuedQos0Count--;
  }

  /** A delivery that was loaded: queued, in flight or released, under the identifier that it had. Throws a StoreError. */
  adopt(delivery: Delivery): void {
    if (delivery.packetId === 0) {
      this.enqueue(delivery);
      return;
    }
    let slots = this.#roomySlots();
    while (slots[delivery.packetId & (slots.length - 1)] !== undefined) slots = this.#doubleSlots(slots);
    slots[delivery.packetId & (slots.length - 1)] = delivery;
    this.#lastPacketId = delivery.packetId;
    delivery.size = delivery.message?.size ?? 0;
    if (delivery.isReleased) this.released.append(delivery);
    else this.inflight.append(delivery);
  }

  /** The delivery in flight or released under an identifier. */
  find(packetId: number): Delivery | undefined {
    if (this.#slots === null) return undefined;
    const delivery = this.#slots[packetId & (this.#slots.length - 1)];
    return delivery?.packetId === packetId ? delivery : undefined;
  }

  /** PUBREC has come: the message itself is not needed again [MQTT-4.3.3-1]; 5.0: [MQTT-4.3.3-6]. */
  release(delivery: Delivery): void {
    this.markSent(delivery);
    this.journal?.released(delivery);
    this.inflight.remove(delivery);
    this.inflightSize -= delivery.size;
    delivery.size = 0;
    delivery.message = null;
    delivery.isReleased = true;
    this.released.append(delivery);
  }

  /** Done: the identifier is free again. */
  complete(delivery: Delivery): void {
    this.markSent(delivery);
    this.journal?.dropped(delivery);
    this.inflightSize -= delivery.size;
    (delivery.isReleased ? this.released : this.inflight).remove(delivery);
    const slots = this.#slots;
    if (slots !== null) slots[delivery.packetId & (slots.length - 1)] = undefined;
  }

  /** The table, at most half full. Identifiers that differ in a small table differ in a larger one. */
  #roomySlots(): (Delivery | undefined)[] {
    const slots = this.#slots;
    if (slots === null) {
      this.#slots = new Array(FIRST_TABLE_SIZE).fill(undefined);
      return this.#slots;
    }
    if ((this.inflight.count + this.released.count) * 2 < slots.length || slots.length > MAX_PACKET_ID) return slots;
    return this.#doubleSlots(slots);
  }

  #doubleSlots(slots: (Delivery | undefined)[]): (Delivery | undefined)[] {
    // There is a place for each identifier: only the same one can be in the way, from a store that is damaged.
    if (slots.length > MAX_PACKET_ID) throw new StoreError("two messages have the same packet identifier");
    const larger: (Delivery | undefined)[] = new Array(slots.length * 2).fill(undefined);
    for (const delivery of slots) {
      if (delivery !== undefined) larger[delivery.packetId & (larger.length - 1)] = delivery;
    }
    this.#slots = larger;
    return larger;
  }
}
