/**
 * Packets as annotated bytes, and what they mean in the form of mqtt-packet. One row tests every direction: that other codec
 * writes these bytes, the core writes them where a client sends such a packet, and reads them where it receives one.
 */
import type { Packet } from "./codec.ts";

export interface Vector {
  readonly what: string;
  /** Whether a client sends it, receives it, or both. */
  readonly way: "out" | "in" | "both";
  readonly bytes: readonly number[];
  readonly packet: Packet;
}

const text = (value: string): number[] => [...Buffer.from(value)];

export const VECTORS: readonly Vector[] = [
  {
    what: "CONNECT, nothing but an identifier",
    way: "out",
    bytes: [
      ...[0x10, 13], // type 1, 13 bytes follow
      ...[0, 4, ...text("MQTT")], // protocol name
      4, // level of 3.1.1
      0x02, // clean session
      ...[0, 60], // keep-alive, seconds
      ...[0, 1, ...text("a")], // client identifier
    ],
    packet: { cmd: "connect", clientId: "a", clean: true, keepalive: 60 },
  },
  {
    what: "CONNECT with an empty identifier",
    way: "out",
    bytes: [
      ...[0x10, 12], // type 1
      ...[0, 4, ...text("MQTT"), 4], // protocol
      0x02, // clean session, which an empty identifier needs
      ...[0, 0], // keep-alive off
      ...[0, 0], // client identifier
    ],
    packet: { cmd: "connect", clientId: "", clean: true, keepalive: 0 },
  },
  {
    what: "CONNECT of MQTT 3.1",
    way: "out",
    bytes: [
      ...[0x10, 23], // type 1
      ...[0, 6, ...text("MQIsdp"), 3], // protocol
      0x82, // user name, clean session
      ...[0, 60], // keep-alive
      ...[0, 1, ...text("a")], // client identifier
      ...[0, 6, ...text("sensor")], // user name
    ],
    packet: {
      cmd: "connect",
      protocolId: "MQIsdp",
      protocolVersion: 3,
      clientId: "a",
      clean: true,
      keepalive: 60,
      username: "sensor",
    },
  },
  {
    what: "CONNECT with every field",
    way: "out",
    bytes: [
      ...[0x10, 38], // type 1
      ...[0, 4, ...text("MQTT"), 4], // protocol
      0xec, // user name, password, will retain, will QoS 1, will
      ...[0xff, 0xff], // keep-alive of 18 hours
      ...[0, 4, ...text("buoy")], // client identifier
      ...[0, 4, ...text("lost")], // will topic
      ...[0, 2, 0x00, 0xff], // will message: any bytes
      ...[0, 4, 0x5a, 0x6f, 0xc3, 0xab], // user name: Z o ë
      ...[0, 4, 0xde, 0xad, 0xbe, 0xef], // password: any bytes
    ],
    packet: {
      cmd: "connect",
      clientId: "buoy",
      clean: false,
      keepalive: 65535,
      will: { topic: "lost", payload: Buffer.from([0x00, 0xff]), qos: 1, retain: true },
      username: "Zoë",
      password: Buffer.from([0xde, 0xad, 0xbe, 0xef]),
    },
  },
  {
    what: "CONNECT with a user name and an empty password",
    way: "out",
    bytes: [
      ...[0x10, 18], // type 1
      ...[0, 4, ...text("MQTT"), 4], // protocol
      0xc2, // user name, password, clean session
      ...[0, 10], // keep-alive
      ...[0, 1, ...text("a")], // client identifier
      ...[0, 1, ...text("u")], // user name
      ...[0, 0], // password
    ],
    packet: { cmd: "connect", clientId: "a", clean: true, keepalive: 10, username: "u", password: Buffer.alloc(0) },
  },
  {
    what: "CONNECT with a will of QoS 2 and an empty message",
    way: "out",
    bytes: [
      ...[0x10, 18], // type 1
      ...[0, 4, ...text("MQTT"), 4], // protocol
      0x16, // will QoS 2, will, clean session
      ...[0, 10], // keep-alive
      ...[0, 1, ...text("a")], // client identifier
      ...[0, 1, ...text("w")], // will topic
      ...[0, 0], // will message
    ],
    packet: {
      cmd: "connect",
      clientId: "a",
      clean: true,
      keepalive: 10,
      will: { topic: "w", payload: Buffer.alloc(0), qos: 2, retain: false },
    },
  },
  {
    what: "CONNACK, accepted",
    way: "in",
    bytes: [
      ...[0x20, 2], // type 2
      0, // no session
      0, // accepted
    ],
    packet: { cmd: "connack", sessionPresent: false, returnCode: 0 },
  },
  {
    what: "CONNACK, accepted with a session",
    way: "in",
    bytes: [
      ...[0x20, 2], // type 2
      1, // session present
      0, // accepted
    ],
    packet: { cmd: "connack", sessionPresent: true, returnCode: 0 },
  },
  ...[1, 2, 3, 4, 5].map(
    (returnCode): Vector => ({
      what: `CONNACK, refused with code ${returnCode}`,
      way: "in",
      bytes: [
        ...[0x20, 2], // type 2
        0, // no session [MQTT-3.2.2-4]
        returnCode,
      ],
      packet: { cmd: "connack", sessionPresent: false, returnCode },
    }),
  ),
  {
    what: "PUBLISH at QoS 0 without a payload",
    way: "both",
    bytes: [
      ...[0x30, 3], // type 3, QoS 0
      ...[0, 1, ...text("a")], // topic
    ],
    packet: { cmd: "publish", dup: false, qos: 0, retain: false, topic: "a", payload: Buffer.alloc(0) },
  },
  {
    what: "PUBLISH at QoS 1, retained",
    way: "both",
    bytes: [
      ...[0x33, 13], // type 3, QoS 1, RETAIN
      ...[0, 5, ...text("a/b/c")], // topic
      ...[0x01, 0x00], // packet identifier, most significant byte first
      ...[...text("on"), 0x00, 0xff], // payload: any bytes
    ],
    packet: {
      cmd: "publish",
      dup: false,
      qos: 1,
      retain: true,
      topic: "a/b/c",
      payload: Buffer.from([...text("on"), 0x00, 0xff]),
      messageId: 256,
    },
  },
  {
    what: "PUBLISH at QoS 2, the last identifier, a topic of two, three and four byte characters",
    way: "both",
    bytes: [
      ...[0x34, 15], // type 3, QoS 2
      ...[0, 10, 0xc3, 0xa9, 0x2f, 0xe2, 0x82, 0xac, 0xf0, 0x90, 0x80, 0x80], // é / € U+10000
      ...[0xff, 0xff], // packet identifier
      0x21, // payload
    ],
    packet: {
      cmd: "publish",
      dup: false,
      qos: 2,
      retain: false,
      topic: "é/€\u{10000}",
      payload: Buffer.from("!"),
      messageId: 65535,
    },
  },
  {
    what: "PUBLISH at QoS 1, once more",
    way: "in",
    bytes: [
      ...[0x3a, 6], // type 3, DUP, QoS 1
      ...[0, 1, ...text("/")], // topic
      ...[0, 1], // packet identifier
      0x30, // payload
    ],
    packet: { cmd: "publish", dup: true, qos: 1, retain: false, topic: "/", payload: Buffer.from("0"), messageId: 1 },
  },
  {
    what: "PUBLISH of 127 bytes behind its header, the most for one byte of length",
    way: "both",
    bytes: [
      ...[0x30, 127], // type 3
      ...[0, 1, ...text("a")], // topic
      ...Array<number>(124).fill(0x2b), // payload
    ],
    packet: { cmd: "publish", dup: false, qos: 0, retain: false, topic: "a", payload: Buffer.alloc(124, "+") },
  },
  {
    what: "PUBLISH of 128 bytes behind its header, the least for two bytes of length",
    way: "both",
    bytes: [
      ...[0x30, 0x80, 1], // type 3
      ...[0, 1, ...text("a")], // topic
      ...Array<number>(125).fill(0x23), // payload
    ],
    packet: { cmd: "publish", dup: false, qos: 0, retain: false, topic: "a", payload: Buffer.alloc(125, "#") },
  },
  ...(
    [
      ["PUBACK", 0x40, "puback"],
      ["PUBREC", 0x50, "pubrec"],
      ["PUBREL", 0x62, "pubrel"],
      ["PUBCOMP", 0x70, "pubcomp"],
    ] as const
  ).map(
    ([what, first, cmd]): Vector => ({
      what,
      way: "both",
      bytes: [
        ...[first, 2], // type, and bit 1 in PUBREL only
        ...[0xab, 0xcd], // packet identifier
      ],
      packet: { cmd, messageId: 0xabcd },
    }),
  ),
  {
    what: "SUBSCRIBE with three filters",
    way: "out",
    bytes: [
      ...[0x82, 21], // type 8, bit 1
      ...[0, 1], // packet identifier
      ...[0, 1, ...text("#"), 0], // at QoS 0
      ...[0, 3, ...text("a/+"), 1], // at QoS 1
      ...[0, 6, ...text("$SYS/#"), 2], // at QoS 2
    ],
    packet: {
      cmd: "subscribe",
      messageId: 1,
      subscriptions: [
        { topic: "#", qos: 0 },
        { topic: "a/+", qos: 1 },
        { topic: "$SYS/#", qos: 2 },
      ],
    },
  },
  {
    what: "SUBACK with every code",
    way: "in",
    bytes: [
      ...[0x90, 6], // type 9
      ...[0, 1], // packet identifier
      ...[0, 1, 2, 0x80], // granted, and refused
    ],
    packet: { cmd: "suback", messageId: 1, granted: [0, 1, 2, 0x80] },
  },
  {
    what: "UNSUBSCRIBE with two filters",
    way: "out",
    bytes: [
      ...[0xa2, 10], // type 10, bit 1
      ...[0, 1], // packet identifier
      ...[0, 1, ...text("#")],
      ...[0, 3, ...text("a/+")],
    ],
    packet: { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["#", "a/+"] },
  },
  {
    what: "UNSUBACK",
    way: "in",
    bytes: [
      ...[0xb0, 2], // type 11
      ...[0, 1], // packet identifier
    ],
    packet: { cmd: "unsuback", messageId: 1 },
  },
  { what: "PINGREQ", way: "out", bytes: [0xc0, 0], packet: { cmd: "pingreq" } },
  { what: "PINGRESP", way: "in", bytes: [0xd0, 0], packet: { cmd: "pingresp" } },
  { what: "DISCONNECT", way: "out", bytes: [0xe0, 0], packet: { cmd: "disconnect" } },
];
