/**
 * Packets byte for byte, both ways; each cut short at every byte; and what a refusal says of the numbers that it has found.
 */
import { describe, expect, it } from "vitest";
import { levelOf } from "../../../host/broker/codec/connect.ts";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";
import { text } from "./bytes5.ts";

const data = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);
const PUBLISH = { type: "PUBLISH", topic: "t", payload: data(7), qos: 0, isDup: false, isRetain: false } as const;
const WILL = { topic: "w", payload: data(9), qos: 2, retain: true } as const;
const CONNECT = { type: "CONNECT", level: 4, cleanSession: true, keepAliveS: 0x102, clientId: "c" } as const;
const MQTT = text("MQTT");

interface Exact {
  readonly level: 4 | 5;
  readonly packet: Packet;
  readonly bytes: readonly number[];
  /** Sizes of a body that ends earlier and is whole too. */
  readonly whole?: readonly number[];
}

const exact = (level: 4 | 5, packet: Packet, bytes: number[], whole: number[] = []): Exact => {
  return { level, packet, bytes, whole };
};

const PACKETS: readonly Exact[] = [
  exact(4, CONNECT, [0x10, 13, ...MQTT, 4, 0x02, 1, 2, ...text("c")]),
  exact(4, { ...CONNECT, isBridge: true }, [0x10, 13, ...MQTT, 0x84, 0x02, 1, 2, ...text("c")]),
  exact(4, { ...CONNECT, level: 3 }, [0x10, 15, ...text("MQIsdp"), 3, 0x02, 1, 2, ...text("c")]),
  exact(4, { ...CONNECT, level: 3, isBridge: true }, [0x10, 15, ...text("MQIsdp"), 0x83, 0x02, 1, 2, ...text("c")]),
  exact(
    4,
    { ...CONNECT, cleanSession: false, keepAliveS: 0xffff, will: WILL, username: "u", password: data(0, 0xff) },
    [0x10, 26, ...MQTT, 4, 0xf4, 255, 255, ...text("c"), ...text("w"), 0, 1, 9, ...text("u"), 0, 2, 0, 0xff],
  ),
  exact(4, { ...CONNECT, will: { ...WILL, qos: 1, retain: false } }, [
    0x10,
    19,
    ...MQTT,
    4,
    0x0e,
    1,
    2,
    ...text("c"),
    ...text("w"),
    0,
    1,
    9,
  ]),
  exact(5, { ...CONNECT, level: 5, properties: {} }, [0x10, 14, ...MQTT, 5, 0x02, 1, 2, 0, ...text("c")]),
  exact(5, { ...CONNECT, level: 5, properties: {}, will: { ...WILL, properties: {} }, password: data(8) }, [
    0x10,
    24,
    ...MQTT,
    5,
    0x76,
    1,
    2,
    0,
    ...text("c"),
    0,
    ...text("w"),
    0,
    1,
    9,
    0,
    1,
    8,
  ]),
  exact(4, { type: "CONNACK", sessionPresent: true, returnCode: 0 }, [0x20, 2, 1, 0]),
  exact(4, { type: "CONNACK", sessionPresent: false, returnCode: 5 }, [0x20, 2, 0, 5]),
  exact(5, { type: "CONNACK", sessionPresent: true, returnCode: 0, properties: {} }, [0x20, 3, 1, 0, 0]),
  exact(5, { type: "CONNACK", sessionPresent: false, returnCode: 0x87, properties: {} }, [0x20, 3, 0, 0x87, 0]),
  exact(4, { ...PUBLISH, packetId: 0 }, [0x30, 4, ...text("t"), 7], [3]),
  exact(4, { ...PUBLISH, qos: 1, packetId: 0xff }, [0x32, 6, ...text("t"), 0, 0xff, 7], [5]),
  exact(4, { ...PUBLISH, qos: 1, isDup: true, packetId: 0x100 }, [0x3a, 6, ...text("t"), 1, 0, 7], [5]),
  exact(4, { ...PUBLISH, qos: 2, isRetain: true, packetId: 0xffff }, [0x35, 6, ...text("t"), 255, 255, 7], [5]),
  exact(5, { ...PUBLISH, packetId: 0, properties: {} }, [0x30, 5, ...text("t"), 0, 7], [4]),
  exact(5, { ...PUBLISH, qos: 1, packetId: 0x102, properties: {} }, [0x32, 7, ...text("t"), 1, 2, 0, 7], [6]),
  exact(
    5,
    { ...PUBLISH, topic: "", packetId: 0, properties: { topicAlias: 0x102 } },
    [0x30, 7, 0, 0, 3, 0x23, 1, 2, 7],
    [6],
  ),
  exact(
    5,
    { ...PUBLISH, qos: 2, isRetain: true, isDup: true, packetId: 0xffff, properties: { payloadFormat: 1 } },
    [0x3d, 9, ...text("t"), 255, 255, 2, 1, 1, 7],
    [8],
  ),
  ...([0x40, 0x50, 0x62, 0x70] as const).flatMap((first, index) => {
    const type = (["PUBACK", "PUBREC", "PUBREL", "PUBCOMP"] as const)[index];
    const reasonCode = index < 2 ? 0x10 : 0x92;
    const properties = { reasonString: "w" };
    return [
      exact(4, { type, packetId: 0x102 }, [first, 2, 1, 2]),
      exact(5, { type, packetId: 0xffff, reasonCode: 0 }, [first, 2, 255, 255]),
      exact(5, { type, packetId: 0x102, reasonCode }, [first, 3, 1, 2, reasonCode], [2]),
      exact(5, { type, packetId: 1, reasonCode, properties: {} }, [first, 4, 0, 1, reasonCode, 0], [2, 3]),
      exact(
        5,
        { type, packetId: 0x100, reasonCode: 0, properties },
        [first, 8, 1, 0, 0, 4, 0x1f, ...text("w")],
        [2, 3],
      ),
    ];
  }),
  exact(
    4,
    {
      type: "SUBSCRIBE",
      packetId: 0x102,
      subscriptions: [
        { filter: "a", qos: 0 },
        { filter: "+/#", qos: 2 },
      ],
    },
    [0x82, 12, 1, 2, ...text("a"), 0, ...text("+/#"), 2],
    [6],
  ),
  exact(
    5,
    {
      type: "SUBSCRIBE",
      packetId: 0xffff,
      properties: {},
      subscriptions: [
        { filter: "a", qos: 1, noLocal: true, retainAsPublished: false, retainHandling: 0 },
        { filter: "b", qos: 2, noLocal: false, retainAsPublished: true, retainHandling: 1 },
        { filter: "c", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 2 },
        { filter: "$share/g/c", qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 },
      ],
    },
    [
      ...[0x82, 28, 255, 255, 0, ...text("a"), 0x05, ...text("b"), 0x1a, ...text("c"), 0x20],
      ...[...text("$share/g/c"), 0],
    ],
    [7, 11, 15],
  ),
  exact(
    4,
    { type: "SUBACK", packetId: 0x102, returnCodes: [0, 1, 2, 0x80] },
    [0x90, 6, 1, 2, 0, 1, 2, 0x80],
    [2, 3, 4, 5],
  ),
  exact(
    5,
    { type: "SUBACK", packetId: 0x102, returnCodes: [2, 0x87], properties: {} },
    [0x90, 5, 1, 2, 0, 2, 0x87],
    [3, 4],
  ),
  exact(
    4,
    { type: "UNSUBSCRIBE", packetId: 0x102, filters: ["a", "#"] },
    [0xa2, 8, 1, 2, ...text("a"), ...text("#")],
    [5],
  ),
  exact(
    5,
    { type: "UNSUBSCRIBE", packetId: 0x102, filters: ["a", "#"], properties: {} },
    [0xa2, 9, 1, 2, 0, ...text("a"), ...text("#")],
    [6],
  ),
  exact(4, { type: "UNSUBACK", packetId: 0x102 }, [0xb0, 2, 1, 2]),
  exact(
    5,
    { type: "UNSUBACK", packetId: 0x102, returnCodes: [0x11, 0], properties: {} },
    [0xb0, 5, 1, 2, 0, 0x11, 0],
    [3, 4],
  ),
  exact(4, { type: "PINGREQ" }, [0xc0, 0]),
  exact(5, { type: "PINGRESP" }, [0xd0, 0]),
  exact(4, { type: "DISCONNECT" }, [0xe0, 0]),
  exact(5, { type: "DISCONNECT", reasonCode: 0 }, [0xe0, 0]),
  exact(5, { type: "DISCONNECT", reasonCode: 4 }, [0xe0, 1, 4], [0]),
  exact(5, { type: "DISCONNECT", reasonCode: 0x81, properties: {} }, [0xe0, 2, 0x81, 0], [0, 1]),
  exact(5, { type: "AUTH", reasonCode: 0x18, properties: { authenticationMethod: "m" } }, [
    0xf0,
    6,
    0x18,
    4,
    0x15,
    ...text("m"),
  ]),
];

const named = PACKETS.map(row => ({ ...row, what: `${row.packet.type} of ${row.level}: ${row.bytes.join(" ")}` }));

/** Reads a body that lies between other bytes. */
function read(bytes: readonly number[], level: number, bodySize = bytes.length - 2): Packet {
  const around = Uint8Array.from([0x2f, ...bytes.slice(2, 2 + bodySize), 0x2f, 0x2f, 0x2f, 0x2f]);
  return decodePacket(around, bytes[0], 1, 1 + bodySize, level);
}

describe("a packet", () => {
  it.each(named)("$what", ({ level, packet, bytes, whole }) => {
    expect(bytes[1]).toBe(bytes.length - 2);
    expect(read(bytes, level)).toEqual(packet);
    expect([...encodePacket(packet, level)]).toEqual(bytes);
    for (let size = 0; size < bytes.length - 2; size++) {
      if (whole?.includes(size))
        expect(encodePacket(read(bytes, level, size), level).length).toBeLessThanOrEqual(2 + size);
      else expect(() => read(bytes, level, size), `${size} bytes of ${bytes}`).toThrow(Violation);
    }
  });

  it("keeps nothing of the bytes in which it was read", () => {
    const bytes = Uint8Array.from([...text("t"), 1, 2, 3]);
    const packet = decodePacket(bytes, 0x30, 0, bytes.length);
    bytes.fill(0);
    expect(packet).toMatchObject({ topic: "t", payload: data(1, 2, 3) });
    const connect = Uint8Array.from([...MQTT, 4, 0xc0, 0, 0, ...text("c"), ...text("u"), 0, 1, 5]);
    const secret = decodePacket(connect, 0x10, 0, connect.length);
    connect.fill(0);
    expect(secret).toMatchObject({ username: "u", password: data(5) });
  });

  it("has no identifier at QoS 0 [MQTT-2.3.1-5], whatever its caller says", () => {
    for (const level of [4, 5]) {
      const bytes = encodePacket({ ...PUBLISH, packetId: 9, ...(level === 5 ? { properties: {} } : {}) }, level);
      expect(decodePacket(bytes, bytes[0], 2, bytes.length, level)).toMatchObject({
        qos: 0,
        packetId: 0,
        payload: data(7),
      });
    }
  });
});

describe("a refusal", () => {
  it.each<[level: number, bytes: number[], message: string]>([
    [4, [0x00, 0], "[MQTT 2.2.1] 0 is a reserved packet type"],
    [4, [0xf0, 0], "[MQTT 2.2.1] 15 is a reserved packet type"],
    [5, [0x0f, 0], "[MQTT 2.1.2] 0 is a reserved packet type"],
    [4, [0x60, 2, 0, 1], "[MQTT-3.6.1-1] the flags of PUBREL are 2, not 0"],
    [5, [0x4f, 2, 0, 1], "[MQTT-2.1.3-1] the flags of PUBACK are 0, not 15"],
    [4, [0x40, 3, 0, 1, 0], "[MQTT 3.4.1] PUBACK has 2 bytes after its length, not 3"],
    [4, [0x70, 1, 1], "[MQTT 3.7.1] PUBCOMP has 2 bytes after its length, not 1"],
    [4, [0xc0, 2, 0, 0], "[MQTT 3.12.1] PINGREQ has no body, but 2 bytes follow"],
    [4, [0xe0, 1, 0], "[MQTT 3.14.1] DISCONNECT has no body, but 1 bytes follow"],
    [4, [0x10, 10, ...text("MQTX"), 4, 2, 0, 0], "[MQTT-3.1.2-1] the protocol name is 'MQTT', not 'MQTX'"],
    [4, [0x10, 10, ...MQTT, 6, 2, 0, 0], "[MQTT-3.1.2-2] the protocol level is 6"],
    [4, [0x10, 10, ...MQTT, 0x80, 2, 0, 0], "[MQTT-3.1.2-2] the protocol level is 128"],
    [4, [0x10, 10, ...MQTT, 0x85, 2, 0, 0], "[MQTT-3.1.2-2] the protocol level is 133"],
    [4, [0x10, 13, ...MQTT, 4, 0x08, 0, 0, ...text("c")], "[MQTT-3.1.2-13] no will, but a will QoS of 1"],
    [4, [0x10, 13, ...MQTT, 4, 0x18, 0, 0, ...text("c")], "[MQTT-3.1.2-13] no will, but a will QoS of 3"],
    [
      4,
      [0x10, 14, ...MQTT, 4, 2, 0, 0, ...text("c"), 0],
      "[MQTT-3.1.2-18] CONNECT ends 1 bytes before its Remaining Length",
    ],
    [5, [0x40, 5, 0, 1, 0, 0, 9], "[MQTT 3.4.2] PUBACK ends 1 bytes before its Remaining Length"],
    [4, [0x32, 5, ...text("t"), 0, 0], "[MQTT-2.3.1-1] a QoS 1 PUBLISH has the packet identifier 0"],
    [4, [0x82, 6, 0, 1, ...text("a"), 3], "[MQTT-3-8.3-4] a requested QoS is 0, 1 or 2, not 3"],
    [5, [0x82, 7, 0, 1, 0, ...text("a"), 0x4a], "[MQTT-3.8.3-5] a reserved subscription option is 1: 0x4a"],
    [5, [0x82, 7, 0, 1, 0, ...text("a"), 0x80], "[MQTT-3.8.3-5] a reserved subscription option is 1: 0x80"],
    [4, [0x90, 3, 0, 1, 3], "[MQTT-3.9.3-2] 3 is a reserved return code"],
    [4, [0x90, 3, 0, 1, 0x7f], "[MQTT-3.9.3-2] 127 is a reserved return code"],
    [4, [0x90, 3, 0, 1, 0x81], "[MQTT-3.9.3-2] 129 is a reserved return code"],
    [5, [0x90, 4, 0, 1, 0, 3], "[MQTT-3.9.3-2] 3 is no reason code here"],
    [4, [0x30, 5, ...text("a/+")], "[MQTT-3.3.2-2] a PUBLISH topic has no wildcard: 'a/+'"],
    [5, [0x30, 6, ...text("a/#"), 0], "[MQTT-3.3.2-2] a PUBLISH topic has no wildcard: 'a/#'"],
    [4, [0x30, 2, 0, 0], "[MQTT-4.7.3-1] a PUBLISH topic is empty"],
    [5, [0x30, 3, 0, 0, 0], "[MQTT 3.3.2.1] a PUBLISH with neither a topic nor a topic alias"],
  ])("of %i: %j is %s", (level, bytes, message) => {
    // Its words, whole; its reason code is with the vectors.
    expect(() => read(bytes, level)).toThrow(Violation);
    expect(() => read(bytes, level)).toThrow(new RegExp(`^${message.replaceAll(/[[\].+]/g, "\\$&")}$`));
  });
});

describe("the level of a CONNECT, whatever else is wrong with it", () => {
  it.each<[bytes: number[], size: number, level: 4 | 5]>([
    [[...MQTT, 5], 7, 5],
    [[...MQTT, 5, 0xff], 8, 5],
    [[...MQTT, 4], 7, 4],
    [[...MQTT, 0x85], 7, 4],
    // The five is no part of it.
    [[...MQTT, 5], 6, 4],
    [[...text("MQTX"), 5], 7, 4],
    [[1, 4, ...MQTT.slice(2), 5], 7, 4],
    [[0, 3, ...MQTT.slice(2), 5], 7, 4],
    [[...text("MQIs"), 5, 0x70, 3], 9, 4],
    [[], 0, 4],
  ])("%j, %i bytes of it, is %i", (bytes, size, level) => {
    expect(levelOf(Uint8Array.from([9, ...bytes]), 1, 1 + size)).toBe(level);
  });
});
