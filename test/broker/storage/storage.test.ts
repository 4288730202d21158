/** What waits for the disk, and what happens when it is slow or full: in virtual time. */
import { describe, expect, it } from "vitest";
import { connectPacket } from "../endpoint.ts";
import { connect, StoredWorld, subscribe } from "./stored-world.ts";

describe("the barrier", () => {
  it("holds what depends on a change until it is written: CONNACK, SUBACK, PUBACK, PUBREC, PUBCOMP", () => {
    const site = new StoredWorld();
    const client = site.world.open();
    client.send(connectPacket("c", { cleanSession: false }));
    expect(client.takeAll()).toEqual([]);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK" }]);
    client.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "#", qos: 2 }] });
    expect(client.takeAll()).toEqual([]);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "SUBACK" }]);
    client.publish("t", "one", 1);
    expect(client.takeAll()).toEqual([]);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "PUBLISH" }, { type: "PUBACK" }]);
    const packetId = client.publish("t", "two", 2);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "PUBREC", packetId }]);
    client.send({ type: "PUBREL", packetId });
    expect(client.takeAll()).toEqual([]);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "PUBLISH" }, { type: "PUBCOMP", packetId }]);
  });

  it("does not hold what depends on nothing", () => {
    const site = new StoredWorld();
    const clean = site.world.connect("clean");
    clean.subscribe("t", 1);
    clean.publish("t", "x", 1);
    expect(clean.takeAll()).toMatchObject([{ type: "PUBLISH" }, { type: "PUBACK" }]);
    expect(site.broker.pendingWrites()).toBeNull();
  });

  it("keeps the order, and lets go of what was written and of nothing that came after", () => {
    const site = new StoredWorld();
    const client = connect(site, "c");
    client.publish("kept", "1", 1, true);
    const batch = site.broker.pendingWrites();
    client.publish("kept", "2", 1, true);
    client.send({ type: "PINGREQ" });
    expect(site.broker.pendingWrites()).toBeNull();
    expect(client.takeAll()).toEqual([]);
    site.store.writeNow(batch ?? new Map());
    site.broker.written(site.world.nowMs);
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK", packetId: 1 }]);
    site.commit();
    expect(client.takeAll()).toMatchObject([{ type: "PUBACK", packetId: 2 }, { type: "PINGRESP" }]);
  });
});

describe("a disk that is slow", () => {
  it("bounds what waits for a peer: QoS 0 is dropped, QoS 1 queues, and all goes on with the next commit", () => {
    const site = new StoredWorld({ maxInflight: 1000 });
    const subscriber = connect(site, "s");
    subscribe(site, subscriber, "t/#", 1);
    const publisher = site.world.connect("p");
    const text = "x".repeat(10_000);
    for (let index = 0; index < 300; index++) publisher.publish("t/1", text, 1);
    for (let index = 0; index < 50; index++) publisher.publish("t/0", text, 0);
    expect(subscriber.received).toEqual([]);
    expect(site.broker.counters.publishMessagesDropped).toBe(50);
    site.commit();
    const topics = subscriber.takePublishes().map(({ topic }) => topic);
    expect(topics).toEqual(Array(300).fill("t/1"));
    publisher.publish("t/0", "again", 0);
    site.commit();
    expect(subscriber.takeTexts()).toEqual(["t/0=again"]);
  });
});

describe("a store that cannot write", () => {
  it("ends whoever waits for it, and refuses until it works: never a message that is acknowledged and lost", () => {
    const site = new StoredWorld();
    const subscriber = connect(site, "s");
    subscribe(site, subscriber, "t", 1);
    const publisher = site.world.connect5("p");
    const old = site.world.connect("old");
    publisher.publish5("t", "1", {}, 1);
    site.commit();
    publisher.takeAll();
    site.store.isFull = true;
    site.world.expectsFault = true;
    publisher.publish5("t", "2", {}, 1);
    expect(site.commit()).toBe(false);
    expect(publisher.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x97 }]);
    expect([publisher.closeReason, subscriber.closeReason]).toEqual(Array(2).fill("[storage] no space left"));
    expect(old.closeReason).toBeUndefined();
    const five = site.world.connect5("p");
    five.publish5("t", "3", {}, 1);
    five.publish5("t", "3", {}, 2);
    five.publish5("t", "3", {}, 0);
    expect(five.takeAll()).toMatchObject([
      { type: "PUBACK", reasonCode: 0x97 },
      { type: "PUBREC", reasonCode: 0x97 },
    ]);
    old.publish("t", "3", 1);
    expect(old.takeAll()).toEqual([]);
    expect(old.closeReason).toBe("[storage] messages cannot be stored now");
    const durable = site.world.open();
    durable.send(connectPacket("d", { cleanSession: false }));
    expect(durable.take()).toMatchObject({ type: "CONNACK", returnCode: 3 });
    expect(site.commit()).toBe(false);
    site.store.isFull = false;
    expect(site.commit()).toBe(true);
    five.publish5("t", "4", {}, 1);
    site.commit();
    expect(five.takeAll()).toMatchObject([{ type: "PUBACK", reasonCode: 0 }]);
    site.crash();
    // 2 was never acknowledged: it may be there.
    expect(connect(site, "s").takeTexts()).toEqual(["t=1", "t=2", "t=4"]);
    expect(site.world.log.join("\n")).not.toContain("Storage failed");
  });
});

describe("retained messages in the store", () => {
  const keys = (site: StoredWorld) => [...site.store.records.keys()].filter(key => key.startsWith("r"));
  const kept = (site: StoredWorld) => {
    const client = site.world.connect("reader");
    client.subscribe("#");
    const texts = client.takeTexts();
    client.disconnect();
    return texts;
  };

  it("are one record a topic, which goes with the message: replaced, deleted, expired", () => {
    const site = new StoredWorld();
    const publisher = site.world.connect5("p", {}, { keepAliveS: 0 });
    for (const topic of ["a", "b", "c", "d/$SYS/"]) publisher.publish5(topic, "1", {}, 0, true);
    publisher.publish5("e", "1", { messageExpiryS: 5 }, 0, true);
    site.commit();
    const before = keys(site);
    expect(before).toHaveLength(5);
    publisher.publish5("a", "2", {}, 0, true);
    publisher.publish5("b", "", {}, 0, true);
    site.commit();
    expect(keys(site)).toEqual(before.filter(key => key !== before[1]));
    site.advance(5000);
    site.commit();
    expect(keys(site)).toEqual([before[0], before[2], before[3]]);
    site.crash();
    expect(kept(site)).toEqual(["a=2", "c=1", "d/$SYS/=1"]);
    // The numbers of loaded records are still known: each is replaced and deleted, and none is given again.
    const again = site.world.connect("p");
    again.publish("a", "", 0, true);
    again.publish("c", "3", 0, true);
    again.publish("new", "4", 0, true);
    site.commit();
    expect(keys(site)).toHaveLength(3);
    site.crash();
    expect(kept(site)).toEqual(["c=3", "d/$SYS/=1", "new=4"]);
  });

  it("come and go on a topic with others beneath, beside those of other topics", () => {
    const site = new StoredWorld();
    const publisher = site.world.connect("p");
    for (const [topic, text] of [
      ["first", "1"],
      ["a", "2"],
      ["a/b", "3"],
      ["a", ""],
      ["a", "4"],
    ]) {
      publisher.publish(topic, text, 0, true);
      site.commit();
    }
    expect(keys(site)).toHaveLength(3);
    site.crash();
    expect(kept(site).sort()).toEqual(["a/b=3", "a=4", "first=1"]);
  });

  it("that came and went between two batches are in neither, and $SYS is in none", () => {
    const site = new StoredWorld({ sysIntervalMs: 1000 });
    const publisher = site.world.connect("p", { keepAliveS: 0 });
    site.advance(3000);
    publisher.publish("a", "1", 0, true);
    publisher.publish("a", "", 0, true);
    expect(site.broker.pendingWrites()).toBeNull();
    publisher.publish("a", "2", 0, true);
    site.commit();
    expect(keys(site)).toHaveLength(1);
  });
});
