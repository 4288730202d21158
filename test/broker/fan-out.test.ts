/** One message for many subscribers: what may be shared between them is, and nothing of one reaches another. */
import { describe, expect, it } from "vitest";
import type { Properties } from "../../host/broker/codec/properties.ts";
import { World } from "./endpoint.ts";

describe("a QoS 0 message to several clients of 5.0", () => {
  function fan(publish: Properties, isRetain = false) {
    const world = new World();
    const plain = world.connect5("plain");
    const also = world.connect5("also");
    const aliased = world.connect5("aliased", { topicAliasMaximum: 5 });
    const identified = world.connect5("identified");
    const small = world.connect5("small", { maximumPacketSize: 30 });
    const older = world.connect("older");
    for (const client of [plain, also, aliased, small]) client.subscribe5({ filter: "some/topic", qos: 0 });
    const asPublished = world.connect5("as-published");
    asPublished.subscribe5({ filter: "some/topic", qos: 0, retainAsPublished: true });
    identified.subscribe5({ filter: "some/topic", qos: 0 }, { subscriptionIds: [7] });
    older.subscribe("some/topic");
    const publisher = world.connect5("publisher");
    publisher.publish5("some/topic", "ten bytes!", publish, 0, isRetain);
    return { world, plain, also, aliased, identified, small, older, asPublished, publisher };
  }

  it("is the same packet for those without anything of their own", () => {
    const { plain, also, aliased, identified, asPublished, older } = fan({ contentType: "text" });
    const expected = { topic: "some/topic", payload: new Uint8Array(Buffer.from("ten bytes!")), isRetain: false };
    for (const client of [plain, also]) {
      expect(client.takePublishes()).toMatchObject([{ ...expected, properties: { contentType: "text" } }]);
    }
    expect(aliased.takePublishes()[0].properties).toEqual({ contentType: "text", topicAlias: 1 });
    expect(identified.takePublishes()[0].properties).toEqual({ contentType: "text", subscriptionIds: [7] });
    expect(asPublished.takePublishes()[0].properties).toEqual({ contentType: "text" });
    expect(older.takePublishes()).toMatchObject([expected]);
  });

  it("keeps RETAIN where a subscription asks for it, and nowhere else", () => {
    const { plain, asPublished } = fan({}, true);
    expect(plain.takePublishes()[0].isRetain).toBe(false);
    expect(asPublished.takePublishes()[0].isRetain).toBe(true);
  });

  it("is not sent to a client for which it is too large [MQTT-3.1.2-24]", () => {
    const short = fan({});
    expect(short.small.takePublishes()).toHaveLength(1);
    const long = fan({ contentType: "a content type" });
    expect(long.small.takePublishes()).toHaveLength(0);
    expect(long.plain.takePublishes()).toHaveLength(1);
  });

  it("carries the rest of its life at the moment it is sent [MQTT-3.3.2-6]", () => {
    const { world, plain, publisher } = fan({ messageExpiryS: 60 });
    expect(plain.takePublishes()[0].properties).toEqual({ messageExpiryS: 60 });
    world.advance(10_000);
    publisher.publish5("some/topic", "ten bytes!", { messageExpiryS: 5 });
    expect(plain.takePublishes()[0].properties).toEqual({ messageExpiryS: 5 });
  });

  it("of any size reaches all", () => {
    const { plain, also, publisher } = fan({});
    for (const client of [plain, also]) client.takeAll();
    const text = "x".repeat(40_000);
    publisher.publish5("some/topic", text, {});
    for (const client of [plain, also]) expect(client.takeTexts()).toEqual([`some/topic=${text}`]);
  });
});

describe("a client that takes only small packets", () => {
  it("is not let in without a CONNACK that it can take: it is told so, if it can take that", () => {
    const world = new World({ assignClientId: () => "a-rather-long-identifier" });
    const before = world.connect5("other");
    before.subscribe5({ filter: "#", qos: 0 });
    const client = world.open(5);
    const will = { topic: "t", payload: Buffer.from("gone"), qos: 0 as const, retain: false, properties: {} };
    const connect = {
      type: "CONNECT" as const,
      level: 5 as const,
      cleanSession: true,
      keepAliveS: 0,
      clientId: "",
      will,
    };
    client.send({ ...connect, properties: { maximumPacketSize: 20 } });
    expect(client.takeAll()).toEqual([{ type: "CONNACK", sessionPresent: false, returnCode: 0x95, properties: {} }]);
    expect(client.closeReason).toBe("[MQTT-3.1.2-24] CONNACK is larger than the client's maximum of 20 bytes");
    expect(world.broker.sessionCount).toBe(1);
    const smallest = world.open(5);
    smallest.send({ ...connect, properties: { maximumPacketSize: 4 } });
    expect(smallest.takeAll()).toEqual([]);
    expect(smallest.closeReason).toContain("MQTT-3.1.2-24");
    // Whoever was not let in leaves no will.
    expect(before.takeAll()).toEqual([]);
  });

  it("does not lose its session over it", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 100 }, { cleanSession: false });
    client.drop();
    const again = world.open(5);
    const connect = { type: "CONNECT" as const, level: 5 as const, cleanSession: true, keepAliveS: 0, clientId: "c" };
    again.send({ ...connect, properties: { maximumPacketSize: 6 } });
    expect(again.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0x95 }]);
    expect(world.broker.sessionCount).toBe(1);
  });
});
