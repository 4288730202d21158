/** What a sink is handed: in how many calls, in which order, and what it may keep. */
import { describe, expect, it } from "vitest";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { connectPacket, World } from "./endpoint.ts";

const LARGE_PAYLOAD_SIZE = 16_384;

/** A subscriber of 3.1.1 to everything, and all that its sink is handed. */
function subscriber(world: World) {
  const sink = { isFull: false };
  const handed: (readonly [size: number, isLasting: boolean] | string)[] = [];
  const kept: { bytes: Uint8Array; copy: Uint8Array }[] = [];
  const texts: string[] = [];
  const connection = world.broker.connect(0, {
    send: (bytes, isLasting) => {
      handed.push([bytes.length, isLasting]);
      texts.push(Buffer.from(bytes).toString("latin1"));
      if (isLasting) kept.push({ bytes, copy: Uint8Array.from(bytes) });
      if (sink.isFull) world.broker.pause(connection);
    },
    close: reason => handed.push(reason),
  });
  const receive = (...packets: Parameters<typeof encodePacket>[0][]): void =>
    world.broker.receive(connection, Buffer.concat(packets.map(packet => encodePacket(packet))), 0);
  receive(connectPacket("s"), { type: "SUBSCRIBE", packetId: 1, subscriptions: [{ filter: "#", qos: 0 }] });
  handed.length = 0;
  texts.length = 0;
  return { connection, sink, handed, kept, texts, receive };
}

/** Publishes in one call, so that all of it goes out in one flush. */
function burst(world: World, sizes: readonly number[]): void {
  const publisher = world.connect("p");
  publisher.send(
    ...sizes.map((size, index) => {
      const payload = new Uint8Array(size).fill(0x61 + index);
      return {
        type: "PUBLISH" as const,
        topic: "t",
        payload,
        qos: 0 as const,
        isDup: false,
        isRetain: false,
        packetId: 0,
      };
    }),
  );
}

/** A payload that makes a packet of this size on the topic 't'. */
const payloadFor = (packetSize: number): number => packetSize - 3 - (packetSize > 129 ? 3 : 2);

describe("what one call causes", () => {
  it("is handed over in one piece, up to 32 KiB", () => {
    const world = new World();
    const { handed } = subscriber(world);
    burst(world, Array(8).fill(payloadFor(4096)));
    expect(handed).toEqual([[32_768, false]]);
  });

  it("is handed over early where the next packet would make it more", () => {
    for (const [sizes, expected] of [
      [
        [...Array(8).fill(payloadFor(4096)), 0],
        [32_768, 5],
      ],
      [
        [...Array(7).fill(payloadFor(4096)), payloadFor(4097)],
        [28_672, 4097],
      ],
      [[...Array(20).fill(payloadFor(4096))], [32_768, 32_768, 16_384]],
      [[0, 1, 2], [5 + 6 + 7]],
      [[], []],
    ] as const) {
      const world = new World();
      const { handed, texts } = subscriber(world);
      const { bytesSent } = world.broker.counters;
      burst(world, sizes);
      expect(handed).toEqual(expected.map(size => [size, false]));
      // Four bytes of CONNACK were the publisher's.
      const total = expected.reduce<number>((sum, size) => sum + size, 0);
      expect(world.broker.counters.bytesSent - bytesSent).toBe(total + 4);
      const payloads = sizes.map((size, index) => String.fromCharCode(0x61 + index).repeat(size));
      let rest = texts.join("");
      for (const payload of payloads) {
        const packetSize = payload.length + 3 + (payload.length + 3 > 127 ? 3 : 2);
        expect(rest.slice(0, packetSize).endsWith(`\u0000\u0001t${payload}`)).toBe(true);
        rest = rest.slice(packetSize);
      }
      expect(rest).toBe("");
    }
  });

  it("lets a sink that is full say so in the middle of a burst", () => {
    const world = new World();
    const { sink, handed } = subscriber(world);
    sink.isFull = true;
    burst(world, Array(100).fill(payloadFor(4096)));
    // The packet that had no room still goes.
    expect(handed).toEqual([
      [32_768, false],
      [4096, false],
    ]);
    expect(world.broker.counters.publishMessagesDropped).toBe(91);
  });

  it("goes to each connection once, also when there are many of them", () => {
    const world = new World();
    const all = Array.from({ length: 100 }, (_, index) => world.connect(`c${index}`));
    for (const client of all) client.subscribe("#");
    const publisher = world.connect("p");
    for (let round = 0; round < 3; round++) {
      for (const client of all) client.sendSizes.length = 0;
      publisher.publish("t", "x".repeat(round));
      expect(all.map(({ sendSizes }) => sendSizes)).toEqual(all.map(() => [5 + round]));
      expect(all.map(client => client.takeTexts())).toEqual(all.map(() => [`t=${"x".repeat(round)}`]));
    }
  });
});

describe("a large payload", () => {
  it("is handed over by itself and may be kept; a smaller one is not", () => {
    for (const [size, expected] of [
      [LARGE_PAYLOAD_SIZE - 1, [[LARGE_PAYLOAD_SIZE + 6, false]]],
      [
        LARGE_PAYLOAD_SIZE,
        [
          [7, false],
          [LARGE_PAYLOAD_SIZE, true],
        ],
      ],
      [
        LARGE_PAYLOAD_SIZE + 1,
        [
          [7, false],
          [LARGE_PAYLOAD_SIZE + 1, true],
        ],
      ],
    ] as const) {
      const world = new World();
      const { handed, kept } = subscriber(world);
      const { bytesSent } = world.broker.counters;
      burst(world, [size]);
      expect(handed).toEqual(expected);
      expect(world.broker.counters.bytesSent - bytesSent).toBe(4 + 7 + size);
      burst(world, [100, size, 200]);
      for (const { bytes, copy } of kept) expect(Buffer.compare(bytes, copy)).toBe(0);
    }
  });

  it("keeps its place between others", () => {
    const world = new World();
    const { handed } = subscriber(world);
    burst(world, [0, LARGE_PAYLOAD_SIZE, 1]);
    expect(handed).toEqual([
      [5 + 7, false],
      [LARGE_PAYLOAD_SIZE, true],
      [6, false],
    ]);
  });
});

describe("the end of a connection", () => {
  it("comes behind what was said before it, once", () => {
    const world = new World();
    const { handed, receive } = subscriber(world);
    receive({ type: "PINGREQ" }, { type: "PINGREQ" }, { type: "PINGRESP" });
    expect(handed).toHaveLength(2);
    expect(handed[0]).toEqual([4, false]);
    expect(handed[1]).toMatch(/^\[MQTT 2\.2\.1\]/);
    burst(world, [10]);
    receive({ type: "PINGREQ" });
    expect(handed).toHaveLength(2);
  });

  it("by the other side drops what was on its way, and nothing of it reaches anybody else", () => {
    const world = new World();
    const { connection, handed } = subscriber(world);
    world.broker.closed(connection, 0);
    const other = world.connect("other");
    other.subscribe("#");
    burst(world, [10, 20]);
    expect(handed).toEqual([]);
    expect(other.takePublishes().map(({ payload }) => payload.length)).toEqual([10, 20]);
  });
});
