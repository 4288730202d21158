/** Filters and topics (4.7): the tree against the definition, and what a session gets. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Qos } from "../../host/broker/codec/control.ts";
import { Session } from "../../host/broker/session.ts";
import { plainGrant, Subscriptions } from "../../host/broker/subscriptions.ts";
import { topicOf } from "../../host/broker/topics.ts";
import { World } from "./endpoint.ts";
import { matches } from "./matching.ts";

/** The standard's own examples (4.7.1.2, 4.7.1.3, 4.7.2). */
const EXAMPLES: [filter: string, topic: string, isMatch: boolean][] = [
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "a/b/c", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["#", "$SYS/x", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["$SYS/#", "$SYS/monitor", true],
  ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
  ["ACCOUNTS", "Accounts", false],
  ["a//b", "a//b", true],
  ["a/+/b", "a//b", true],
];

describe("matching", () => {
  it.each(EXAMPLES)("%s and %s: %s", (filter, topic, isMatch) => {
    expect(matches(filter, topic)).toBe(isMatch);
    const subscriptions = new Subscriptions();
    subscriptions.add(filter, new Session("c", true), plainGrant(0));
    expect(subscriptions.match(topicOf(topic))).toHaveLength(isMatch ? 1 : 0);
    const world = new World();
    world.connect("p").publish(topic, "x", 0, true);
    const client = world.connect("c");
    client.subscribe(filter);
    // $SYS belongs to the broker, so that nothing was retained there.
    expect(client.takeAll()).toHaveLength(isMatch && !topic.startsWith("$SYS") ? 1 : 0);
  });

  const level = fc.constantFrom("a", "b", "", "$x");
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map(levels => levels.join("/"));
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, isOpen]) => (isOpen ? [...levels, "#"] : levels).join("/"));
  const step = fc.record({ filter, session: fc.nat(3), qos: fc.constantFrom<Qos>(0, 1, 2), isAdding: fc.boolean() });

  it("agrees with the definition after any adding and removing, each session once at its highest QoS", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(topic, { minLength: 1, maxLength: 8 }),
        (steps, topics) => {
          const subscriptions = new Subscriptions();
          const sessions = Array.from({ length: 4 }, (_, index) => new Session(`s${index}`, true));
          const model = sessions.map(() => new Map<string, Qos>());
          // The same topics throughout, so that a remembered match would show.
          const known = topics.map(topicOf);
          for (const { filter, session, qos, isAdding } of steps) {
            if (isAdding) {
              subscriptions.add(filter, sessions[session], plainGrant(qos));
              model[session].set(filter, qos);
            } else {
              subscriptions.remove(filter, sessions[session]);
              model[session].delete(filter);
            }
            for (const topic of known) {
              const expected = model.flatMap((filters, index) => {
                const granted = [...filters].filter(([filter]) => matches(filter, topic.text)).map(([, qos]) => qos);
                return granted.length > 0 ? [[`s${index}`, Math.max(...granted)]] : [];
              });
              const found = subscriptions.match(topic).map(({ session, qos }) => [session?.clientId, qos]);
              expect(found.sort()).toEqual(expected.sort());
            }
          }
          expect(subscriptions.count).toBe(model.reduce((sum, filters) => sum + filters.size, 0));
          for (const [index, filters] of model.entries()) {
            for (const filter of filters.keys()) subscriptions.remove(filter, sessions[index]);
          }
          expect(subscriptions.count).toBe(0);
        },
      ),
      { seed: 47, numRuns: 150 },
    );
  });

  it("costs what the depth and the matches cost, not what there are of subscriptions", () => {
    const subscriptions = new Subscriptions();
    for (let index = 0; index < 100_000; index++)
      subscriptions.add(`fleet/${index}/#`, new Session(`s${index}`, true), plainGrant(0));
    let visits = 0;
    const topic = topicOf("fleet/777/temperature");
    Object.defineProperty(topic, "levels", {
      value: new Proxy(topic.levels, {
        get: (levels, key) => {
          if (/^\d+$/.test(String(key))) visits++;
          return Reflect.get(levels, key);
        },
      }),
    });
    expect(subscriptions.match(topic).map(({ session }) => session?.clientId)).toEqual(["s777"]);
    expect(visits).toBeLessThan(10);
  });
});

describe("a client's subscriptions", () => {
  it("that overlap bring a message once, at the highest QoS of them [MQTT-3.3.5-1]", () => {
    const world = new World();
    const client = world.connect("c");
    for (const [filter, qos] of [
      ["a/#", 0],
      ["a/+", 2],
      ["a/b", 1],
    ] as const)
      client.subscribe(filter, qos);
    const publisher = world.connect("p");
    publisher.send({ type: "PUBREL", packetId: publisher.publish("a/b", "x", 2) });
    expect(client.takePublishes()).toMatchObject([{ topic: "a/b", qos: 2 }]);
  });

  it("are answered in one SUBACK, filter by filter, before their retained messages [MQTT-3.8.4-5]", () => {
    const world = new World();
    world.connect("p").publish("b", "kept", 0, true);
    const client = world.connect("c");
    client.send({
      type: "SUBSCRIBE",
      packetId: 99,
      subscriptions: [
        { filter: "a", qos: 2 },
        { filter: "b", qos: 0 },
        { filter: "c/#", qos: 1 },
      ],
    });
    expect(client.takeAll()).toMatchObject([
      { type: "SUBACK", packetId: 99, returnCodes: [2, 0, 1] },
      { type: "PUBLISH", topic: "b", isRetain: true },
    ]);
  });

  it("are replaced by the same filter [MQTT-3.8.4-3]", () => {
    const world = new World();
    const client = world.connect("c");
    client.subscribe("t", 2);
    client.subscribe("t", 0);
    world.connect("p").publish("t", "x", 1);
    expect(client.takePublishes()).toMatchObject([{ qos: 0 }]);
    expect(world.broker.subscriptionCount).toBe(1);
  });

  it("end with UNSUBSCRIBE, of exactly that filter [MQTT-3.10.4-1], answered in any case [MQTT-3.10.4-5]", () => {
    const world = new World();
    const client = world.connect("c");
    client.subscribe("a/+", 0);
    client.send({ type: "UNSUBSCRIBE", packetId: 5, filters: ["a/b", "a/#"] });
    const publisher = world.connect("p");
    publisher.publish("a/b", "1");
    client.send({ type: "UNSUBSCRIBE", packetId: 6, filters: ["a/+"] });
    publisher.publish("a/b", "2");
    expect(client.takeAll()).toMatchObject([
      { type: "UNSUBACK", packetId: 5 },
      { type: "PUBLISH", topic: "a/b" },
      { type: "UNSUBACK", packetId: 6 },
    ]);
    expect(world.broker.subscriptionCount).toBe(0);
  });

  it("bring the client its own messages too", () => {
    const client = new World().connect("c");
    client.subscribe("t");
    client.publish("t", "mine");
    expect(client.takeTexts()).toEqual(["t=mine"]);
  });

  it("may be 200 levels deep, and no deeper", () => {
    const world = new World();
    const client = world.connect("c");
    client.subscribe(Array(200).fill("+").join("/"), 0);
    client.publish(Array(200).fill("x").join("/"), "deep");
    expect(client.takePublishes()).toHaveLength(1);
    client.publish(Array(201).fill("x").join("/"), "deeper");
    expect(client.closeReason).toBe("[limit] a PUBLISH topic has 201 levels: 200 at most");
  });
});

describe("$SYS", () => {
  it("is published with mosquitto's names, retained, every interval, what has changed", () => {
    const world = new World({ sysIntervalMs: 10_000 });
    const client = world.connect("c", { keepAliveS: 0 });
    client.subscribe("$SYS/broker/#");
    const topics = client.takePublishes().map(({ topic, isRetain }) => (isRetain ? topic : `not retained: ${topic}`));
    expect(topics).toContain("$SYS/broker/version");
    expect(topics).toContain("$SYS/broker/retained messages/count");
    expect(topics).toContain("$SYS/broker/publish/messages/dropped");
    world.advance(9999);
    expect(client.takeAll()).toEqual([]);
    world.advance(1);
    const texts = client.takeTexts();
    expect(texts).toContain("$SYS/broker/uptime=10 seconds");
    expect(texts).toContain("$SYS/broker/clients/connected=1");
    expect(texts).toContain("$SYS/broker/subscriptions/count=1");
    expect(texts.some(text => text.startsWith("$SYS/broker/version"))).toBe(false);
  });

  it("cannot be written by a client, and the client is acknowledged", () => {
    const world = new World();
    const client = world.connect("c");
    client.subscribe("$SYS/#");
    client.publish("$SYS/broker/version", "forged", 1, true);
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK" }]);
    expect(world.broker.retainedCount).toBe(0);
  });

  it("leaves other '$' topics to the clients", () => {
    const client = new World().connect("c");
    client.subscribe("$site/#");
    client.publish("$site/a", "x");
    expect(client.takeTexts()).toEqual(["$site/a=x"]);
  });
});

describe("many filters of one client on one topic", () => {
  it("are found once, at a cost that grows with their number and not with its square", () => {
    const depth = 14;
    const subscriptions = new Subscriptions();
    const session = new Session("c", true);
    const count = 2 ** depth;
    for (let number = 0; number < count; number++) {
      const levels = Array.from({ length: depth }, (_, bit) => ((number >> bit) & 1 ? "+" : "a"));
      const grant = { qos: 1 as Qos, noLocal: false, retainAsPublished: number === 77, id: number + 1 };
      subscriptions.add(levels.join("/"), session, grant);
    }
    const [route, ...others] = subscriptions.match(topicOf(Array(depth).fill("a").join("/")));
    expect(others).toEqual([]);
    expect(route).toMatchObject({ qos: 1, isRetainAsPublished: true, hasNoLocal: false });
    expect(new Set(route.via?.subscriptionIds).size).toBe(count);
  });
});

describe("counters", () => {
  it("count packets, messages, bytes and clients", () => {
    const world = new World();
    const client = world.connect("c");
    client.subscribe("t", 1);
    client.publish("t", "12345", 1);
    client.send({ type: "PUBACK", packetId: 1 });
    client.sendBytes(Uint8Array.of(0xf0, 0));
    expect(world.broker.counters).toEqual({
      messagesReceived: 5,
      messagesSent: 4,
      publishMessagesReceived: 1,
      publishMessagesSent: 1,
      publishMessagesDropped: 0,
      publishMessagesExpired: 0,
      publishBytesReceived: 5,
      publishBytesSent: 5,
      bytesReceived: 15 + 8 + 12 + 4 + 2,
      bytesSent: 4 + 5 + 12 + 4,
      clientsConnected: 0,
      clientsMaximum: 1,
      sessionsExpired: 0,
      socketsOpened: 1,
      connectsReceived: 1,
      violations: 1,
    });
  });
});

describe("options", () => {
  it.each([
    [{ maxInflight: 0 }, "maxInflight is a whole number from 1 to 65535, not 0"],
    [{ maxInflight: 65_536 }, "maxInflight is a whole number from 1 to 65535, not 65536"],
    [{ maxQueued: 1.5 }, /^maxQueued is a whole number/],
    [{ sysIntervalMs: -1 }, /^sysIntervalMs is a whole number/],
    [{ maxPacketSize: Number.NaN }, /^maxPacketSize is a whole number/],
  ])("out of range: %j", (options, message) => {
    expect(() => new World(options)).toThrow(message);
  });

  it("maxPacketSize closes over a larger packet as soon as its length is known", () => {
    const world = new World({ maxPacketSize: 100 });
    const client = world.connect("c");
    client.sendBytes(Uint8Array.of(0x30, 98, 0, 1, 0x61, ...Array(95).fill(0)));
    expect(client.closeReason).toBeUndefined();
    client.sendBytes(Uint8Array.of(0x30, 99));
    expect(client.closeReason).toBe("[limit] a PUBLISH of 101 bytes is over the maximum of 100");
  });
});
