/**
 * A whole client closes over every malformed packet, and names what is wrong with it: MQTT 3.1.1 section 4.8.
 */
import { generate, type Packet as PeerPacket } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { REFUSALS } from "../wire/refusals.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

/** Well formed, and not to be answered so: what the client has asked for, what comes, the rule. */
const STRAYS: readonly [
  what: string,
  rule: string,
  sent: PeerPacket | undefined,
  came: PeerPacket,
  expected: number,
][] = [
  [
    "PUBACK for a message of QoS 2",
    "4.3.3",
    message(2),
    { cmd: "puback", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBREC for a message of QoS 1",
    "4.3.2",
    message(1),
    { cmd: "pubrec", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBCOMP for a message of QoS 1",
    "4.3.2",
    message(1),
    { cmd: "pubcomp", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  ["PUBCOMP before PUBREC", "4.3.3", message(2), { cmd: "pubcomp", messageId: 1 }, status.UNEXPECTED_ACKNOWLEDGEMENT],
  [
    "SUBACK for a message",
    "MQTT-3.8.4-2",
    message(1),
    { cmd: "suback", messageId: 1, granted: [0] },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "UNSUBACK for a message",
    "MQTT-3.10.4-4",
    message(2),
    { cmd: "unsuback", messageId: 1, granted: [] },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBACK for SUBSCRIBE",
    "MQTT-3.8.4-1",
    subscribeTwo(),
    { cmd: "puback", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBREC for SUBSCRIBE",
    "MQTT-3.8.4-1",
    subscribeTwo(),
    { cmd: "pubrec", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBCOMP for SUBSCRIBE",
    "MQTT-3.8.4-1",
    subscribeTwo(),
    { cmd: "pubcomp", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "UNSUBACK for SUBSCRIBE",
    "MQTT-3.8.4-1",
    subscribeTwo(),
    { cmd: "unsuback", messageId: 1, granted: [] },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "SUBACK for UNSUBSCRIBE",
    "MQTT-3.10.4-4",
    unsubscribeOne(),
    { cmd: "suback", messageId: 1, granted: [0] },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "PUBACK for UNSUBSCRIBE",
    "MQTT-3.10.4-4",
    unsubscribeOne(),
    { cmd: "puback", messageId: 1 },
    status.UNEXPECTED_ACKNOWLEDGEMENT,
  ],
  [
    "SUBACK with a code too few",
    "MQTT-3.8.4-5",
    subscribeTwo(),
    { cmd: "suback", messageId: 1, granted: [0] },
    status.UNEXPECTED_SUBACK_COUNT,
  ],
  [
    "SUBACK with a code too many",
    "MQTT-3.8.4-5",
    subscribeTwo(),
    { cmd: "suback", messageId: 1, granted: [0, 0, 0] },
    status.UNEXPECTED_SUBACK_COUNT,
  ],
  [
    "PUBACK larger than the receive region",
    "3.4.1",
    message(1),
    { cmd: "puback", messageId: 1 },
    status.UNEXPECTED_SIZE,
  ],
];

function message(qos: 1 | 2): PeerPacket {
  return { cmd: "publish", topic: "a", payload: "", qos, dup: false, retain: false };
}

function subscribeTwo(): PeerPacket {
  return {
    cmd: "subscribe",
    messageId: 1,
    subscriptions: [
      { topic: "a", qos: 0 },
      { topic: "b", qos: 1 },
    ],
  };
}

function unsubscribeOne(): PeerPacket {
  return { cmd: "unsubscribe", messageId: 1, unsubscriptions: ["a"] };
}

describe.each(builds)("a client closes, $name", build => {
  const online = (): Endpoint => new Endpoint(build).online();
  const duringConnect = (): Endpoint => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    endpoint.open();
    endpoint.takeEvents();
    return endpoint;
  };

  it.each(REFUSALS)("over $what [$rule]", ({ what, bytes, status: expected }) => {
    const isConnack = bytes[0] === 0x20;
    const endpoint = isConnack ? duringConnect() : online();
    endpoint.receive(Uint8Array.from(bytes));
    expect([what, endpoint.takeEvents()]).toEqual([what, [{ type: "close", reason: expected }]]);
    expect(endpoint.core.reason(endpoint.client)).toBe(expected);
    // Once only, and what comes behind it changes nothing.
    endpoint.receive(generate({ cmd: "pingresp" }));
    endpoint.advance(10_000);
    expect(endpoint.takeEvents()).toEqual([]);
    endpoint.close();
    endpoint.advance(1000);
    expect(endpoint.takeEvents()).toEqual([{ type: "open" }]);
  });

  it.each(REFUSALS)("over $what, byte by byte", ({ bytes, status: expected }) => {
    const endpoint = bytes[0] === 0x20 ? duringConnect() : online();
    endpoint.receive(Uint8Array.from(bytes), 1);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: expected }]);
  });

  it("before CONNACK over every malformed packet, or because it comes before CONNACK", () => {
    for (const { bytes, status: expected } of REFUSALS) {
      const endpoint = duringConnect();
      endpoint.receive(Uint8Array.from(bytes));
      const [closed, ...more] = endpoint.takeEvents();
      expect(more).toEqual([]);
      expect(closed?.type).toBe("close");
      if (closed?.type === "close") expect([expected, status.UNEXPECTED_BEFORE_CONNACK]).toContain(closed.reason);
    }
  });

  it.each(STRAYS)("over %s [%s]", (what, _, sent, came, expected) => {
    const endpoint = online();
    if (sent?.cmd === "publish") endpoint.publish(sent.topic, "", sent.qos);
    if (sent?.cmd === "subscribe") endpoint.subscribe(["a", 0], ["b", 1]);
    if (sent?.cmd === "unsubscribe") endpoint.unsubscribe("a");
    if (what.includes("larger")) endpoint.receive(Uint8Array.of(0x40, 0x80, 0x02));
    else endpoint.serve(came);
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: expected }]);
    // Nothing that was asked for is lost over it.
    endpoint.take();
    endpoint.reconnect();
    expect(endpoint.take()).toMatchObject([{ cmd: sent?.cmd, messageId: 1 }]);
  });

  it.each([
    ["PUBACK", 0x40],
    ["PUBREL", 0x62],
    ["SUBACK", 0x90],
    ["UNSUBACK", 0xb0],
    ["PINGRESP", 0xd0],
  ])("over %s that is larger than the receive region, at its header", (_, first) => {
    const endpoint = online();
    endpoint.receive(Uint8Array.of(first, 0xff, 0x01));
    expect(endpoint.takeEvents()).toEqual([{ type: "close", reason: status.UNEXPECTED_SIZE }]);
  });

  it("never over an answer to what it does not know any more", () => {
    const endpoint = online();
    endpoint.serve(
      { cmd: "puback", messageId: 7 },
      { cmd: "pubcomp", messageId: 8 },
      { cmd: "pubrec", messageId: 9 },
      { cmd: "pubrel", messageId: 10 },
    );
    expect(endpoint.takeEvents()).toEqual([]);
    expect(endpoint.takeLines()).toEqual(["pubrel 9", "pubcomp 10"]);
  });
});
