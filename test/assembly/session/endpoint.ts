/**
 * A client of the core on one side of a wire that a test holds by both ends: what the client sends comes out as packets of
 * mqtt-packet, what a test sends goes in as bytes, and time passes when the test says so.
 *
 * The loop is that of every host: events until there is none, then store, then transmit. With the guarded build the receive
 * region counts as unwritten behind what has come, so a look ahead is a fault.
 */
import { generate, type Packet as PeerPacket, parser } from "mqtt-packet";
import * as event from "../../../assembly/session/events.ts";
import type { CoreBuild } from "../builds.ts";
import { connectFlags, connectPayload, field } from "../wire/codec.ts";
import { describeEvent, type Event, line } from "./event.ts";
import type { Connect, EndpointOptions } from "./options.ts";

export type { Event } from "./event.ts";
export type { Connect, EndpointOptions } from "./options.ts";

export class Endpoint {
  readonly build: CoreBuild;
  readonly client: number;
  readonly recordSize: number;
  /** As the core counts it: 32 bits that wrap. */
  nowMs: number;
  /** All that `nextEvent` has answered and nobody took. */
  events: Event[] = [];
  /** Bytes that the transport takes at once; 0 blocks it. */
  writeSize = Number.POSITIVE_INFINITY;
  /** Whether the loop confirms what has to be stored. */
  isStoring = true;
  /** Whether to throw when mqtt-packet refuses what is sent. */
  isJudged = true;
  /** What a power cut leaves of the session. */
  readonly flash: Uint8Array;
  readonly #options: EndpointOptions;
  #wire: Buffer[] = [];
  #reader = parser({ protocolVersion: 4 });
  #packets: PeerPacket[] = [];

  constructor(build: CoreBuild, options: EndpointOptions = {}) {
    const { at = 64, receive = 256, outbox = 496, connect = 128, inbound = 8 } = options;
    const { core } = build;
    this.build = build;
    this.client = at;
    this.nowMs = options.nowMs ?? 0;
    this.#options = options;
    this.recordSize = core.initialize(0, receive, outbox, connect, inbound);
    build.declare(at, this.recordSize);
    check("initialize", core.initialize(at, receive, outbox, connect, inbound));
    const { window, responseTimeoutMs, backoffMinMs, backoffMaxMs, seed, isDurable } = options;
    for (const [option, value] of [window, responseTimeoutMs, backoffMinMs, backoffMaxMs, seed].entries()) {
      if (value !== undefined) check("configure", core.configure(at, option, value));
    }
    if (isDurable) check("configure", core.configure(at, 5, 1));
    this.flash = core.bytes.slice(core.sessionAddress(at), core.sessionAddress(at) + core.sessionSize(at));
    this.#listen();
  }

  get core(): CoreBuild["core"] {
    return this.build.core;
  }

  get state(): number {
    return this.core.state(this.client);
  }

  /** Takes the events seen so far. */
  takeEvents(): Event[] {
    return this.events.splice(0);
  }

  /** Takes the packets sent so far, in the form of mqtt-packet, without the fields that only its parser adds. */
  take(): PeerPacket[] {
    for (const bytes of this.#wire.splice(0)) this.#reader.parse(bytes);
    return this.#packets.splice(0);
  }

  /** The same as one line each: `publish 1 dup a/b=text`, `puback 3`. */
  takeLines(): string[] {
    return this.take().map(line);
  }

  /** Takes the bytes sent so far. */
  takeBytes(): Buffer {
    return Buffer.concat(this.#wire.splice(0));
  }

  /** Composes and commits CONNECT; answers what `commit` answers, or what `connect` refused with. */
  connect(options: Connect = {}): number {
    const packet = { cmd: "connect" as const, clientId: "c", keepalive: 0, clean: false, ...options };
    const payload = connectPayload(packet);
    const answer = this.compose(
      this.core.connect(this.client, payload.length, connectFlags(packet), packet.keepalive),
      payload,
    );
    this.run();
    return answer;
  }

  /** The host has opened the transport. */
  open(): void {
    this.#listen();
    check("opened", this.core.opened(this.client, this.nowMs));
    this.run();
  }

  /** The transport is closed, by whomever. */
  close(): number {
    const answer = this.core.closed(this.client, this.nowMs);
    this.run();
    return answer;
  }

  /** Connects all the way, and takes what that brings. */
  online(options: Connect = {}, sessionPresent = false): this {
    check("connect", this.connect(options));
    return this.accept(sessionPresent);
  }

  /** Opens the transport and accepts; takes what that brings, except what is sent behind CONNECT. */
  accept(sessionPresent = false): this {
    this.open();
    this.serve({ cmd: "connack", returnCode: 0, sessionPresent });
    this.takeEvents();
    const [first] = this.#unread();
    if (first?.cmd !== "connect") throw new Error(`expected CONNECT, got ${first?.cmd}`);
    this.#packets.shift();
    return this;
  }

  /** The transport breaks, the wait passes, and a new one opens and is accepted. */
  reconnect(sessionPresent = true): this {
    this.close();
    this.advance(this.core.nextTimeout(this.client, this.nowMs));
    return this.accept(sessionPresent);
  }

  /** Answers the identifier (0 at QoS 0), or the refusal. */
  publish(topic: string, text: string | Uint8Array = "", qos = 0, isRetained = false): number {
    const topicBytes = Buffer.from(topic);
    const payload = Buffer.from(text as string);
    const at = this.core.publish(this.client, topicBytes.length, payload.length, (qos << 1) | (isRetained ? 1 : 0));
    if (at < 0) return at;
    this.build.write(this.core.composedEnd(this.client) - payload.length, payload);
    const answer = this.compose(at, topicBytes);
    this.run();
    return answer;
  }

  subscribe(...filters: [filter: string, qos: number][]): number {
    const list = filters.flatMap(([filter, qos]) => [...field(filter), qos]);
    const answer = this.compose(this.core.subscribe(this.client, list.length), list);
    this.run();
    return answer;
  }

  unsubscribe(...filters: string[]): number {
    const list = filters.flatMap(filter => field(filter));
    const answer = this.compose(this.core.unsubscribe(this.client, list.length), list);
    this.run();
    return answer;
  }

  disconnect(): number {
    const answer = this.core.disconnect(this.client, this.nowMs);
    this.run();
    return answer;
  }

  /** Writes to where a command said, and commits; an answer below zero is passed on. */
  compose(at: number, bytes: ArrayLike<number>): number {
    if (at < 0) return at;
    this.build.write(at, bytes);
    return this.core.commit(this.client);
  }

  /** Sends packets to the client, as one stream. Throws where the client takes no more. */
  serve(...packets: (PeerPacket | { cmd: "connack"; returnCode: number; sessionPresent: boolean })[]): void {
    this.receive(Buffer.concat(packets.map(packet => generate(packet as PeerPacket))));
  }

  /** Sends bytes to the client, `chunkSize` at a time at most. */
  receive(bytes: Uint8Array, chunkSize = Number.POSITIVE_INFINITY): void {
    const rest = this.offer(bytes, chunkSize);
    if (rest > 0) throw new Error(`the client left ${rest} of ${bytes.length} bytes unread`);
  }

  /** The same; answers how many bytes the client would not take. */
  offer(bytes: Uint8Array, chunkSize = Number.POSITIVE_INFINITY): number {
    for (let at = 0; at < bytes.length; ) {
      const room = this.core.receiveRoom(this.client);
      const target = this.core.receiveAddress(this.client);
      const size = Math.min(room, chunkSize, bytes.length - at);
      if (size === 0) return bytes.length - at;
      this.build.forget(target, room);
      this.build.write(target, bytes.subarray(at, at + size));
      check("received", this.core.received(this.client, size, this.nowMs));
      at += size;
      this.run();
    }
    return 0;
  }

  /** Lets time pass and does what falls due on the way. */
  advance(ms: number): void {
    let left = ms;
    for (let turns = 0; turns < 1000; turns++) {
      const wait = this.core.nextTimeout(this.client, this.nowMs);
      if (wait > left) {
        this.nowMs = (this.nowMs + left) | 0;
        return;
      }
      this.nowMs = (this.nowMs + wait) | 0;
      left -= wait;
      this.core.timedOut(this.client, this.nowMs);
      this.run();
      if (left === 0) return;
    }
    throw new Error("the same deadline falls due again and again");
  }

  /** Events, store and transmit, until nothing more happens. */
  run(): void {
    if (this.#options.isManual) return;
    for (let turns = 0; turns < 100_000; turns++) {
      if (!this.nextEvent() && !this.store() && !this.transmit()) return;
    }
    throw new Error("the client never comes to rest");
  }

  /** Takes one event; answers whether there was one. */
  nextEvent(): boolean {
    const type = this.core.nextEvent(this.client, this.nowMs);
    if (type !== event.NONE) this.events.push(describeEvent(this.core, this.client, type));
    return type !== event.NONE;
  }

  /** Stores what has to be; answers whether there was anything. */
  store(): boolean {
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

  /** Writes one chunk to the transport; answers whether there was one. */
  transmit(): boolean {
    const { core, client } = this;
    const size = Math.min(core.transmit(client), this.writeSize);
    if (size === 0) return false;
    const at = core.transmitAddress(client);
    this.#wire.push(Buffer.from(core.bytes.subarray(at, at + size)));
    check("transmitted", core.transmitted(client, size, this.nowMs));
    return true;
  }

  /** A power cut: a new client in the same place with what the flash remembers. Answers what `restored` answers. */
  restart(flash = this.flash): { endpoint: Endpoint; answer: number } {
    const endpoint = new Endpoint(this.build, { ...this.#options, nowMs: this.nowMs });
    this.build.write(this.core.sessionAddress(this.client), flash);
    endpoint.flash.set(flash);
    return { endpoint, answer: this.core.restored(this.client) };
  }

  #unread(): PeerPacket[] {
    for (const bytes of this.#wire.splice(0)) this.#reader.parse(bytes);
    return this.#packets;
  }

  #listen(): void {
    this.#wire = [];
    this.#packets = [];
    this.#reader = parser({ protocolVersion: 4 });
    this.#reader.on("packet", packet => this.#packets.push(packet));
    this.#reader.on("error", error => {
      if (this.isJudged) throw new Error(`the client sent what mqtt-packet refuses: ${error.message}`);
    });
  }
}

function check(what: string, answer: number): void {
  if (answer < 0) throw new Error(`${what} answered ${answer}`);
}
