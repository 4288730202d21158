/** What outlives a broker: records, in virtual time, with crashes at the test's command. */
import { describe, expect, it } from "vitest";
import { Broker, Entrance, StoreError } from "../../../host/broker/index.ts";
import { answerAll, connectPacket } from "../endpoint.ts";
import { connect, StoredWorld, subscribe } from "./stored-world.ts";

describe("after a crash", () => {
  it("there are sessions, subscriptions, and what waits, is in flight or is released", () => {
    const site = new StoredWorld({ maxInflight: 2 });
    const away = connect(site, "away");
    subscribe(site, away, "a/#", 2);
    const publisher = connect(site, "publisher");
    for (const text of ["1", "2", "3", "4"]) publisher.publish(`a/${text}`, text, text === "1" ? 1 : 2);
    site.commit();
    for (let packetId = 2; packetId <= 4; packetId++) publisher.send({ type: "PUBREL", packetId });
    site.commit();
    // In flight: 1 and 2. 2 is received: its PUBREL waits for PUBCOMP, and 3 may go.
    expect(away.takeTexts()).toEqual(["a/1=1", "a/2=2"]);
    away.send({ type: "PUBREC", packetId: 2 });
    site.commit();
    expect(away.takeAll()).toMatchObject([{ type: "PUBREL", packetId: 2 }]);
    site.crash(1000);
    expect(site.broker).toMatchObject({ sessionCount: 2, subscriptionCount: 1 });
    const back = connect(site, "away");
    expect(back.sessionPresent).toBe(true);
    expect(back.takeAll()).toMatchObject([
      { type: "PUBREL", packetId: 2 },
      { type: "PUBLISH", topic: "a/1", packetId: 1, qos: 1, isDup: true },
    ]);
    back.send({ type: "PUBCOMP", packetId: 2 }, { type: "PUBACK", packetId: 1 });
    site.commit();
    const rest = back.takeAll();
    expect(rest).toMatchObject([
      { topic: "a/3", isDup: false },
      { topic: "a/4", isDup: false },
    ]);
    // Once more, with nothing but the identifiers of those two in use.
    site.crash();
    expect(connect(site, "away").takeAll()).toMatchObject([
      { topic: "a/3", isDup: true },
      { topic: "a/4", isDup: true },
    ]);
  });

  it("nothing is left when everything is done", () => {
    const site = new StoredWorld();
    const client = connect(site, "c");
    subscribe(site, client, "#", 2);
    for (const qos of [1, 2, 1, 2] as const) {
      const packetId = client.publish("t", "x", qos);
      site.commit();
      if (qos === 2) client.send({ type: "PUBREL", packetId });
      site.commit();
      while (answerAll(client).length > 0 || client.received.length > 0) site.commit();
      site.commit();
      answerAll(client);
      site.commit();
    }
    expect([...site.store.records.keys()].map(key => key[0]).sort()).toEqual(["f", "s"]);
    client.send({ type: "UNSUBSCRIBE", packetId: 99, filters: ["#"] });
    site.commit();
    expect(site.store.records.size).toBe(1);
    client.disconnect();
    site.world.open().send(connectPacket("c"));
    site.commit();
    expect(site.store.records.size).toBe(0);
  });

  it("a QoS 2 message that was received is not received again, in either method", () => {
    for (const qos2Delivery of ["release", "publish"] as const) {
      const site = new StoredWorld({ qos2Delivery });
      const subscriber = connect(site, "s");
      subscribe(site, subscriber, "t", 1);
      const publisher = connect(site, "p");
      const packetId = publisher.publish("t", "once", 2);
      site.commit();
      expect(publisher.take()).toMatchObject({ type: "PUBREC" });
      site.crash();
      const again = connect(site, "p");
      again.send({
        type: "PUBLISH",
        topic: "t",
        payload: Buffer.from("once"),
        qos: 2,
        isDup: true,
        isRetain: false,
        packetId,
      });
      again.send({ type: "PUBREL", packetId });
      site.commit();
      expect(again.takeAll()).toMatchObject([{ type: "PUBREC" }, { type: "PUBCOMP" }]);
      expect(connect(site, "s").takeTexts()).toEqual(["t=once"]);
    }
  });

  it.each([true, false])("a session of 5.0 is there if its expiry says so, clean start %s or not", cleanSession => {
    const site = new StoredWorld();
    const connect5 = (clientId: string, sessionExpiryS: number, isFirst: boolean) => {
      const client = site.world.open(5);
      const start = { cleanSession: isFirst && cleanSession };
      client.send(connectPacket(clientId, { level: 5, properties: { sessionExpiryS }, ...start }));
      site.commit();
      return client;
    };
    for (const [clientId, expiryS] of [["lasting", 100] as const, ["passing", 0] as const]) {
      const client = connect5(clientId, expiryS, true);
      client.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: clientId, qos: 1 }] });
      site.commit();
      expect(client.takeAll()).toMatchObject([{ type: "CONNACK", sessionPresent: false }, { type: "SUBACK" }]);
    }
    site.crash();
    site.commit();
    expect(site.broker.sessionCount).toBe(1);
    site.world.connect("p").publish("lasting", "x", 1);
    site.commit();
    site.crash();
    expect(connect5("lasting", 100, false).takeAll()).toMatchObject([{ sessionPresent: true }, { topic: "lasting" }]);
    expect(connect5("passing", 0, false).takeAll()).toMatchObject([{ sessionPresent: false }]);
  });

  it("messages have their properties, and have aged", () => {
    const site = new StoredWorld();
    const away = site.world.open(5);
    away.send(connectPacket("away", { level: 5, properties: { sessionExpiryS: 100 }, cleanSession: false }));
    away.send({
      type: "SUBSCRIBE",
      packetId: 1,
      subscriptions: [{ filter: "#", qos: 1 }],
      properties: { subscriptionIds: [7] },
    });
    site.commit();
    away.drop();
    site.commit();
    const publisher = site.world.connect5("p");
    const userProperties: [string, string][] = [["k", "v"]];
    publisher.publish5("t", "long", { messageExpiryS: 60, userProperties, contentType: "text" }, 1);
    publisher.publish5("t", "short", { messageExpiryS: 20 }, 1);
    publisher.publish5("r", "kept", { messageExpiryS: 60 }, 1, true);
    publisher.publish5("r2", "gone", { messageExpiryS: 20 }, 1, true);
    site.commit();
    site.advance(10_000);
    site.crash(15_000);
    const back = site.world.open(5);
    back.send(connectPacket("away", { level: 5, properties: { sessionExpiryS: 100 }, cleanSession: false }));
    site.commit();
    expect(back.takeAll()).toMatchObject([
      { type: "CONNACK", sessionPresent: true },
      { topic: "t", properties: { messageExpiryS: 35, userProperties, contentType: "text", subscriptionIds: [7] } },
      { topic: "r", properties: { messageExpiryS: 35 } },
    ]);
    expect(site.broker.retainedCount).toBe(1);
  });

  it("sessions expire as if the broker had been there", () => {
    const site = new StoredWorld();
    const options = { level: 5 as const, properties: { sessionExpiryS: 100 }, cleanSession: false };
    for (const clientId of ["left", "there"]) site.world.open(5).send(connectPacket(clientId, options));
    site.commit();
    const left = site.world.open(5);
    left.send(connectPacket("left", options));
    left.drop();
    site.commit();
    site.advance(50_000);
    site.crash(49_000);
    expect(site.broker.sessionCount).toBe(2);
    site.advance(1000);
    // Whoever was connected lost the connection with the crash.
    expect(site.broker.sessionCount).toBe(1);
    site.advance(99_000);
    expect(site.broker.sessionCount).toBe(0);
    site.commit();
    expect(site.store.records.size).toBe(0);
    site.crash();
    expect(site.broker.sessionCount).toBe(0);
  });

  it("wills of those who were connected are published, each with its delay, once", () => {
    const site = new StoredWorld();
    const watcher = connect(site, "watcher");
    subscribe(site, watcher, "w/#", 1);
    const will = (topic: string, willDelayS = 0) => ({
      topic,
      payload: Buffer.from("gone"),
      qos: 1 as const,
      retain: false,
      properties: { willDelayS },
    });
    const five = { level: 5 as const, cleanSession: false, properties: { sessionExpiryS: 1000 } };
    const open = (clientId: string, options: object) => site.world.open(5).send(connectPacket(clientId, options));
    open("clean", { level: 5, properties: {}, will: will("w/clean", 30) });
    open("durable", { ...five, will: will("w/durable") });
    open("slow", { ...five, will: will("w/slow", 30) });
    site.commit();
    const polite = site.world.open(5);
    polite.send(connectPacket("polite", { ...five, will: will("w/polite") }), { type: "DISCONNECT" });
    const left = site.world.open(5);
    left.send(connectPacket("left", { ...five, will: will("w/left", 30) }));
    left.drop();
    site.commit();
    site.crash(10_000);
    expect(connect(site, "watcher").takeTexts()).toEqual(["w/durable=gone", "w/clean=gone"]);
    site.advance(20_000);
    site.commit();
    site.crash();
    expect(connect(site, "watcher").takeTexts()).toEqual(["w/durable=gone", "w/clean=gone", "w/left=gone"]);
    site.advance(10_000);
    site.commit();
    site.crash(100_000);
    expect(connect(site, "watcher").takeTexts().at(-1)).toBe("w/slow=gone");
  });

  it("a stop defers wills to the restart", () => {
    const site = new StoredWorld();
    const watcher = connect(site, "watcher");
    subscribe(site, watcher, "w/#", 1);
    const will = (topic: string) => ({ topic, payload: Buffer.from("gone"), qos: 1 as const, retain: true });
    connect(site, "durable", { will: will("w/durable") });
    connect(site, "clean", { cleanSession: true, will: will("w/clean") });
    site.restart(5000);
    expect(site.broker.retainedCount).toBe(2);
    expect(connect(site, "watcher").takeTexts()).toEqual(["w/clean=gone", "w/durable=gone"]);
    site.commit();
    site.crash();
    expect(site.broker.retainedCount).toBe(2);
  });

  it("groups go on sharing, and a session finds the entrance it came by", () => {
    const site = new StoredWorld();
    const entrance = new Entrance({ name: "1883", mountPoint: "m/" });
    const member = site.world.open(4, entrance);
    member.send(connectPacket("member", { cleanSession: false }));
    member.send({ type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "$share/g/t", qos: 1 }] });
    site.commit();
    member.drop();
    site.commit();
    const publisher = site.world.connect("p");
    for (const text of ["1", "2"]) publisher.publish("m/t", text, 1);
    site.commit();
    const broker = new Broker({ sysIntervalMs: 0 });
    broker.restore(site.store.load(), 0, 0, name => (name === "1883" ? entrance : undefined));
    site.crash();
    const other = connect(site, "other");
    subscribe(site, other, "$share/g/m/t", 1);
    const back = site.world.open(4, entrance);
    back.send(connectPacket("member", { cleanSession: false }));
    site.commit();
    expect(back.takeAll()).toMatchObject([
      { type: "CONNACK", sessionPresent: true },
      { topic: "t", packetId: 1 },
      { topic: "t", packetId: 2 },
    ]);
    // What is in flight goes to another member when its own leaves for good.
    back.drop();
    site.commit();
    expect(other.takeTexts()).toEqual(["m/t=1", "m/t=2"]);
    site.crash();
    expect(connect(site, "other").takeTexts()).toEqual(["m/t=1", "m/t=2"]);
  });

  it("records that do not fit together are refused", () => {
    const broker = new Broker();
    expect(() => broker.restore([["x1", { topic: "" } as never]], 0, 0)).toThrow(StoreError);
    const orphan = { order: 1, message: 1, qos: 1, isRetain: false, packetId: 0, isReleased: false } as never;
    expect(() => new Broker().restore([["d1.1", orphan]], 0, 0)).toThrow(
      "a record belongs to session 1, which is not there",
    );
  });
});
