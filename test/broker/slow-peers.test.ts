/**
 * Subscribers that read slowly, or not at all, in virtual time: nothing changes for the others, and what waits is bounded
 * by count and by bytes (max_queued_messages, max_queued_bytes, max_inflight_bytes). listener.test.ts has real sockets.
 */
import { describe, expect, it } from "vitest";
import { Framer } from "../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import type { Connection } from "../../host/broker/index.ts";
import { answerAll, type Client, connectPacket, World } from "./endpoint.ts";

/** A 2,400 bit/s modem behind a socket's buffer: what the broker sends waits here and trickles out. */
const BYTES_PER_SECOND = 300;
const BUFFER_SIZE = 4096;

class SlowReader {
  readonly received: Packet[] = [];
  maxPendingSize = 0;
  closeReason: string | undefined;
  readonly #world: World;
  readonly #connection: Connection;
  readonly #framer = new Framer(0x1000_0000);
  #pending: Buffer = Buffer.alloc(0);
  #isPaused = false;

  constructor(world: World, clientId: string, qos: 0 | 1 | 2) {
    this.#world = world;
    this.#connection = world.broker.connect(world.nowMs, {
      send: bytes => {
        this.#pending = Buffer.concat([this.#pending, bytes]);
        this.maxPendingSize = Math.max(this.maxPendingSize, this.#pending.length);
        if (this.#isPaused || this.#pending.length <= BUFFER_SIZE) return;
        this.#isPaused = true;
        world.broker.pause(this.#connection);
      },
      close: reason => {
        this.closeReason = reason;
      },
    });
    this.#send(connectPacket(clientId, { keepAliveS: 0 }));
    this.#send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "#", qos }] });
  }

  /** One second of the line. */
  read(): void {
    this.#framer.feed(this.#pending.subarray(0, BYTES_PER_SECOND));
    this.#pending = this.#pending.subarray(BYTES_PER_SECOND);
    while (this.#framer.next()) {
      const { bytes, first, start, end } = this.#framer;
      const packet = decodePacket(bytes, first, start, end);
      this.received.push(packet);
      if (packet.type === "PUBLISH" && packet.qos === 1) this.#send({ type: "PUBACK", packetId: packet.packetId });
    }
    if (!this.#isPaused || this.#pending.length > 0) return;
    this.#isPaused = false;
    this.#world.broker.resume(this.#connection, this.#world.nowMs);
  }

  #send(packet: Packet): void {
    this.#world.broker.receive(this.#connection, encodePacket(packet), this.#world.nowMs);
  }
}

/** Publishes `count` messages of 100 bytes, ten a second; returns when each has reached the quick subscriber, ms. */
function publishFor(world: World, publisher: Client, quick: Client, slow: SlowReader | null, count: number): number[] {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    publisher.publish("t", `${index} `.padEnd(100, "x"), 1);
    times.push(...answerAll(quick).map(() => world.nowMs));
    world.advance(100);
    if (index % 10 === 9) slow?.read();
  }
  return times;
}

describe("a subscriber at 2,400 bit/s", () => {
  it("changes nothing for the others", () => {
    const runs = [false, true].map(hasSlow => {
      const world = new World();
      const slow = hasSlow ? new SlowReader(world, "slow", 1) : null;
      const quick = world.connect("quick", { keepAliveS: 0 });
      quick.subscribe("t", 1);
      const publisher = world.connect("publisher", { keepAliveS: 0 });
      return publishFor(world, publisher, quick, slow, 1200);
    });
    expect(runs[0]).toHaveLength(1200);
    expect(runs[1]).toEqual(runs[0]);
  });

  it("gets what it can, in order, and its queue is bounded by count", () => {
    const world = new World({ maxQueued: 50 });
    const slow = new SlowReader(world, "slow", 1);
    const quick = world.connect("quick", { keepAliveS: 0 });
    quick.subscribe("t", 1);
    const publisher = world.connect("publisher", { keepAliveS: 0 });
    publishFor(world, publisher, quick, slow, 1200);
    const { publishMessagesDropped } = world.broker.counters;
    for (let second = 0; second < 60; second++) slow.read();
    const indices = slow.received.flatMap(packet =>
      packet.type === "PUBLISH" ? [Number.parseInt(Buffer.from(packet.payload).toString(), 10)] : [],
    );
    expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
    // Nothing vanishes: what was not dropped has come.
    expect(indices.length + publishMessagesDropped).toBe(1200);
    // The line takes 300 bytes a second of some 1,000: the buffer, the window and the queue are what it may be behind.
    expect(publishMessagesDropped).toBeGreaterThan(600);
    expect(slow.maxPendingSize).toBeLessThan(BUFFER_SIZE + 1000);
    expect(slow.closeReason).toBeUndefined();
  });

  it("at QoS 0 misses what its line has no room for, and waits for nothing", () => {
    const world = new World();
    const slow = new SlowReader(world, "slow", 0);
    const quick = world.connect("quick", { keepAliveS: 0 });
    quick.subscribe("t", 1);
    publishFor(world, world.connect("publisher", { keepAliveS: 0 }), quick, slow, 600);
    for (let second = 0; second < 60; second++) slow.read();
    const publishes = slow.received.filter(({ type }) => type === "PUBLISH");
    expect(publishes.length + world.broker.counters.publishMessagesDropped).toBe(600);
    expect(slow.maxPendingSize).toBeLessThan(BUFFER_SIZE + 1000);
  });
});

describe("what waits for a client", () => {
  const MESSAGE_SIZE = 100 + 3;

  function away(options: ConstructorParameters<typeof World>[0]) {
    const world = new World(options);
    world.connectDurable("away").subscribe("t", 1);
    world.connectDurable("away").drop();
    const publisher = world.connect("publisher");
    for (let index = 0; index < 100; index++) publisher.publish("t", "x".repeat(100), 1);
    const client = world.connectDurable("away");
    return { world, count: answerAll(client).length };
  }

  it("is bounded by bytes: max_queued_bytes", () => {
    const { world, count } = away({ maxQueuedBytes: 10 * MESSAGE_SIZE + 50 });
    expect(count).toBe(10);
    expect(world.broker.counters.publishMessagesDropped).toBe(90);
  });

  it("is bounded by whichever comes first", () => {
    expect(away({ maxQueuedBytes: 10 * MESSAGE_SIZE, maxQueued: 7 }).count).toBe(7);
    expect(away({ maxQueuedBytes: 5 * MESSAGE_SIZE, maxQueued: 7 }).count).toBe(5);
  });
});

describe("what is in flight to a client", () => {
  const MESSAGE_SIZE = 100 + 3;

  function flying(maxInflightBytes: number, qos: 1 | 2 = 1) {
    const world = new World({ maxInflightBytes });
    const client = world.connectDurable("c");
    client.subscribe("t", qos);
    const publisher = world.connect("publisher");
    for (let index = 0; index < 8; index++) {
      const packetId = publisher.publish("t", `${index}`.padEnd(100), qos);
      if (qos === 2) publisher.send({ type: "PUBREL", packetId });
    }
    return { world, client };
  }
  const idsOf = (client: Client) => client.takePublishes().map(({ packetId }) => packetId);

  it("is bounded by bytes: max_inflight_bytes; the message that crosses the bound still goes", () => {
    const { client } = flying(2 * MESSAGE_SIZE + 1);
    const ids = idsOf(client);
    expect(ids).toHaveLength(3);
    client.send({ type: "PUBACK", packetId: ids[0] });
    expect(idsOf(client)).toHaveLength(1);
    client.send({ type: "PUBACK", packetId: ids[1] }, { type: "PUBACK", packetId: ids[2] });
    expect(idsOf(client)).toHaveLength(2);
  });

  it("is one message at least", () => {
    const { client } = flying(1);
    for (let index = 0; index < 8; index++) {
      const [id, ...others] = idsOf(client);
      expect(others).toEqual([]);
      client.send({ type: "PUBACK", packetId: id });
    }
    expect(client.takeAll()).toEqual([]);
  });

  it("at QoS 2 counts until PUBREC, and again from the start on a new connection", () => {
    const { world, client } = flying(3 * MESSAGE_SIZE, 2);
    const ids = idsOf(client);
    expect(ids).toHaveLength(3);
    client.send({ type: "PUBREC", packetId: ids[0] });
    expect(client.takeAll()).toMatchObject([{ type: "PUBREL", packetId: ids[0] }]);
    client.send({ type: "PUBCOMP", packetId: ids[0] });
    const [fourth] = idsOf(client);
    client.drop();
    const back = world.connectDurable("c");
    expect(idsOf(back)).toEqual([ids[1], ids[2], fourth]);
    back.drop();
    const again = world.connectDurable("c");
    expect(answerAll(again).map(text => text.trim())).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });
});
