/**
 * Short conversations with a broker, to be held with two of them (differences.test.ts). Where the answers differ,
 * DECISIONS says which section of the standard decides.
 */
import { Buffer } from "node:buffer";
import type { Connect } from "../../host/broker/codec/connect.ts";
import type { Packet } from "../../host/broker/codec/packet.ts";
import type { Properties } from "../../host/broker/codec/properties.ts";
import type { Subscription } from "../../host/broker/codec/subscribe.ts";
import { connectPacket } from "./endpoint.ts";

/** Which section of the standard decides where the answers differ. */
export const DECISIONS: Readonly<Record<string, string>> = {
  "CONNECT 5.0 with a Receive Maximum of 0":
    "5.0, 3.1.2.11.3: 0 is a Protocol Error; 4.13.1: the server may say so in CONNACK",
  "CONNECT 5.0 with a Maximum Packet Size of 0":
    "5.0, 3.1.2.11.4: 0 is a Protocol Error; 4.13.1: the server may say so in CONNACK",
  "CONNECT 5.0 with a property of PUBLISH":
    "5.0, 2.2.2.2: a property without a place there is a Malformed Packet; 4.13.1: the server may say so in CONNACK",
  "CONNECT 5.0 with Session Expiry twice":
    "5.0, 3.1.2.11.2: twice is a Protocol Error; 4.13.1: the server may say so in CONNACK",
  "a second CONNECT, 5.0": "5.0, 4.13.1 [MQTT-4.13.1-1]: DISCONNECT with a reason code before closing",
  "PINGREQ with a body": "3.1.1, 3.12.1: the Remaining Length is 0; 4.8 [MQTT-4.8.0-1]",
  "PINGREQ with flags": "3.1.1, 2.2.2 [MQTT-2.2.2-2]: invalid flags close the connection",
  "AUTH without a method in CONNECT": "5.0, 4.12 [MQTT-4.12.0-7]; 4.13.1: DISCONNECT with a reason code before closing",
  "PUBLISH with DUP at QoS 0": "3.1.1, 3.3.1.1 [MQTT-3.3.1-2]: DUP is 0 at QoS 0; 4.8 [MQTT-4.8.0-1]",
  "PUBLISH 5.0 with alias 0": "5.0, 3.3.2.3.4 [MQTT-3.3.2-8], 3.14.2.1: 0x94 is the reason for an invalid alias",
  "PUBLISH 5.0 with a subscription identifier": "5.0, 3.3.4 [MQTT-3.3.4-6]: a client sends none",
  "PUBLISH 5.0 with a response topic that has a wildcard": "5.0, 3.3.2.3.5 [MQTT-3.3.2-14]: no wildcards",
  "PUBLISH 5.0 with a payload format of 2": "5.0, 3.3.2.3.2: the values are 0 and 1",
  "PUBLISH 5.0 with a length that is longer than need be":
    "5.0, 1.5.5 [MQTT-1.5.5-1]: the fewest bytes that can say it",
  "PUBREC for nothing, 5.0": "5.0, 3.6.2.1: 0x92 says that the identifier is not known",
  "PUBREL for nothing, 5.0": "5.0, 3.7.2.1: 0x92 says that the identifier is not known",
  "SUBSCRIBE 5.0 with retain handling 3": "5.0, 3.8.3.1: 3 is a Protocol Error, reason 0x82",
  "SUBSCRIBE 5.0 with identifier 0": "5.0, 3.8.2.1.2: 0 is a Protocol Error, reason 0x82",
  "DISCONNECT 5.0 with a reason of servers": "5.0, 3.14.2.1: this code is sent by servers only; 4.13.1",
  "SUBSCRIBE 5.0 shared, without a name": "5.0, 4.8.2 [MQTT-4.8.2-1]: a share name has at least one character",
  "SUBSCRIBE 5.0 shared, with No Local": "5.0, 3.8.3.1 [MQTT-3.8.3-4]: a Protocol Error",
  "two subscriptions that overlap, 5.0 with identifiers":
    "5.0, 3.3.4 [MQTT-3.3.4-2] allows copies, but each at its QoS; one copy with all identifiers is [MQTT-3.3.4-3] and no duplicate",
  "the same identifier from elsewhere, 5.0": "5.0, 3.1.4 [MQTT-3.1.4-3]: DISCONNECT with 0x8E before closing",
  "more QoS 2 messages without PUBREL than the Receive Maximum of 20, 5.0":
    "5.0, 3.3.4 [MQTT-3.3.4-7], 4.9: DISCONNECT with 0x93",
  "PUBLISH QoS 2 that nobody gets, 5.0": "5.0, 3.5.2.1: 0x10 may be said instead of 0x00",
};

/** What one client does: a packet, bytes that may be no packet, or the end of its connection without DISCONNECT. */
export type Step = readonly [client: string, action: Packet | Uint8Array | "break"];

export interface Exchange {
  readonly name: string;
  readonly level: 4 | 5;
  readonly steps: readonly Step[];
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

export function connect(client: string, level: 4 | 5, options: Partial<Connect> = {}): Step {
  const properties = level === 5 ? { properties: {} } : {};
  return [client, connectPacket(client, { level, keepAliveS: 0, ...properties, ...options })];
}

export function subscribe(client: string, subscriptions: Subscription[], properties?: Properties): Step {
  return [client, { type: "SUBSCRIBE", packetId: 10, subscriptions, properties }];
}

export function publish(
  client: string,
  topic: string,
  qos: 0 | 1 | 2,
  rest: { properties?: Properties; isRetain?: boolean; packetId?: number } = {},
): Step {
  const { properties, isRetain = false, packetId = 7 } = rest;
  const payload = Buffer.from("x");
  return [
    client,
    { type: "PUBLISH", topic, payload, qos, isDup: false, isRetain, packetId: qos > 0 ? packetId : 0, properties },
  ];
}

/** One client of either version connects and sends bytes. */
export function after(name: string, level: 4 | 5, text: string): Exchange {
  return { name, level, steps: [connect("c", level), ["c", hex(text)]] };
}

/** The first bytes of a connection. */
function first(name: string, level: 4 | 5, text: string): Exchange {
  return { name, level, steps: [["c", hex(text)]] };
}

export const EXCHANGES: readonly Exchange[] = [
  first("CONNECT with the reserved flag", 4, "10 0d 0004 4d515454 04 03 0000 0001 63"),
  first("CONNECT of protocol level 6", 4, "10 0d 0004 4d515454 06 02 0000 0001 63"),
  first("CONNECT under another protocol name", 4, "10 0d 0004 4d515458 04 02 0000 0001 63"),
  first("CONNECT without an identifier and without a clean session", 4, "10 0c 0004 4d515454 04 00 0000 0000"),
  first("CONNECT with a password but no user name", 4, "10 10 0004 4d515454 04 42 0000 0001 63 0001 70"),
  first("CONNECT with a will QoS of 3", 4, "10 13 0004 4d515454 04 1e 0000 0001 63 0001 77 0001 78"),
  first("CONNECT with a byte too many", 4, "10 0e 0004 4d515454 04 02 0000 0001 63 00"),
  first("PINGREQ before CONNECT", 4, "c0 00"),
  first("CONNECT 5.0 with a Receive Maximum of 0", 5, "10 11 0004 4d515454 05 02 0000 03 21 0000 0001 63"),
  first("CONNECT 5.0 with a Maximum Packet Size of 0", 5, "10 13 0004 4d515454 05 02 0000 05 27 00000000 0001 63"),
  first("CONNECT 5.0 with a property of PUBLISH", 5, "10 10 0004 4d515454 05 02 0000 02 01 00 0001 63"),
  first(
    "CONNECT 5.0 with Session Expiry twice",
    5,
    "10 18 0004 4d515454 05 02 0000 0a 11 00000001 11 00000001 0001 63",
  ),
  after("a second CONNECT", 4, "10 0d 0004 4d515454 04 02 0000 0001 63"),
  after("a second CONNECT, 5.0", 5, "10 0e 0004 4d515454 05 02 0000 00 0001 63"),
  after("PINGREQ with a body", 4, "c0 01 00"),
  after("PINGREQ with flags", 4, "c1 00"),
  after("a packet of type 0", 4, "00 00"),
  after("AUTH in 3.1.1", 4, "f0 00"),
  after("AUTH without a method in CONNECT", 5, "f0 00"),
  after("CONNACK from a client", 4, "20 02 00 00"),
  after("PUBLISH of QoS 3", 4, "36 04 0001 61 78"),
  after("PUBLISH with DUP at QoS 0", 4, "38 04 0001 61 78"),
  after("PUBLISH with packet identifier 0", 4, "32 06 0001 61 0000 78"),
  after("PUBLISH to a wildcard", 4, "30 04 0001 23 78"),
  after("PUBLISH to an empty topic", 4, "30 03 0000 78"),
  after("PUBLISH to a topic with U+0000", 4, "30 06 0003 610062 78"),
  after("PUBLISH to a topic that is no UTF-8", 4, "30 05 0002 c328 78"),
  after("PUBLISH to a topic with a surrogate", 4, "30 06 0003 eda080 78"),
  after("PUBLISH that ends inside its topic", 4, "30 03 0005 61"),
  after("PUBLISH 5.0 without topic and alias", 5, "30 04 0000 00 78"),
  after("PUBLISH 5.0 with alias 0", 5, "30 08 0001 61 03 230000 78"),
  after("PUBLISH 5.0 with an alias over the maximum", 5, "30 08 0001 61 03 23ffff 78"),
  after("PUBLISH 5.0 with an unknown alias", 5, "30 07 0000 03 230001 78"),
  after("PUBLISH 5.0 with a subscription identifier", 5, "30 07 0001 61 02 0b01 78"),
  after("PUBLISH 5.0 with a response topic that has a wildcard", 5, "30 09 0001 61 04 08 0001 23 78"),
  after("PUBLISH 5.0 with a payload format of 2", 5, "30 07 0001 61 02 0102 78"),
  after("PUBLISH 5.0 with a length that is longer than need be", 5, "30 85 00 0001 61 00 78"),
  after("PUBACK for nothing", 4, "40 02 0009"),
  after("PUBREC for nothing", 4, "50 02 0009"),
  after("PUBREC for nothing, 5.0", 5, "50 02 0009"),
  after("PUBREL for nothing", 4, "62 02 0009"),
  after("PUBREL for nothing, 5.0", 5, "62 02 0009"),
  after("PUBREL with wrong flags", 4, "60 02 0009"),
  after("SUBSCRIBE to nothing", 4, "82 02 000a"),
  after("SUBSCRIBE to an empty filter", 4, "82 05 000a 0000 00"),
  after("SUBSCRIBE to a#", 4, "82 07 000a 0002 6123 00"),
  after("SUBSCRIBE with QoS 3", 4, "82 06 000a 0001 61 03"),
  after("SUBSCRIBE with packet identifier 0", 4, "82 06 0000 0001 61 00"),
  after("SUBSCRIBE with wrong flags", 4, "80 06 000a 0001 61 00"),
  after("SUBSCRIBE 5.0 with reserved option bits", 5, "82 07 000a 00 0001 61 c0"),
  after("SUBSCRIBE 5.0 with retain handling 3", 5, "82 07 000a 00 0001 61 30"),
  after("SUBSCRIBE 5.0 with identifier 0", 5, "82 09 000a 02 0b00 0001 61 00"),
  after("UNSUBSCRIBE from nothing", 4, "a2 02 000a"),
  after("UNSUBSCRIBE 5.0 from what was not subscribed", 5, "a2 06 000a 00 0001 61"),
  after("DISCONNECT with a body", 4, "e0 01 00"),
  after("DISCONNECT 5.0 that raises the expiry from 0", 5, "e0 07 00 05 11 00000005"),
  after("DISCONNECT 5.0 with a reason of servers", 5, "e0 01 8b"),
  {
    name: "SUBSCRIBE 5.0 shared, without a name",
    level: 5,
    steps: [connect("c", 5), subscribe("c", [{ filter: "$share//a", qos: 0 }])],
  },
  {
    name: "SUBSCRIBE 5.0 shared, with No Local",
    level: 5,
    steps: [connect("c", 5), subscribe("c", [{ filter: "$share/g/a", qos: 0, noLocal: true }])],
  },
  { name: "PUBLISH QoS 1 that nobody gets, 5.0", level: 5, steps: [connect("c", 5), publish("c", "a", 1)] },
  { name: "PUBLISH QoS 2 that nobody gets, 5.0", level: 5, steps: [connect("c", 5), publish("c", "a", 2)] },
  { name: "PUBLISH QoS 1 to $SYS", level: 4, steps: [connect("c", 4), publish("c", "$SYS/a", 1)] },
  { name: "PUBLISH QoS 1 to $SYS, 5.0", level: 5, steps: [connect("c", 5), publish("c", "$SYS/a", 1)] },
  {
    name: "two subscriptions of one client that overlap",
    level: 4,
    steps: [
      connect("c", 4),
      subscribe("c", [
        { filter: "a/#", qos: 0 },
        { filter: "a/+", qos: 2 },
      ]),
      connect("p", 4),
      publish("p", "a/b", 1),
    ],
  },
  {
    name: "two subscriptions that overlap, 5.0 with identifiers",
    level: 5,
    steps: [
      connect("c", 5),
      subscribe("c", [{ filter: "a/#", qos: 0 }], { subscriptionIds: [1] }),
      subscribe("c", [{ filter: "a/+", qos: 2 }], { subscriptionIds: [2] }),
      connect("p", 5),
      publish("p", "a/b", 1),
    ],
  },
  {
    name: "a retained message and the same subscription again",
    level: 4,
    steps: [
      connect("c", 4),
      publish("c", "r", 1, { isRetain: true }),
      subscribe("c", [{ filter: "r", qos: 1 }]),
      subscribe("c", [{ filter: "r", qos: 0 }]),
    ],
  },
  {
    name: "a message to one's own No Local subscription",
    level: 5,
    steps: [connect("c", 5), subscribe("c", [{ filter: "n", qos: 1, noLocal: true }]), publish("c", "n", 1)],
  },
  {
    name: "PUBACK for a QoS 2 message",
    level: 4,
    steps: [connect("c", 4), subscribe("c", [{ filter: "q", qos: 2 }]), publish("c", "q", 1), ["c", hex("50 02 0001")]],
  },
  {
    name: "the same identifier from elsewhere, 5.0",
    level: 5,
    steps: [connect("c", 5), ["again", connectPacket("c", { level: 5, keepAliveS: 0, properties: {} })]],
  },
  {
    name: "a will of a connection that breaks, and of one that says goodbye",
    level: 4,
    steps: [
      connect("w", 4),
      subscribe("w", [{ filter: "gone", qos: 0 }]),
      connect("a", 4, { will: { topic: "gone", payload: Buffer.from("a"), qos: 0, retain: false } }),
      connect("b", 4, { will: { topic: "gone", payload: Buffer.from("b"), qos: 0, retain: false } }),
      ["b", { type: "DISCONNECT" }],
      ["a", "break"],
    ],
  },
  {
    name: "DISCONNECT 5.0 that asks for the will",
    level: 5,
    steps: [
      connect("w", 5),
      subscribe("w", [{ filter: "gone", qos: 0 }]),
      connect("a", 5, { will: { topic: "gone", payload: Buffer.from("a"), qos: 0, retain: false, properties: {} } }),
      ["a", { type: "DISCONNECT", reasonCode: 4 }],
    ],
  },
  {
    name: "a session that is there, and one that is not",
    level: 4,
    steps: [
      connect("c", 4, { cleanSession: false }),
      subscribe("c", [{ filter: "s", qos: 1 }]),
      ["c", "break"],
      connect("p", 4),
      publish("p", "s", 1),
      ["again", connectPacket("c", { keepAliveS: 0, cleanSession: false })],
      ["again", "break"],
      ["third", connectPacket("c", { keepAliveS: 0 })],
    ],
  },
  {
    name: "more QoS 2 messages without PUBREL than the Receive Maximum of 20, 5.0",
    level: 5,
    steps: [
      connect("c", 5),
      ...Array.from({ length: 21 }, (_, index) => publish("c", "a", 2, { packetId: index + 1 })),
    ],
  },
];
