/**
 * Messages to a server of MQTT 5.0: properties, topic aliases, flow control, reason codes of refusal.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props, publishBytes as publish, text } from "./endpoint5.ts";

const builds = await coreBuilds();
const TOPIC = "site/7/temperature/a"; // 20 bytes
const READING = "21.5C 1013hP"; // 12 bytes
const ALIASES = (maximum: number) => [0x22, 0, maximum];

describe.each(builds)("a message of 5.0, $name", build => {
  it("has its properties between identifier and payload", () => {
    const endpoint = new Endpoint5(build).online();
    const list = [
      0x01,
      1,
      0x03,
      ...field("t"),
      0x08,
      ...field("re"),
      0x09,
      ...field("id"),
      0x26,
      ...field("k"),
      ...field("v"),
    ];
    expect(endpoint.publish("a", "x", 1, list)).toBe(1);
    expect(endpoint.takeBytes()).toEqual(publish(1, "a", list, "x"));
    endpoint.publish("a", "x", 1, list);
    expect(endpoint.takePackets()).toMatchObject([
      {
        topic: "a",
        properties: {
          payloadFormatIndicator: true,
          contentType: "t",
          responseTopic: "re",
          correlationData: Buffer.from("id"),
          userProperties: { k: "v" },
        },
      },
    ]);
  });

  it.each([
    ["a topic alias, which is the core's", [0x23, 0, 1]],
    ["a subscription identifier [MQTT-3.3.4-6]", [0x0b, 1]],
    ["a response topic with a wildcard [MQTT-3.3.2-14]", [0x08, ...field("#")]],
    ["payload format 2", [0x01, 2]],
    ["a session expiry", [0x11, 0, 0, 0, 1]],
    ["an expiry twice", [0x02, 0, 0, 0, 1, 0x02, 0, 0, 0, 1]],
    ["a property cut short", [0x02, 0]],
    ["a name that is not UTF-8", [0x26, 0, 1, 0xff, 0, 0]],
  ])("is not taken with %s", (_, list) => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.publish("a", "x", 1, list)).toBe(status.MISUSE_PROPERTIES);
    expect(endpoint.takeBytes()).toEqual([]);
    expect(endpoint.publish("a", "x", 1)).toBe(1);
  });

  it("is not taken without a property length, nor with one that ends behind it", () => {
    const endpoint = new Endpoint5(build).online();
    for (const rest of [[], [3, 0x01, 1], [0x80, 0]]) {
      const at = endpoint.core.publish(endpoint.client, 1, rest.length, 0);
      endpoint.build.write(endpoint.core.composedEnd(endpoint.client) - rest.length, rest);
      expect(endpoint.compose(at, text("a"))).toBe(status.MISUSE_PROPERTIES);
    }
  });
});

describe.each(builds)("topic aliases of the client, $name", build => {
  const online = (maximum = 10, aliasesOut = 128): Endpoint5 =>
    new Endpoint5(build, { aliasesOut }).online({}, ALIASES(maximum));

  it("cost a reading of 12 bytes on a topic of 20 at QoS 1 only 22 bytes, after the first", () => {
    const endpoint = online();
    endpoint.publish(TOPIC, READING, 1);
    expect(endpoint.takeBytes()).toEqual(publish(1, TOPIC, [0x23, 0, 1], READING));
    endpoint.publish(TOPIC, READING, 1);
    const second = endpoint.takeBytes();
    expect(second).toEqual(publish(2, "", [0x23, 0, 1], READING));
    expect(second).toHaveLength(22);
  });

  it("number the topics in their order, up to the server's maximum", () => {
    const endpoint = online(2);
    for (const topic of ["aaaa", "bbbb", "cccc", "bbbb", "aaaa", "cccc"]) endpoint.publish(topic, "", 0);
    const packets = endpoint
      .takePackets()
      .map(packet => [
        (packet as { topic: string }).topic,
        (packet as { properties?: { topicAlias?: number } }).properties?.topicAlias,
      ]);
    expect(packets).toEqual([
      ["aaaa", 1],
      ["bbbb", 2],
      ["cccc", undefined],
      ["", 2],
      ["", 1],
      ["cccc", undefined],
    ]);
  });

  it("are left alone where the server takes none, the region has no room, or the topic is no longer than they", () => {
    for (const [maximum, room] of [
      [0, 128],
      [10, 0],
      [10, 30],
    ]) {
      const endpoint = online(maximum, room);
      endpoint.publish(TOPIC, READING, 1);
      endpoint.publish(TOPIC, READING, 1);
      expect(endpoint.takeBytes()).toEqual([...publish(1, TOPIC, [], READING), ...publish(2, TOPIC, [], READING)]);
    }
    const endpoint = online();
    endpoint.publish("abc", READING, 1);
    expect(endpoint.takeBytes()).toEqual(publish(1, "abc", [], READING));
  });

  it("begin anew on another connection, where what was sent goes with its whole topic and DUP", () => {
    const endpoint = online();
    endpoint.publish(TOPIC, "1", 1);
    endpoint.publish(TOPIC, "2", 1);
    endpoint.takeBytes();
    endpoint.reconnect(ALIASES(1));
    expect(endpoint.takeBytes()).toEqual([
      ...publish(1, TOPIC, [0x23, 0, 1], "1", 0x3a),
      ...publish(2, "", [0x23, 0, 1], "2", 0x3a),
    ]);
    endpoint.reconnect();
    expect(endpoint.takeBytes()).toEqual([...publish(1, TOPIC, [], "1", 0x3a), ...publish(2, TOPIC, [], "2", 0x3a)]);
  });

  it("stand before the properties of the message, whose length may grow by a byte", () => {
    for (const size of [0, 1, 120, 121, 122, 123, 125, 127, 128, 150]) {
      const endpoint = new Endpoint5(build, { aliasesOut: 64, outbox: 1024 }).online({}, ALIASES(3));
      const list = size < 5 ? [] : [0x26, 0, 1, 0x6b, 0, size - 5, ...text("v".repeat(size - 5))];
      for (let turn = 0; turn < 3; turn++) endpoint.publish(TOPIC, READING, 2, list);
      const packets = endpoint.takePackets() as {
        topic: string;
        payload: Buffer;
        properties: Record<string, unknown>;
      }[];
      expect(packets.map(({ topic }) => topic)).toEqual([TOPIC, "", ""]);
      for (const { payload, properties } of packets) {
        expect([payload.toString(), properties.topicAlias]).toEqual([READING, 1]);
        if (size >= 5) expect(properties.userProperties).toEqual({ k: "v".repeat(size - 5) });
      }
    }
  });

  it("hold however the transport cuts what is sent, and while the outbox moves", () => {
    for (const writeSize of [1, 2, 3, 5, 7]) {
      const endpoint = new Endpoint5(build, { aliasesOut: 64, outbox: 160, writeSize }).online({}, ALIASES(3));
      let count = 0;
      for (let turn = 0; turn < 20; turn++) {
        endpoint.publish(TOPIC, `${turn}`, 1);
        if (turn % 2 === 1) for (; count < turn; count++) endpoint.serve(0x40, 0, count + 1);
      }
      const packets = endpoint.takePackets() as { topic: string; payload: Buffer }[];
      expect(packets.map(({ payload }) => Number(payload))).toEqual([...packets.keys()]);
      expect(packets.filter(({ topic }) => topic !== "")).toHaveLength(1);
    }
  });

  it("are for messages without payload, too", () => {
    const endpoint = online();
    for (let turn = 0; turn < 3; turn++) endpoint.publish(TOPIC, "", 0);
    expect(endpoint.takePackets()).toMatchObject([{ topic: TOPIC }, { topic: "" }, { topic: "" }]);
    expect(endpoint.core.outboxUsed(endpoint.client)).toBe(0);
  });
});

describe.each(builds)("the limits of a server of 5.0, $name", build => {
  it("hold what is sent at once to its Receive Maximum [MQTT-3.3.4-7]", () => {
    const endpoint = new Endpoint5(build).online({}, [0x21, 0, 2]);
    for (const payload of ["1", "2", "3", "4"]) endpoint.publish("a", payload, 1);
    expect(endpoint.takePackets()).toHaveLength(2);
    endpoint.serve(0x40, 0, 1);
    expect(endpoint.takePackets()).toHaveLength(1);
    endpoint.serve(0x40, 0, 2, 0x87);
    expect(endpoint.takePackets()).toHaveLength(1);
  });

  const SUBSCRIBE = [...field("a/#"), 1];
  const SHARED = [...field("$share/g/a"), 1];

  it.each([
    [
      "a packet over its maximum",
      [0x27, 0, 0, 0, 20],
      0x95,
      (endpoint: Endpoint5) => endpoint.publish("a", "x".repeat(20), 1),
    ],
    ["RETAIN", [0x25, 0], 0x9a, (endpoint: Endpoint5) => endpoint.publish("a", "", 1, [], true)],
    ["QoS 2", [0x24, 1], 0x9b, (endpoint: Endpoint5) => endpoint.publish("a", "", 2)],
    ["QoS 1", [0x24, 0], 0x9b, (endpoint: Endpoint5) => endpoint.publish("a", "", 1)],
    ["a shared subscription", [0x2a, 0], 0x9e, (endpoint: Endpoint5) => endpoint.subscribe(SHARED)],
    ["a subscription identifier", [0x29, 0], 0xa1, (endpoint: Endpoint5) => endpoint.subscribe(SUBSCRIBE, [0x0b, 5])],
    ["a wildcard", [0x28, 0], 0xa2, (endpoint: Endpoint5) => endpoint.subscribe(SUBSCRIBE)],
    [
      "a wildcard in a second filter",
      [0x28, 0],
      0xa2,
      (endpoint: Endpoint5) => endpoint.subscribe([...field("b"), 0, ...SUBSCRIBE]),
    ],
  ])("keep back %s", (_, connack, code, send) => {
    const online = new Endpoint5(build).online({}, connack);
    expect(send(online)).toBe(-code);
    expect([online.takeBytes(), online.takeNews()]).toEqual([[], []]);
    // What was queued before the server was known ends as an event, and what is behind it leaves.
    const offline = new Endpoint5(build);
    offline.connect();
    expect(send(offline)).toBe(1);
    offline.publish("b", "y", 0);
    offline.open();
    offline.takeBytes();
    offline.serve(0x20, 0, 0, ...props(...connack));
    expect(offline.takeNews().slice(1)).toEqual([{ type: "refused", id: 1, code, properties: [] }]);
    expect(offline.takePackets()).toMatchObject([{ topic: "b" }]);
    // A server that takes everything takes it.
    expect(send(new Endpoint5(build).online())).toBe(1);
  });
});

describe.each(builds)("the answers of a server of 5.0, $name", build => {
  it.each([
    ["PUBACK", 1, [[0x40, 0, 1]], "published", 0],
    ["PUBACK with code and no properties", 1, [[0x40, 0, 1, 0x10]], "published", 0x10],
    ["PUBACK that refuses", 1, [[0x40, 0, 1, 0x97, 0]], "refused", 0x97],
    ["PUBREC that refuses [MQTT-4.3.3-4]", 2, [[0x50, 0, 1, 0x87]], "refused", 0x87],
    [
      "PUBREC and PUBCOMP",
      2,
      [
        [0x50, 0, 1],
        [0x70, 0, 1],
      ],
      "published",
      0,
    ],
    [
      "PUBCOMP that knows nothing",
      2,
      [
        [0x50, 0, 1, 0x10, 0],
        [0x70, 0, 1, 0x92, 0],
      ],
      "published",
      0x92,
    ],
  ])("%s ends the message", (_, qos, packets, type, code) => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x", qos);
    for (const [first, ...body] of packets) endpoint.serve(first, ...body);
    expect(endpoint.takeNews()).toEqual([{ type, id: 1, code, properties: [] }]);
    expect([endpoint.core.outboxUsed(endpoint.client), endpoint.core.inFlight(endpoint.client)]).toEqual([0, 0]);
  });

  it("come with their properties", () => {
    const endpoint = new Endpoint5(build).online();
    endpoint.publish("a", "x", 1);
    const list = [0x1f, ...field("full"), 0x26, ...field("k"), ...field("v")];
    endpoint.serve(0x40, 0, 1, 0x97, ...props(...list));
    expect(endpoint.takeNews()).toEqual([{ type: "refused", id: 1, code: 0x97, properties: list }]);
  });

  it("SUBACK and UNSUBACK have a code a filter", () => {
    const endpoint = new Endpoint5(build).online();
    expect(endpoint.subscribe([...field("a"), 0x2e, ...field("$share/g/b"), 0x01], [0x0b, 200, 1])).toBe(1);
    expect(endpoint.unsubscribe([...field("a"), ...field("b")])).toBe(2);
    expect(endpoint.takePackets()).toMatchObject([
      {
        cmd: "subscribe",
        subscriptions: [{ topic: "a", qos: 2, nl: true, rap: true, rh: 2 }, { topic: "$share/g/b" }],
      },
      { cmd: "unsubscribe" },
    ]);
    endpoint.serve(0x90, 0, 1, ...props(0x1f, ...field("r")), 2, 0x9e);
    endpoint.serve(0xb0, 0, 2, 0, 0, 0x11);
    expect(endpoint.takeNews()).toEqual([
      { type: "subscribed", id: 1, properties: [0x1f, ...field("r")], codes: [2, 0x9e] },
      { type: "unsubscribed", id: 2, properties: [], codes: [0, 0x11] },
    ]);
  });
});
