/** CONNECT and the ends of a connection (3.1, 3.2, 3.14): who comes in, what an end leaves. */
import { describe, expect, it } from "vitest";
import type { Connect } from "../../host/broker/codec/connect.ts";
import { connectPacket, World } from "./endpoint.ts";

const accepted = (sessionPresent: boolean) => ({ type: "CONNACK", sessionPresent, returnCode: 0 });
const refused = (returnCode: number) => ({ type: "CONNACK", sessionPresent: false, returnCode });

/** What a new connection is answered, and why it was closed, if it was. */
function tryConnect(world: World, clientId: string, options: Partial<Connect> = {}) {
  const client = world.open();
  client.send(connectPacket(clientId, options));
  return { answers: client.takeAll(), reason: client.closeReason };
}

describe("CONNECT", () => {
  it("is accepted without a session [MQTT-3.2.2-1] [MQTT-3.2.2-3]", () => {
    expect(tryConnect(new World(), "a")).toEqual({ answers: [accepted(false)], reason: undefined });
  });

  it("of another level is answered with code 1, then closed [MQTT-3.1.2-2]", () => {
    const client = new World().open();
    client.sendBytes(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 6, 2, 0, 60, 0, 0, 0));
    expect(client.takeAll()).toEqual([refused(1)]);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.1\.2-2\]/);
  });

  it("of MQTT 3.1 is accepted, but not without an identifier", () => {
    const world = new World();
    expect(tryConnect(world, "old", { level: 3 }).answers).toEqual([accepted(false)]);
    expect(tryConnect(world, "", { level: 3 }).answers).toEqual([refused(2)]);
  });

  it("with an empty identifier needs a clean session, and gets one of its own [MQTT-3.1.3-6] [MQTT-3.1.3-8]", () => {
    const world = new World();
    expect(tryConnect(world, "").answers).toEqual([accepted(false)]);
    expect(tryConnect(world, "").answers).toEqual([accepted(false)]);
    expect(world.broker.sessionCount).toBe(2);
    expect(tryConnect(world, "", { cleanSession: false })).toEqual({
      answers: [refused(2)],
      reason: "[MQTT-3.1.3-8] an empty client identifier needs a clean session",
    });
  });

  it("may be followed by packets at once, which nothing reads after a refusal [MQTT-3.1.4-5]", () => {
    const world = new World({ users: new Map([["u", "p"]]) });
    const witness = world.connect("witness", { username: "u", password: Buffer.from("p") });
    witness.subscribe("t");
    const publish = { type: "PUBLISH", topic: "t", qos: 0, isDup: false, isRetain: false, packetId: 0 } as const;
    const good = world.open();
    good.send(connectPacket("good", { username: "u", password: Buffer.from("p") }), {
      ...publish,
      payload: Buffer.from("1"),
    });
    const bad = world.open();
    bad.send(connectPacket("bad"), { ...publish, payload: Buffer.from("2") });
    expect(bad.takeAll()).toEqual([refused(5)]);
    expect(witness.takeTexts()).toEqual(["t=1"]);
  });

  it("must come within the time-out", () => {
    const world = new World({ connectTimeoutMs: 5000 });
    const idle = world.open();
    const slow = world.open();
    slow.sendBytes(Uint8Array.of(0x10));
    world.advance(5000);
    expect(idle.closeReason).toBeUndefined();
    world.advance(1);
    expect([idle.closeReason, slow.closeReason]).toEqual(Array(2).fill("[limit] no CONNECT within 5000 ms"));
    expect(world.broker.connectionCount).toBe(0);
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });

  it("cannot make the broker keep more than the largest possible CONNECT", () => {
    const client = new World().open();
    client.sendBytes(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    expect(client.closeReason).toMatch(/^\[limit\] a CONNECT of 268435460 bytes is over the maximum of 327/);
  });

  it("over the limit of clients is answered with code 3, unless it takes its own place", () => {
    const world = new World({ maxConnections: 1 });
    expect(tryConnect(world, "a").answers).toEqual([accepted(false)]);
    expect(tryConnect(world, "b").answers).toEqual([refused(3)]);
    expect(tryConnect(world, "a").answers).toEqual([accepted(false)]);
  });
});

describe("user names and passwords", () => {
  const users = new Map([
    ["sensor", "secret"],
    ["empty", ""],
    ["zero", "\0"],
  ]);
  const given = (username: string, password?: string): Partial<Connect> =>
    password === undefined ? { username } : { username, password: Buffer.from(password) };

  it.each([
    ["the right password", given("sensor", "secret"), 0],
    ["a wrong password", given("sensor", "Secret"), 4],
    ["a longer password", given("sensor", "secretly"), 4],
    ["a shorter password", given("sensor", "secre"), 4],
    ["no password", given("sensor"), 4],
    ["an unknown user", given("nobody", "secret"), 4],
    ["an empty password, even if it is set", given("empty", ""), 4],
    ["no password, where it is a zero byte", given("zero"), 4],
    ["no user name", {}, 5],
  ])("%s", (_what, options, returnCode) => {
    const world = new World({ users });
    expect(tryConnect(world, "c", options).answers).toEqual([returnCode === 0 ? accepted(false) : refused(returnCode)]);
    expect(world.log.join("\n")).not.toMatch(/secret/i);
  });

  it("may be left out where that is allowed", () => {
    const open = new World({ users, allowAnonymous: true });
    expect(tryConnect(open, "c").answers).toEqual([accepted(false)]);
    expect(tryConnect(open, "c", given("sensor", "wrong")).answers).toEqual([refused(4)]);
    expect(tryConnect(new World(), "c", given("anyone", "x")).answers).toEqual([accepted(false)]);
    expect(tryConnect(new World({ allowAnonymous: false }), "c", given("anyone", "x")).answers).toEqual([refused(5)]);
  });

  it("can be checked by the host", () => {
    const asked: unknown[] = [];
    const world = new World({
      authenticate: credentials => {
        asked.push(credentials);
        return credentials.username === "root" ? 0 : 3;
      },
    });
    expect(tryConnect(world, "c", given("root", "x")).answers).toEqual([accepted(false)]);
    expect(tryConnect(world, "d", given("else")).answers).toEqual([refused(3)]);
    expect(asked).toMatchObject([
      { clientId: "c", username: "root", password: new Uint8Array(Buffer.from("x")), peer: "unknown" },
      { clientId: "d", username: "else", password: undefined, peer: "unknown" },
    ]);
  });
});

describe("takeover [MQTT-3.1.4-2]", () => {
  it("ends the connection before, publishes its will, and keeps a durable session", () => {
    const world = new World();
    const watcher = world.connect("watcher");
    watcher.subscribe("will", 0);
    const will = { topic: "will", payload: Buffer.from("gone"), qos: 0 as const, retain: false };
    const before = world.connectDurable("c", { will });
    before.subscribe("t", 1);
    const after = world.connectDurable("c");
    expect(before.closeReason).toBe("[MQTT-3.1.4-2] client 'c' has connected again");
    expect(after.sessionPresent).toBe(true);
    expect(watcher.takeTexts()).toEqual(["will=gone"]);
    // The old transport closes late and must not end the new connection.
    before.drop();
    watcher.publish("t", "still", 0);
    expect(after.takeTexts()).toEqual(["t=still"]);
    expect(world.broker.counters.clientsConnected).toBe(2);
  });

  it("of a clean session leaves nothing of it", () => {
    const world = new World();
    world.connect("c").subscribe("t");
    const after = world.connectDurable("c");
    expect(after.sessionPresent).toBe(false);
    expect(world.broker.subscriptionCount).toBe(0);
  });
});

describe("a will [MQTT-3.1.2-8]", () => {
  const will = { topic: "w", payload: Buffer.from("lost"), qos: 1 as const, retain: false };

  function watched(options = {}) {
    const world = new World(options);
    const watcher = world.connect("watcher");
    watcher.subscribe("w", 2);
    return { world, watcher };
  }

  it.each([
    ["the transport breaks", (world: World) => world.connect("c", { will }).drop()],
    ["the client breaks a rule", (world: World) => world.connect("c", { will }).sendBytes(Uint8Array.of(0xf0, 0))],
    [
      "the client is silent",
      (world: World) => {
        world.connect("c", { will, keepAliveS: 10 });
        world.advance(15_001);
      },
    ],
    ["the client connects again", (world: World) => [world.connect("c", { will }), world.connect("c")]],
  ])("is published when %s", (_what, act) => {
    const { world, watcher } = watched();
    act(world);
    expect(watcher.takePublishes()).toMatchObject([{ topic: "w", qos: 1, isRetain: false }]);
  });

  it("is not published after DISCONNECT [MQTT-3.14.4-3] [MQTT-3.1.2-10]", () => {
    const { world, watcher } = watched();
    const client = world.connect("c", { will });
    client.send({ type: "DISCONNECT" });
    expect(client.closeReason).toBe("disconnected");
    client.drop();
    expect(watcher.takeAll()).toEqual([]);
  });

  it("is published once only", () => {
    const { world, watcher } = watched();
    const client = world.connect("c", { will });
    client.drop();
    client.drop();
    expect(watcher.takeAll()).toHaveLength(1);
  });

  it("is not published when the server stops", () => {
    const { world, watcher } = watched();
    world.connect("c", { will });
    world.broker.close(world.nowMs);
    expect(watcher.takeAll()).toEqual([]);
    expect(watcher.closeReason).toBe("the server is stopping");
    expect(world.broker.connectionCount).toBe(0);
  });

  it("is retained when it says so [MQTT-3.1.2-17], and not otherwise [MQTT-3.1.2-16]", () => {
    const { world } = watched();
    world.connect("c", { will: { ...will, retain: true } }).drop();
    const late = world.connect("late");
    late.subscribe("w", 0);
    expect(late.takePublishes()).toMatchObject([{ topic: "w", isRetain: true }]);
    expect(world.broker.retainedCount).toBe(1);
  });

  it("reaches the client's own durable session", () => {
    const world = new World();
    const client = world.connectDurable("c", { will });
    client.subscribe("w", 1);
    client.drop();
    expect(world.connectDurable("c").takeTexts()).toEqual(["w=lost"]);
  });
});

describe("keep-alive [MQTT-3.1.2-24]", () => {
  it("lets one and a half times pass, to the millisecond", () => {
    const world = new World();
    const client = world.connect("c", { keepAliveS: 3 });
    world.advance(4500);
    expect(client.closeReason).toBeUndefined();
    world.advance(1);
    expect(client.closeReason).toBe("[MQTT-3.1.2-24] nothing received for one and a half times the keep-alive of 3 s");
  });

  it("starts again with each packet, and not with half of one", () => {
    const world = new World();
    const client = world.connect("c", { keepAliveS: 3 });
    for (let round = 0; round < 5; round++) {
      world.advance(4000);
      client.send({ type: "PINGREQ" });
    }
    expect(client.takeAll()).toHaveLength(5);
    world.advance(4000);
    client.sendBytes(Uint8Array.of(0xc0));
    world.advance(501);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.1\.2-24\]/);
  });

  it("of 0 is never over", () => {
    const world = new World();
    const client = world.connect("c", { keepAliveS: 0 });
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
    world.advance(10 * 86_400_000);
    expect(client.closeReason).toBeUndefined();
  });

  it("is kept for many clients at once, each by its own", () => {
    const world = new World();
    const clients = Array.from({ length: 200 }, (_, index) => ({
      keepAliveS: 1 + ((index * 37) % 100),
      client: world.connect(`c${index}`, { keepAliveS: 1 + ((index * 37) % 100) }),
    }));
    // Every third says something halfway, which moves its deadline by as much.
    world.advance(500);
    for (const { client } of clients.filter((_, index) => index % 3 === 0)) client.send({ type: "PINGREQ" });
    for (let nowMs = 500; nowMs < 152_000; nowMs += 750) {
      clients.forEach(({ keepAliveS, client }, index) => {
        const deadlineMs = keepAliveS * 1500 + (index % 3 === 0 ? 500 : 0);
        expect(client.closeReason !== undefined).toBe(world.nowMs > deadlineMs);
      });
      world.advance(750);
    }
    expect(world.broker.connectionCount).toBe(0);
  });
});
