/**
 * What a client sends behind CONNECT, against the annotated bytes, and what it refuses to send.
 */
import { generate } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field, type Packet } from "../wire/codec.ts";
import { VECTORS } from "../wire/vectors.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

/** Has the client send `packet`; undefined for one that only an answer brings about. */
function send(endpoint: Endpoint, packet: Packet): number | undefined {
  switch (packet.cmd) {
    case "publish":
      return endpoint.publish(packet.topic, packet.payload, packet.qos, packet.retain);
    case "subscribe":
      return endpoint.subscribe(...packet.subscriptions.map(({ topic, qos }): [string, number] => [topic, qos]));
    case "unsubscribe":
      return endpoint.unsubscribe(...packet.unsubscriptions);
    case "pingreq":
      endpoint.advance(1000);
      return 0;
    case "disconnect":
      return endpoint.disconnect();
    default:
      return undefined;
  }
}

describe.each(builds)("a client sends, $name", build => {
  const vectors = VECTORS.filter(
    ({ way, packet }) => way !== "in" && !/^(connect|pub(ack|rec|rel|comp))$/.test(packet.cmd),
  );

  it.each(vectors)("$what", ({ packet, bytes }) => {
    const endpoint = new Endpoint(build).online({ keepalive: packet.cmd === "pingreq" ? 1 : 0 });
    expect(send(endpoint, packet)).toBeGreaterThanOrEqual(0);
    // The client gives identifiers itself, the first of them 1.
    const isNumbered = packet.cmd === "publish" && packet.qos > 0;
    expect([...endpoint.takeBytes()]).toEqual(isNumbered ? [...generate({ ...packet, messageId: 1 })] : bytes);
  });

  it("the acknowledgements of what it receives", () => {
    const endpoint = new Endpoint(build).online();
    const message = { cmd: "publish" as const, topic: "a", payload: "", dup: false, retain: false };
    endpoint.serve(
      { ...message, qos: 1, messageId: 0xabcd },
      { ...message, qos: 2, messageId: 0xabce },
      { cmd: "pubrel", messageId: 0xabce },
    );
    expect([...endpoint.takeBytes()]).toEqual([
      ...[0x40, 2, 0xab, 0xcd], // PUBACK
      ...[0x50, 2, 0xab, 0xce], // PUBREC
      ...[0x70, 2, 0xab, 0xce], // PUBCOMP
    ]);
  });

  it.each([
    ["an empty topic [MQTT-4.7.3-1]", "", status.MISUSE_TOPIC],
    ["a topic with '#' [MQTT-3.3.2-2]", "a/#", status.MISUSE_TOPIC],
    ["a topic with '+' [MQTT-3.3.2-2]", "+", status.MISUSE_TOPIC],
    ["a topic with U+0000 [MQTT-1.5.3-2]", "a\0", status.MISUSE_TOPIC],
  ])("no PUBLISH with %s", (_, topic, expected) => {
    const endpoint = new Endpoint(build).online();
    for (const qos of [0, 1, 2]) expect(endpoint.publish(topic, "x", qos)).toBe(expected);
    expect(endpoint.takeBytes()).toHaveLength(0);
    // The identifiers have not been used up.
    expect(endpoint.publish("a", "x", 1)).toBe(1);
  });

  it("no topic that is not UTF-8 [MQTT-3.3.2-1]", () => {
    const { core, client, build: own } = new Endpoint(build).online();
    own.write(core.publish(client, 2, 0, 0), [0xc3, 0x28]);
    expect(core.commit(client)).toBe(status.MISUSE_TOPIC);
  });

  it("no PUBLISH with numbers out of their range", () => {
    const { core, client } = new Endpoint(build, { outbox: 64 }).online();
    for (const [topicSize, payloadSize, flags, expected] of [
      [1, 1, 6, status.MISUSE_QOS], // QoS 3 [MQTT-3.3.1-4]
      [1, 1, 8, status.MISUSE_QOS], // DUP is the core's own
      [1, 1, -1, status.MISUSE_QOS],
      [1, 1, 16, status.MISUSE_QOS],
      [-1, 1, 0, status.MISUSE_RANGE],
      [1, -1, 0, status.MISUSE_RANGE],
      [65536, 0, 0, status.MISUSE_RANGE],
      [1, 60, 0, status.MISUSE_TOO_LARGE],
      [1, 58, 2, status.MISUSE_TOO_LARGE],
      [1, 0x0fff_ffff, 0, status.MISUSE_TOO_LARGE],
      [1, 0x7fff_ffff, 2, status.MISUSE_RANGE],
    ]) {
      const answer = core.publish(client, topicSize, payloadSize, flags);
      expect([topicSize, payloadSize, flags, answer]).toEqual([topicSize, payloadSize, flags, expected]);
      expect(core.composedEnd(client)).toBe(0);
      expect(core.commit(client)).toBe(status.MISUSE_STATE);
    }
    // As large as the outbox is no fault.
    expect(core.publish(client, 1, 59, 0)).toBeGreaterThan(0);
    expect(core.publish(client, 1, 57, 2)).toBeGreaterThan(0);
  });

  it.each([
    ["no filter at all [MQTT-3.8.3-3]", [], status.MISUSE_FILTER],
    ["half a size", [0], status.MISUSE_FILTER],
    ["a filter cut short [MQTT-3.8.3-1]", [0, 2, 0x61], status.MISUSE_FILTER],
    ["an empty filter [MQTT-4.7.3-1]", [0, 0, 0], status.MISUSE_FILTER],
    ["no quality of service", field("a"), status.MISUSE_FILTER],
    ["quality of service 3 [MQTT-3-8.3-4]", [...field("a"), 3], status.MISUSE_QOS],
    ["a reserved bit [MQTT-3-8.3-4]", [...field("a"), 0x81], status.MISUSE_QOS],
    ["'#' that is not the last level [MQTT-4.7.1-2]", [...field("a/#/b"), 0], status.MISUSE_FILTER],
    ["'+' that is not a whole level [MQTT-4.7.1-3]", [...field("a+"), 0], status.MISUSE_FILTER],
    ["a second filter that is wrong", [...field("a"), 0, ...field("#/"), 0], status.MISUSE_FILTER],
    ["a filter with U+0000", [...field("a\0"), 0], status.MISUSE_FILTER],
  ])("no SUBSCRIBE with %s", (_, list, expected) => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.compose(endpoint.core.subscribe(endpoint.client, list.length), list)).toBe(expected);
    endpoint.run();
    expect(endpoint.takeBytes()).toHaveLength(0);
    expect(endpoint.subscribe(["a", 0])).toBe(1);
  });

  it.each([
    ["no filter at all [MQTT-3.10.3-2]", [], status.MISUSE_FILTER],
    ["a filter cut short [MQTT-3.10.3-1]", [0, 2, 0x61], status.MISUSE_FILTER],
    ["an impossible filter", field("a#"), status.MISUSE_FILTER],
    ["a quality of service behind a filter", [...field("a"), 0], status.MISUSE_FILTER],
  ])("no UNSUBSCRIBE with %s", (_, list, expected) => {
    const endpoint = new Endpoint(build).online();
    expect(endpoint.compose(endpoint.core.unsubscribe(endpoint.client, list.length), list)).toBe(expected);
    expect(endpoint.unsubscribe("a")).toBe(1);
  });

  it.each([
    [1, "puback"],
    [2, "pubrec"],
  ] as const)("again at QoS %d what the host wants again, though it is answered before it has left", (qos, cmd) => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    endpoint.publish("t", "1", qos);
    endpoint.publish("t", "2", qos);
    endpoint.take();
    endpoint.writeSize = 0;
    expect(core.resend(client)).toBe(status.OK);
    // Of both answers the first is for what is next, the other for what is behind it.
    endpoint.serve({ cmd, messageId: 1 }, { cmd, messageId: 2 });
    expect([endpoint.takeEvents(), core.inFlight(client)]).toEqual([[], 0]);
    endpoint.writeSize = Number.POSITIVE_INFINITY;
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 dup t=1", "publish 2 dup t=2"]);
    expect(core.inFlight(client)).toBe(2);
  });

  it("nothing of what was composed where another has found no room since", () => {
    const endpoint = new Endpoint(build, { outbox: 64 }).online();
    const { core, client } = endpoint;
    endpoint.publish("t", "x".repeat(30), 1);
    for (const [size, expected] of [
      [100, status.MISUSE_TOO_LARGE],
      [40, status.FULL],
    ]) {
      endpoint.build.write(core.publish(client, 1, 0, 2), [0x61]);
      expect([core.publish(client, 1, size, 2), core.composedEnd(client)]).toEqual([expected, 0]);
      expect(core.commit(client)).toBe(status.MISUSE_STATE);
    }
  });

  it("nothing of what was composed and not committed", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    const first = core.publish(client, 1, 0, 2);
    endpoint.build.write(first, [0x61]);
    endpoint.run();
    expect(endpoint.takeBytes()).toHaveLength(0);
    // What is composed next takes its place.
    expect(core.publish(client, 1, 0, 2)).toBe(first);
    endpoint.build.write(first, [0x62]);
    expect(core.commit(client)).toBe(1);
    expect(core.commit(client)).toBe(status.MISUSE_STATE);
    endpoint.run();
    expect(endpoint.takeLines()).toEqual(["publish 1 b="]);
  });
});
