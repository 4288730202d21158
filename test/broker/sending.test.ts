/** What is sent, to the byte: at a client's Maximum Packet Size and beside it [MQTT-3.1.2-24], and at the sizes where the way changes. */
import { describe, expect, it } from "vitest";
import { encodePacket, type Packet } from "../../host/broker/codec/packet.ts";
import type { Properties } from "../../host/broker/codec/properties.ts";
import type { Sink } from "../../host/broker/index.ts";
import { type Client, connectPacket, World } from "./endpoint.ts";

/** What a client that takes so many bytes gets for what it sends, and how many bytes that was. */
function answersTo(packet: Packet, maximumPacketSize: number): [answers: Packet[], size: number] {
  // With a CONNACK of five bytes, the shortest.
  const client = new World({ receiveMaximum: 0xffff, maxTopicAlias: 0 }).connect5("c", { maximumPacketSize });
  const count = client.sendSizes.length;
  client.send(packet);
  return [client.takeAll(), client.sendSizes.slice(count).reduce((sum, size) => sum + size, 0)];
}

describe("a reason string", () => {
  const reasonString = "packet identifier 9 not found";
  const withReason = 4 + 1 + 1 + 3 + reasonString.length;
  const answer = { type: "PUBCOMP", packetId: 9, reasonCode: 0x92 };

  it.each<[number, object[], number]>([
    [withReason + 1, [{ ...answer, properties: { reasonString } }], withReason],
    [withReason, [{ ...answer, properties: { reasonString } }], withReason],
    [withReason - 1, [answer], 5],
    [5, [answer], 5],
  ])("in %i bytes [MQTT-3.7.2-2]", (maximumPacketSize, answers, size) => {
    expect(answersTo({ type: "PUBREL", packetId: 9 }, maximumPacketSize)).toEqual([answers, size]);
  });

  it("is not sent where there is nothing to say", () => {
    const [[suback], size] = answersTo(
      { type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "t", qos: 0 }] },
      100,
    );
    expect([suback, size]).toEqual([{ type: "SUBACK", packetId: 1, returnCodes: [0], properties: {} }, 6]);
  });

  it.each([
    [9 + 5, 1],
    [9 + 4, 0],
  ])("or none: a SUBACK of 14 bytes, of which the client takes %i", (maximumPacketSize, count) => {
    const subscriptions = Array.from({ length: 9 }, (_, index) => ({ filter: `${index}`, qos: 0 as const }));
    expect(answersTo({ type: "SUBSCRIBE", packetId: 1, subscriptions }, maximumPacketSize)[0]).toHaveLength(count);
  });
});

describe("the server's DISCONNECT", () => {
  it("names another server only where it sends the client there (4.11)", () => {
    const client = new World({ serverReference: "b.example" }).connect5("c");
    client.sendBytes(Uint8Array.of(0xc0, 1, 0));
    const [disconnect] = client.takeAll();
    expect(disconnect).toMatchObject({ type: "DISCONNECT", reasonCode: 0x81 });
    expect((disconnect as { properties: Properties }).properties.serverReference).toBeUndefined();
  });

  it("keeps the reference where the reason string does not fit", () => {
    const world = new World({ serverReference: "b" });
    const client = world.connect5("c", { maximumPacketSize: 20 });
    world.broker.close(0);
    expect(client.takeAll()).toEqual([{ type: "DISCONNECT", reasonCode: 0x9c, properties: { serverReference: "b" } }]);
  });
});

describe("a payload", () => {
  const LARGE_SIZE = 16 * 1024;

  it.each([LARGE_SIZE - 1, LARGE_SIZE, LARGE_SIZE + 1])(
    "of %i bytes is whole in every version, alone and for many",
    size => {
      for (const count of [1, 2]) {
        const world = new World();
        const clients = [3, 4, 5, 5].slice(0, 4 * count).flatMap((level, index) =>
          Array.from({ length: count }, (_, copy) =>
            world.connect(`${index} ${copy}`, {
              level: level as 3 | 4 | 5,
              ...(level === 5 ? { properties: index === 3 ? { topicAliasMaximum: 3 } : {} } : {}),
            }),
          ),
        );
        for (const [index, client] of clients.entries()) client.subscribe(`topic/${count === 1 ? index : "all"}`, 1);
        const publisher = world.connect("p");
        const payload = Uint8Array.from({ length: size }, (_, index) => index * 13);
        for (const [index, client] of clients.entries()) {
          const topic = `topic/${count === 1 ? index : "all"}`;
          for (const qos of [0, 1] as const) {
            const packetId = qos === 0 ? 0 : publisher.nextId();
            publisher.send({ type: "PUBLISH", topic, payload, qos, isDup: false, isRetain: false, packetId });
            // Behind it, so that a byte too many or too few would show.
            client.send({ type: "PINGREQ" });
          }
          const got = client.takeAll().filter(packet => packet.type === "PUBLISH");
          expect(got.length).toBeGreaterThanOrEqual(2);
          for (const packet of got) expect(Buffer.compare(packet.payload, payload)).toBe(0);
        }
      }
    },
  );
});

describe("a large payload", () => {
  it("that a sink may keep is not written again, whatever becomes of the bytes that it came in", () => {
    for (const level of [4, 5] as const) {
      const world = new World();
      const kept: Uint8Array[] = [];
      const sink: Sink = { send: (bytes, isLasting) => isLasting && kept.push(bytes), close: () => {} };
      const connection = world.broker.connect(0, sink);
      const packets: Packet[] = [
        connectPacket("c", { level, properties: {} }),
        { type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "t", qos: 0 }] },
      ];
      for (const packet of packets) world.broker.receive(connection, encodePacket(packet, level), 0);
      const publisher = world.connect("p");
      for (const text of ["a", "b"]) publisher.publish("t", text.repeat(20_000));
      expect(kept.map(bytes => String(Buffer.from(bytes)))).toEqual(["a".repeat(20_000), "b".repeat(20_000)]);
    }
  });
});

describe("a message for many clients of 3.1.1", () => {
  it("has RETAIN for a bridge among them, and for nobody else", () => {
    const world = new World();
    const bridge = world.connect("bridge", { isBridge: true });
    const clients = [world.connect("a"), bridge, world.connect("b")];
    for (const client of clients) client.subscribe("t");
    for (const isRetain of [true, false]) world.connect("p").publish("t", "x", 0, isRetain);
    expect(clients.map(client => client.takePublishes().map(({ isRetain }) => isRetain))).toEqual([
      [false, false],
      [true, false],
      [false, false],
    ]);
  });
});

/** The sizes of PUBLISH packets that `client` gets, and their topics with aliases. */
const aliased = (client: Client) =>
  client.takePublishes().map(({ topic, properties }) => `${topic}#${properties?.topicAlias ?? 0}`);

describe("a topic alias", () => {
  it("is worth it for a topic of four bytes, and not of three", () => {
    const world = new World();
    const client = world.connect5("c", { topicAliasMaximum: 5 });
    client.subscribe("#");
    const publisher = world.connect("p");
    for (const topic of ["abc", "abcd", "abc", "abcd"]) publisher.publish(topic, "x");
    expect(aliased(client)).toEqual(["abc#0", "abcd#1", "abc#0", "#1"]);
  });

  const size = 2 + 2 + 4 + 1 + 5;
  it.each([
    [size - 1, []],
    [size, ["abcd#0", "abcd#0"]],
    [size + 2, ["abcd#0", "abcd#0"]],
    [size + 3, ["abcd#1", "#1"]],
  ])("is left out where it makes the packet larger than %i bytes", (maximumPacketSize, expected) => {
    const world = new World();
    const client = world.connect5("c", { topicAliasMaximum: 5, maximumPacketSize: Math.max(maximumPacketSize, 9) });
    client.subscribe("#");
    for (let round = 0; round < 2; round++) world.connect("p").publish("abcd", "12345");
    expect(aliased(client)).toEqual(expected);
  });
});

describe("a message for many clients of 5.0", () => {
  const size = 2 + 2 + 5 + 1 + 8;
  it.each([
    [size - 1, 0],
    [size, 1],
  ])("is sent to one that takes %i bytes: %i", (maximumPacketSize, count) => {
    const world = new World();
    const clients = [world.connect5("a"), world.connect5("b", { maximumPacketSize })];
    for (const client of clients) client.subscribe("topic");
    world.connect("p").publish("topic", "8 bytes!");
    expect(clients.map(client => client.takeAll().length)).toEqual([1, count]);
    expect(world.broker.counters).toMatchObject({
      publishMessagesSent: 1 + count,
      publishBytesSent: 8 * (1 + count),
      publishMessagesDropped: 1 - count,
    });
  });
});
