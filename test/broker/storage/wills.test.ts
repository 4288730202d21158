/** Records of wills and of shared messages: as long as they may still be due, and no longer (3.1.2.5, 4.8.2). */
import { describe, expect, it } from "vitest";
import { Entrance } from "../../../host/broker/index.ts";
import { connectPacket, World } from "../endpoint.ts";
import { connect, StoredWorld, subscribe } from "./stored-world.ts";

const recordCount = (site: StoredWorld): number => [...site.store.load()].length;

describe("a will with storage", () => {
  const will = (willDelayS = 0) => ({
    topic: "w",
    payload: Buffer.from("gone"),
    qos: 1 as const,
    retain: false,
    properties: { willDelayS },
  });

  it.each(["DISCONNECT", "a break", "a stop"])("of a session that is not stored has a record until %s", end => {
    const site = new StoredWorld();
    const clients = ["a", "b"].map(name => {
      const client = site.world.open(5);
      client.send(connectPacket(name, { level: 5, properties: {}, will: will() }));
      site.commit();
      return client;
    });
    expect(recordCount(site)).toBe(2);
    const watcher = connect(site, "w");
    subscribe(site, watcher, "w", 1);
    site.world.connect("bystander").drop();
    if (end === "DISCONNECT") clients[0].disconnect();
    else if (end === "a break") clients[0].drop();
    site.commit();
    const texts = end === "a break" ? ["w=gone"] : [];
    expect(watcher.takeTexts()).toEqual(texts);
    if (end === "a stop") site.restart();
    else site.crash();
    // Of b, and of a if the stop was its end: its connection broke with the broker.
    const rest = end === "a stop" ? ["w=gone", "w=gone"] : ["w=gone"];
    expect(connect(site, "w").takeTexts()).toEqual([...texts, ...rest]);
    site.commit();
    site.crash();
    expect(connect(site, "w").takeAll()).toHaveLength(texts.length + rest.length);
  });

  it("without a delay is due as soon as the broker is back", () => {
    const site = new StoredWorld();
    const watcher = connect(site, "w");
    subscribe(site, watcher, "w", 1);
    connect(site, "c", { will: { topic: "w", payload: Buffer.from("gone"), qos: 1, retain: false } });
    site.restart();
    expect(connect(site, "w").takeTexts()).toEqual(["w=gone"]);
  });

  it("waits for its delay from the moment of a stop", () => {
    const site = new StoredWorld();
    const watcher = connect(site, "w");
    subscribe(site, watcher, "w", 1);
    const client = site.world.open(5);
    client.send(connectPacket("c", { level: 5, properties: { sessionExpiryS: 100 }, will: will(10) }));
    site.commit();
    site.restart(4000);
    site.advance(5999);
    expect(connect(site, "w").takeAll()).toEqual([]);
    site.advance(1);
    site.commit();
    site.crash();
    expect(connect(site, "w").takeTexts()).toEqual(["w=gone"]);
  });
});

describe("the entrance of a client that is stored", () => {
  it("is found again by its name: its will goes out below its mount point", () => {
    const site = new StoredWorld();
    const entrance = new Entrance({ name: "1883", mountPoint: "m/" });
    const client = site.world.open(4, entrance);
    const will = { topic: "w", payload: Buffer.from("gone"), qos: 0 as const, retain: true };
    client.send(connectPacket("c", { will }));
    site.commit();
    const asked: string[] = [];
    const world = new World();
    world.broker.restore(site.store.load(), 0, 0, name => {
      asked.push(name);
      return name === "1883" ? entrance : undefined;
    });
    expect(asked).toEqual(["1883"]);
    while (world.broker.pendingWrites() !== null) world.broker.written(0);
    const watcher = world.connect("watcher");
    watcher.subscribe("m/#");
    expect(watcher.takeTexts()).toEqual(["m/w=gone"]);
  });
});

describe("what waited for a member of a group and went to another", () => {
  it("is not there again after a crash", () => {
    const site = new StoredWorld({ maxInflight: 1 });
    const [first, second] = ["a", "b"].map(name => connect(site, name));
    subscribe(site, first, "$share/g/t", 1);
    const publisher = connect(site, "p");
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    site.commit();
    expect(first.takeTexts()).toEqual(["t=1"]);
    subscribe(site, second, "$share/g/t", 1);
    first.drop();
    const got: string[] = [];
    for (let packetId = 1; packetId <= 2; packetId++) {
      site.commit();
      got.push(...second.takeTexts());
      second.send({ type: "PUBACK", packetId });
    }
    expect(got).toEqual(["t=1", "t=2"]);
    site.commit();
    site.crash();
    expect(["a", "b"].map(name => connect(site, name).takeAll())).toEqual([[], []]);
  });
});
