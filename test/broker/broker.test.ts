/** The machine as its host sees it: what it asks for, what it ignores, and what it hands to a sink. */
import { describe, expect, it } from "vitest";
import { encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import { Broker, type BrokerOptions, type Connection, Entrance, TestClock } from "../../host/broker/index.ts";
import { connectPacket, transport, World } from "./endpoint.ts";

const PING: Packet = { type: "PINGREQ" };

describe("a connection that has ended", () => {
  it("is not heard any more, nor ended again", () => {
    const world = new World();
    const { connection, send, take } = transport(world);
    send({ type: "PINGREQ" });
    expect(take()).toEqual(["close [MQTT-3.1.0-1] the first packet is CONNECT, not PINGREQ"]);
    const before = { ...world.broker.counters };
    send(connectPacket("c"), PING);
    world.broker.closed(connection, 0);
    world.broker.closed(connection, 0);
    world.broker.pause(connection);
    world.broker.resume(connection, 0);
    world.broker.decide(connection, 0, 0);
    world.broker.advance(1e9);
    expect(take()).toEqual([]);
    expect(world.broker.counters).toEqual(before);
    expect(world.broker.connectionCount).toBe(0);
  });

  it("may be closed from within the sink that is told of its end", () => {
    const world = new World();
    const told: string[] = [];
    const connection: Connection = world.broker.connect(0, {
      send: () => {},
      close: reason => {
        told.push(reason);
        world.broker.closed(connection, 0);
      },
    });
    world.broker.receive(connection, Uint8Array.of(0xc0), 0);
    expect(told).toEqual(["[MQTT-3.1.0-1] the first packet is CONNECT, not PINGREQ"]);
    world.connect("other");
  });

  it("hears nothing that stands behind its end in the same bytes", () => {
    const world = new World();
    const watcher = world.connect("w");
    watcher.subscribe("t");
    const { connection, send, take } = transport(world);
    const publish: Packet = {
      type: "PUBLISH",
      topic: "t",
      payload: Buffer.from("late"),
      qos: 0,
      isDup: false,
      isRetain: false,
      packetId: 0,
    };
    send(connectPacket("c"), PING, { type: "DISCONNECT" }, publish, PING);
    expect(take()).toEqual(["send 20 02 00 00 d0 00", "close disconnected"]);
    expect(watcher.takeAll()).toEqual([]);
    expect(connection.session).toBeNull();
  });

  it("of which the host has not flushed is told nothing more once its transport is gone", () => {
    const world = new World({ flushing: "manual" });
    for (const end of [[], [{ type: "DISCONNECT" } as const]]) {
      const { connection, send, take } = transport(world);
      send(connectPacket("c"), PING, ...end);
      world.broker.closed(connection, 0);
      world.broker.flush();
      expect(take()).toEqual([]);
    }
  });
});

describe("a host that flushes by itself", () => {
  it("gets nothing before, and everything at the end of the broker", () => {
    const world = new World({ flushing: "manual" });
    const { send, take } = transport(world);
    send(connectPacket("c"), PING);
    expect(take()).toEqual([]);
    world.broker.close(0, "over");
    expect(take()).toEqual(["send 20 02 00 00 d0 00", "close over"]);
  });
});

describe("the next time that the broker needs to be called", () => {
  it.each<[string, BrokerOptions, (world: World) => void, number]>([
    ["nothing", {}, () => {}, Number.POSITIVE_INFINITY],
    ["CONNECT", { connectTimeoutMs: 700 }, world => world.open(), 701],
    ["a keep-alive", {}, world => world.connect("c", { keepAliveS: 2 }), 3001],
    ["a session", {}, world => world.connect5("c", { sessionExpiryS: 2 }).drop(), 2000],
    [
      "a retained message",
      {},
      world => world.connect5("c", {}, { keepAliveS: 0 }).publish5("t", "x", { messageExpiryS: 2 }, 0, true),
      2000,
    ],
    ["$SYS", { sysIntervalMs: 400 }, world => world.connect("c", { keepAliveS: 0 }), 400],
    ["$SYS at its most frequent", { sysIntervalMs: 1 }, world => world.connect("c", { keepAliveS: 0 }), 1],
  ])("for %s", (_what, options, act, dueMs) => {
    const world = new World(options);
    act(world);
    expect(world.broker.nextTimeout()).toBe(dueMs);
  });

  it("is the earliest of them", () => {
    const world = new World({ sysIntervalMs: 5000 });
    world.connect5("c", { sessionExpiryS: 3 }, { keepAliveS: 0 }).drop();
    world.connect("k", { keepAliveS: 1 });
    for (const dueMs of [1501, 3000, 5000, 10_000]) {
      expect(world.broker.nextTimeout()).toBe(dueMs);
      world.broker.advance(dueMs);
    }
  });

  it("is asked again of a client that has spoken, which is not ended", () => {
    const world = new World();
    const client = world.connect("c", { keepAliveS: 2 });
    world.advance(1000);
    client.send(PING);
    expect(world.broker.nextTimeout()).toBe(3001);
    world.broker.advance(3001);
    expect(world.broker.nextTimeout()).toBe(4001);
    world.broker.advance(4000);
    expect(client.closeReason).toBeUndefined();
    world.broker.advance(4001);
    expect(client.closeReason).toBeDefined();
    expect(world.broker.nextTimeout()).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the last millisecond of a deadline", () => {
  it("is still in time for a client that has spoken", () => {
    const world = new World();
    const client = world.connect("c", { keepAliveS: 2 });
    world.advance(1000);
    client.send(PING);
    world.broker.advance(4000);
    expect(client.closeReason).toBeUndefined();
    expect(world.broker.nextTimeout()).toBe(4001);
  });
});

describe("a broker without storage", () => {
  it("has nothing to write, whatever happens", () => {
    const world = new World();
    const client = world.connectDurable("c");
    expect(world.broker.pendingWrites()).toBeNull();
    world.broker.written(0);
    world.broker.writeFailed(0, "no space");
    expect(client.closeReason).toBeUndefined();
    expect(world.log.filter(line => line.includes("torage"))).toEqual([]);
  });
});

describe("a broker for a host", () => {
  it("has the clock that it was given", () => {
    const clock = new TestClock();
    expect(new Broker({ clock }).clock).toBe(clock);
    expect(new Broker().clock).toBeUndefined();
  });

  it("may be told to wait and to go on before there is a CONNECT", () => {
    const world = new World();
    const { connection, send, take } = transport(world);
    world.broker.pause(connection);
    world.broker.resume(connection, 0);
    send(connectPacket("c"));
    expect(take()).toEqual(["send 20 02 00 00"]);
  });
});

describe("$SYS/broker/uptime", () => {
  it("counts from the first call, whatever the host's clock says", () => {
    const world = new World({ sysIntervalMs: 1000 });
    world.nowMs = 1e9;
    const client = world.connect("c");
    client.subscribe("$SYS/broker/uptime");
    world.advance(3000);
    expect(client.takeTexts()).toEqual([0, 1, 2, 3].map(seconds => `$SYS/broker/uptime=${seconds} seconds`));
  });
});

describe("a review", () => {
  it("asks about everybody who is there, and of those who are away keeps the session", () => {
    const world = new World();
    const entrance = new Entrance();
    const clients = ["a", "b", "c"].map(name => world.connectAt(entrance, name, { username: name }));
    world.connectAt(entrance, "away", { username: "away", cleanSession: false }).drop();
    const asked: (string | undefined)[] = [];
    world.broker.review(0, (username, connection) => {
      asked.push(username);
      return connection !== clients[1].connection;
    });
    expect(asked).toEqual(["a", "b", "c"]);
    expect(clients.map(({ closeReason }) => closeReason)).toEqual([
      undefined,
      "[access] not welcome any more",
      undefined,
    ]);
    expect(world.broker.sessionCount).toBe(3);
  });
});

describe("the time of a call", () => {
  it("is what the end of a connection counts from, whatever the broker was told before", () => {
    const world = new World();
    const client = world.connect5("c", { sessionExpiryS: 10 });
    world.nowMs = 5000;
    client.drop();
    expect(world.broker.nextTimeout()).toBe(15_000);
  });
});

describe("access that has changed", () => {
  it("holds for those who are there after a review, by the access of their entrance or of the broker", () => {
    const world = new World();
    const entrance = new Entrance();
    const client = world.connectAt(entrance, "c");
    const other = world.connect("other");
    for (const each of [client, other]) each.subscribe("#");
    entrance.access = {
      authenticate: () => 0,
      permissions: () => ({ mayRead: topic => topic === "a", mayWrite: () => true }),
      clientIdPrefixes: [],
    };
    world.broker.review(0, () => true);
    for (const topic of ["a", "b"]) other.publish(topic, "x");
    expect([client, other].map(each => each.takeTexts())).toEqual([["a=x"], ["a=x", "b=x"]]);
  });
});

describe("a call from within a sink", () => {
  const calls: Record<string, (broker: Broker, connection: Connection) => void> = {
    connect: broker => broker.connect(0, { send: () => {}, close: () => {} }),
    receive: (broker, connection) => broker.receive(connection, Uint8Array.of(0xc0, 0), 0),
    closed: (broker, connection) => broker.closed(connection, 0),
    resume: (broker, connection) => {
      broker.pause(connection);
      broker.resume(connection, 0);
    },
    review: broker => broker.review(0, () => true),
    advance: broker => broker.advance(0),
    restore: broker => broker.restore([], 0, 0),
    written: broker => broker.written(0),
    writeFailed: broker => broker.writeFailed(0, "x"),
    close: broker => broker.close(0),
  };

  it.each(Object.keys(calls))("is refused, so that nobody sees a state half-way: %s", name => {
    const world = new World();
    const told: string[] = [];
    const connection: Connection = world.broker.connect(0, {
      send: () => {
        try {
          calls[name](world.broker, connection);
          told.push("done");
        } catch (error) {
          told.push((error as Error).message);
        }
      },
      close: () => {},
    });
    world.broker.receive(connection, encodePacket(connectPacket("c"), 4), 0);
    expect(told).toEqual(["the broker was called from within a sink or a hook"]);
    // And goes on afterwards.
    world.connect("d");
  });

  it("is refused of a decision too", () => {
    const told: string[] = [];
    const world = new World({
      authenticate: ({ clientId }) => {
        if (clientId === "first") return "later";
        expect(() => world.broker.decide(first.connection, 0, 0)).toThrow("the broker was called from within");
        told.push(clientId);
        return 0;
      },
      allowAnonymous: false,
    });
    const first = world.open();
    first.send(connectPacket("first"));
    world.connect("second");
    expect(told).toEqual(["second"]);
    world.broker.decide(first.connection, 0, 0);
    expect(first.take()).toMatchObject({ type: "CONNACK", returnCode: 0 });
  });
});

describe("a PINGREQ and its answer", () => {
  it("are counted like every packet", () => {
    const world = new World();
    world.connect("c").send(PING, PING);
    expect(world.broker.counters).toMatchObject({ messagesReceived: 3, messagesSent: 3, bytesSent: 4 + 2 + 2 });
  });
});
