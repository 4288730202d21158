/** How connections of 5.0 end, and what ends later: sessions that expire and wills that are delayed (3.1.2.5, 3.14, 4.1). */
import { describe, expect, it } from "vitest";
import type { Properties } from "../../host/broker/codec/properties.ts";
import { World } from "./endpoint.ts";

const will = (properties: Properties = {}) => ({
  will: { topic: "w", payload: Buffer.from("gone"), qos: 1 as const, retain: false, properties },
});

function watched() {
  const world = new World();
  const watcher = world.connect5("watcher", {}, { keepAliveS: 0 });
  watcher.subscribe("w", 1);
  return { world, watcher };
}

describe("a session [MQTT-3.1.2-23]", () => {
  it("lasts as long as its expiry interval, to the millisecond", () => {
    for (const [waitMs, isPresent] of [
      [9_999, true],
      [10_000, false],
    ] as const) {
      const world = new World();
      const client = world.connect5("c", { sessionExpiryS: 10 });
      client.subscribe("t", 1);
      client.disconnect();
      world.advance(waitMs);
      expect(world.broker.sessionCount).toBe(isPresent ? 1 : 0);
      expect(world.broker.subscriptionCount).toBe(isPresent ? 1 : 0);
      expect(world.connect5("c", {}, { cleanSession: false }).sessionPresent).toBe(isPresent);
    }
  });

  it("is over for a client that comes before the host has moved the clock", () => {
    const world = new World();
    world.connect5("c", { sessionExpiryS: 10 }).drop();
    world.nowMs += 10_000;
    expect(world.connect5("c", {}, { cleanSession: false }).sessionPresent).toBe(false);
  });

  it("of interval 0 ends with its connection, of 0xFFFFFFFF never", () => {
    const world = new World();
    world.connect5("short", {}, { cleanSession: false }).drop();
    world.connect5("long", { sessionExpiryS: 0xffff_ffff }).drop();
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
    world.advance(1e12);
    expect(world.broker.sessionCount).toBe(1);
  });

  it("begins anew with a clean start [MQTT-3.1.2-4] and goes on without [MQTT-3.1.2-5]", () => {
    const world = new World();
    world.connect5("c", { sessionExpiryS: 10 }).drop();
    world.advance(5000);
    const second = world.connect5("c", { sessionExpiryS: 10 }, { cleanSession: false });
    expect(second.sessionPresent).toBe(true);
    world.advance(20_000);
    second.drop();
    expect(world.connect5("c", { sessionExpiryS: 10 }, { cleanSession: true }).sessionPresent).toBe(false);
  });

  it("may be shortened or ended by DISCONNECT", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 100 });
    client.send({ type: "DISCONNECT", properties: { sessionExpiryS: 5 } });
    world.advance(4999);
    expect(world.broker.sessionCount).toBe(1);
    world.advance(1);
    expect(world.broker.sessionCount).toBe(0);
    world.connect5("d", { sessionExpiryS: 100 }).send({ type: "DISCONNECT", properties: { sessionExpiryS: 0 } });
    expect(world.broker.sessionCount).toBe(0);
  });

  it("is one for all versions", () => {
    const world = new World();
    const old = world.connectDurable("c");
    old.subscribe("t", 1);
    old.drop();
    world.connect5("p").publish("t", "x", 1);
    const back = world.connect5("c", { sessionExpiryS: 1 }, { cleanSession: false });
    expect(back.sessionPresent).toBe(true);
    expect(back.takeTexts()).toEqual(["t=x"]);
    back.drop();
    expect(world.connectDurable("c").sessionPresent).toBe(true);
  });
});

describe("a will of 5.0", () => {
  it("comes after its delay", () => {
    const { world, watcher } = watched();
    world.connect5("c", { sessionExpiryS: 100 }, will({ willDelayS: 10 })).drop();
    world.advance(9_999);
    expect(watcher.takeAll()).toEqual([]);
    world.advance(1);
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
    world.advance(1000_000);
    expect(watcher.takeAll()).toEqual([]);
  });

  it("comes when the session ends, if that is sooner", () => {
    const { world, watcher } = watched();
    world.connect5("c", { sessionExpiryS: 5 }, will({ willDelayS: 10 })).drop();
    world.advance(4_999);
    expect(watcher.takeAll()).toEqual([]);
    world.advance(1);
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
    world.connect5("d", {}, will({ willDelayS: 10 })).drop();
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
  });

  it("does not come when the client is back in time [MQTT-3.1.3-9]", () => {
    const { world, watcher } = watched();
    const options = { sessionExpiryS: 100 };
    world.connect5("c", options, will({ willDelayS: 10 })).drop();
    world.advance(9_999);
    const back = world.connect5("c", options, { cleanSession: false });
    world.advance(50_000);
    expect(watcher.takeAll()).toEqual([]);
    // Nor when the client leaves again.
    back.disconnect();
    world.advance(50_000);
    expect(watcher.takeAll()).toEqual([]);
  });

  it("comes at once when a clean start ends the session it waits in", () => {
    const { world, watcher } = watched();
    world.connect5("c", { sessionExpiryS: 100 }, will({ willDelayS: 10 })).drop();
    world.connect5("c");
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
  });

  it("is cut short by a DISCONNECT that ends the session", () => {
    const { world, watcher } = watched();
    const client = world.connect5("c", { sessionExpiryS: 100 }, will({ willDelayS: 10 }));
    client.send({ type: "DISCONNECT", reasonCode: 0x04, properties: { sessionExpiryS: 0 } });
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
  });

  it.each([
    [0x00, 0],
    [0x04, 1],
    [0x80, 1],
  ])("after DISCONNECT with 0x%s: %i [MQTT-3.14.4-3]", (reasonCode, count) => {
    const { world, watcher } = watched();
    const client = world.connect5("c", {}, will());
    client.send({ type: "DISCONNECT", reasonCode });
    expect(watcher.takeAll()).toHaveLength(count);
    expect(client.takeAll()).toEqual([]);
  });

  it("is delivered with its properties, user properties in order [MQTT-3.1.3-10]; the delay is nobody's business", () => {
    const { world, watcher } = watched();
    const properties = {
      payloadFormat: 1,
      messageExpiryS: 60,
      contentType: "text/plain",
      responseTopic: "r",
      correlationData: Uint8Array.of(1, 2),
      userProperties: [
        ["b", "1"],
        ["a", "2"],
        ["b", "0"],
      ] as [string, string][],
    };
    world.connect5("c", { sessionExpiryS: 100 }, will({ ...properties, willDelayS: 5 })).drop();
    world.advance(5000);
    expect(watcher.takePublishes()).toMatchObject([{ properties }]);
  });

  it("goes to 3.1.1 clients as well", () => {
    const world = new World();
    const old = world.connect("old");
    old.subscribe("w", 1);
    world.connect5("c", {}, will({ contentType: "x" })).drop();
    expect(old.takeTexts()).toEqual(["w=gone"]);
  });
});

describe("the server's DISCONNECT", () => {
  it("says 0x8E when the identifier connects again [MQTT-3.1.4-3]", () => {
    const world = new World();
    const first = world.connect5("c", { sessionExpiryS: 9 });
    expect(world.connect5("c", {}, { cleanSession: false }).sessionPresent).toBe(true);
    expect(first.takeAll()).toMatchObject([
      {
        type: "DISCONNECT",
        reasonCode: 0x8e,
        properties: { reasonString: "[MQTT-3.1.4-3] client 'c' has connected again" },
      },
    ]);
  });

  it("says 0x8B when the server stops, or where to go (4.11)", () => {
    const world = new World();
    const client = world.connect5("c");
    world.broker.close(world.nowMs);
    expect(client.takeAll()).toMatchObject([{ reasonCode: 0x8b }]);
    const moved = new World({ serverReference: "b.example" });
    const guest = moved.connect5("c");
    moved.broker.close(moved.nowMs);
    expect(guest.takeAll()).toMatchObject([{ reasonCode: 0x9c, properties: { serverReference: "b.example" } }]);
  });

  it("is not sent to a client of 3.1.1, nor before CONNACK [MQTT-3.14.0-1]", () => {
    const world = new World();
    const old = world.connect("c");
    const waiting = world.open(5);
    world.broker.close(world.nowMs);
    expect([old.takeAll(), waiting.takeAll()]).toEqual([[], []]);
  });
});
