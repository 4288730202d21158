/** What waits for a client and its records: as long as it waits, and no longer; and what is refused while nothing can be written. */
import { describe, expect, it } from "vitest";
import { StoreError } from "../../../host/broker/index.ts";
import { connectPacket, World } from "../endpoint.ts";
import { connect, StoredWorld, subscribe } from "./stored-world.ts";

const recordCount = (site: StoredWorld): number => [...site.store.load()].length;

/** A client that is away with a subscription to "t", and how many records that alone is. */
function away(options = {}) {
  const site = new StoredWorld({ queuesQos0: true, ...options });
  const client = connect(site, "away");
  subscribe(site, client, "t", 1);
  client.drop();
  site.commit();
  return { site, publisher: site.world.connect5("p", {}, { keepAliveS: 0 }), bareCount: recordCount(site) };
}

describe("QoS 0 with storage", () => {
  it("waits for a client that is away, through a crash, and is forgotten once it was sent", () => {
    const { site, publisher, bareCount } = away();
    publisher.publish("t", "0", 0);
    publisher.publish("t", "1", 1);
    site.commit();
    expect(recordCount(site)).toBeGreaterThan(bareCount);
    site.crash();
    const back = connect(site, "away");
    expect(back.takePublishes()).toMatchObject([{ qos: 0 }, { qos: 1, isDup: false }]);
    site.commit();
    site.crash();
    const again = connect(site, "away");
    expect(again.takePublishes()).toMatchObject([{ qos: 1, isDup: true }]);
    again.send({ type: "PUBACK", packetId: 1 });
    site.commit();
    again.drop();
    site.commit();
    expect(recordCount(site)).toBe(bareCount);
  });

  it("is not written for a client that is there, even where its transport is congested", () => {
    const site = new StoredWorld();
    const client = connect(site, "c");
    subscribe(site, client, "r", 0);
    const publisher = site.world.connect("p");
    publisher.publish("r", "x", 0, true);
    site.commit();
    const bareCount = recordCount(site);
    site.broker.pause(client.connection);
    client.takeAll();
    client.send({ type: "SUBSCRIBE", packetId: 9, subscriptions: [{ filter: "r", qos: 0 }] });
    site.commit();
    expect(recordCount(site)).toBe(bareCount);
    site.broker.resume(client.connection, site.world.nowMs);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "SUBACK" }, { type: "PUBLISH", isRetain: true }]);
  });
});

describe("QoS 1 behind a full window", () => {
  it("is there after a crash, for a client that was connected too", () => {
    const site = new StoredWorld({ maxInflight: 1 });
    const client = connect(site, "c");
    subscribe(site, client, "t", 1);
    const publisher = connect(site, "p");
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    site.commit();
    site.crash();
    const back = connect(site, "c");
    expect(back.takeTexts()).toEqual(["t=1"]);
    back.send({ type: "PUBACK", packetId: 1 });
    site.commit();
    expect(back.takeTexts()).toEqual(["t=2"]);
  });
});

describe("what has expired", () => {
  it("leaves no record, in a full queue or when it would be sent", () => {
    const { site, publisher, bareCount } = away({ maxQueued: 2 });
    const publish = (text: string, messageExpiryS: number) => publisher.publish5("t", text, { messageExpiryS }, 1);
    publish("1", 1);
    publish("2", 1);
    site.commit();
    site.advance(1000);
    publish("3", 1);
    publish("4", 1);
    site.commit();
    expect(site.broker.counters.publishMessagesExpired).toBe(2);
    site.advance(1000);
    const back = connect(site, "away");
    expect(back.takeAll()).toEqual([]);
    back.drop();
    site.commit();
    expect(recordCount(site)).toBe(bareCount);
  });
});

describe("a smaller window after a restart", () => {
  it("keeps what must be sent again before what is new, also while a PUBREC has made room [MQTT-4.6.0-6]", () => {
    const site = new StoredWorld();
    const client = connect(site, "c");
    subscribe(site, client, "t", 2);
    const before = site.world.connect("p");
    for (const text of ["1", "2"]) before.send({ type: "PUBREL", packetId: before.publish("t", text, 2) });
    site.commit();
    expect(client.takeTexts()).toEqual(["t=1", "t=2"]);
    const world = new World({ maxInflightBytes: 1 });
    world.broker.restore(site.store.load(), 0, 0);
    const commit = () => {
      while (world.broker.pendingWrites() !== null) world.broker.written(0);
    };
    commit();
    const publisher = world.connect("p");
    const back = world.open();
    back.send(connectPacket("c", { cleanSession: false }));
    commit();
    expect(back.takeAll()).toMatchObject([{ type: "CONNACK" }, { type: "PUBLISH", packetId: 1, isDup: true }]);
    back.send({ type: "PUBREC", packetId: 1 });
    publisher.publish("t", "3", 1);
    commit();
    expect(back.takeAll()).toMatchObject([{ type: "PUBREL", packetId: 1 }]);
    back.send({ type: "PUBCOMP", packetId: 1 });
    commit();
    expect(back.takeAll()).toMatchObject([{ type: "PUBLISH", packetId: 2, isDup: true }]);
  });
});

describe("while nothing can be written", () => {
  it("a session that is not stored is let in, and QoS 0 goes on", () => {
    const site = new StoredWorld();
    const durable = connect(site, "d");
    site.store.isFull = true;
    site.world.expectsFault = true;
    durable.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "x", qos: 1 }] });
    expect(site.commit()).toBe(false);
    for (const [level, cleanSession, sessionExpiryS, returnCode] of [
      [4, true, 0, 0],
      [4, false, 0, 3],
      [5, false, 0, 0],
      [5, true, 1, 0x97],
      [5, false, 1, 0x97],
    ] as const) {
      const client = site.world.open(level);
      const properties = level === 5 ? { properties: { sessionExpiryS } } : {};
      client.send(connectPacket("c", { level, cleanSession, ...properties }));
      expect(client.take()).toMatchObject({ type: "CONNACK", returnCode });
      if (returnCode !== 0) expect(client.closeReason).toBe("[storage] sessions cannot be stored now");
    }
    for (const publisher of [site.world.connect("p"), site.world.connect5("q")]) {
      const subscriber = site.world.connect("s");
      subscriber.subscribe("t");
      publisher.publish("t", "x", 0);
      expect(subscriber.takeTexts()).toEqual(["t=x"]);
      expect(publisher.closeReason).toBeUndefined();
    }
  });
});

describe("a broker that is back", () => {
  it("counts from the host's clock of that moment", () => {
    const site = new StoredWorld();
    const client = site.world.open(5);
    client.send(connectPacket("c", { level: 5, properties: { sessionExpiryS: 10 } }));
    site.commit();
    client.drop();
    site.commit();
    site.crash(4000);
    expect(site.broker.nextTimeout()).toBe(site.world.nowMs + 6000);
  });

  it("has the QoS 2 messages that were received and not released, and passes them on at PUBREL", () => {
    const site = new StoredWorld();
    const publisher = connect(site, "p");
    publisher.publish("t", "x", 2);
    site.commit();
    expect(publisher.takeAll()).toMatchObject([{ type: "PUBREC", packetId: 1 }]);
    site.crash();
    const back = connect(site, "p");
    const subscriber = connect(site, "s");
    subscribe(site, subscriber, "t", 0);
    back.send({ type: "PUBREL", packetId: 1 });
    site.commit();
    expect(subscriber.takeTexts()).toEqual(["t=x"]);
  });

  it.each([
    ["two that have their lowest six bits in common", [1, 64, 65]],
    ["one alone", [64]],
  ])("knows each identifier that is in use, however many were when it was given: %s", (_what, kept) => {
    const site = new StoredWorld({ maxInflight: 100 });
    const client = connect(site, "c");
    subscribe(site, client, "t", 1);
    const publisher = site.world.connect("p");
    for (let index = 0; index < 70; index++) publisher.publish("t", String(index), 1);
    site.commit();
    for (const { packetId } of client.takePublishes()) {
      if (!kept.includes(packetId)) client.send({ type: "PUBACK", packetId });
    }
    site.commit();
    site.crash();
    const back = connect(site, "c");
    expect(back.takePublishes().map(({ packetId }) => packetId)).toEqual(kept);
    const again = connect(site, "p");
    for (let index = 0; index < 3; index++) again.publish("t", "next", 1);
    site.commit();
    const later = back.takePublishes().map(({ packetId }) => packetId);
    expect(later[0]).toBe((kept.at(-1) ?? 0) + 1);
    for (const packetId of [...kept, ...later]) back.send({ type: "PUBACK", packetId });
    site.commit();
    back.drop();
    expect(connect(site, "c").takeAll()).toEqual([]);
  });
});

describe("what is over", () => {
  it("is over after a crash: a subscription that was ended, and the bytes of a message that was released", () => {
    const site = new StoredWorld({ maxInflightBytes: 2 + 1 + 1 });
    const client = connect(site, "c");
    subscribe(site, client, "t", 2);
    subscribe(site, client, "u", 1);
    client.send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["u"] });
    const before = connect(site, "p");
    before.send({ type: "PUBREL", packetId: before.publish("t", "1", 2) });
    site.commit();
    client.send({ type: "PUBREC", packetId: 1 });
    site.commit();
    site.crash();
    expect(site.broker.subscriptionCount).toBe(1);
    const back = connect(site, "c");
    expect(back.takeAll()).toMatchObject([{ type: "PUBREL", packetId: 1 }]);
    back.send({ type: "PUBCOMP", packetId: 1 });
    const publisher = connect(site, "p");
    for (const text of ["2", "3"]) publisher.publish("t", text, 1);
    site.commit();
    expect(back.takeTexts()).toEqual(["t=2"]);
  });
});

describe("a store that is damaged", () => {
  it("is refused where two messages have one identifier", () => {
    const site = new StoredWorld();
    const client = connect(site, "c");
    subscribe(site, client, "t", 1);
    const publisher = connect(site, "p");
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    site.commit();
    for (const [key, record] of site.store.load()) {
      if ("packetId" in record) site.store.records.set(key, { ...record, packetId: 7 });
    }
    expect(() => site.crash()).toThrow(new StoreError("two messages have the same packet identifier"));
  });
});
