/** Durable sessions: what waits for a client that is away, and what it gets again when it is back (4.1, 4.4). */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

describe("a durable session", () => {
  it("is present only when there is one [MQTT-3.2.2-2] [MQTT-3.2.2-3]", () => {
    const world = new World();
    const first = world.connectDurable("c");
    expect(first.sessionPresent).toBe(false);
    first.disconnect();
    // Without any subscription it is a session all the same.
    const second = world.connectDurable("c");
    expect(second.sessionPresent).toBe(true);
    second.disconnect();
    // [MQTT-3.1.2-6] a clean session ends it, and leaves none.
    const third = world.connect("c");
    expect(third.sessionPresent).toBe(false);
    third.disconnect();
    expect(world.broker.sessionCount).toBe(0);
    expect(world.connectDurable("c").sessionPresent).toBe(false);
  });

  it("keeps QoS 1 and 2 messages for a client that is away, in order, and no QoS 0 [MQTT-3.1.2-5]", () => {
    const world = new World();
    const away = world.connectDurable("away");
    away.subscribe("t/#", 2);
    away.drop();
    const publisher = world.connect("publisher");
    publisher.publish("t/1", "a", 1);
    publisher.publish("t/0", "b", 0);
    publisher.send({ type: "PUBREL", packetId: publisher.publish("t/2", "c", 2) });
    publisher.publish("t/1", "d", 1);
    const back = world.connectDurable("away");
    expect(back.takePublishes()).toMatchObject([
      { topic: "t/1", qos: 1, isDup: false, packetId: 1 },
      { topic: "t/2", qos: 2, isDup: false, packetId: 2 },
      { topic: "t/1", qos: 1, isDup: false, packetId: 3 },
    ]);
  });

  it("sends again what was not acknowledged, with DUP, the same identifiers, in order [MQTT-4.4.0-1]", () => {
    const world = new World({ maxInflight: 3 });
    const client = world.connectDurable("c");
    client.subscribe("t", 1);
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3", "4", "5"]) publisher.publish("t", text, 1);
    client.takeAll();
    client.send({ type: "PUBACK", packetId: 2 });
    client.drop();
    publisher.publish("t", "6", 1);
    const back = world.connectDurable("c");
    expect(back.received.map(packet => (packet.type === "PUBLISH" ? [packet.packetId, packet.isDup] : packet))).toEqual(
      [
        [1, true],
        [3, true],
        [4, true],
      ],
    );
    expect(back.takeTexts()).toEqual(["t=1", "t=3", "t=4"]);
    for (const packetId of [1, 3, 4]) back.send({ type: "PUBACK", packetId });
    expect(back.takePublishes()).toMatchObject([
      { packetId: 5, isDup: false },
      { packetId: 6, isDup: false },
    ]);
  });

  it("resumes QoS 2 where it was: PUBREL in the order of the PUBRECs [MQTT-4.6.0-4], PUBLISH before PUBREC", () => {
    const world = new World({ qos2Delivery: "publish" });
    const client = world.connectDurable("c");
    client.subscribe("t", 2);
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3"]) publisher.publish("t", text, 2);
    client.takeAll();
    client.send({ type: "PUBREC", packetId: 3 }, { type: "PUBREC", packetId: 1 });
    client.drop();
    let back = world.connectDurable("c");
    expect(back.takeAll()).toMatchObject([
      { type: "PUBREL", packetId: 3 },
      { type: "PUBREL", packetId: 1 },
      { type: "PUBLISH", packetId: 2, isDup: true, qos: 2 },
    ]);
    // A PUBREC that comes late, for what is released already, is answered again.
    back.send({ type: "PUBREC", packetId: 1 });
    expect(back.takeAll()).toEqual([{ type: "PUBREL", packetId: 1 }]);
    back.drop();
    back = world.connectDurable("c");
    expect(back.takeAll()).toMatchObject([{ packetId: 3 }, { packetId: 1 }, { packetId: 2, isDup: true }]);
    back.send({ type: "PUBCOMP", packetId: 3 }, { type: "PUBCOMP", packetId: 1 }, { type: "PUBREC", packetId: 2 });
    back.send({ type: "PUBCOMP", packetId: 2 });
    back.drop();
    expect(
      world
        .connectDurable("c")
        .takeAll()
        .filter(({ type }) => type !== "PUBREL"),
    ).toEqual([]);
  });

  it("sends nothing again inside a connection", () => {
    const world = new World();
    const client = world.connectDurable("c", { keepAliveS: 0 });
    client.subscribe("t", 1);
    world.connect("publisher", { keepAliveS: 0 }).publish("t", "1", 1);
    client.takeAll();
    world.advance(86_400_000);
    expect(client.takeAll()).toEqual([]);
  });

  it("keeps a message whole while the received bytes are used again", () => {
    const world = new World();
    const client = world.connectDurable("c");
    client.subscribe("t", 1);
    const publisher = world.connect("publisher");
    const texts = ["short", "x".repeat(64), "y".repeat(65), "z".repeat(5000)];
    for (const text of texts) publisher.publish("t", text, 1);
    client.drop();
    const back = world.connectDurable("c");
    expect(back.takeTexts()).toEqual(texts.map(text => `t=${text}`));
  });
});

describe("a queue", () => {
  it("takes so many messages and refuses the newest, counted", () => {
    const world = new World({ maxQueued: 3 });
    const away = world.connectDurable("away");
    away.subscribe("t", 1);
    away.drop();
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3", "4", "5"]) publisher.publish("t", text, 1);
    expect(publisher.takeAll()).toHaveLength(5);
    expect(world.broker.counters.publishMessagesDropped).toBe(2);
    expect(world.connectDurable("away").takeTexts()).toEqual(["t=1", "t=2", "t=3"]);
  });

  it("takes so many bytes", () => {
    const world = new World({ maxQueuedBytes: 1000 });
    const away = world.connectDurable("away");
    away.subscribe("t", 1);
    away.drop();
    const publisher = world.connect("publisher");
    publisher.publish("t", "a".repeat(900), 1);
    publisher.publish("t", "b".repeat(900), 1);
    publisher.publish("t", "c".repeat(50), 1);
    expect(
      world
        .connectDurable("away")
        .takeTexts()
        .map(text => text[2]),
    ).toEqual(["a", "c"]);
  });

  it("frees its bytes as it drains", () => {
    const world = new World({ maxQueuedBytes: 1000, maxInflight: 1 });
    const client = world.connect("client");
    client.subscribe("t", 1);
    const publisher = world.connect("publisher");
    for (let round = 0; round < 10; round++) {
      publisher.publish("t", "a".repeat(400), 1);
      publisher.publish("t", "b".repeat(400), 1);
      publisher.publish("t", "c".repeat(400), 1);
      for (let packet = client.take(); packet; packet = client.take()) {
        if (packet.type === "PUBLISH") client.send({ type: "PUBACK", packetId: packet.packetId });
      }
    }
    expect(world.broker.counters.publishMessagesDropped).toBe(0);
    expect(world.broker.counters.publishMessagesSent).toBe(30);
  });
});

describe("a transport that is congested", () => {
  it("gets acknowledgements only; QoS 0 is dropped, QoS 1 waits; the others notice nothing", () => {
    const world = new World();
    const slow = world.connect("slow");
    const quick = world.connect("quick");
    for (const client of [slow, quick]) client.subscribe("t", 1);
    world.broker.pause(slow.connection);
    const publisher = world.connect("publisher");
    publisher.publish("t", "0", 0);
    publisher.publish("t", "1", 1);
    slow.send({ type: "PINGREQ" });
    expect(slow.takeAll()).toEqual([{ type: "PINGRESP" }]);
    expect(quick.takeTexts()).toEqual(["t=0", "t=1"]);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    world.broker.resume(slow.connection, world.nowMs);
    expect(slow.takeTexts()).toEqual(["t=1"]);
  });

  it("gets retained messages of QoS 0 later, and what is published then behind them", () => {
    const world = new World();
    const publisher = world.connect("publisher");
    publisher.publish("t", "old", 0, true);
    const slow = world.connect("slow");
    world.broker.pause(slow.connection);
    slow.subscribe("t", 0);
    publisher.publish("t", "new", 0, true);
    expect(slow.takeAll()).toEqual([]);
    world.broker.resume(slow.connection, world.nowMs);
    expect(slow.takeTexts()).toEqual(["t=old", "t=new"]);
    publisher.publish("t", "at once", 0);
    expect(slow.takeTexts()).toEqual(["t=at once"]);
  });

  it("can say so in the middle of a burst", () => {
    const world = new World();
    const publisher = world.connect("publisher");
    for (let index = 0; index < 100; index++) publisher.publish(`t/${index}`, "x".repeat(4000), 0, true);
    let sentSize = 0;
    const connection = world.broker.connect(0, {
      send: bytes => {
        sentSize += bytes.length;
        world.broker.pause(connection);
      },
      close: () => {},
    });
    world.broker.receive(connection, Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0), 0);
    world.broker.resume(connection, 0);
    world.broker.receive(connection, Uint8Array.of(0x82, 8, 0, 1, 0, 3, 0x74, 0x2f, 0x23, 0), 0);
    expect(sentSize).toBeLessThan(80_000);
    world.broker.resume(connection, 0);
    expect(sentSize).toBeLessThan(160_000);
    for (let round = 0; round < 100; round++) world.broker.resume(connection, 0);
    expect(sentSize).toBeGreaterThan(400_000);
  });
});
