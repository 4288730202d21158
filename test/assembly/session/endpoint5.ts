/**
 * A client of MQTT 5.0 on one side of a wire that a test holds by both ends, in bytes: what is sent is judged by mqtt-packet, an
 * independent codec, and compared byte by byte. The loop is that of every host: events, store, transmit.
 */
import { type Packet, parser } from "mqtt-packet";
import * as event from "../../../assembly/session/events.ts";
import type { CoreBuild } from "../builds.ts";
import { field } from "../wire/codec.ts";

const NAMES = new Map(Object.entries(event).map(([name, value]) => [value as number, name.toLowerCase()]));

export interface Event5 {
  readonly type: string;
  readonly id?: number;
  readonly code?: number;
  readonly properties?: number[];
  readonly topic?: string;
  readonly text?: string;
  readonly codes?: number[];
  readonly reason?: number;
}

export interface Options5 {
  readonly at?: number;
  readonly receive?: number;
  readonly outbox?: number;
  readonly connect?: number;
  readonly inbound?: number;
  readonly aliasesIn?: number;
  readonly aliasesOut?: number;
  readonly isDurable?: boolean;
  readonly nowMs?: number;
  /** Bytes that the transport takes at once. */
  readonly writeSize?: number;
}

export interface Connect5 {
  readonly clientId?: string;
  readonly flags?: number;
  readonly keepAlive?: number;
  readonly properties?: readonly number[];
  readonly rest?: readonly number[];
}

/** A variable byte integer, section 1.5.5. */
export const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)];
/** A property block: its length, and what it holds. */
export const props = (...list: readonly number[]): number[] => [...varint(list.length), ...list];
export const text = (value: string): number[] => [...Buffer.from(value)];

/** The PUBLISH that a client writes at QoS 1. */
export const publishBytes = (id: number, topic: string, list: number[], payload: string, first = 0x32): number[] => {
  const body = [...field(topic), 0, id, ...props(...list), ...text(payload)];
  return [first, body.length, ...body];
};

export class Endpoint5 {
  readonly build: CoreBuild;
  readonly client: number;
  nowMs: number;
  events: Event5[] = [];
  writeSize: number;
  isStoring = true;
  readonly flash: Uint8Array;
  readonly #options: Options5;
  #wire: Buffer[] = [];

  constructor(build: CoreBuild, options: Options5 = {}) {
    const { at = 64, receive = 256, outbox = 496, connect = 128, inbound = 8 } = options;
    const { aliasesIn = 0, aliasesOut = 0 } = options;
    const { core } = build;
    this.build = build;
    this.client = at;
    this.nowMs = options.nowMs ?? 5000;
    this.writeSize = options.writeSize ?? Number.POSITIVE_INFINITY;
    this.#options = options;
    const size = core.initialize(0, receive + aliasesIn + aliasesOut, outbox, connect, inbound);
    build.declare(at, size);
    check("initialize", core.initialize(at, receive + aliasesIn + aliasesOut, outbox, connect, inbound));
    if (aliasesIn + aliasesOut > 0) check("aliases", core.aliases(at, aliasesIn, aliasesOut));
    check("speak", core.speak(at, 5));
    if (options.isDurable) check("configure", core.configure(at, 5, 1));
    core.tick(at, this.nowMs);
    this.flash = core.bytes.slice(core.sessionAddress(at), core.sessionAddress(at) + core.sessionSize(at));
  }

  get core(): CoreBuild["core"] {
    return this.build.core;
  }

  get state(): number {
    return this.core.state(this.client);
  }

  takeEvents(): Event5[] {
    return this.events.splice(0);
  }

  /** The events without what the host has to do for the transport. */
  takeNews(): Event5[] {
    return this.takeEvents().filter(({ type }) => type !== "open");
  }

  takeBytes(): number[] {
    return [...Buffer.concat(this.#wire.splice(0))];
  }

  /** The packets sent, each as its bytes. Throws where mqtt-packet refuses one. */
  takePackets(): Packet[] {
    const packets: Packet[] = [];
    const reader = parser({ protocolVersion: 5 });
    reader.on("packet", packet => packets.push(packet));
    reader.on("error", error => {
      throw new Error(`mqtt-packet refuses what was sent: ${error.message}`);
    });
    reader.parse(Buffer.from(this.takeBytes()));
    return packets;
  }

  connect(options: Connect5 = {}): number {
    const { clientId = "c", flags = 0, keepAlive = 0, properties = [], rest = [] } = options;
    const payload = [...props(...properties), ...field(clientId), ...rest];
    return this.compose(this.core.connect(this.client, payload.length, flags, keepAlive), payload);
  }

  open(): void {
    this.#wire = [];
    check("opened", this.core.opened(this.client, this.nowMs));
    this.run();
  }

  /** Connects all the way; CONNACK has these properties. Takes what that brings. */
  online(options: Connect5 = {}, connack: readonly number[] = [], isPresent = false): this {
    check("connect", this.connect(options));
    return this.accept(connack, isPresent);
  }

  accept(connack: readonly number[] = [], isPresent = false): this {
    this.open();
    const [first] = this.takeBytes();
    if (first !== 0x10) throw new Error(`expected CONNECT, got ${first}`);
    this.serve(0x20, isPresent ? 1 : 0, 0, ...props(...connack));
    if (this.takeNews().at(-1)?.type !== "connected") throw new Error("not accepted");
    return this;
  }

  reconnect(connack: readonly number[] = [], isPresent = true): this {
    this.core.closed(this.client, this.nowMs);
    this.run();
    this.advance(this.core.nextTimeout(this.client, this.nowMs));
    return this.accept(connack, isPresent);
  }

  publish(topic: string, payload: string, qos = 0, properties: readonly number[] = [], isRetained = false): number {
    this.core.tick(this.client, this.nowMs);
    const rest = [...props(...properties), ...text(payload)];
    const name = text(topic);
    const at = this.core.publish(this.client, name.length, rest.length, (qos << 1) | (isRetained ? 1 : 0));
    if (at < 0) return at;
    this.build.write(this.core.composedEnd(this.client) - rest.length, rest);
    return this.compose(at, name);
  }

  subscribe(list: readonly number[], properties: readonly number[] = []): number {
    const bytes = [...props(...properties), ...list];
    return this.compose(this.core.subscribe(this.client, bytes.length), bytes);
  }

  unsubscribe(list: readonly number[], properties: readonly number[] = []): number {
    const bytes = [...props(...properties), ...list];
    return this.compose(this.core.unsubscribe(this.client, bytes.length), bytes);
  }

  /** AUTH or DISCONNECT: reason code and properties. */
  aside(type: number, code: number, properties: readonly number[] = []): number {
    const bytes = [code, ...props(...properties)];
    return this.compose(this.core.compose(this.client, type, bytes.length), bytes);
  }

  compose(at: number, bytes: ArrayLike<number>): number {
    if (at < 0) return at;
    this.build.write(at, bytes);
    const answer = this.core.commit(this.client);
    this.run();
    return answer;
  }

  disconnect(): number {
    const answer = this.core.disconnect(this.client, this.nowMs);
    this.run();
    return answer;
  }

  /** A packet from the server: its first byte, and what is behind the remaining length. */
  serve(first: number, ...body: readonly number[]): void {
    this.receive([first, ...varint(body.length), ...body]);
  }

  receive(bytes: readonly number[], chunkSize = Number.POSITIVE_INFINITY): void {
    for (let at = 0; at < bytes.length; ) {
      const room = this.core.receiveRoom(this.client);
      const target = this.core.receiveAddress(this.client);
      const size = Math.min(room, chunkSize, bytes.length - at);
      if (size === 0) throw new Error(`the client left ${bytes.length - at} of ${bytes.length} bytes unread`);
      this.build.forget(target, room);
      this.build.write(target, bytes.slice(at, at + size));
      check("received", this.core.received(this.client, size, this.nowMs));
      at += size;
      this.run();
    }
  }

  advance(ms: number): void {
    let left = ms;
    for (let turns = 0; turns < 1000; turns++) {
      const wait = this.core.nextTimeout(this.client, this.nowMs);
      if (wait > left) break;
      this.nowMs = (this.nowMs + wait) | 0;
      left -= wait;
      this.core.timedOut(this.client, this.nowMs);
      this.run();
      if (left === 0) return;
    }
    this.nowMs = (this.nowMs + left) | 0;
    this.run();
  }

  run(): void {
    for (let turns = 0; turns < 10_000; turns++) {
      if (!this.#nextEvent() && !this.#store() && !this.#transmit()) return;
    }
    throw new Error("the client never comes to rest");
  }

  /** A power cut: a new client in the same place with what the flash remembers. */
  restart(flash = this.flash): { endpoint: Endpoint5; answer: number } {
    const endpoint = new Endpoint5(this.build, { ...this.#options, nowMs: this.nowMs });
    this.build.write(this.core.sessionAddress(this.client), flash);
    endpoint.flash.set(flash);
    return { endpoint, answer: this.core.restored(this.client) };
  }

  #nextEvent(): boolean {
    const { core, client } = this;
    const type = core.nextEvent(client, this.nowMs);
    if (type === event.NONE) return false;
    const name = NAMES.get(type) ?? String(type);
    const bytesAt = (at: number, size: number) => Buffer.from(core.bytes.subarray(at, at + size));
    const details = () => ({
      code: core.eventCode(client),
      properties: [...bytesAt(core.propertiesAddress(client), core.propertiesSize(client))],
    });
    if (name === "open") this.events.push({ type: name });
    else if (name === "close") this.events.push({ type: name, reason: core.reason(client) });
    else if (name === "connected") this.events.push({ type: name, ...details() });
    else if (name === "message") {
      const topic = bytesAt(core.topicAddress(client), core.topicSize(client)).toString();
      const body = bytesAt(core.payloadAddress(client), core.payloadSize(client)).toString();
      this.events.push({ type: name, topic, text: body, properties: details().properties });
    } else if (name === "subscribed" || name === "unsubscribed") {
      const codes = [...bytesAt(core.payloadAddress(client), core.payloadSize(client))];
      this.events.push({ type: name, id: core.eventId(client), properties: details().properties, codes });
    } else if (name === "authenticate") this.events.push({ type: name, ...details() });
    else if (name === "expired") this.events.push({ type: name, id: core.eventId(client) });
    else this.events.push({ type: name, id: core.eventId(client), ...details() });
    return true;
  }

  #store(): boolean {
    const { core, client } = this;
    if (!this.#options.isDurable || !this.isStoring || core.pendingStore(client, 0) === 0) return false;
    for (const part of [0, 1]) {
      const at = core.pendingStoreAddress(client, part);
      const size = core.pendingStore(client, part);
      this.flash.set(core.bytes.subarray(at, at + size), at - core.sessionAddress(client));
    }
    core.stored(client);
    return true;
  }

  #transmit(): boolean {
    const { core, client } = this;
    const size = Math.min(core.transmit(client), this.writeSize);
    if (size === 0) return false;
    const at = core.transmitAddress(client);
    this.#wire.push(Buffer.from(core.bytes.subarray(at, at + size)));
    check("transmitted", core.transmitted(client, size, this.nowMs));
    return true;
  }
}

function check(what: string, answer: number): void {
  if (answer < 0) throw new Error(`${what} answered ${answer}`);
}
