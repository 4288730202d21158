/** The log has mosquitto's words, by which scripts know what happened, and behind them the rule. */
import { describe, expect, it } from "vitest";
import { isOfConnection } from "../../host/broker/log.ts";
import { type Client, connectPacket, World } from "./endpoint.ts";

type Level = 4 | 5;

/** How connections end: what makes them, and the line that says so. */
const ENDS: readonly [name: string, cause: (world: World, client: Client, level: Level) => void, line: RegExp][] = [
  ["DISCONNECT", (_, client) => client.disconnect(), /^Client c disconnected\.$/],
  ["without DISCONNECT", (_, client) => client.drop(), /^Client c closed its connection\.$/],
  ["silence", world => world.advance(100_000), /^Client c has exceeded timeout, disconnecting: \[MQTT-3\.1\.2-2[24]\]/],
  [
    "the same identifier",
    (world, _, level) => world.connect("c", { level, properties: {} }),
    /^Client c already connected, closing old connection: \[MQTT-3\.1\.4-[23]\] client 'c' has connected again$/,
  ],
  [
    "bytes that are no packet",
    (_, client) => client.sendBytes(Uint8Array.of(0x36, 4, 0, 1, 0x74, 0)),
    /^Client c disconnected due to malformed packet: \[MQTT-3\.3\.1-4\]/,
  ],
  [
    "a second CONNECT",
    (_, client, level) => client.send(connectPacket("c", { level })),
    /^Client c disconnected due to protocol error: \[MQTT-3\.1\.0-2\]/,
  ],
  [
    "a large packet",
    (_, client) => client.sendBytes(Uint8Array.of(0x30, 0xff, 0xff, 0x03)),
    /^Client c disconnected due to oversize packet: /,
  ],
  [
    "QoS 2",
    (_, client) => client.publish("t", "x", 2),
    /^Client c disconnected due to QoS too high or retain not supported: /,
  ],
];

describe.each([4, 5] as const)("the log of a connection of level %i", level => {
  it.each(ENDS)("says how it ended: %s", (_name, cause, expected) => {
    const world = new World({ maxPacketSize: 1000, maxQos: 1 });
    const client = world.connect("c", { level, properties: {} });
    world.log.length = 0;
    cause(world, client, level);
    const lines = world.log.map(line => line.replace(/^notice: /, "")).filter(line => line.startsWith("Client "));
    expect(lines).toEqual([expect.stringMatching(expected)]);
    expect(isOfConnection(lines[0])).toBe(true);
  });

  it("says that somebody may not come in", () => {
    const world = new World({ users: new Map([["ann", "secret"]]) });
    world.open(level).send(connectPacket("c", { level, properties: {}, username: "ann" }));
    expect(world.log).toEqual([
      expect.stringMatching(/^notice: Client unknown disconnected, not authorised: \[MQTT-3\.1\.4-[23]\]/),
    ]);
  });
});

describe("log_type subscribe and unsubscribe", () => {
  it("have a line for each filter", () => {
    const world = new World({ maxQos: 1 });
    const client = world.connect5("c");
    client.subscribe5({ filter: "a/+", qos: 2 });
    client.send({ type: "UNSUBSCRIBE", packetId: 1, filters: ["a/+", "b"] });
    expect(world.log.filter(line => /^(un)?subscribe/.test(line))).toEqual([
      "subscribe: c 1 a/+",
      "unsubscribe: c a/+",
    ]);
  });
});

describe("the log of packets", () => {
  it.each([4, 5] as const)("has the identifier of each PUBLISH, which at QoS 0 is none, level %i", level => {
    const world = new World({ logPackets: true });
    const client = world.connect("c", { level, properties: {} });
    for (const qos of [1, 0, 1, 0] as const) client.publish("t", "x", qos);
    const lines = world.log.flatMap(line => /Received PUBLISH from c \((d\d, q\d, r\d, m\d+)/.exec(line)?.[1] ?? []);
    expect(lines).toEqual(["d0, q1, r0, m1", "d0, q0, r0, m0", "d0, q1, r0, m2", "d0, q0, r0, m0"]);
  });
});
