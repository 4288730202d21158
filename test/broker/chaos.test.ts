/**
 * What each QoS promises (4.3), kept while connections break at random places.
 *
 * A publisher and a subscriber with durable sessions of their own speak to the broker over transports that swallow what
 * is under way when they break, in either direction. The two follow the standard by the letter: they send again with
 * DUP after a reconnect, and hold QoS 2 identifiers. Afterwards the subscriber has every QoS 2 message exactly once and
 * every QoS 1 message at least once, each QoS in order of first arrival. Seeds are printed by the test's name.
 */
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { describe, expect, it } from "vitest";
import type { Level } from "../../host/broker/codec/connect.ts";
import { encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { Violation } from "../../host/broker/codec/violation.ts";
import { type Client, World } from "./endpoint.ts";

/** A number below `limit`, from a generator of the test's seed. */
function dice(seed: number): (limit: number) => number {
  const generator = xoroshiro128plus(seed);
  return limit => (generator.next() >>> 0) % limit;
}

/** One end with a durable session. What it has sent and not seen answered, it sends again. */
class Endpoint {
  readonly #world: World;
  readonly #clientId: string;
  readonly #roll: (limit: number) => number;
  #client: Client | null = null;
  #isAccepted = false;
  /** Sent and unanswered, in order: PUBLISH, or PUBREL once PUBREC has come. */
  readonly #unanswered = new Map<number, Packet>();
  readonly #heldIds = new Set<number>();
  readonly delivered: string[] = [];
  readonly #level: Level;
  #packetId = 0;

  constructor(world: World, clientId: string, roll: (limit: number) => number, level: Level) {
    this.#world = world;
    this.#level = level;
    this.#clientId = clientId;
    this.#roll = roll;
  }

  get isIdle(): boolean {
    return this.#unanswered.size === 0;
  }

  connect(filter?: string): void {
    if (this.#client !== null) return;
    this.#isAccepted = false;
    this.#client = this.#world.open(this.#level);
    this.#client.send({
      type: "CONNECT",
      level: this.#level,
      cleanSession: false,
      keepAliveS: 0,
      clientId: this.#clientId,
      // Another window with each connection.
      properties: { sessionExpiryS: 1000, receiveMaximum: 1 + this.#roll(8), topicAliasMaximum: 2 },
    });
    if (filter) this.#client.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter, qos: 2 }] });
  }

  publish(text: string, qos: 1 | 2): void {
    this.#packetId = (this.#packetId % 0xffff) + 1;
    const payload = Buffer.from(text);
    const packet: Packet = {
      type: "PUBLISH",
      topic: "t",
      payload,
      qos,
      isDup: false,
      isRetain: false,
      packetId: this.#packetId,
    };
    this.#unanswered.set(this.#packetId, packet);
    if (this.#isAccepted) this.#client?.send(packet);
  }

  /** The transport breaks: everything that this end has not read yet is lost. */
  drop(): void {
    this.#client?.drop();
    this.#client = null;
  }

  /** Handles one packet; every so often the answer dies with the connection. */
  step(breakEvery: number): boolean {
    const packet = this.#client?.take();
    if (packet === undefined) return false;
    const answers = this.#handle(packet);
    if (breakEvery > 0 && this.#roll(breakEvery) === 0) {
      if (this.#roll(2) === 0) this.#client?.send(...answers);
      this.drop();
    } else if (answers.length > 0) {
      this.#client?.send(...answers);
    }
    return true;
  }

  #handle(packet: Packet): Packet[] {
    switch (packet.type) {
      case "CONNACK":
        this.#isAccepted = true;
        return [...this.#unanswered.values()].map(sent => (sent.type === "PUBLISH" ? { ...sent, isDup: true } : sent));
      case "PUBACK":
      case "PUBCOMP":
        this.#unanswered.delete(packet.packetId);
        return [];
      case "PUBREC": {
        const release: Packet = { type: "PUBREL", packetId: packet.packetId };
        this.#unanswered.delete(packet.packetId);
        this.#unanswered.set(packet.packetId, release);
        return [release];
      }
      case "PUBLISH":
        if (packet.qos === 1 || !this.#heldIds.has(packet.packetId))
          this.delivered.push(String(Buffer.from(packet.payload)));
        if (packet.qos === 2) this.#heldIds.add(packet.packetId);
        return [{ type: packet.qos === 1 ? "PUBACK" : "PUBREC", packetId: packet.packetId }];
      case "PUBREL":
        this.#heldIds.delete(packet.packetId);
        return [{ type: "PUBCOMP", packetId: packet.packetId }];
      default:
        return [];
    }
  }
}

describe.each([
  ["release", 4, 40],
  ["publish", 4, 40],
  ["release", 5, 15],
] as const)("QoS 1 and 2 over breaking connections (%s, level %i)", (qos2Delivery, level, seedCount) => {
  it.each(Array.from({ length: seedCount }, (_, index) => index + 1))("seed %i", seed => {
    const roll = dice(seed);
    const world = new World({ qos2Delivery, maxInflight: 1 + roll(8), maxQueued: 100_000 });
    const publisher = new Endpoint(world, "publisher", roll, level);
    const subscriber = new Endpoint(world, "subscriber", roll, level);
    subscriber.connect("t");
    const sent: string[] = [];
    const breakEvery = 3 + roll(30);
    for (let count = 0; count < 400; count++) {
      publisher.connect();
      if (roll(3) > 0) subscriber.connect();
      const qos = roll(2) === 0 ? 1 : 2;
      sent.push(`${qos}:${count}`);
      publisher.publish(sent[count], qos);
      for (let steps = roll(6); steps > 0; steps--) (roll(2) === 0 ? publisher : subscriber).step(breakEvery);
    }
    // The faults end: everything must come to rest.
    for (let round = 0; round < 10_000; round++) {
      publisher.connect();
      subscriber.connect();
      const isBusy = [publisher.step(0), subscriber.step(0)].includes(true);
      if (!isBusy && publisher.isIdle) break;
    }
    expect(publisher.isIdle).toBe(true);
    const of = (qos: number, texts: string[]) => texts.filter(text => text.startsWith(`${qos}:`));
    expect(of(2, subscriber.delivered)).toEqual(of(2, sent));
    expect([...new Set(of(1, subscriber.delivered))]).toEqual(of(1, sent));
    expect(world.broker.counters.violations).toBe(0);
    expect(world.broker.counters.publishMessagesDropped).toBe(0);
  });
});

describe("clients that break every rule", () => {
  it.each([1, 2, 3, 4])("end one by one and leave the broker whole, seed %i", seed => {
    const roll = dice(seed);
    const world = new World({ maxQueued: 20, sysIntervalMs: 1000 });
    const witness = world.connect("witness", { keepAliveS: 0 });
    witness.subscribe("witness", 1);
    const text = () => ["a", "a/b", "b", "$SYS/x", "witness2", "", "a/#", "+"][roll(8)];
    const makers: (() => Packet)[] = [
      () => ({ type: "CONNECT", level: 4, cleanSession: roll(2) === 0, keepAliveS: roll(3), clientId: text() }),
      () => ({
        type: "PUBLISH",
        topic: text(),
        payload: Buffer.alloc(roll(40)),
        qos: roll(3) as 0,
        isDup: false,
        isRetain: roll(2) === 0,
        packetId: roll(5),
      }),
      () => ({ type: "SUBSCRIBE", packetId: roll(5), subscriptions: [{ filter: text(), qos: roll(3) as 0 }] }),
      () => ({ type: "UNSUBSCRIBE", packetId: roll(5), filters: [text()] }),
      () => ({ type: (["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const)[roll(4)], packetId: roll(5) }),
      () => ({ type: "PINGREQ" }),
    ];
    let clients: Client[] = [];
    for (let round = 0; round < 6000; round++) {
      if (clients.length < 8) {
        const client = world.open();
        if (roll(5) > 0)
          client.send({
            type: "CONNECT",
            level: 4,
            cleanSession: roll(2) === 0,
            keepAliveS: 1,
            clientId: `c${roll(6)}`,
          });
        clients.push(client);
      }
      const client = clients[roll(clients.length)];
      const bytes = Uint8Array.from(encodePacket(makers[roll(makers.length)]()));
      // Not in a CONNECT: the end of this test knows every client identifier.
      if (bytes[0] !== 0x10 && roll(20) === 0) bytes[roll(bytes.length)] = roll(256);
      const cut = roll(4) === 0 ? roll(bytes.length) : bytes.length;
      try {
        client.sendBytes(bytes.subarray(0, cut));
        client.sendBytes(bytes.subarray(cut));
      } catch (error) {
        // Endpoint's own decoding of what the broker sent: the broker must not break rules either.
        if (error instanceof Violation) throw new Error(`the broker sent a malformed packet: ${error.message}`);
        throw error;
      }
      if (roll(30) === 0) client.drop();
      if (roll(10) === 0) world.advance(roll(900));
      clients = clients.filter(({ closeReason, connection }) => closeReason === undefined && connection.phase !== 2);
    }
    expect(world.broker.counters.violations).toBeGreaterThan(100);
    witness.takeAll();
    witness.publish("witness", "whole", 1);
    expect(
      witness
        .takeAll()
        .map(({ type }) => type)
        .sort(),
    ).toEqual(["PUBACK", "PUBLISH"]);
    for (const client of clients) client.drop();
    expect(world.broker.counters.clientsConnected).toBe(1);
    expect(world.broker.connectionCount).toBe(1);
    // Nothing is left behind once the durable sessions have been ended by clean ones.
    for (const clientId of [
      "a",
      "a/b",
      "b",
      "$SYS/x",
      "witness2",
      "a/#",
      "+",
      ...Array.from({ length: 6 }, (_, index) => `c${index}`),
    ]) {
      world.connect(clientId).disconnect();
    }
    expect(world.broker.sessionCount).toBe(1);
    expect(world.broker.subscriptionCount).toBe(1);
  });
});
