/** What differs between listeners: access, limits, identifiers, mount points, and decisions that take their time. */
import { describe, expect, it } from "vitest";
import { encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { type Access, type Connection, Entrance, type Permissions, type Verdict } from "../../host/broker/index.ts";
import { connectPacket, World } from "./endpoint.ts";

/** Reads and writes below the user's own name; `admin` everything. */
function ownTopics(username: string | undefined): Permissions | null {
  if (username === "admin") return null;
  const mayUse = (topic: string) => topic.startsWith(`${username}/`);
  return { mayRead: mayUse, mayWrite: mayUse };
}

const byName: Access = {
  authenticate: () => 0,
  permissions: (_clientId, username) => ownTopics(username),
  clientIdPrefixes: [],
};

describe("permissions", () => {
  it("keep what may not be written from everyone, and say so in 5.0 only", () => {
    const world = new World();
    const entrance = new Entrance({ access: byName });
    const admin = world.connectAt(entrance, "a", { username: "admin" });
    admin.subscribe("#", 2);
    const old = world.connectAt(entrance, "o", { username: "ann" });
    old.publish("bob/1", "no", 1);
    old.publish("bob/1", "no", 2);
    expect(old.takeAll()).toMatchObject([{ type: "PUBACK" }, { type: "PUBREC" }]);
    old.publish("ann/1", "yes", 1);
    const five = world.connectAt(entrance, "f", { username: "ann", level: 5, properties: {} });
    five.publish5("bob/1", "no", {}, 1);
    five.publish5("bob/1", "no", {}, 2);
    const reasonString = "not allowed to write to 'bob/1'";
    expect(five.takeAll()).toMatchObject([
      { type: "PUBACK", reasonCode: 0x87, properties: { reasonString } },
      { type: "PUBREC", reasonCode: 0x87, properties: { reasonString } },
    ]);
    expect(admin.takeTexts()).toEqual(["ann/1=yes"]);
  });

  it("let everyone subscribe, and keep what may not be read at delivery, retained or not", () => {
    const world = new World();
    const entrance = new Entrance({ access: byName });
    const admin = world.connectAt(entrance, "a", { username: "admin" });
    admin.publish("bob/r", "secret", 0, true);
    admin.publish("ann/r", "mine", 0, true);
    const ann = world.connectAt(entrance, "ann", { username: "ann" });
    ann.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "#", qos: 1 }] });
    admin.publish("bob/1", "secret", 0);
    admin.publish("ann/1", "live", 0);
    expect(ann.take()).toMatchObject({ type: "SUBACK", returnCodes: [1] });
    expect(ann.takeTexts()).toEqual(["ann/r=mine", "ann/1=live"]);
  });

  it("hold for wills: one that may not be written is not published", () => {
    const world = new World();
    const entrance = new Entrance({ access: byName });
    const admin = world.connectAt(entrance, "a", { username: "admin" });
    admin.subscribe("#");
    for (const topic of ["bob/w", "ann/w"]) {
      const will = { topic, payload: Buffer.from("gone"), qos: 0 as const, retain: false };
      world.connectAt(entrance, topic, { username: "ann", will }).drop();
    }
    expect(admin.takeTexts()).toEqual(["ann/w=gone"]);
  });

  it("are asked for again after a review, which ends those who are not welcome", () => {
    const world = new World();
    const entrance = new Entrance({ access: byName });
    const ann = world.connectAt(entrance, "ann", { username: "ann" });
    ann.subscribe("#");
    const bob = world.connectAt(entrance, "bob", { username: "bob", level: 5, properties: {} });
    entrance.access = { ...byName, permissions: () => null };
    world.broker.review(world.nowMs, username => username !== "bob");
    expect(bob.take()).toMatchObject({ type: "DISCONNECT", reasonCode: 0x87 });
    expect(bob.closeReason).toBe("[access] not welcome any more");
    ann.publish("anything", "x");
    expect(ann.takeTexts()).toEqual(["anything=x"]);
  });
});

describe("an entrance", () => {
  it("has limits of its own", () => {
    const world = new World();
    const entrance = new Entrance({ maxConnections: 1, maxQos: 1, maxTopicAlias: 3 });
    const one = world.connectAt(entrance, "one", { level: 5, properties: {} });
    expect(one.properties).toMatchObject({ maximumQos: 1, topicAliasMaximum: 3 });
    expect(one.subscribe5({ filter: "t", qos: 2 })).toBe(1);
    const two = world.open(4, entrance);
    two.send(connectPacket("two"));
    expect(two.take()).toMatchObject({ returnCode: 3 });
    expect(two.closeReason).toBe("[limit] 1 clients are connected");
    // Another entrance has its own count, and the place is free again after the end.
    world.connect("three");
    one.disconnect();
    world.connectAt(entrance, "two");
  });

  it("decides about client identifiers", () => {
    const world = new World({ assignClientId: () => "auto-77" });
    const strict = new Entrance({
      allowsEmptyClientId: false,
      access: { ...byName, clientIdPrefixes: ["roof-", "field-"] },
    });
    for (const [clientId, returnCode] of [
      ["", 2],
      ["cellar-1", 5],
      ["1-roof-", 5],
      ["roof-1", 0],
      ["field-1", 0],
    ] as const) {
      const client = world.open(4, strict);
      client.send(connectPacket(clientId));
      expect(client.take()).toMatchObject({ type: "CONNACK", returnCode });
    }
    const single = world.open(4, new Entrance({ access: { ...byName, clientIdPrefixes: ["roof-"] } }));
    single.send(connectPacket("field-1"));
    expect(single.take()).toMatchObject({ returnCode: 5 });
    const named = new Entrance({ isUsernameClientId: true, autoIdPrefix: "x-" });
    const ann = world.connectAt(named, "ignored", { username: "ann" });
    expect(ann.connection.name).toBe("ann");
    const nobody = world.open(4, named);
    nobody.send(connectPacket("ignored"));
    expect(nobody.take()).toMatchObject({ returnCode: 4 });
    const prefixed = new Entrance({ autoIdPrefix: "site-" });
    expect(world.connectAt(prefixed, "", {}).connection.name).toBe("site-77");
  });

  it("mounts its clients' topics below a prefix", () => {
    const world = new World();
    const entrance = new Entrance({ mountPoint: "site/" });
    const inside = world.connectAt(entrance, "in", { level: 5, properties: { topicAliasMaximum: 4 } });
    const outside = world.connect("out");
    outside.subscribe("#");
    expect(inside.subscribe5({ filter: "a/+", qos: 1 })).toBe(1);
    expect(inside.subscribe5({ filter: "$share/g/b", qos: 1 })).toBe(1);
    inside.publish5("a/1", "from inside", {});
    outside.publish("site/b", "to the group");
    outside.publish("site/a/2", "from outside");
    outside.publish("a/3", "not mounted");
    expect(outside.takeTexts().slice(0, 2)).toEqual(["site/a/1=from inside", "site/b=to the group"]);
    expect(inside.takeTexts()).toEqual(["a/1=from inside", "b=to the group", "a/2=from outside"]);
    inside.send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["a/+"] });
    expect(inside.take()).toMatchObject({ type: "UNSUBACK", returnCodes: [0] });
    outside.publish("site/a/2", "late");
    expect(inside.takeAll()).toEqual([]);
  });

  it("refuses payloads over the limit without ending anything", () => {
    const world = new World({ maxPayloadSize: 4 });
    const five = world.connect5("five");
    five.publish5("t", "12345", {}, 1);
    five.publish5("t", "1234", {}, 1);
    expect(five.takeAll()).toMatchObject([{ reasonCode: 0x97 }, { reasonCode: 0x10 }]);
  });
});

describe("a mount point", () => {
  const entrance = new Entrance({ mountPoint: "site/" });

  it.each([
    ["a/b", "site/a/b"],
    ["#", "site/#"],
    ["$share/g/a", "$share/g/site/a"],
    ["$share/group/#", "$share/group/site/#"],
    ["a/$share/g/b", "site/a/$share/g/b"],
    ["$share/+/a", "site/$share/+/a"],
    ["$share/g", "site/$share/g"],
    ["$share//a", "site/$share//a"],
  ])("makes of the filter '%s' '%s'", (filter, mounted) => {
    expect(entrance.mountFilter(filter)).toBe(mounted);
    expect(new Entrance().mountFilter(filter)).toBe(filter);
  });

  it("is part of a topic, which has no more than 65,535 bytes [MQTT-1.5.4-2]", () => {
    const world = new World();
    const client = world.connectAt(entrance, "c");
    const longest = "x".repeat(0xffff - "site/".length);
    client.publish(longest, "");
    expect(client.closeReason).toBeUndefined();
    client.publish(`${longest}x`, "");
    expect(client.closeReason).toBe("[limit] the topic with its mount point is too long");
  });

  it("is not taken from a topic that has none: of a session that came in elsewhere before", () => {
    const world = new World();
    const before = world.connectDurable("c");
    before.subscribe("somewhere/else", 1);
    before.drop();
    world.connect("p").publish("somewhere/else", "x", 1);
    const back = world.open(4, entrance);
    back.send(connectPacket("c", { cleanSession: false }));
    expect(back.takeAll()).toMatchObject([{ type: "CONNACK" }, { type: "PUBLISH", topic: "somewhere/else" }]);
  });

  it("stands before the topic of a will, and before an alias", () => {
    const world = new World();
    const watcher = world.connect("w");
    watcher.subscribe("site/#");
    const will = { topic: "w", payload: Buffer.from("gone"), qos: 0 as const, retain: false, properties: {} };
    const client = world.connectAt(entrance, "c", { level: 5, properties: {}, will });
    client.publish5("t", "1", { topicAlias: 1 });
    client.publish5("", "2", { topicAlias: 1 });
    client.drop();
    expect(watcher.takeTexts()).toEqual(["site/t=1", "site/t=2", "site/w=gone"]);
  });
});

describe("a decision that comes later", () => {
  function waiting(verdict: (applicantId: string) => Verdict) {
    const asked: { connection: Connection; verdict: Verdict }[] = [];
    const world = new World({
      authenticate: ({ clientId, connection }) => {
        asked.push({ connection, verdict: verdict(clientId) });
        return "later";
      },
    });
    return { world, asked, decide: () => asked.splice(0).map(a => world.broker.decide(a.connection, a.verdict, 0)) };
  }

  it("keeps what the client has sent behind its CONNECT, and handles it then", () => {
    const { world, decide } = waiting(() => 0);
    const client = world.open();
    client.send(connectPacket("c", { username: "c" }), {
      type: "SUBSCRIBE",
      packetId: 1,
      subscriptions: [{ filter: "t", qos: 0 }],
    });
    client.publish("t", "behind");
    expect(client.takeAll()).toEqual([]);
    decide();
    expect(client.takeAll()).toMatchObject([
      { type: "CONNACK", returnCode: 0 },
      { type: "SUBACK" },
      { type: "PUBLISH", topic: "t" },
    ]);
  });

  it("has no use for the buffer that its bytes came in, which others have by then", () => {
    const { world, decide } = waiting(() => 0);
    const client = world.open();
    const subscribe: Packet = { type: "SUBSCRIBE", packetId: 7, subscriptions: [{ filter: "t", qos: 0 }] };
    const lent = Buffer.concat([encodePacket(connectPacket("c", { username: "c" })), encodePacket(subscribe)]);
    world.broker.receive(client.connection, lent, 0);
    lent.fill(0xff);
    decide();
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK" }, { type: "SUBACK", packetId: 7 }]);
  });

  it("may refuse, and comes to nothing when the client has gone or waited too long", () => {
    const { world, asked, decide } = waiting(() => 5);
    const client = world.open();
    client.send(connectPacket("c", { username: "c" }));
    decide();
    expect(client.take()).toMatchObject({ type: "CONNACK", returnCode: 5 });
    const gone = world.open();
    gone.send(connectPacket("g", { username: "g" }));
    gone.drop();
    const slow = world.open();
    slow.send(connectPacket("s", { username: "s" }));
    world.advance(60_001);
    expect(slow.closeReason).toContain("no CONNECT within");
    expect(asked).toHaveLength(2);
    decide();
    expect(world.broker.sessionCount).toBe(0);
  });
});
