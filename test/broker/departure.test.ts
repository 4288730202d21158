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

  it("may not be begun by DISCONNECT, be it for a second (3.14.2.2.2)", () => {
    const world = new World();
    const none = world.connect5("none", { sessionExpiryS: 0 });
    none.send({ type: "DISCONNECT", properties: { sessionExpiryS: 1 } });
    expect(none.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
    const short = world.connect5("short", { sessionExpiryS: 1 });
    short.send({ type: "DISCONNECT", properties: { sessionExpiryS: 5 } });
    expect(short.takeAll()).toEqual([]);
    expect(world.broker.sessionCount).toBe(1);
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
  it.each([1, 10])("comes after its delay of %i s", willDelayS => {
    const { world, watcher } = watched();
    world.connect5("c", { sessionExpiryS: 100 }, will({ willDelayS })).drop();
    world.advance(willDelayS * 1000 - 1);
    expect(watcher.takeAll()).toEqual([]);
    world.advance(1);
    // With no more properties than it had.
    expect(watcher.takePublishes()).toMatchObject([{ topic: "w", properties: {} }]);
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
    const { world: other, watcher } = watched();
    other.connect5("d", {}, will()).drop();
    expect(watcher.takePublishes().map(({ properties }) => properties)).toEqual([{}]);
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

describe("a DISCONNECT that a client may not send", () => {
  it.each([
    [
      "a reason of servers",
      { reasonCode: 0x8b },
      "[MQTT 3.14.2.1] only a server disconnects with server shutting down",
    ],
    [
      "a server reference",
      { properties: { serverReference: "x" } },
      "[MQTT 3.14.2.2.5] only a server sends a server reference",
    ],
    [
      "a session that had none",
      { properties: { sessionExpiryS: 5 } },
      "[MQTT 3.14.2.2.2] a session expiry interval of 5 s after one of 0 in CONNECT",
    ],
  ])("ends its connection all the same, with its will: %s", (_what, disconnect, reason) => {
    const { world, watcher } = watched();
    const client = world.connect5("c", {}, will());
    client.send({ type: "DISCONNECT", ...disconnect });
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
    expect(client.closeReason).toBe(reason);
    expect(watcher.takeTexts()).toEqual(["w=gone"]);
  });

  it("is not one with an interval of 0 after one of 0, or a longer one up to the server's", () => {
    const world = new World({ maxSessionExpiryS: 50 });
    const short = world.connect5("short");
    short.send({ type: "DISCONNECT", properties: { sessionExpiryS: 0 } });
    const long = world.connect5("long", { sessionExpiryS: 10 });
    long.send({ type: "DISCONNECT", properties: { sessionExpiryS: 60 } });
    expect([short, long].map(({ closeReason }) => closeReason)).toEqual(["disconnected", "disconnected"]);
    expect(world.broker.nextTimeout()).toBe(50_000);
  });
});

describe("what is due while a client is away", () => {
  it("comes each in its time, and the host is asked for no other", () => {
    const { world, watcher } = watched();
    world.connect5("a", { sessionExpiryS: 10 }, will({ willDelayS: 4 })).drop();
    world.connect5("b", { sessionExpiryS: 4 }).drop();
    world.connect5("ever", { sessionExpiryS: 0xffff_ffff }, will({ willDelayS: 7 })).drop();
    for (const [dueMs, willCount, sessionCount, expiredCount] of [
      [4000, 1, 3, 1],
      [7000, 1, 3, 1],
      [10_000, 0, 2, 2],
    ]) {
      expect(world.broker.nextTimeout()).toBe(dueMs);
      world.broker.advance(dueMs - 1);
      expect(watcher.takeAll()).toEqual([]);
      world.broker.advance(dueMs);
      expect(watcher.takePublishes()).toHaveLength(willCount);
      expect(world.broker.sessionCount).toBe(sessionCount);
      expect(world.broker.counters.sessionsExpired).toBe(expiredCount);
    }
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  it("is called off when it comes back, session and will", () => {
    const { world, watcher } = watched();
    world.connect5("c", { sessionExpiryS: 10 }, will({ willDelayS: 5 })).drop();
    world.connect5("c", { sessionExpiryS: 10 }, { cleanSession: false, keepAliveS: 0 });
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
    world.advance(20_000);
    expect(watcher.takeAll()).toEqual([]);
    expect(world.broker.sessionCount).toBe(2);
  });

  it("leaves no shared subscription behind when the session ends", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 1 });
    for (const filter of ["$share/g/t", "t/#", "$share/g/t/#"]) client.subscribe(filter);
    client.drop();
    expect(world.broker.subscriptionCount).toBe(3);
    world.advance(1000);
    expect(world.broker.subscriptionCount).toBe(0);
  });
});
