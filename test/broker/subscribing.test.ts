/** SUBSCRIBE and UNSUBSCRIBE of 5.0: options and identifiers (3.8.3.1, 3.8.2.1.2). */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

describe("No Local [MQTT-3.8.3-3]", () => {
  it("keeps from a client what it publishes, and nothing else", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe5({ filter: "t", qos: 0, noLocal: true });
    client.publish("t", "mine");
    world.connect5("other").publish("t", "theirs");
    client.publish("t", "mine again");
    expect(client.takeTexts()).toEqual(["t=theirs"]);
  });

  it("does not silence another subscription of the client that matches too", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe5({ filter: "t", qos: 0, noLocal: true }, { subscriptionIds: [1] });
    client.subscribe5({ filter: "+", qos: 0 }, { subscriptionIds: [2] });
    client.publish("t", "mine");
    world.connect5("other").publish("t", "theirs");
    expect(client.takePublishes().map(({ properties }) => properties?.subscriptionIds)).toEqual([[2], [1, 2]]);
  });

  it("leaves all that the others of the client ask for: the highest QoS, every identifier, RETAIN if one of them wants it", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe5({ filter: "a/b/c", qos: 2, noLocal: true }, { subscriptionIds: [1] });
    client.subscribe5({ filter: "a/#", qos: 0, retainAsPublished: true }, { subscriptionIds: [2] });
    client.subscribe5({ filter: "#", qos: 1 }, { subscriptionIds: [3] });
    client.subscribe5({ filter: "+/b/c", qos: 0 });
    client.subscribe5({ filter: "+/+/+", qos: 0, noLocal: true });
    client.publish("a/b/c", "mine", 1, true);
    client.publish("x/y/z", "mine", 1, true);
    const publishes = client.takeAll().flatMap(packet => (packet.type === "PUBLISH" ? [packet] : []));
    expect(publishes.map(({ qos, isRetain }) => [qos, isRetain])).toEqual([
      [1, true],
      [1, false],
    ]);
    expect(publishes.map(({ properties }) => [...(properties?.subscriptionIds ?? [])].sort())).toEqual([[2, 3], [3]]);
  });

  it("holds for what was retained, and for a will", () => {
    const world = new World();
    const will = { topic: "t", payload: Buffer.from("will"), qos: 1 as const, retain: false };
    const client = world.connect5("c", { sessionExpiryS: 100 }, { will });
    client.publish("t", "mine", 0, true);
    world.connect5("other").publish("u", "theirs", 0, true);
    client.subscribe5({ filter: "#", qos: 1, noLocal: true });
    expect(client.takeTexts()).toEqual(["u=theirs"]);
    client.drop();
    expect(world.connect5("c", {}, { cleanSession: false }).takeAll()).toEqual([]);
  });
});

describe("Retain As Published", () => {
  it("decides on RETAIN of what is forwarded [MQTT-3.3.1-12] [MQTT-3.3.1-13]", () => {
    const world = new World();
    const [plain, kept] = [world.connect5("a"), world.connect5("b")];
    plain.subscribe5({ filter: "t", qos: 0 });
    kept.subscribe5({ filter: "t", qos: 0, retainAsPublished: true });
    const publisher = world.connect("p");
    publisher.publish("t", "1", 0, true);
    publisher.publish("t", "2", 0, false);
    expect(plain.takePublishes().map(({ isRetain }) => isRetain)).toEqual([false, false]);
    expect(kept.takePublishes().map(({ isRetain }) => isRetain)).toEqual([true, false]);
  });
});

describe("Retain Handling", () => {
  it.each([
    [0, ["t=x", "t=x"]],
    [1, ["t=x"]],
    [2, []],
  ] as const)("%i [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11]", (retainHandling, expected) => {
    const world = new World();
    world.connect("p").publish("t", "x", 0, true);
    const client = world.connect5("c");
    for (let round = 0; round < 2; round++) client.subscribe5({ filter: "t", qos: 0, retainHandling });
    expect(client.takeTexts()).toEqual(expected);
  });
});

it("a shared subscription gets nothing that is retained (4.8.2), not even from a topic of its very name", () => {
  const world = new World();
  const publisher = world.connect5("p");
  publisher.publish("t", "kept", 0, true);
  publisher.publish("$share/g/t", "odd", 0, true);
  const client = world.connect5("c");
  client.subscribe5({ filter: "$share/g/t", qos: 0 });
  expect(client.takeTexts()).toEqual([]);
});

describe("subscription identifiers", () => {
  it("come with each message, all that match, once [MQTT-3.3.4-3] [MQTT-3.3.4-4] [MQTT-3.3.4-5]", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe5({ filter: "a/#", qos: 0 }, { subscriptionIds: [200] });
    client.subscribe5({ filter: "a/+", qos: 2 }, { subscriptionIds: [1] });
    client.subscribe5({ filter: "a/b", qos: 1 });
    client.subscribe5({ filter: "other", qos: 1 }, { subscriptionIds: [7] });
    world.connect("p").publish("a/b", "x", 1);
    const got = client.takePublishes();
    expect(got).toHaveLength(1);
    expect(got[0].qos).toBe(1);
    expect(got[0].properties?.subscriptionIds?.sort((a, b) => a - b)).toEqual([1, 200]);
  });

  it("are replaced with the subscription [MQTT-3.8.4-3], and come with retained messages and after a reconnect", () => {
    const world = new World();
    world.connect("p").publish("t", "x", 1, true);
    const client = world.connect5("c", { sessionExpiryS: 100 });
    client.subscribe5({ filter: "t", qos: 1 }, { subscriptionIds: [1] });
    client.subscribe5({ filter: "t", qos: 1 }, { subscriptionIds: [268_435_455] });
    expect(client.takePublishes().map(({ properties }) => properties?.subscriptionIds)).toEqual([[1], [268_435_455]]);
    client.drop();
    world.connect("p").publish("t", "y", 1);
    const back = world.connect5("c", {}, { cleanSession: false });
    expect(back.takePublishes().map(({ properties }) => properties?.subscriptionIds)).toEqual([
      [1],
      [268_435_455],
      [268_435_455],
    ]);
  });

  it("are not sent to 3.1.1, even if the session has them", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 100 });
    client.subscribe5({ filter: "t", qos: 1 }, { subscriptionIds: [1] });
    client.drop();
    const old = world.connectDurable("c");
    world.connect("p").publish("t", "x", 1);
    expect(old.takeTexts()).toEqual(["t=x"]);
  });
});

describe("UNSUBACK of 5.0", () => {
  it("has a code for each filter, in order [MQTT-3.11.3-1]", () => {
    const client = new World().connect5("c");
    client.subscribe("a");
    client.subscribe("$share/g/b");
    client.send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["x", "a", "b", "$share/g/b", "a"] });
    expect(client.takeAll()).toEqual([
      { type: "UNSUBACK", packetId: 9, returnCodes: [0x11, 0, 0x11, 0, 0x11], properties: {} },
    ]);
  });
});

describe("a server without wildcards (3.2.2.3.11)", () => {
  it.each([
    ["a/b", 1, 0],
    ["+", 0xa2, 0x80],
    ["#", 0xa2, 0x80],
    ["a/+/b", 0xa2, 0x80],
    ["a/#", 0xa2, 0x80],
  ])("grants '%s' or not: 0x%s, in 3.1.1 too", (filter, code, oldCode) => {
    const world = new World({ wildcardAvailable: false });
    expect(world.connect5("five").subscribe5({ filter, qos: 1 })).toBe(code);
    const old = world.connect("old");
    old.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter, qos: 1 }] });
    expect(old.takeAll()).toEqual([{ type: "SUBACK", packetId: 1, returnCodes: [code === 1 ? 1 : oldCode] }]);
  });

  it("says why for the first that it refuses, and grants the others", () => {
    const client = new World({ wildcardAvailable: false, sharedAvailable: false }).connect5("c");
    const subscriptions = ["a", "$share/g/a", "+", "b"].map(filter => ({ filter, qos: 0 as const }));
    client.send({ type: "SUBSCRIBE", packetId: 3, subscriptions });
    const reasonString = "[MQTT 3.2.2.3.13] subscriptions cannot be shared here";
    const returnCodes = [0, 0x9e, 0xa2, 0];
    expect(client.takeAll()).toEqual([{ type: "SUBACK", packetId: 3, returnCodes, properties: { reasonString } }]);
  });

  it("takes subscriptions without identifiers where it knows none (3.2.2.3.12)", () => {
    const world = new World({ subscriptionIdsAvailable: false, sharedAvailable: false });
    expect(world.connect5("c").subscribe5({ filter: "a/#", qos: 2 })).toBe(2);
  });
});

describe("retained messages of a subscription", () => {
  it("come with its identifier, and without one where it has none", () => {
    const world = new World();
    world.connect("p").publish("t", "x", 0, true);
    const client = world.connect5("c");
    client.subscribe5({ filter: "t", qos: 0 }, { subscriptionIds: [1] });
    client.subscribe5({ filter: "+", qos: 0 });
    expect(client.takePublishes().map(({ properties }) => properties?.subscriptionIds)).toEqual([[1], undefined]);
  });

  it("that are its own come as soon as the subscription is not No Local any more", () => {
    const world = new World();
    const client = world.connect5("c");
    client.publish("mine", "x", 0, true);
    client.subscribe5({ filter: "mine", qos: 0, noLocal: true });
    expect(client.takeAll()).toEqual([]);
    client.subscribe5({ filter: "mine", qos: 0, retainAsPublished: true });
    expect(client.takeTexts()).toEqual(["mine=x"]);
  });

  it("are not brought by a filter that was refused, nor twice by Retain Handling 1 in another packet", () => {
    const world = new World({ wildcardAvailable: false });
    world.connect("p").publish("t", "x", 0, true);
    const client = world.connect5("c");
    client.subscribe5({ filter: "#", qos: 0 });
    expect(client.takeAll()).toEqual([]);
    for (let round = 0; round < 2; round++) client.subscribe5({ filter: "t", qos: 0, retainHandling: 1 });
    expect(client.takeAll()).toHaveLength(1);
    client.send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["t"] });
    client.takeAll();
    client.subscribe5({ filter: "t", qos: 0, retainHandling: 1 });
    expect(client.takeAll()).toHaveLength(1);
  });
});

describe("a share of the wrong form [MQTT-4.8.2-1]", () => {
  it("ends a 5.0 connection, of SUBSCRIBE and of UNSUBSCRIBE, before anything of the packet counts", () => {
    for (const filter of ["$share//a", "$share/g"]) {
      const world = new World();
      const client = world.connect5("c");
      const subscriptions = ["ok", filter].map(each => ({ filter: each, qos: 0 as const }));
      client.send({ type: "SUBSCRIBE", packetId: 1, subscriptions });
      expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT" }]);
      expect(world.log.filter(line => line.startsWith("subscribe"))).toEqual([]);
      const other = world.connect5("d");
      other.send({ type: "UNSUBSCRIBE", packetId: 1, filters: [filter] });
      expect(other.takeAll()).toMatchObject([{ type: "DISCONNECT" }]);
      const old = world.connect("old");
      old.send({ type: "UNSUBSCRIBE", packetId: 1, filters: [filter] });
      expect(old.takeAll()).toMatchObject([{ type: "UNSUBACK" }]);
    }
  });
});
