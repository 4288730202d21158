/** The PUBLISH that a broker writes in place (3.3): its header, byte for byte, at each bound of what it holds. */
import { describe, expect, it } from "vitest";
import { decodePacket } from "../../../host/broker/codec/packet.ts";
import { copyBytes, publishFlags, publishHeaderSize, writePublishHeader } from "../../../host/broker/codec/publish.ts";
import {
  listSize,
  type Publish5Header,
  remainingLength,
  writePublish5Header,
} from "../../../host/broker/codec/publish5.ts";
import { encodeText } from "../../../host/broker/codec/utf8.ts";
import { World } from "../endpoint.ts";
import { list, text } from "./bytes5.ts";

const TOPIC = [0, 3, 0x61, 0x2f, 0x62];
/** Where the header begins in a target of which nothing else may change. */
const AT = 3;
const UNTOUCHED = 0xaa;

function written(size: number, write: (target: Uint8Array) => number): number[] {
  const target = new Uint8Array(AT + size + 5).fill(UNTOUCHED);
  expect(write(target)).toBe(AT + size);
  expect([...target.subarray(0, AT), ...target.subarray(AT + size)]).toEqual(Array(AT + 5).fill(UNTOUCHED));
  return [...target.subarray(AT, AT + size)];
}

describe("the first byte", () => {
  it.each([
    [0, false, false, 0x30],
    [0, false, true, 0x31],
    [1, false, false, 0x32],
    [1, true, false, 0x3a],
    [2, false, true, 0x35],
    [2, true, true, 0x3d],
  ] as const)("of QoS %i, DUP %j, RETAIN %j", (qos, isDup, isRetain, first) => {
    expect(publishFlags(qos, isDup, isRetain)).toBe(first);
  });
});

describe("the header in 3.1.1", () => {
  it.each([
    [0, 0, [0x30, 5, ...TOPIC]],
    [0, 122, [0x30, 127, ...TOPIC]],
    [0, 123, [0x30, 0x80, 1, ...TOPIC]],
    [1, 120, [0x32, 127, ...TOPIC, 0, 1]],
    [1, 121, [0x32, 0x80, 1, ...TOPIC, 0, 1]],
    [255, 16_376, [0x32, 0xff, 0x7f, ...TOPIC, 0, 255]],
    [256, 16_377, [0x32, 0x80, 0x80, 1, ...TOPIC, 1, 0]],
    [65_535, 2_097_145, [0x32, 0x80, 0x80, 0x80, 1, ...TOPIC, 255, 255]],
  ])("with identifier %i before %i bytes", (packetId, payloadSize, bytes) => {
    const topic = Uint8Array.from(TOPIC);
    const qos = packetId > 0 ? 1 : 0;
    expect(publishHeaderSize(TOPIC.length, qos, payloadSize)).toBe(bytes.length);
    const write = (target: Uint8Array) => writePublishHeader(target, AT, bytes[0], topic, packetId, payloadSize);
    expect(written(bytes.length, write)).toEqual(bytes);
  });
});

describe("the header in 5.0", () => {
  const NONE: Publish5Header = {
    first: 0x30,
    topic: Uint8Array.from(TOPIC),
    qos: 0,
    packetId: 0,
    alias: 0,
    isAliasKnown: false,
    messageExpiryS: -1,
    forwarded: null,
    subscriptionIds: [],
  };
  const row = (header: Partial<Publish5Header>, fields: number[], ...properties: number[][]) => {
    return { header: { ...NONE, ...header }, fields, properties: list(...properties) };
  };
  const EXPIRY = (...bytes: number[]) => [0x02, ...bytes];

  it.each([
    row({}, TOPIC),
    row({ first: 0x32, qos: 1, packetId: 255 }, [...TOPIC, 0, 255]),
    row({ first: 0x34, qos: 2, packetId: 0x102 }, [...TOPIC, 1, 2]),
    row({ messageExpiryS: 0 }, TOPIC, EXPIRY(0, 0, 0, 0)),
    row({ messageExpiryS: 0x1020304 }, TOPIC, EXPIRY(1, 2, 3, 4)),
    row({ messageExpiryS: 0xffff_ffff }, TOPIC, EXPIRY(255, 255, 255, 255)),
    row({ alias: 1 }, TOPIC, [0x23, 0, 1]),
    row({ alias: 0x102 }, TOPIC, [0x23, 1, 2]),
    row({ alias: 0xffff, isAliasKnown: true }, [0, 0], [0x23, 255, 255]),
    row({ subscriptionIds: [1, 127, 128] }, TOPIC, [0x0b, 1], [0x0b, 127], [0x0b, 0x80, 1]),
    row({ subscriptionIds: [268_435_455] }, TOPIC, [0x0b, 255, 255, 255, 127]),
    row({ forwarded: Uint8Array.of(1, 1) }, TOPIC, [1, 1]),
    row(
      {
        first: 0x33,
        qos: 1,
        packetId: 7,
        alias: 9,
        isAliasKnown: true,
        messageExpiryS: 5,
        forwarded: Uint8Array.from([3, ...text("x".repeat(50))]),
        subscriptionIds: [6],
      },
      [0, 0, 0, 7],
      [...EXPIRY(0, 0, 0, 5), 3, ...text("x".repeat(50)), 0x0b, 6, 0x23, 0, 9],
    ),
  ])("%#", ({ header, fields, properties }) => {
    const size = listSize(header);
    expect(size).toBe(properties[0]);
    for (const payloadSize of [0, 1, 10]) {
      const body = [...fields, ...properties];
      const length = remainingLength(header, size, payloadSize);
      expect(length).toBe(body.length + payloadSize);
      const write = (target: Uint8Array) => writePublish5Header(target, AT, header, size, length);
      expect(written(2 + body.length, write)).toEqual([header.first, length, ...body]);
    }
  });

  it.each([127, 128])("has a property list of %i bytes behind one length and before the payload", size => {
    const header = { ...NONE, forwarded: Uint8Array.from([3, 0, size - 3, ...Array(size - 3).fill(0x78)]) };
    expect(listSize(header)).toBe(size);
    const field = size === 127 ? [127] : [0x80, 1];
    const body = [...TOPIC, ...field, ...header.forwarded];
    expect(remainingLength(header, size, 1)).toBe(body.length + 1);
    const write = (target: Uint8Array) => writePublish5Header(target, AT, header, size, body.length + 1);
    expect(written(3 + body.length, write)).toEqual([0x30, (body.length + 1) | 0x80, 1, ...body]);
  });
});

it.each([0, 1, 39, 40, 41, 100])("copies %i bytes, and no other", size => {
  const source = Uint8Array.from({ length: size + 10 }, (_, index) => index + 1);
  const target = new Uint8Array(size + 10);
  copyBytes(target, 2, source, 5, 5 + size);
  expect([...target]).toEqual([0, 0, ...source.subarray(5, 5 + size), ...Array(8).fill(0)]);
});

describe("what a client publishes in 5.0", () => {
  it.each([
    [[], []],
    [
      [0x02, 0, 0, 0, 9],
      [0x02, 0, 0, 0, 9],
    ],
    [[0x23, 0, 1], []],
    [
      [0x23, 0, 1, 0x02, 0, 0, 0, 9],
      [0x02, 0, 0, 0, 9],
    ],
    [
      [1, 1, 0x23, 0, 1, 3, ...text("t"), 0x02, 0, 0, 0, 9, 0x26, 0, 0, 0, 0],
      [0x02, 0, 0, 0, 9, 1, 1, 3, ...text("t"), 0x26, 0, 0, 0, 0],
    ],
    // Values that look like the two that are taken out.
    [
      [0x09, 0, 3, 0x23, 0, 1, 0x23, 0, 2],
      [0x09, 0, 3, 0x23, 0, 1],
    ],
  ])("with %j goes on with %j", (properties, forwarded) => {
    const world = new World();
    const sent: number[][] = [];
    const raw = world.broker.connect(0, { send: bytes => sent.push([...bytes]), close: () => {} });
    world.broker.receive(raw, Uint8Array.from([0x10, 14, ...text("MQTT"), 5, 2, 0, 0, 0, ...text("c")]), 0);
    world.broker.receive(raw, Uint8Array.from([0x82, 7, 0, 1, 0, ...text("t"), 0]), 0);
    sent.length = 0;
    const body = [...text("t"), ...list(properties), 0x78];
    world.broker.receive(raw, Uint8Array.from([0x30, body.length, ...body]), 0);
    const expected = [...text("t"), ...list(forwarded), 0x78];
    expect(sent).toEqual([[0x30, expected.length, ...expected]]);
  });

  it.each([4, 5])("is numbered beyond one byte for a client of level %i, and so are its aliases", level => {
    const world = new World({ maxInflight: 400, maxOutboundTopicAlias: 400 });
    const client =
      level === 5 ? world.connect5("c", { topicAliasMaximum: 400, receiveMaximum: 400 }) : world.connect("c");
    client.subscribe("#", 1);
    const publisher = world.connect("p");
    for (let number = 1; number <= 300; number++) publisher.publish(`topic/${number}`, "x", 1);
    const numbers = Array.from({ length: 300 }, (_, index) => index + 1);
    const publishes = client.takePublishes();
    expect(publishes.map(({ packetId }) => packetId)).toEqual(numbers);
    if (level === 5) expect(publishes.map(({ properties }) => properties?.topicAlias)).toEqual(numbers);
    for (const packetId of numbers) client.send({ type: "PUBACK", packetId });
    publisher.publish("topic/300", "y", 1);
    expect(client.takePublishes()).toMatchObject([
      { packetId: 301, ...(level === 5 ? { properties: { topicAlias: 300 } } : {}) },
    ]);
  });
});

it("a client's own view of a PUBLISH ends with its payload", () => {
  const bytes = Uint8Array.from([...encodeText("t"), 0, 1, 9, 9, 0xee]);
  expect(decodePacket(bytes, 0x32, 0, 7)).toMatchObject({ packetId: 1, payload: Uint8Array.of(9, 9) });
});

it("a PUBLISH of 5.0 without a property list is refused, whatever stands behind it", () => {
  for (const next of [0, 1]) {
    const bytes = Uint8Array.from([...text("t"), 0, 1, next, next]);
    expect(() => decodePacket(bytes, 0x30, 0, 3, 5)).toThrow("[MQTT 2.2.2.1]");
    expect(() => decodePacket(bytes, 0x32, 0, 5, 5)).toThrow("[MQTT 2.2.2.1]");
  }
});

it("a PUBLISH that ends inside its topic is refused, whatever stands behind it", () => {
  for (const size of [0, 1, 2, 3]) {
    for (const level of [4, 5]) {
      const bytes = Uint8Array.from([0, 2, 0x61, 0x62, 0, 0]);
      expect(() => decodePacket(bytes, 0x30, 0, size, level)).toThrow("[MQTT-3.3.2-1] a PUBLISH ends inside its topic");
    }
  }
});

it("a property list of one byte is refused, and is no payload", () => {
  for (const [property, rule] of [
    [0x01, "[MQTT 2.2.2.1] payloadFormat runs past the end of its properties"],
    [0x00, "[MQTT 2.2.2.2] property 0x00 in PUBLISH"],
  ] as const) {
    const client = new World().connect5("c");
    client.sendBytes(Uint8Array.of(0x30, 6, ...text("t"), 1, property, 0x78));
    expect(client.closeReason).toBe(rule);
  }
});

it.each([127, 128, 255, 256, 513, 65_535])("a topic of %i bytes is read to its end, and passed on", size => {
  const topic = "t".repeat(size);
  for (const level of [4, 5]) {
    const bytes = Uint8Array.from([size >> 8, size & 255, ...Buffer.from(topic), 0, 7, ...(level === 5 ? [0] : []), 9]);
    expect(decodePacket(bytes, 0x32, 0, bytes.length, level)).toMatchObject({
      topic,
      packetId: 7,
      payload: Uint8Array.of(9),
    });
  }
  const world = new World();
  const clients = [world.connect("a"), world.connect5("b"), world.connect5("c", { topicAliasMaximum: 1 })];
  for (const client of clients) client.subscribe("#", 1);
  for (const text of ["1", "2"]) clients[1].publish5(topic, text, {}, 1);
  expect(
    clients.map(client => client.takeAll().flatMap(each => (each.type === "PUBLISH" ? [each.topic] : []))),
  ).toEqual([
    [topic, topic],
    [topic, topic],
    [topic, ""],
  ]);
});
