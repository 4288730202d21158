/**
 * A client of the core, a wire that breaks, the reference broker, and an observer behind it, in virtual time.
 *
 * The client's loop is taken in single steps, so that a power cut can come between any two of them. Every message has a
 * payload of its own, and the two logs count how often each arrived.
 */

import * as state from "../../../assembly/session/transitions.ts";
import { Broker, type Connection } from "../../../host/broker/index.ts";
import type { CoreBuild } from "../builds.ts";
import { Endpoint, type EndpointOptions } from "./endpoint.ts";

/** One transport: bytes under way in both directions. */
class Wire {
  up = Buffer.alloc(0);
  down = Buffer.alloc(0);
  isEnding = false;
  readonly connection: Connection;

  constructor(broker: Broker, nowMs: number) {
    this.connection = broker.connect(nowMs, {
      send: bytes => {
        this.down = Buffer.concat([this.down, bytes]);
      },
      close: () => {
        this.isEnding = true;
      },
    });
  }
}

/** What became of one message of the client. */
interface Sent {
  readonly qos: number;
  /** Whether the flash has known of it. */
  isStored: boolean;
}

export class World {
  readonly broker = new Broker({ sysIntervalMs: 0, maxInflight: 10 });
  readonly observer: Endpoint;
  client: Endpoint;
  nowMs = 1000;
  /** Messages of the client, by payload. */
  readonly sent = new Map<string, Sent>();
  /** How often each arrived at the observer, and in which order. */
  readonly observed = new Map<string, number>();
  /** Quality of service of each message to the client, by payload. */
  readonly addressed = new Map<string, number>();
  /** How often each arrived whole at the client. */
  readonly delivered = new Map<string, number>();
  /** How often a power cut came between the delivery of each and the store: so often it may come again. */
  readonly excused = new Map<string, number>();
  #wire: Wire | undefined;
  #observerWire: Wire;
  /** Delivered, and the host is still at it; dealt with, and not stored. */
  #lent: string[] = [];
  #unstored: string[] = [];
  #partial = "";
  #count = 0;

  constructor(build: CoreBuild, options: EndpointOptions) {
    this.observer = new Endpoint(build, { at: 32768, outbox: 8192, receive: 1024, window: 1000, nowMs: this.nowMs });
    this.observer.connect({ clientId: "observer" });
    this.#observerWire = new Wire(this.broker, this.nowMs);
    this.observer.open();
    this.observer.subscribe(["up", 2]);
    this.#pumpObserver();
    this.client = new Endpoint(build, { ...options, isManual: true, isDurable: true, nowMs: this.nowMs });
    this.client.connect({ clientId: "client" });
    this.client.subscribe(["down", 2]);
    this.heal();
  }

  /** The client publishes; nothing moves yet. */
  publish(qos: number, size: number): void {
    const text = `${++this.#count}${"-".repeat(size)}`;
    if (this.client.publish("up", text, qos) >= 0) this.sent.set(text, { qos, isStored: false });
  }

  /** The observer publishes to the client. */
  address(qos: number, size: number): void {
    const text = `${++this.#count}${"+".repeat(size)}`;
    if (this.observer.publish("down", text, qos) < 0) return;
    this.addressed.set(text, qos);
    this.#pumpObserver();
  }

  /** One event of the client, if there is one. */
  event(): boolean {
    const hasCome = this.client.nextEvent();
    // To ask for the next event is to say that the last has been dealt with.
    this.#unstored.push(...this.#lent.splice(0));
    if (!hasCome) return false;
    for (const event of this.client.takeEvents()) {
      if (event.type === "open") {
        this.#wire = new Wire(this.broker, this.nowMs);
        this.client.core.opened(this.client.client, this.nowMs);
      }
      if (event.type === "close") this.cut();
      if (event.type !== "message") continue;
      this.#partial = event.offset === 0 ? event.text : this.#partial + event.text;
      if (this.#partial.length < event.total) continue;
      this.delivered.set(this.#partial, (this.delivered.get(this.#partial) ?? 0) + 1);
      this.#lent.push(this.#partial);
    }
    return true;
  }

  /** The client stores what it has to; checks that nothing is offered before. */
  store(): boolean {
    const { core, client } = this.client;
    if (core.pendingStore(client, 0) > 0 && core.transmit(client) > 0) throw new Error("offered before it was stored");
    if (!this.client.store()) return false;
    this.#unstored = [];
    for (const message of this.sent.values()) message.isStored = true;
    return true;
  }

  /** The client writes up to `size` bytes. */
  transmit(size: number): boolean {
    this.client.writeSize = size;
    if (!this.client.transmit()) return false;
    const bytes = this.client.takeBytes();
    if (this.#wire) this.#wire.up = Buffer.concat([this.#wire.up, bytes]);
    return true;
  }

  /** Up to `size` bytes arrive at the broker. */
  arriveUp(size: number): boolean {
    const wire = this.#wire;
    if (wire === undefined || wire.up.length === 0) return false;
    this.broker.receive(wire.connection, wire.up.subarray(0, size), this.nowMs);
    wire.up = wire.up.subarray(size);
    this.#pumpObserver();
    return true;
  }

  /** Up to `size` bytes arrive at the client. */
  arriveDown(size: number): boolean {
    const wire = this.#wire;
    if (wire === undefined) return false;
    const { core, client } = this.client;
    const room = Math.min(size, wire.down.length, core.receiveRoom(client));
    if (room === 0) {
      if (wire.down.length > 0 || !wire.isEnding) return false;
      this.cut();
      return true;
    }
    this.client.offer(wire.down.subarray(0, room), room);
    wire.down = wire.down.subarray(room);
    return true;
  }

  /** The transport breaks, and all that was under way is gone. */
  cut(): void {
    if (this.#wire) this.broker.closed(this.#wire.connection, this.nowMs);
    this.#wire = undefined;
    this.client.core.closed(this.client.client, this.nowMs);
    this.#unstored.push(...this.#lent.splice(0));
    this.#pumpObserver();
  }

  /** The power goes, and comes back. Throws where the session does not. */
  powerCut(): void {
    for (const text of [...this.#lent.splice(0), ...this.#unstored.splice(0)]) {
      this.excused.set(text, (this.excused.get(text) ?? 0) + 1);
    }
    for (const [text, message] of this.sent) {
      // Nobody was promised anything, and nobody may ever see it.
      if (!message.isStored && message.qos > 0 && this.observed.has(text))
        throw new Error(`${text} left before it was stored`);
      if (!message.isStored) this.sent.delete(text);
    }
    if (this.#wire) this.broker.closed(this.#wire.connection, this.nowMs);
    this.#wire = undefined;
    const { endpoint, answer } = this.client.restart();
    if (answer !== 0) throw new Error(`restored answered ${answer}`);
    this.client = endpoint;
    this.client.nowMs = this.nowMs;
    if (this.client.connect({ clientId: "client" }) !== 0) throw new Error("no connect after a power cut");
  }

  /** The client's host grows impatient: all that is unacknowledged goes out again. */
  resend(): void {
    this.client.core.resend(this.client.client);
  }

  advance(ms: number): void {
    this.nowMs += ms;
    this.client.nowMs = this.nowMs;
    this.client.core.timedOut(this.client.client, this.nowMs);
    this.broker.advance(this.nowMs);
  }

  /** The link is good from here on; everything that can move moves, until nothing does. */
  heal(): void {
    for (let quiet = 0; quiet < 3; ) {
      const hasMoved = [
        this.event(),
        this.store(),
        this.transmit(1000),
        this.arriveUp(1000),
        this.arriveDown(1000),
      ].includes(true);
      if (hasMoved) continue;
      const { core, client } = this.client;
      if (core.state(client) === state.CONNECTED) quiet += 1;
      this.advance(core.state(client) === state.WAITING ? core.nextTimeout(client, this.nowMs) : 1);
      if (this.nowMs > 1e9) throw new Error("the client never comes to rest");
    }
  }

  #pumpObserver(): void {
    const wire = this.#observerWire;
    for (;;) {
      const up = this.observer.takeBytes();
      if (up.length === 0 && wire.down.length === 0) break;
      if (up.length > 0) this.broker.receive(wire.connection, up, this.nowMs);
      const down = wire.down;
      wire.down = Buffer.alloc(0);
      this.observer.receive(down);
    }
    for (const event of this.observer.takeEvents()) {
      if (event.type === "message") this.observed.set(event.text, (this.observed.get(event.text) ?? 0) + 1);
    }
  }
}
