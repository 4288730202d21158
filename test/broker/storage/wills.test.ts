/** Wills and their records: as long as they may still be due, and no longer (3.1.2.5). */
import { describe, expect, it } from "vitest";
import { connectPacket } from "../endpoint.ts";
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
