/** A PUBLISH of a client at the limits of the server: aliases, sizes, QoS 2 without PUBREL, $SYS (3.3, 4.3.3, 4.9). */
import { describe, expect, it } from "vitest";
import { Entrance } from "../../host/broker/index.ts";
import { World } from "./endpoint.ts";

describe("topic aliases of a client [MQTT-3.3.2-9]", () => {
  it.each([
    [{}, undefined, 10],
    [{ maxTopicAlias: 3 }, undefined, 3],
    [{ maxTopicAlias: 3 }, 5, 5],
    [{ maxTopicAlias: 3 }, 0, 0],
  ])("are as many as there may be: broker %j, entrance %s", (options, maxTopicAlias, most) => {
    const world = new World(options);
    const entrance = new Entrance({ maxTopicAlias });
    const client = world.connectAt(entrance, "c", { level: 5, properties: {} });
    expect(client.properties.topicAliasMaximum ?? 0).toBe(most);
    if (most > 0) client.publish5("t", "x", { topicAlias: most });
    expect(client.closeReason).toBeUndefined();
    client.publish5("t", "x", { topicAlias: most + 1 });
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x94 }]);
    expect(client.closeReason).toBe(`[MQTT-3.3.2-9] topic alias ${most + 1} is over the maximum of ${most}`);
  });

  it("stand for nothing until they are given", () => {
    const client = new World().connect5("c");
    client.publish5("t", "x", {});
    client.publish5("", "x", { topicAlias: 1 });
    expect(client.closeReason).toBe("[MQTT 3.3.2.3.4] topic alias 1 stands for no topic");
  });
});

describe("QoS 2 without PUBREL", () => {
  /** Topic and payload of "x" to "t". */
  const SIZE = 2 + 1 + 1;

  it.each([
    [2 * SIZE, 2],
    [3 * SIZE - 1, 2],
    [3 * SIZE, 3],
  ])("in %i bytes: %i messages, the same one again is none", (maxQueuedBytes, count) => {
    const client = new World({ maxQueuedBytes }).connectDurable("c");
    const publish = (packetId: number, isDup: boolean) =>
      client.send({ type: "PUBLISH", topic: "t", payload: Buffer.from("x"), qos: 2, isDup, isRetain: false, packetId });
    for (let packetId = 1; packetId <= count; packetId++) publish(packetId, false);
    for (let packetId = 1; packetId <= count; packetId++) publish(packetId, true);
    expect(client.takeAll()).toHaveLength(2 * count);
    client.send({ type: "PUBREL", packetId: 1 });
    publish(9, false);
    expect(client.closeReason).toBeUndefined();
    publish(10, false);
    expect(client.closeReason).toMatch(/^\[limit\] QoS 2 messages without PUBREL/);
  });

  it("counts against the Receive Maximum by identifier, and on this connection only [MQTT-3.3.4-7]", () => {
    const world = new World({ receiveMaximum: 2, maxPayloadSize: 4 });
    const client = world.connect5("c", { sessionExpiryS: 100 });
    const publish = (packetId: number, text = "x", publisher = client) =>
      publisher.send({
        type: "PUBLISH",
        topic: "t",
        payload: Buffer.from(text),
        qos: 2,
        isDup: false,
        isRetain: false,
        packetId,
      });
    for (const packetId of [1, 2, 1, 2]) publish(packetId);
    // What is refused is not held [MQTT-4.3.3-9].
    for (const packetId of [3, 4, 5]) publish(packetId, "too large");
    expect(client.takeAll().map(packet => (packet as { reasonCode: number }).reasonCode)).toEqual([
      0x10, 0x10, 0, 0, 0x97, 0x97, 0x97,
    ]);
    client.drop();
    const back = world.connect5("c", { sessionExpiryS: 100 }, { cleanSession: false });
    for (const packetId of [11, 12]) publish(packetId, "", back);
    expect(back.closeReason).toBeUndefined();
    back.send({ type: "PUBREL", packetId: 11 });
    back.publish("t", "", 2);
    expect(back.closeReason).toBeUndefined();
    publish(13, "", back);
    expect(back.closeReason).toBe("[MQTT-3.3.4-7] more than 2 QoS 2 messages without PUBREL, the receive maximum");
  });

  it("keeps RETAIN until then", () => {
    const world = new World();
    const publisher = world.connect("p");
    for (const [topic, isRetain] of [
      ["a", true],
      ["b", false],
    ] as const) {
      publisher.send({ type: "PUBREL", packetId: publisher.publish(topic, "x", 2, isRetain) });
    }
    expect(world.broker.retainedCount).toBe(1);
  });
});

describe("a topic of the server", () => {
  it.each([
    ["$SYS", false],
    ["$SYS/a", false],
    ["$SYSTEM/a", true],
    ["a/$SYS", true],
  ])("%s: goes on %s, of a client and of a will", (topic, isFree) => {
    const world = new World();
    const watcher = world.connect("w");
    watcher.subscribe(topic);
    const client = world.connect("c", { will: { topic, payload: Buffer.from("will"), qos: 0, retain: true } });
    for (const qos of [0, 1] as const) client.publish(topic, "x", qos);
    client.drop();
    expect(watcher.takeTexts()).toEqual(isFree ? [`${topic}=x`, `${topic}=x`, `${topic}=will`] : []);
    expect(world.broker.retainedCount).toBe(isFree ? 1 : 0);
  });
});

describe("a payload that is too large for the server", () => {
  it.each([
    [4, 1],
    [5, 0],
  ])("of %i bytes goes on: %i, in each version and at each QoS", (size, count) => {
    const world = new World({ maxPayloadSize: 4 });
    const watcher = world.connect("w");
    watcher.subscribe("t", 2);
    for (const client of [world.connect("old"), world.connect5("five")]) {
      for (const qos of [0, 1, 2] as const) {
        const packetId = client.publish("t", "x".repeat(size), qos, true);
        if (qos === 2) client.send({ type: "PUBREL", packetId });
        expect(watcher.takeAll()).toHaveLength(count);
      }
      expect(client.closeReason).toBeUndefined();
    }
    expect(world.broker.retainedCount).toBe(count);
  });
});

describe("what a PUBLISH of 5.0 counts", () => {
  it("is its payload, without topic and properties", () => {
    const world = new World();
    world.connect5("c").publish5("a/topic", "12345", { contentType: "text", topicAlias: 1 });
    expect(world.broker.counters).toMatchObject({ publishMessagesReceived: 1, publishBytesReceived: 5 });
  });
});

describe("a message for a group", () => {
  it("has RETAIN as its member asks", () => {
    const world = new World();
    for (const [name, retainAsPublished] of [
      ["kept", true],
      ["plain", false],
    ] as const) {
      const member = world.connect5(name);
      member.subscribe5({ filter: `$share/${name}/t`, qos: 0, retainAsPublished });
      for (const isRetain of [true, false]) world.connect("p").publish("t", "x", 0, isRetain);
      expect(member.takePublishes().map(({ isRetain }) => isRetain)).toEqual([retainAsPublished, false]);
    }
  });

  it("of QoS 0 with nobody there to take it is lost, and counted", () => {
    const world = new World();
    const member = world.connect5("m", { sessionExpiryS: 100 });
    member.subscribe("$share/g/t", 1);
    member.drop();
    const publisher = world.connect5("p");
    publisher.publish("t", "0", 0);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    publisher.publish("t", "1", 1);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    expect(world.connect5("m", {}, { cleanSession: false }).takeTexts()).toEqual(["t=1"]);
  });
});

describe("a message that its member leaves behind", () => {
  it("goes to another, even the only one, and comes with the identifier of the subscription", () => {
    const world = new World();
    const [first, second] = ["a", "b"].map(name => world.connect5(name, { sessionExpiryS: 100 }));
    first.subscribe5({ filter: "$share/g/t", qos: 1 }, { subscriptionIds: [1] });
    world.connect("p").publish("t", "x", 1);
    expect(first.takePublishes()).toMatchObject([{ packetId: 1, properties: { subscriptionIds: [1] } }]);
    second.subscribe5({ filter: "$share/g/t", qos: 1 }, { subscriptionIds: [2] });
    first.drop();
    expect(second.takePublishes()).toMatchObject([{ isDup: false, properties: { subscriptionIds: [2] } }]);
    expect(world.connect5("a", {}, { cleanSession: false }).takeAll()).toEqual([]);
  });
});

describe("what comes from a client", () => {
  it("is counted for limits on its rate", () => {
    const client = new World().connect("c");
    expect(client.connection.publishCount).toBe(0);
    for (const qos of [0, 1, 2] as const) client.publish("t", "x", qos);
    expect(client.connection.publishCount).toBe(3);
  });

  it("has no properties of another's that came before it", () => {
    const world = new World();
    const watcher = world.connect5("w");
    watcher.subscribe("t");
    world.connect5("five").publish5("t", "1", { contentType: "x", messageExpiryS: 9 });
    world.connect("old").publish("t", "2");
    expect(watcher.takePublishes().map(({ properties }) => properties)).toEqual([
      { contentType: "x", messageExpiryS: 9 },
      {},
    ]);
  });
});
