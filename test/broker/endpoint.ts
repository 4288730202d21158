/**
 * The other end, for tests of the machine: a real broker, clients that speak through the codec, and a clock that only
 * the test moves. Nothing is faked: every packet is bytes in both directions.
 */
import type { Connect, Level } from "../../host/broker/codec/connect.ts";
import type { Qos } from "../../host/broker/codec/control.ts";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import type { Properties } from "../../host/broker/codec/properties.ts";
import { RULES_5 } from "../../host/broker/codec/rules.ts";
import type { Subscription } from "../../host/broker/codec/subscribe.ts";
import { Broker, type BrokerOptions, type Connection, type Entrance, type Sink } from "../../host/broker/index.ts";

export type PublishPacket = Extract<Packet, { type: "PUBLISH" }>;

/** A broker and its clock. */
export class World {
  nowMs = 0;
  readonly broker: Broker;
  readonly log: string[] = [];
  /** A fault of the broker fails the test, unless the test is about it. */
  expectsFault = false;

  /** $SYS is off unless asked for, so that `#` and the counters show only what the test does. */
  constructor(options: BrokerOptions = {}) {
    this.broker = new Broker({
      sysIntervalMs: 0,
      onLog: (level, line) => {
        this.log.push(`${level}: ${line}`);
        if (level === "error" && !this.expectsFault) throw new Error(line);
      },
      ...options,
    });
  }

  /** Moves the clock, stopping wherever the broker asks to be called. */
  advance(ms: number): void {
    const targetMs = this.nowMs + ms;
    for (let nextMs = this.broker.nextTimeout(); nextMs <= targetMs; nextMs = this.broker.nextTimeout()) {
      this.nowMs = Math.max(this.nowMs, nextMs);
      this.broker.advance(this.nowMs);
    }
    this.nowMs = targetMs;
    this.broker.advance(targetMs);
  }

  open(level: Level = 4, entrance?: Entrance): Client {
    return new Client(this, level, entrance);
  }

  /** A client whose CONNECT was accepted at an entrance. */
  connectAt(entrance: Entrance, clientId: string, options: Partial<Connect> = {}): Client {
    const client = this.open(options.level ?? 4, entrance);
    client.send(connectPacket(clientId, options));
    const connack = client.take();
    if (connack?.type !== "CONNACK" || connack.returnCode !== 0) throw new Error(`refused: ${client.closeReason}`);
    client.properties = connack.properties ?? {};
    return client;
  }

  /** A client whose CONNECT was accepted; its CONNACK has been taken. */
  connect(clientId: string, options: Partial<Connect> = {}): Client {
    const client = this.open(options.level ?? 4);
    client.send(connectPacket(clientId, options));
    const connack = client.take();
    if (connack?.type !== "CONNACK" || connack.returnCode !== 0) {
      throw new Error(`expected an accepting CONNACK, got ${JSON.stringify(connack)} ${client.closeReason}`);
    }
    client.sessionPresent = connack.sessionPresent;
    client.properties = connack.properties ?? {};
    return client;
  }

  /** A client of 5.0. */
  connect5(clientId: string, properties: Properties = {}, options: Partial<Connect> = {}): Client {
    return this.connect(clientId, { level: 5, properties, ...options });
  }

  /** The same, with a session that lasts. */
  connectDurable(clientId: string, options: Partial<Connect> = {}): Client {
    return this.connect(clientId, { cleanSession: false, ...options });
  }
}

export function connectPacket(clientId: string, options: Partial<Connect> = {}): Packet {
  return { type: "CONNECT", level: 4, cleanSession: true, keepAliveS: 60, clientId, ...options };
}

/** A transport whose sink notes each call; its peer speaks 3.1.1. */
export function transport(world: World, rest: Partial<Sink> = {}) {
  const calls: string[] = [];
  const sink: Sink = {
    send: bytes => calls.push(`send ${[...bytes].map(byte => byte.toString(16).padStart(2, "0")).join(" ")}`),
    close: reason => calls.push(`close ${reason}`),
    hold: isHeld => calls.push(`hold ${isHeld}`),
    ...rest,
  };
  const connection = world.broker.connect(world.nowMs, sink);
  const send = (...packets: Packet[]) =>
    world.broker.receive(connection, Buffer.concat(packets.map(packet => encodePacket(packet, 4))), world.nowMs);
  return { connection, send, take: () => calls.splice(0) };
}

/** A world with one subscriber to everything, and one publisher. */
export function pair(options: BrokerOptions = {}, qos: Qos = 2) {
  const world = new World(options);
  const subscriber = world.connect("subscriber");
  subscriber.subscribe("#", qos);
  return { world, subscriber, publisher: world.connect("publisher") };
}

/** Answers everything that the broker has sent, until it sends no more; returns the payloads in order. */
export function answerAll(client: Client): string[] {
  const texts: string[] = [];
  for (let packet = client.take(); packet; packet = client.take()) {
    if (packet.type === "PUBLISH") {
      texts.push(Buffer.from(packet.payload).toString());
      if (packet.qos === 1) client.send({ type: "PUBACK", packetId: packet.packetId });
      if (packet.qos === 2) client.send({ type: "PUBREC", packetId: packet.packetId });
    }
    if (packet.type === "PUBREL") client.send({ type: "PUBCOMP", packetId: packet.packetId });
  }
  return texts;
}

/** One transport and who sits at its far end. */
export class Client {
  readonly received: Packet[] = [];
  /** The size of each `send` that the broker made. */
  readonly sendSizes: number[] = [];
  sessionPresent = false;
  /** Of its CONNACK. */
  properties: Properties = {};
  closeReason: string | undefined;
  readonly connection: Connection;
  readonly #world: World;
  readonly #level: Level;
  readonly #framer = new Framer(0x1000_0000);
  #packetId = 0;

  constructor(world: World, level: Level = 4, entrance?: Entrance) {
    this.#world = world;
    this.#level = level;
    if (level === 5) this.#framer.rules = RULES_5;
    const sink: Sink = {
      send: bytes => {
        this.sendSizes.push(bytes.length);
        this.#framer.feed(bytes);
        while (this.#framer.next()) {
          const { bytes, first, start, end } = this.#framer;
          this.received.push(decodePacket(bytes, first, start, end, this.#level));
        }
      },
      close: reason => {
        this.closeReason = reason;
      },
    };
    this.connection = world.broker.connect(world.nowMs, sink, entrance);
  }

  /** Several packets go in one call, as one segment would bring them. */
  send(...packets: Packet[]): void {
    this.sendBytes(Buffer.concat(packets.map(packet => encodePacket(packet, this.#level))));
  }

  sendBytes(bytes: Uint8Array): void {
    // The broker is only lent the bytes: a copy is scribbled over afterwards, so that keeping them would show.
    const lent = Uint8Array.from(bytes);
    this.#world.broker.receive(this.connection, lent, this.#world.nowMs);
    lent.fill(0xee);
  }

  /** The oldest packet not taken yet. */
  take(): Packet | undefined {
    return this.received.shift();
  }

  /** Everything not taken yet. */
  takeAll(): Packet[] {
    return this.received.splice(0);
  }

  /** All that came, which must be PUBLISH packets. */
  takePublishes(): PublishPacket[] {
    return this.takeAll().map(packet => {
      if (packet.type !== "PUBLISH") throw new Error(`expected PUBLISH, got ${JSON.stringify(packet)}`);
      return packet;
    });
  }

  /** Topics and payloads of all that came, as `topic=payload`. */
  takeTexts(): string[] {
    return this.takePublishes().map(({ topic, payload }) => `${topic}=${Buffer.from(payload)}`);
  }

  subscribe(filter: string, qos: Qos = 0): void {
    this.send({ type: "SUBSCRIBE", packetId: this.nextId(), subscriptions: [{ filter, qos }] });
    const suback = this.take();
    if (suback?.type !== "SUBACK" || suback.returnCodes[0] !== qos)
      throw new Error(`expected SUBACK, got ${suback?.type}`);
  }

  /** The same with options of 5.0 and properties; returns the code of the SUBACK. */
  subscribe5(subscription: Subscription, properties: Properties = {}): number {
    this.send({ type: "SUBSCRIBE", packetId: this.nextId(), subscriptions: [subscription], properties });
    // Retained messages may stand behind it, and others before.
    const index = this.received.findIndex(({ type }) => type === "SUBACK");
    const [suback] = this.received.splice(index, 1);
    if (suback?.type !== "SUBACK") throw new Error(`expected SUBACK, got ${JSON.stringify(suback)}`);
    return suback.returnCodes[0];
  }

  /** Sends one PUBLISH with properties. */
  publish5(topic: string, text: string, properties: Properties, qos: Qos = 0, isRetain = false): number {
    const packetId = qos > 0 ? this.nextId() : 0;
    const payload = Buffer.from(text);
    this.send({ type: "PUBLISH", topic, payload, qos, isDup: false, isRetain, packetId, properties });
    return packetId;
  }

  /** Sends one PUBLISH; its acknowledgement is left to take. */
  publish(topic: string, text: string, qos: Qos = 0, isRetain = false): number {
    const packetId = qos > 0 ? this.nextId() : 0;
    this.send({ type: "PUBLISH", topic, payload: Buffer.from(text), qos, isDup: false, isRetain, packetId });
    return packetId;
  }

  nextId(): number {
    this.#packetId = (this.#packetId % 0xffff) + 1;
    return this.#packetId;
  }

  /** The transport breaks, without DISCONNECT. */
  drop(): void {
    this.#world.broker.closed(this.connection, this.#world.nowMs);
  }

  disconnect(): void {
    this.send({ type: "DISCONNECT" });
    this.drop();
  }
}
