/** What CONNECT and CONNACK of 5.0 agree on, and that both sides are held to it (3.1.2.11, 3.2.2.3, 4.9). */
import { describe, expect, it } from "vitest";
import type { Connect } from "../../host/broker/codec/connect.ts";
import type { Properties } from "../../host/broker/codec/properties.ts";
import type { BrokerOptions } from "../../host/broker/index.ts";
import { connectPacket, World } from "./endpoint.ts";

describe("CONNACK of 5.0", () => {
  it("says what the server offers, and leaves out what absence says", () => {
    expect(new World().connect5("c").properties).toEqual({ receiveMaximum: 1000, topicAliasMaximum: 10 });
    const world = new World({
      receiveMaximum: 0xffff,
      maxTopicAlias: 0,
      maxQos: 1,
      retainAvailable: false,
      maxPacketSize: 5000,
      wildcardAvailable: false,
      subscriptionIdsAvailable: false,
      sharedAvailable: false,
      maxKeepAliveS: 30,
      maxSessionExpiryS: 100,
    });
    expect(world.connect5("c", { sessionExpiryS: 1000 }).properties).toEqual({
      sessionExpiryS: 100,
      maximumQos: 1,
      retainAvailable: 0,
      maximumPacketSize: 5000,
      wildcardAvailable: 0,
      subscriptionIdsAvailable: 0,
      sharedAvailable: 0,
      serverKeepAliveS: 30,
    });
  });

  it("assigns an identifier and says which [MQTT-3.1.3-6] [MQTT-3.2.2-16], without a clean start too", () => {
    const client = new World({ assignClientId: () => "given" }).connect5("", {}, { cleanSession: false });
    expect(client.properties.assignedClientId).toBe("given");
  });

  it("gives response information only to those who ask [MQTT-3.1.2-28]", () => {
    const world = new World({ responseInformation: id => `answers/${id}` });
    expect(world.connect5("a").properties.responseInformation).toBeUndefined();
    expect(world.connect5("a", { requestResponseInformation: 0 }).properties.responseInformation).toBeUndefined();
    expect(world.connect5("a", { requestResponseInformation: 1 }).properties.responseInformation).toBe("answers/a");
    // A server without any says nothing (3.1.2.11.6).
    const { properties } = new World().connect5("a", { requestResponseInformation: 1 });
    expect(properties.responseInformation).toBeUndefined();
  });

  it("sets a keep-alive, which then holds [MQTT-3.1.2-22]", () => {
    const world = new World({ maxKeepAliveS: 10 });
    const client = world.connect5("c", {}, { keepAliveS: 0 });
    world.advance(15_000);
    expect(client.closeReason).toBeUndefined();
    world.advance(1);
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x8d }]);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.1\.2-22\] .* 10 s$/);
  });

  it.each<[BrokerOptions, Partial<Connect>, Properties]>([
    [{ receiveMaximum: 0xffff }, {}, {}],
    [{ receiveMaximum: 0xfffe }, {}, { receiveMaximum: 0xfffe }],
    [{ maxPacketSize: 268_435_460 }, {}, {}],
    [{ maxPacketSize: 268_435_459 }, {}, { maximumPacketSize: 268_435_459 }],
    [{ maxQos: 2 }, {}, {}],
    [{ maxQos: 1 }, {}, { maximumQos: 1 }],
    [{ maxQos: 0 }, {}, { maximumQos: 0 }],
    [{ maxTopicAlias: 1 }, {}, { topicAliasMaximum: 1 }],
    [{ maxKeepAliveS: 60 }, { keepAliveS: 60 }, {}],
    [{ maxKeepAliveS: 60 }, { keepAliveS: 61 }, { serverKeepAliveS: 60 }],
    [{ maxKeepAliveS: 60 }, { keepAliveS: 1 }, {}],
    [{ maxKeepAliveS: 60 }, { keepAliveS: 0 }, { serverKeepAliveS: 60 }],
    [{ maxKeepAliveS: 0xfffe }, { keepAliveS: 0 }, { serverKeepAliveS: 0xfffe }],
    [{ maxKeepAliveS: 0xffff }, { keepAliveS: 0 }, {}],
    [{ maxSessionExpiryS: 60 }, { properties: { sessionExpiryS: 60 } }, {}],
    [{ maxSessionExpiryS: 60 }, { properties: { sessionExpiryS: 61 } }, { sessionExpiryS: 60 }],
    [{ maxSessionExpiryS: 60 }, { properties: { sessionExpiryS: 0 } }, {}],
  ])("of %j to %j says %j", (options, connect, expected) => {
    const world = new World({ receiveMaximum: 0xffff, maxTopicAlias: 0, ...options });
    expect(world.connect5("c", connect.properties, connect).properties).toEqual(expected);
  });

  it("lets a password stand alone (3.1.2.9)", () => {
    const world = new World({
      allowAnonymous: false,
      authenticate: ({ password }) => (String(Buffer.from(password ?? [])) === "p" ? 0 : 4),
    });
    expect(world.connect5("c", {}, { password: Buffer.from("p") }).closeReason).toBeUndefined();
  });

  it.each([
    [3, 0x88],
    [4, 0x86],
    [5, 0x87],
  ] as const)("has a reason code where 3.1.1 has return code %i", (returnCode, reasonCode) => {
    const world = new World({ allowAnonymous: false, authenticate: () => returnCode });
    const client = world.open(5);
    client.send(connectPacket("c", { level: 5 }));
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: reasonCode, sessionPresent: false }]);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.1\.4-2\]/);
  });

  it("sends clients elsewhere when the server is full and there is another one (4.11)", () => {
    const refusalOf = (options: object) => {
      const world = new World({ maxConnections: 1, ...options });
      world.connect5("first");
      const client = world.open(5);
      client.send(connectPacket("second", { level: 5 }));
      return client.take();
    };
    expect(refusalOf({})).toMatchObject({ returnCode: 0x97 });
    expect(refusalOf({ serverReference: "b.example" })).toMatchObject({
      returnCode: 0x9c,
      properties: { serverReference: "b.example" },
    });
  });

  it("takes a will that can be, up to the highest QoS that there is", () => {
    for (const maxQos of [0, 1, 2] as const) {
      const will = { topic: "w", payload: Buffer.from("x"), qos: maxQos, retain: true };
      expect(new World({ maxQos }).connect5("c", {}, { will }).closeReason).toBeUndefined();
    }
  });

  it.each([
    [{ maxQos: 1 as const }, { qos: 2 as const, retain: false }, 0x9b, "[MQTT-3.2.2-12]"],
    [{ retainAvailable: false }, { qos: 0 as const, retain: true }, 0x9a, "[MQTT-3.2.2-13]"],
  ])("refuses a will that cannot be kept, %j", (options, will, reasonCode, rule) => {
    const client = new World(options).open(5);
    client.send(connectPacket("c", { level: 5, will: { topic: "w", payload: Buffer.from("x"), ...will } }));
    expect(client.take()).toMatchObject({ returnCode: reasonCode });
    expect(client.closeReason?.startsWith(rule)).toBe(true);
  });
});

describe("what the server does not offer", () => {
  it.each([
    [{ maxQos: 0 as const }, 1 as const, false, 0x9b],
    [{ retainAvailable: false }, 0 as const, true, 0x9a],
  ])("ends a connection that publishes so, %j", (options, qos, isRetain, reasonCode) => {
    const client = new World(options).connect5("c");
    client.publish("t", "x", qos, isRetain);
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode }]);
  });

  it.each([
    [{ wildcardAvailable: false }, "a/+", {}, 0xa2],
    [{ sharedAvailable: false }, "$share/g/a", {}, 0x9e],
    [{ subscriptionIdsAvailable: false }, "a", { subscriptionIds: [1] }, 0xa1],
  ])("is refused in SUBACK, %j", (options, filter, properties, code) => {
    const world = new World(options);
    expect(world.connect5("c").subscribe5({ filter, qos: 0 }, properties)).toBe(code);
    expect(world.broker.subscriptionCount).toBe(0);
  });

  it("grants no higher QoS than there is, and takes the SUBSCRIBE [MQTT-3.2.2-10]", () => {
    expect(new World({ maxQos: 1 }).connect5("c").subscribe5({ filter: "a", qos: 2 })).toBe(1);
  });
});

describe("Receive Maximum", () => {
  it("of the client is the window [MQTT-3.3.4-9]", () => {
    const world = new World();
    const client = world.connect5("c", { receiveMaximum: 2 });
    client.subscribe("t", 2);
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3", "4"]) publisher.publish("t", text, 1);
    expect(client.takeTexts()).toEqual(["t=1", "t=2"]);
    client.send({ type: "PUBACK", packetId: 1, reasonCode: 0x80 });
    expect(client.takeTexts()).toEqual(["t=3"]);
  });

  it("is kept by QoS 2 until PUBCOMP, or until a PUBREC that refuses", () => {
    const world = new World();
    const client = world.connect5("c", { receiveMaximum: 1 });
    client.subscribe("t", 2);
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3"]) publisher.send({ type: "PUBREL", packetId: publisher.publish("t", text, 2) });
    expect(client.takeTexts()).toEqual(["t=1"]);
    client.send({ type: "PUBREC", packetId: 1 });
    expect(client.takeAll()).toEqual([{ type: "PUBREL", packetId: 1, reasonCode: 0 }]);
    client.send({ type: "PUBCOMP", packetId: 1 });
    expect(client.takeTexts()).toEqual(["t=2"]);
    client.send({ type: "PUBREC", packetId: 2, reasonCode: 0x97 });
    expect(client.takeTexts()).toEqual(["t=3"]);
  });

  it("may be smaller when the client is back: the rest is sent again as room comes, in order, before anything new", () => {
    const world = new World();
    const durable = { sessionExpiryS: 100 };
    const client = world.connect5("c", durable);
    client.subscribe("t", 1);
    const publisher = world.connect("publisher");
    for (const text of ["1", "2", "3"]) publisher.publish("t", text, 1);
    expect(client.takePublishes()).toHaveLength(3);
    client.drop();
    publisher.publish("t", "4", 1);
    const back = world.connect5("c", { ...durable, receiveMaximum: 1 }, { cleanSession: false });
    for (const [packetId, text, isDup] of [
      [1, "1", true],
      [2, "2", true],
      [3, "3", true],
      [4, "4", false],
    ] as const) {
      expect(back.takePublishes()).toMatchObject([{ packetId, payload: new Uint8Array(Buffer.from(text)), isDup }]);
      back.send({ type: "PUBACK", packetId });
    }
  });

  it("of the server, exceeded, ends the connection with 0x93 [MQTT-3.3.4-7]", () => {
    const world = new World({ receiveMaximum: 2 });
    const client = world.connect5("c");
    const packetIds = [client.publish("t", "1", 2), client.publish("t", "2", 2)];
    client.send({ type: "PUBREL", packetId: packetIds[0] });
    client.publish("t", "3", 2);
    expect(client.closeReason).toBeUndefined();
    client.takeAll();
    client.publish("t", "4", 2);
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x93 }]);
  });
});

describe("Maximum Packet Size", () => {
  it("of the server, exceeded, ends the connection with 0x95", () => {
    const client = new World({ maxPacketSize: 100 }).connect5("c");
    client.publish("t", "x".repeat(100));
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x95 }]);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.2\.2-15\]/);
  });

  it.each([0, 1, 2] as const)("of the client: nothing larger is sent [MQTT-3.1.2-24], QoS %i", qos => {
    const world = new World();
    const client = world.connect5("c", { maximumPacketSize: 30, receiveMaximum: 1 });
    client.subscribe("t", qos);
    const publisher = world.connect("publisher");
    const headerSize = 2 + 3 + (qos > 0 ? 2 : 0) + 1;
    const publish = (text: string) => {
      const packetId = publisher.publish("t", text, qos);
      if (qos === 2) publisher.send({ type: "PUBREL", packetId });
    };
    publish("y".repeat(31 - headerSize));
    publish("x".repeat(30 - headerSize));
    // [MQTT-3.1.2-25] as if it had been delivered: it takes no place in the window.
    expect(client.takeTexts()).toEqual([`t=${"x".repeat(30 - headerSize)}`]);
    expect(world.broker.counters.publishMessagesDropped).toBe(1);
  });

  it("of the client leaves a reason string out", () => {
    const world = new World();
    const client = world.connect5("c", { maximumPacketSize: 20 });
    client.sendBytes(Uint8Array.of(0xc0, 1, 0));
    expect(client.takeAll()).toEqual([{ type: "DISCONNECT", reasonCode: 0x81 }]);
  });
});

describe("Request Problem Information", () => {
  it.each([
    [1, { reasonString: "packet identifier 9 not found" }],
    [0, undefined],
  ])("%i decides on reason strings [MQTT-3.1.2-29]", (requestProblemInformation, properties) => {
    const client = new World().connect5("c", { requestProblemInformation });
    client.send({ type: "PUBREL", packetId: 9 });
    const expected = { type: "PUBCOMP", packetId: 9, reasonCode: 0x92, ...(properties ? { properties } : {}) };
    expect(client.takeAll()).toEqual([expected]);
    // DISCONNECT may always have one.
    client.sendBytes(Uint8Array.of(0xc0, 1, 0));
    expect(client.takeAll()).toMatchObject([
      { properties: { reasonString: expect.stringMatching(/^\[MQTT 3\.12\.1\]/) } },
    ]);
  });
});

describe("a client's Maximum Packet Size", () => {
  it("holds for UNSUBACK [MQTT-3.1.2-24]", () => {
    const client = new World().connect5("c", { maximumPacketSize: 40 });
    const unsubscribe = (count: number) =>
      client.send({
        type: "UNSUBSCRIBE",
        packetId: 1,
        filters: Array.from({ length: count }, (_, index) => `f${index}`),
      });
    unsubscribe(35);
    expect(client.takeAll()).toMatchObject([{ type: "UNSUBACK", returnCodes: Array(35).fill(0x11) }]);
    unsubscribe(36);
    expect(client.takeAll()).toEqual([]);
    expect(client.closeReason).toBeUndefined();
  });
});
