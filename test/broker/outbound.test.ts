/** The window towards a client at its edges, acknowledgements that refuse, and what is sent again (4.3, 4.4, 4.9). */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

/** What the message "x" to the topic "t" takes: the topic as it stands in a packet, and the payload. */
const SIZE = 2 + 1 + 1;

const back = (world: World) => world.connect5("c", {}, { cleanSession: false });

describe("the bytes of a window", () => {
  const inflight = (maxInflightBytes: number) => {
    const world = new World({ maxInflightBytes });
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 2);
    const publisher = world.connect("p");
    for (let index = 0; index < 6; index++) publisher.publish("t", "x", 1);
    return { world, client, publisher };
  };

  it.each([
    [1, 1],
    [SIZE, 1],
    [SIZE + 1, 2],
    [3 * SIZE, 3],
    [3 * SIZE + 1, 4],
  ])("%i let %i messages go, the last of which may cross them", (maxInflightBytes, count) => {
    const { world, client } = inflight(maxInflightBytes);
    expect(client.takePublishes().map(({ packetId }) => packetId)).toEqual([1, 2, 3, 4, 5, 6].slice(0, count));
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.takePublishes()).toMatchObject([{ packetId: count + 1 }]);
    // The same again for a client that is back: what it has not acknowledged first.
    client.drop();
    const again = back(world);
    const unacknowledged = Array.from({ length: count }, (_, index) => ({ packetId: index + 2, isDup: true }));
    expect(again.takePublishes()).toMatchObject(unacknowledged);
    again.send({ type: "PUBACK", packetId: 2 });
    expect(again.takePublishes()).toMatchObject([{ packetId: count + 2, isDup: false }]);
  });

  it.each([1, SIZE])("are free at PUBREC, while the place in the window is not: %i", maxInflightBytes => {
    const world = new World({ maxInflightBytes, maxInflight: 2 });
    const client = world.connect("c");
    client.subscribe("t", 2);
    const publisher = world.connect("p");
    for (let packetId = 1; packetId <= 3; packetId++) {
      publisher.publish("t", String(packetId), 2);
      publisher.send({ type: "PUBREL", packetId });
    }
    expect(client.takeTexts()).toEqual(["t=1"]);
    client.send({ type: "PUBREC", packetId: 1 });
    expect(client.takeAll()).toMatchObject([{ type: "PUBREL" }]);
    publisher.publish("t", "4", 1);
    client.send({ type: "PUBCOMP", packetId: 1 });
    expect(client.takeTexts()).toEqual(["t=2"]);
    client.send({ type: "PUBREC", packetId: 2 });
    client.takeAll();
    client.send({ type: "PUBCOMP", packetId: 2 });
    expect(client.takeTexts()).toEqual(["t=3"]);
  });
});

describe("what expires behind a full window", () => {
  it("is let go of there, up to the first that has not", () => {
    const world = new World({ maxInflight: 1 });
    const client = world.connect5("c", {}, { keepAliveS: 0 });
    client.subscribe("t", 1);
    const publisher = world.connect5("p", {}, { keepAliveS: 0 });
    publisher.publish("t", "1", 1);
    publisher.publish5("t", "2", { messageExpiryS: 1 }, 1);
    publisher.publish("t", "3", 1);
    publisher.publish5("t", "4", { messageExpiryS: 1 }, 1);
    publisher.publish("t", "5", 1);
    client.takeAll();
    world.advance(1000);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.takeTexts()).toEqual(["t=3"]);
    client.send({ type: "PUBACK", packetId: 2 });
    expect(client.takeTexts()).toEqual(["t=5"]);
    expect(world.broker.counters.publishMessagesExpired).toBe(2);
  });
});

describe("messages that are released", () => {
  it("keep their identifiers, however many they are", () => {
    const world = new World({ maxInflight: 300, qos2Delivery: "publish" });
    const client = world.connect("c");
    client.subscribe("t", 2);
    const publisher = world.connect("p");
    for (let index = 0; index < 300; index++) {
      publisher.publish("t", "", 2);
      client.send({ type: "PUBREC", packetId: index + 1 });
    }
    const ids = client.takeAll().flatMap(packet => (packet.type === "PUBREL" ? [packet.packetId] : []));
    expect(new Set(ids).size).toBe(300);
    for (const packetId of ids) client.send({ type: "PUBCOMP", packetId });
    // Each of them has left its place.
    for (let index = 0; index < 301; index++) publisher.publish("t", "", 2);
    const later = client.takePublishes().map(({ packetId }) => packetId);
    expect(later).toEqual(Array.from({ length: 300 }, (_, index) => 301 + index));
  });
});

describe("an acknowledgement of 5.0", () => {
  it("has no identifier 0, whatever follows it [MQTT-2.2.1-5]", () => {
    for (const rest of [[], [0xc0, 0]]) {
      const client = new World().connect5("c");
      client.sendBytes(Uint8Array.of(0x40, 2, 0, 0, ...rest));
      expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
      expect(client.closeReason).toBe("[MQTT-2.2.1-5] PUBACK has the packet identifier 0");
    }
  });

  it("may be longer than four bytes, and one of 3.1.1 may not", () => {
    const bytes = Uint8Array.of(0x40, 3, 0, 1, 0);
    const five = new World().connect5("c");
    five.sendBytes(bytes);
    expect(five.closeReason).toBeUndefined();
    const old = new World().connect("c");
    old.sendBytes(bytes);
    expect(old.closeReason).toBe("[MQTT 3.4.1] PUBACK has 2 bytes after its length, not 3");
  });
});

describe("acknowledgements of 5.0 that refuse", () => {
  it.each([
    [0x00, true],
    [0x10, true],
    [0x80, false],
  ])("PUBREC with 0x%s for nothing is answered: %s", (reasonCode, isAnswered) => {
    const client = new World().connect5("c");
    client.send({ type: "PUBREC", packetId: 9, reasonCode });
    const answer = { type: "PUBREL", packetId: 9, reasonCode: 0x92 };
    expect(client.takeAll()).toMatchObject(isAnswered ? [answer] : []);
    expect(client.closeReason).toBeUndefined();
  });

  it("PUBREC with 0x10 goes on to PUBREL", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe("t", 2);
    const publisher = world.connect("p");
    publisher.send({ type: "PUBREL", packetId: publisher.publish("t", "x", 2) });
    client.takeAll();
    client.send({ type: "PUBREC", packetId: 1, reasonCode: 0x10 });
    expect(client.takeAll()).toEqual([{ type: "PUBREL", packetId: 1, reasonCode: 0 }]);
    client.send({ type: "PUBACK", packetId: 1 });
    expect(client.closeReason).toBe("[MQTT-3.3.4-1] PUBACK answers the released QoS 2 PUBLISH 1");
  });
});

describe("what is sent again", () => {
  it("is left out where it has become too large for the client, and makes room [MQTT-3.1.2-25]", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 1);
    const publisher = world.connect("p");
    for (const text of ["x".repeat(100), "small"]) publisher.publish("t", text, 1);
    client.drop();
    const again = world.connect5("c", { maximumPacketSize: 50, receiveMaximum: 1 }, { cleanSession: false });
    expect(again.takeTexts()).toEqual(["t=small"]);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
    again.send({ type: "PUBACK", packetId: 2 });
    publisher.publish("t", "next", 1);
    expect(again.takePublishes()).toMatchObject([{ packetId: 3 }]);
  });

  it("waits for a transport that is congested, and what is new behind it", () => {
    const world = new World();
    const client = world.connectDurable("c");
    client.subscribe("t", 1);
    const publisher = world.connect("p");
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    client.drop();
    const again = world.open();
    world.broker.pause(again.connection);
    again.send({ type: "CONNECT", level: 4, cleanSession: false, keepAliveS: 0, clientId: "c" });
    publisher.publish("t", "3", 1);
    expect(again.takeAll()).toMatchObject([{ type: "CONNACK", sessionPresent: true }]);
    world.broker.resume(again.connection, world.nowMs);
    expect(again.takePublishes().map(({ packetId, isDup }) => [packetId, isDup])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
  });

  it("is not sent when its acknowledgement comes first, late, and nothing before it is left out", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 1);
    const publisher = world.connect("p");
    for (const text of ["1", "2", "3", "4"]) publisher.publish("t", text, 1);
    client.drop();
    const again = world.connect5("c", { receiveMaximum: 1 }, { cleanSession: false });
    expect(again.takePublishes()).toMatchObject([{ packetId: 1 }]);
    again.send({ type: "PUBACK", packetId: 3 });
    expect(again.takeAll()).toEqual([]);
    again.send({ type: "PUBACK", packetId: 1 });
    expect(again.takePublishes()).toMatchObject([{ packetId: 2 }]);
    again.send({ type: "PUBACK", packetId: 2 });
    expect(again.takePublishes()).toMatchObject([{ packetId: 4 }]);
  });

  it("is not sent when its PUBREC comes first, late", () => {
    const world = new World({ qos2Delivery: "publish" });
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 2);
    const publisher = world.connect("p");
    for (const text of ["1", "2", "3"]) publisher.publish("t", text, 2);
    client.drop();
    const again = world.connect5("c", { receiveMaximum: 1 }, { cleanSession: false });
    expect(again.takePublishes()).toMatchObject([{ packetId: 1 }]);
    again.send({ type: "PUBREC", packetId: 2 });
    expect(again.takeAll()).toMatchObject([{ type: "PUBREL", packetId: 2 }]);
    for (const packetId of [2, 1]) {
      if (packetId === 1) again.send({ type: "PUBREC", packetId });
      again.send({ type: "PUBCOMP", packetId });
    }
    expect(again.takeAll()).toMatchObject([
      { type: "PUBREL", packetId: 1 },
      { type: "PUBLISH", packetId: 3, isDup: true },
    ]);
  });

  it("goes on with each acknowledgement, to the last", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1000 });
    client.subscribe("t", 1);
    const publisher = world.connect("p");
    for (const text of ["1", "2", "3"]) publisher.publish("t", text, 1);
    client.drop();
    const again = world.connect5("c", { receiveMaximum: 1 }, { cleanSession: false });
    for (const packetId of [1, 2, 3]) {
      expect(again.takePublishes()).toMatchObject([{ packetId, isDup: true }]);
      again.send({ type: "PUBACK", packetId });
    }
    expect(again.takeAll()).toEqual([]);
  });
});
