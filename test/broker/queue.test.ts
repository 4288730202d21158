/** What waits for a client: how much, in which order, and how long it lives (3.3.2.3.3, 4.1). */
import { describe, expect, it } from "vitest";
import type { BrokerOptions } from "../../host/broker/index.ts";
import { answerAll, World } from "./endpoint.ts";

/** What the message "x" to the topic "t" takes: the topic as it stands in a packet, and the payload. */
const SIZE = 2 + 1 + 1;

/** A client that is away, and a publisher. */
function away(options: BrokerOptions = {}, qos: 0 | 1 | 2 = 1) {
  const world = new World(options);
  const client = world.connect5("away", { sessionExpiryS: 1000 });
  client.subscribe("t", qos);
  client.drop();
  return { world, publisher: world.connect5("p", {}, { keepAliveS: 0 }) };
}

const back = (world: World, clientId = "away") => world.connect5(clientId, {}, { cleanSession: false });

describe("the bytes of a queue", () => {
  it.each([
    [3 * SIZE - 1, 2],
    [3 * SIZE, 3],
    [3 * SIZE + 1, 3],
    [4 * SIZE, 4],
  ])("%i hold %i messages", (maxQueuedBytes, count) => {
    const { world, publisher } = away({ maxQueuedBytes });
    for (let index = 0; index < 5; index++) publisher.publish("t", "x", 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(5 - count);
    expect(back(world).takePublishes()).toHaveLength(count);
    // What was taken out has left its room.
    for (let index = 0; index < 5; index++) publisher.publish("t", "x", 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(5 - count);
  });

  it("count properties that go with a message", () => {
    const { world, publisher } = away({ maxQueuedBytes: SIZE + 3 + 2 });
    publisher.publish5("t", "x", { contentType: "abc" }, 1);
    publisher.publish5("t", "x", { contentType: "ab" }, 1);
    expect(back(world).takePublishes()).toMatchObject([{ properties: { contentType: "ab" } }]);
  });
});

describe("QoS 0 for a client that is away", () => {
  it("is kept where the host wants it, in its place among the others, and bounded like them", () => {
    const { world, publisher } = away({ queuesQos0: true, maxQueued: 3 }, 1);
    for (const [text, qos] of [
      ["1", 1],
      ["2", 0],
      ["3", 1],
      ["4", 0],
    ] as const)
      publisher.publish("t", text, qos);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    const client = back(world);
    expect(client.takePublishes().map(({ qos, packetId }) => [qos, packetId])).toEqual([
      [1, 1],
      [0, 0],
      [1, 2],
    ]);
    publisher.publish("t", "5");
    expect(client.takeTexts()).toEqual(["t=5"]);
  });

  it("is nothing that a full queue counts as lost where the host does not", () => {
    const { world, publisher } = away({ maxQueued: 1 });
    for (const text of ["1", "2"]) publisher.publish("t", text);
    expect(world.broker.counters.publishMessagesDropped).toBe(0);
    expect(back(world).takeAll()).toEqual([]);
  });

  it("goes behind what waits of QoS 0, and of that alone", () => {
    const world = new World({ maxInflight: 1 });
    const publisher = world.connect("p");
    publisher.publish("r", "retained", 0, true);
    const client = world.connect("c");
    client.subscribe("t", 1);
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    publisher.publish("t", "at once", 0);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.takeTexts()).toEqual(["t=1", "t=at once", "t=2"]);
    world.broker.pause(client.connection);
    client.subscribe("r", 0);
    publisher.publish("t", "behind", 0);
    expect(client.takeAll()).toEqual([]);
    world.broker.resume(client.connection, 0);
    expect(client.takeTexts()).toEqual(["r=retained", "t=behind"]);
    world.broker.pause(client.connection);
    publisher.publish("t", "lost", 0);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
  });

  it("that is too large for the client when it is back is lost, and counted", () => {
    const { world, publisher } = away({ queuesQos0: true });
    publisher.publish("t", "x".repeat(100));
    publisher.publish("t", "y");
    const client = world.connect5("away", { maximumPacketSize: 50 }, { cleanSession: false });
    expect(client.takeTexts()).toEqual(["t=y"]);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
  });

  it("says what is left of its life to each of those that come back [MQTT-3.3.2-6]", () => {
    const world = new World({ queuesQos0: true });
    for (const name of ["a", "b"]) {
      const client = world.connect5(name, { sessionExpiryS: 1000 });
      client.subscribe("t");
      client.drop();
    }
    world.connect5("p").publish5("t", "x", { messageExpiryS: 60 });
    for (const [name, messageExpiryS] of [
      ["a", 50],
      ["b", 40],
    ] as const) {
      world.advance(10_000);
      expect(back(world, name).takePublishes()).toMatchObject([{ properties: { messageExpiryS } }]);
    }
  });
});

describe("retained messages for a client whose queue is full", () => {
  it("have as many places more as there are of them", () => {
    const world = new World({ maxQueued: 2, maxInflight: 1 });
    const publisher = world.connect("p");
    for (let index = 0; index < 3; index++) publisher.publish(`r/${index}`, "x", 1, true);
    const client = world.connect("c");
    client.subscribe("t", 1);
    for (const text of ["1", "2", "3", "4"]) publisher.publish("t", text, 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    client.takeAll();
    client.subscribe("r/#", 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    client.subscribe("r/#", 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(4);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(answerAll(client)).toEqual(["2", "3", "x", "x", "x"]);
  });

  it("of QoS 0 go behind what waits, and at once where nothing does", () => {
    const world = new World({ maxInflight: 1 });
    const publisher = world.connect("p");
    publisher.publish("r", "old", 0, true);
    const client = world.connect("c");
    client.subscribe("t", 1);
    client.subscribe("r", 0);
    expect(client.takeTexts()).toEqual(["r=old"]);
    publisher.publish("t", "1", 1);
    expect(client.takeTexts()).toEqual(["t=1"]);
    publisher.publish("t", "2", 1);
    client.subscribe("r", 0);
    expect(client.takeAll()).toEqual([]);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.takePublishes().map(({ topic, isRetain, qos }) => [topic, isRetain, qos])).toEqual([
      ["t", false, 1],
      ["r", true, 0],
    ]);
  });

  it.each([0, 1] as const)("that are too large for it are counted as lost, QoS %i", qos => {
    const world = new World();
    world.connect("p").publish("r", "x".repeat(100), qos, true);
    const client = world.connect5("c", { maximumPacketSize: 50 });
    client.subscribe("r", qos);
    expect(client.takeAll()).toEqual([]);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
  });
});

describe("a full queue", () => {
  it("lets go of what has expired, at its millisecond, whichever it is and whenever", () => {
    const { world, publisher } = away({ maxQueued: 3 });
    for (const messageExpiryS of [5, 1, 3]) publisher.publish5("t", `for ${messageExpiryS}`, { messageExpiryS }, 1);
    for (const [waitMs, expired, dropped] of [
      [999, 0, 1],
      [1, 1, 1],
      [1999, 1, 2],
      [1, 2, 2],
      [1999, 2, 3],
      [1, 3, 3],
    ] as const) {
      world.advance(waitMs);
      publisher.publish5("t", `at ${world.nowMs}`, {}, 1);
      expect(world.broker.counters).toMatchObject({
        publishMessagesExpired: expired,
        publishMessagesDropped: dropped,
      });
    }
    expect(back(world).takeTexts()).toEqual(["t=at 1000", "t=at 3000", "t=at 5000"]);
  });

  it("is looked through when it is full, and not before", () => {
    const { world, publisher } = away({ maxQueued: 2 });
    publisher.publish5("t", "1", { messageExpiryS: 1 }, 1);
    world.advance(1000);
    publisher.publish("t", "2", 1);
    expect(world.broker.counters.publishMessagesExpired).toBe(0);
    publisher.publish("t", "3", 1);
    expect(world.broker.counters.publishMessagesExpired).toBe(1);
    expect(back(world).takeTexts()).toEqual(["t=2", "t=3"]);
  });
});
