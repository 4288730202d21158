/** Messages of 5.0 on their way: properties that stay as they are, and expiry (3.3.2.3). */
import { describe, expect, it } from "vitest";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { World } from "./endpoint.ts";

describe("properties of a PUBLISH", () => {
  const properties = {
    payloadFormat: 1,
    contentType: "text/plain",
    responseTopic: "answers/1",
    correlationData: Uint8Array.of(0, 255, 7),
    userProperties: [
      ["z", "1"],
      ["a", "2"],
      ["z", "0"],
      ["", ""],
    ] as [string, string][],
  };

  it.each([0, 1, 2] as const)("go on unaltered, user properties in order [MQTT-3.3.2-17], QoS %i", qos => {
    const world = new World();
    const subscriber = world.connect5("s");
    subscriber.subscribe("t", qos);
    const publisher = world.connect5("p");
    const packetId = publisher.publish5("t", "x", { ...properties, topicAlias: 3 }, qos);
    if (qos === 2) publisher.send({ type: "PUBREL", packetId });
    const [{ properties: got }] = subscriber.takePublishes();
    expect(got).toEqual(properties);
  });

  it("are those of their PUBLISH and of no other, of the same client or of another", () => {
    const world = new World();
    const watcher = world.connect5("watcher", {}, { keepAliveS: 0 });
    watcher.subscribe("#", 1);
    const [client, other] = [world.connect5("c"), world.connect5("o")];
    client.publish5("first", "1", { topicAlias: 10, messageExpiryS: 5, contentType: "text" }, 1);
    client.publish5("second", "2", {});
    client.publish5("", "3", { topicAlias: 10 });
    other.publish5("third", "4", {}, 1);
    client.publish5("", "5", { topicAlias: 10, contentType: "text" });
    client.publish5("fourth", "6", { payloadFormat: 1 });
    expect(watcher.takePublishes().map(({ topic, properties }) => [topic, properties])).toEqual([
      ["first", { messageExpiryS: 5, contentType: "text" }],
      ["second", {}],
      ["first", {}],
      ["third", {}],
      ["first", { contentType: "text" }],
      ["fourth", { payloadFormat: 1 }],
    ]);
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK" }]);
    client.publish5("", "neither", {});
    expect(client.closeReason).toMatch(/^\[MQTT 3\.3\.2\.1\]/);
  });

  it("keep the order in which the publisher wrote them", () => {
    const world = new World();
    const subscriber = world.connect5("s");
    subscriber.subscribe("t");
    const sizeBefore = subscriber.sendSizes.length;
    const user = [0x26, 0, 1, 0x6b, 0, 1, 0x76];
    // User property, expiry, content type, alias, user property, payload format.
    const list = [...user, 2, 0, 0, 0, 9, 3, 0, 1, 0x74, 0x23, 0, 1, ...user, 1, 1];
    const sent: number[][] = [];
    const raw = world.broker.connect(0, { send: bytes => sent.push([...bytes]), close: () => {} });
    world.broker.receive(raw, Uint8Array.of(0x10, 14, 0, 4, 0x4d, 0x51, 0x54, 0x54, 5, 2, 0, 0, 0, 0, 1, 0x72), 0);
    world.broker.receive(raw, Uint8Array.of(0x82, 7, 0, 1, 0, 0, 1, 0x74, 0), 0);
    sent.length = 0;
    world.broker.receive(raw, Uint8Array.of(0x30, 3 + 1 + list.length + 1, 0, 1, 0x74, list.length, ...list, 0x78), 0);
    const forwarded = [2, 0, 0, 0, 9, ...user, 3, 0, 1, 0x74, ...user, 1, 1];
    expect(sent).toEqual([[0x30, 3 + 1 + forwarded.length + 1, 0, 1, 0x74, forwarded.length, ...forwarded, 0x78]]);
    expect(subscriber.sendSizes.length).toBe(sizeBefore + 1);
  });

  it("survive queue, retained store and reconnection; 3.1.1 subscribers get the message without", () => {
    const world = new World();
    const away = world.connect5("away", { sessionExpiryS: 100 });
    away.subscribe("t", 1);
    away.drop();
    const old = world.connect("old");
    old.subscribe("t", 1);
    world.connect5("p").publish5("t", "x", properties, 1, true);
    expect(old.takePublishes()).toEqual([
      {
        type: "PUBLISH",
        topic: "t",
        payload: new Uint8Array([0x78]),
        qos: 1,
        isDup: false,
        isRetain: false,
        packetId: 1,
      },
    ]);
    const late = world.connect5("late");
    late.subscribe("t", 0);
    expect(late.takePublishes()).toMatchObject([{ properties, isRetain: true }]);
    expect(world.connect5("away", {}, { cleanSession: false }).takePublishes()).toMatchObject([{ properties }]);
  });

  it("of a large message are sent once, before it", () => {
    const world = new World();
    const subscriber = world.connect5("s", { topicAliasMaximum: 1 });
    subscriber.subscribe("large");
    const text = "x".repeat(70_000);
    for (let round = 0; round < 2; round++) world.connect5("p").publish5("large", text, properties);
    const got = subscriber.takePublishes();
    expect(got.map(({ topic, payload }) => [topic, payload.length])).toEqual([
      ["large", 70_000],
      ["", 70_000],
    ]);
    expect(got[1].properties).toEqual({ ...properties, topicAlias: 1 });
  });
});

describe("message expiry", () => {
  it("is counted down while the message waits [MQTT-3.3.2-6], and ends it [MQTT-3.3.2-5]", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 1);
    client.drop();
    const publisher = world.connect5("p", {}, { keepAliveS: 0 });
    publisher.publish5("t", "short", { messageExpiryS: 10 }, 1);
    publisher.publish5("t", "long", { messageExpiryS: 20 }, 1);
    publisher.publish5("t", "ever", {}, 1);
    world.advance(10_000);
    const got = world.connect5("c", {}, { cleanSession: false }).takePublishes();
    expect(got.map(({ payload, properties }) => [Buffer.from(payload).toString(), properties])).toEqual([
      ["long", { messageExpiryS: 10 }],
      ["ever", {}],
    ]);
    expect(world.broker.counters.publishMessagesExpired).toBe(1);
  });

  it("ends a message at its millisecond, behind a full window and for 3.1.1 clients too", () => {
    const world = new World({ maxInflight: 1 });
    const client = world.connect("c", { keepAliveS: 0 });
    client.subscribe("t", 1);
    const publisher = world.connect5("p", {}, { keepAliveS: 0 });
    publisher.publish5("t", "1", { messageExpiryS: 1 }, 1);
    publisher.publish5("t", "2", { messageExpiryS: 1 }, 1);
    publisher.publish5("t", "3", { messageExpiryS: 2 }, 1);
    expect(client.takeTexts()).toEqual(["t=1"]);
    world.advance(1000);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.takeTexts()).toEqual(["t=3"]);
  });

  it("does not touch what was sent before: it is sent again", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 1);
    world.connect5("p").publish5("t", "x", { messageExpiryS: 5 }, 1);
    client.drop();
    world.advance(60_000);
    const again = world.connect5("c", {}, { cleanSession: false }).takePublishes();
    expect(again).toMatchObject([{ isDup: true, packetId: 1, properties: { messageExpiryS: 0 } }]);
  });

  it("ends a retained message, unless another has replaced it", () => {
    const world = new World();
    const publisher = world.connect5("p", {}, { keepAliveS: 0 });
    publisher.publish5("a", "1", { messageExpiryS: 10 }, 0, true);
    publisher.publish5("b", "1", { messageExpiryS: 10 }, 0, true);
    publisher.publish5("b", "2", {}, 0, true);
    world.advance(4_000);
    const early = world.connect5("early");
    early.subscribe("#");
    expect(early.takePublishes().map(({ topic, properties }) => [topic, properties])).toEqual([
      ["a", { messageExpiryS: 6 }],
      ["b", {}],
    ]);
    world.advance(6_000);
    expect(world.broker.retainedCount).toBe(1);
    // Also for a host that has not moved the clock.
    publisher.publish5("c", "1", { messageExpiryS: 1 }, 0, true);
    world.nowMs += 1000;
    const late = world.connect5("late");
    late.subscribe("#");
    expect(late.takeTexts()).toEqual(["b=2"]);
  });

  it("of 0 is delivered at once or not at all", () => {
    const world = new World();
    const here = world.connect5("here");
    here.subscribe("t", 1);
    const away = world.connect5("away", { sessionExpiryS: 100 });
    away.subscribe("t", 1);
    away.drop();
    world.connect5("p").publish5("t", "x", { messageExpiryS: 0 }, 1);
    expect(here.takeTexts()).toEqual(["t=x"]);
    expect(world.connect5("away", {}, { cleanSession: false }).takeAll()).toEqual([]);
  });
});

describe("acknowledgements of 5.0", () => {
  it("are the four bytes of 3.1.1 when there is nothing to say", () => {
    expect([...encodePacket({ type: "PUBACK", packetId: 7 }, 5)]).toEqual([0x40, 2, 0, 7]);
  });

  it("say 0x10 when nobody is subscribed, at QoS 1 and 2", () => {
    const world = new World();
    const client = world.connect5("c");
    client.publish("t", "x", 1);
    client.publish("t", "x", 2);
    world.connect("s").subscribe("t");
    client.publish("t", "x", 1);
    client.publish("t", "x", 2);
    expect(client.takeAll()).toEqual([
      { type: "PUBACK", packetId: 1, reasonCode: 0x10 },
      { type: "PUBREC", packetId: 2, reasonCode: 0x10 },
      { type: "PUBACK", packetId: 3, reasonCode: 0 },
      { type: "PUBREC", packetId: 4, reasonCode: 0 },
    ]);
  });

  it("say 0x87 for a topic that is the server's", () => {
    const client = new World().connect5("c");
    client.publish("$SYS/x", "x", 1);
    client.publish("$SYS/x", "x", 2);
    expect(client.takeAll()).toMatchObject([{ reasonCode: 0x87 }, { type: "PUBREC", reasonCode: 0x87 }]);
  });

  it("say 0x92 for an identifier that is not known, and 3.1.1 clients are just answered", () => {
    const world = new World();
    const client = world.connect5("c");
    client.send({ type: "PUBREL", packetId: 5 }, { type: "PUBREC", packetId: 6 });
    expect(client.takeAll()).toMatchObject([
      { type: "PUBCOMP", packetId: 5, reasonCode: 0x92 },
      { type: "PUBREL", packetId: 6, reasonCode: 0x92 },
    ]);
    const old = world.connect("old");
    old.send({ type: "PUBREL", packetId: 5 });
    old.publish("t", "x", 1);
    expect(old.takeAll()).toEqual([
      { type: "PUBCOMP", packetId: 5 },
      { type: "PUBACK", packetId: 1 },
    ]);
  });

  it("of the wrong kind end the connection with 0x82 [MQTT-3.3.4-1]", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe("t", 1);
    world.connect("p").publish("t", "x", 1);
    client.takeAll();
    client.send({ type: "PUBREC", packetId: 1 });
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
  });

  it("never bring a PUBLISH again on the same connection [MQTT-4.4.0-1]", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 100 }, { keepAliveS: 0 });
    client.subscribe("t", 1);
    world.connect("p").publish("t", "x", 1);
    expect(client.takeAll()).toHaveLength(1);
    world.advance(1e9);
    expect(client.takeAll()).toEqual([]);
  });
});

describe("a full queue", () => {
  it("lets go of what has expired, and of nothing else", () => {
    const world = new World({ maxQueued: 2 });
    const away = world.connect5("away", { sessionExpiryS: 1000 });
    away.subscribe("t", 1);
    away.drop();
    const publisher = world.connect5("p");
    publisher.publish5("t", "lasting", { messageExpiryS: 500 }, 1);
    publisher.publish5("t", "old", { messageExpiryS: 1 }, 1);
    publisher.publish5("t", "too early", {}, 1);
    world.advance(2000);
    publisher.publish5("t", "new", {}, 1);
    publisher.publish5("t", "too many", {}, 1);
    expect(world.broker.counters).toMatchObject({ publishMessagesExpired: 1, publishMessagesDropped: 2 });
    const back = world.connect5("away", {}, { cleanSession: false });
    expect(back.takeTexts()).toEqual(["t=lasting", "t=new"]);
  });
});
