/** CONNECT at the limits of the server, the identifiers that it gives, and how large a CONNACK may be (3.1, 3.2). */
import { describe, expect, it } from "vitest";
import type { Connect } from "../../host/broker/codec/connect.ts";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { type BrokerOptions, Entrance } from "../../host/broker/index.ts";
import { type Client, connectPacket, World } from "./endpoint.ts";

/** A client that has tried to come in with 5.0. */
function tried(world: World, options: Partial<Connect>, entrance?: Entrance): Client {
  const client = world.open(5, entrance);
  client.send(connectPacket("c", { level: 5, properties: {}, ...options }));
  return client;
}

const sizesOf = ({ sendSizes }: Client): number => sendSizes.reduce((sum, size) => sum + size, 0);

describe("a CONNACK", () => {
  it("fits the client to the byte, or the client is not let in [MQTT-3.1.2-24]", () => {
    const size = sizesOf(tried(new World(), {}));
    for (const [maximumPacketSize, returnCode] of [
      [size + 1, 0],
      [size, 0],
      [size - 1, 0x95],
    ]) {
      expect(tried(new World(), { properties: { maximumPacketSize } }).take()).toMatchObject({ returnCode });
    }
  });

  it("that refuses leaves its reason string out where it does not fit [MQTT-3.2.2-19], and is not sent where it does not either", () => {
    const full = () => {
      const world = new World({ maxConnections: 1, serverReference: "b.example" });
      world.connect("other");
      return world;
    };
    const size = sizesOf(tried(full(), {}));
    const shortSize = 5 + 3 + "b.example".length;
    for (const [maximumPacketSize, sentSize] of [
      [size, size],
      [size - 1, shortSize],
      [shortSize, shortSize],
      [shortSize - 1, 0],
    ]) {
      const client = tried(full(), { properties: { maximumPacketSize } });
      expect(sizesOf(client)).toBe(sentSize);
      expect(client.closeReason).toBe("[limit] 1 clients are connected");
      const properties = { serverReference: "b.example" };
      if (sentSize > 0) expect(client.take()).toMatchObject({ sessionPresent: false, returnCode: 0x9c, properties });
    }
  });

  it("names another server only where it sends the client there", () => {
    const world = new World({ serverReference: "b.example", users: new Map() });
    const answer = tried(world, {}).take();
    expect(answer).toMatchObject({ returnCode: 0x87, properties: { reasonString: expect.any(String) } });
    expect(answer).not.toHaveProperty("properties.serverReference");
  });
});

describe("a CONNECT", () => {
  /** The largest that there can be: five fields of 65,535 bytes. */
  const MAX_SIZE = 5 + 10 + 5 * (2 + 0xffff);

  it.each([
    [{}, MAX_SIZE, true],
    [{}, MAX_SIZE + 1, false],
    [{ maxPacketSize: 100 }, 100, true],
    [{ maxPacketSize: 100 }, 101, false],
  ])("%j: one of %i bytes is waited for: %s", (options, size, isAwaited) => {
    const client = new World(options).open();
    const rest = size > 200 ? size - 4 : size - 2;
    const length = [];
    for (let left = rest; left > 0; left >>= 7) length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    client.sendBytes(Uint8Array.of(0x10, ...length));
    expect(client.closeReason === undefined).toBe(isAwaited);
  });

  it("has its length in the fewest bytes in 5.0 [MQTT-1.5.5-1], and need not before", () => {
    for (const level of [4, 5] as const) {
      const client = new World().open(level);
      const packet = encodePacket(connectPacket("c", { level, properties: {} }), level);
      client.sendBytes(Uint8Array.of(packet[0], packet[1] | 0x80, 0, ...packet.subarray(2)));
      expect(client.closeReason?.slice(0, 14)).toBe(level === 5 ? "[MQTT-1.5.5-1]" : undefined);
    }
  });

  it.each([
    ["", true, 3, 2],
    ["", true, 4, 0],
    ["", false, 4, 2],
    ["", false, 5, 0],
    ["c", false, 3, 0],
  ] as const)(
    "with the identifier '%s', clean %s, level %i: %i [MQTT-3.1.3-8]",
    (clientId, cleanSession, level, code) => {
      const client = new World().open(level);
      client.send(connectPacket(clientId, { level, cleanSession, properties: {} }));
      expect(client.connection.level).toBe(level);
      expect(client.take()).toMatchObject({ returnCode: code });
    },
  );
});

describe("an identifier that the server gives [MQTT-3.1.3-6]", () => {
  const given = (world: World, entrance?: Entrance) => {
    const client = world.open(5, entrance);
    client.send(connectPacket("", { level: 5, properties: {} }));
    return (client.take() as { properties: { assignedClientId: string } }).properties.assignedClientId;
  };

  it("is one that nobody has", () => {
    const world = new World();
    world.connect("auto-1");
    world.connectDurable("auto-2").drop();
    expect([given(world), given(world)]).toEqual(["auto-3", "auto-4"]);
    const names = ["x", "x", "y"];
    const hosted = new World({ assignClientId: () => names.shift() ?? "z" });
    expect([given(hosted), given(hosted)]).toEqual(["x", "y"]);
  });

  it("begins as its entrance says, in the place of 'auto-' and of nothing else", () => {
    for (const [name, expected] of [
      ["auto-7", "site-7"],
      ["my-auto-7", "site-my-auto-7"],
      ["auto-auto-7", "site-auto-7"],
    ]) {
      const world = new World({ assignClientId: () => name });
      expect(given(world, new Entrance({ autoIdPrefix: "site-" }))).toBe(expected);
    }
  });
});

describe("clients at once", () => {
  it("are counted by the broker and by the entrance, and the lower number is said", () => {
    for (const [maxConnections, ofEntrance, most] of [
      [3, 2, 2],
      [2, 3, 2],
      [2, 2, 2],
    ]) {
      const world = new World({ maxConnections });
      const entrance = new Entrance({ maxConnections: ofEntrance });
      for (let index = 0; index < most; index++) world.connectAt(entrance, `c${index}`);
      const client = world.open(4, entrance);
      client.send(connectPacket("one more"));
      expect(client.closeReason).toBe(`[limit] ${most} clients are connected`);
      expect(world.broker.counters).toMatchObject({ clientsConnected: most, clientsMaximum: most });
      world.connectAt(entrance, "c0");
    }
  });

  it("are as many when they authenticate by steps, at the first and at the last", () => {
    let begunCount = 0;
    const method = () => {
      begunCount++;
      let isFirst = true;
      return {
        next: () => {
          const status = isFirst ? ("continue" as const) : ("success" as const);
          isFirst = false;
          return { status, data: Buffer.alloc(1) };
        },
      };
    };
    const properties = { authenticationMethod: "m" };
    const world = new World({ maxConnections: 1, authenticationMethods: new Map([["m", method]]) });
    const clients = ["a", "b"].map(clientId => tried(world, { clientId, properties }));
    for (const client of clients) {
      expect(client.take()).toMatchObject({ type: "AUTH" });
      client.send({ type: "AUTH", reasonCode: 0x18, properties });
    }
    expect(clients.map(client => client.take())).toMatchObject([{ returnCode: 0 }, { returnCode: 0x97 }]);
    expect(tried(world, { clientId: "c", properties }).take()).toMatchObject({ type: "CONNACK", returnCode: 0x97 });
    expect(begunCount).toBe(2);
    expect(world.broker.counters.clientsConnected).toBe(1);
  });

  it("are remembered at their most", () => {
    const world = new World();
    const clients = ["a", "b", "c"].map(name => world.connect(name));
    for (const client of clients) client.drop();
    world.connect("d");
    expect(world.broker.counters).toMatchObject({ clientsConnected: 1, clientsMaximum: 3 });
  });
});

describe("the window of a client", () => {
  it.each([
    [20, undefined, 20],
    [20, 5, 5],
    [5, 20, 5],
    [5, undefined, 5],
  ])("is the lower of %i and its Receive Maximum of %s", (maxInflight, receiveMaximum, count) => {
    const world = new World({ maxInflight });
    const client = world.connect5("c", receiveMaximum === undefined ? {} : { receiveMaximum });
    client.subscribe("t", 1);
    const publisher = world.connect("p");
    for (let index = 0; index < 30; index++) publisher.publish("t", "x", 1);
    expect(client.takeAll()).toHaveLength(count);
  });
});

describe("a session of 3.1.1", () => {
  it.each<[BrokerOptions, boolean, number, number]>([
    [{ maxSessionExpiryS: 10 }, false, 9_999, 1],
    [{ maxSessionExpiryS: 10 }, false, 10_000, 0],
    [{ maxSessionExpiryS: 10 }, true, 0, 0],
    [{}, false, 1e12, 1],
  ])(
    "lasts as long as the server keeps sessions: %j, clean %s, after %i ms",
    (options, cleanSession, waitMs, count) => {
      const world = new World(options);
      world.connect("c", { cleanSession }).drop();
      world.advance(waitMs);
      expect(world.broker.sessionCount).toBe(count);
    },
  );
});
