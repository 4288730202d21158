/**
 * Topic aliases of MQTT 5.0 both ways, byte by byte, with every room and every number at its boundary: section 3.3.2.3.4.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { coreBuilds } from "../builds.ts";
import { field } from "../wire/codec.ts";
import { Endpoint5, props, text, varint } from "./endpoint5.ts";
import { fallBack } from "./fall-back.ts";

const builds = await coreBuilds();

/** A PUBLISH as the standard writes it; `id` is 0 at QoS 0. */
function publish(first: number, topic: string, id: number, list: readonly number[], payload = ""): number[] {
  const identifier = id === 0 ? [] : [id >> 8, id & 0xff];
  const body = [...field(topic), ...identifier, ...props(...list), ...text(payload)];
  return [first, ...varint(body.length), ...body];
}

const ALIAS = (alias: number) => [0x23, alias >> 8, alias & 0xff];
const MAXIMUM = (alias: number) => [0x22, alias >> 8, alias & 0xff];

describe.each(builds)("an alias of the client, $name,", build => {
  it("needs seven bytes and its topic, and sixteen behind the last", () => {
    for (const topics of [["four"], ["twenty bytes of topic"], ["four", "a fifth", "the last of three"]]) {
      const least = topics.reduce((sum, topic) => sum + 7 + topic.length, 16);
      for (const room of [least - 1, least, least + 1]) {
        const endpoint = new Endpoint5(build, { aliasesOut: room }).online({}, MAXIMUM(9));
        for (let turn = 0; turn < 2; turn += 1)
          topics.forEach((topic, index) => {
            endpoint.publish(topic, "x", 0);
            const isLast = index === topics.length - 1;
            const list = isLast && room < least ? [] : ALIAS(index + 1);
            const known = turn === 0 || list.length === 0 ? topic : "";
            expect([room - least, endpoint.takeBytes()]).toEqual([room - least, publish(0x30, known, 0, list, "x")]);
          });
      }
    }
  });

  it("is for a topic that is longer than it: four bytes, and no fewer", () => {
    const endpoint = new Endpoint5(build, { aliasesOut: 128 }).online({}, MAXIMUM(9));
    for (const [topic, list] of [
      ["t", []],
      ["tt", []],
      ["ttt", []],
      ["tttt", ALIAS(1)],
      ["ttttt", ALIAS(2)],
    ] as const) {
      endpoint.publish(topic, "", 0);
      expect(endpoint.takeBytes()).toEqual(publish(0x30, topic, 0, list));
    }
  });

  it("is offered as a head and a rest, each with its size", () => {
    const endpoint = new Endpoint5(build, { aliasesOut: 64 }).online({}, MAXIMUM(9));
    const { core, client } = endpoint;
    const [whole, short] = ["topic", ""].map(topic => publish(0x30, topic, 0, ALIAS(1), "payload"));
    for (const packet of [whole, short]) {
      const at = core.publish(client, 5, 8, 0);
      endpoint.build.write(at, [...text("topic"), 0, ...text("payload")]);
      expect(core.commit(client)).toBe(0);
      for (const size of [packet.length - 7, 7]) {
        expect(core.transmit(client)).toBe(size);
        expect(core.transmitted(client, size + 1, endpoint.nowMs)).toBe(status.MISUSE_RANGE);
        expect(core.transmitted(client, size, endpoint.nowMs)).toBe(0);
      }
      expect(core.transmit(client)).toBe(0);
    }
  });

  it("may be any of two bytes: the 255th, the 256th, and the last that the server takes", () => {
    const topics = Array.from({ length: 258 }, (_, index) => `t${String(index).padStart(3, "0")}`);
    const endpoint = new Endpoint5(build, { aliasesOut: 258 * 11 + 16 }).online({}, MAXIMUM(257));
    topics.forEach((topic, index) => {
      endpoint.publish(topic, "", 0);
      expect(endpoint.takeBytes()).toEqual(publish(0x30, topic, 0, index < 257 ? ALIAS(index + 1) : []));
    });
    for (const index of [0, 254, 255, 256]) {
      endpoint.publish(topics[index], "", 0);
      expect(endpoint.takeBytes()).toEqual(publish(0x30, "", 0, ALIAS(index + 1)));
    }
  });

  it("takes the place of the topic at every quality of service, with RETAIN and with DUP", () => {
    for (const [qos, isRetained] of [
      [0, false],
      [0, true],
      [1, false],
      [1, true],
      [2, false],
      [2, true],
    ] as const) {
      const endpoint = new Endpoint5(build, { aliasesOut: 128 }).online({}, MAXIMUM(9));
      const first = 0x30 | (qos << 1) | (isRetained ? 1 : 0);
      for (let turn = 1; turn <= 3; turn += 1) {
        endpoint.publish("topic", "x", qos, [0x01, 1], isRetained);
        const list = [...ALIAS(1), 0x01, 1];
        const id = qos === 0 ? 0 : turn;
        expect(endpoint.takeBytes()).toEqual(publish(first, turn === 1 ? "topic" : "", id, list, "x"));
      }
      endpoint.reconnect(MAXIMUM(9));
      const again = [1, 2, 3].flatMap(id =>
        publish(first | 8, id === 1 ? "topic" : "", id, [...ALIAS(1), 0x01, 1], "x"),
      );
      expect(endpoint.takeBytes()).toEqual(qos === 0 ? [] : again);
    }
  });

  it.each([
    ["of the packet", 0],
    ["of the properties", 1],
  ])("leaves with lengths %s of one byte, two and three", (_, which) => {
    // Round 127 and 16,383, with what stands before them and without.
    const sizes = [117, 118, 119, 120, 121, 122, 124, 125, 16_375, 16_376, 16_377, 16_378, 16_380, 16_381];
    const endpoint = new Endpoint5(build, { aliasesOut: 128, outbox: 20_000 }).online({}, MAXIMUM(9));
    endpoint.publish("topic", "", 0);
    endpoint.takeBytes();
    for (const size of sizes) {
      const list = which === 0 ? [] : [0x09, size >> 8, size & 0xff, ...new Array(size).fill(0x2e)];
      const payload = which === 0 ? "x".repeat(size) : "x";
      endpoint.publish("topic", payload, 1, list);
      const id = endpoint.core.eventId(endpoint.client) + 1;
      const bytes = endpoint.takeBytes();
      const expected = publish(0x32, "", id, [...ALIAS(1), ...list], payload);
      expect([size, Buffer.from(bytes).equals(Buffer.from(expected))]).toEqual([size, true]);
      endpoint.serve(0x40, id >> 8, id & 0xff);
    }
  });

  it("is none of a client that goes back to 3.1.1, which knows no aliases", () => {
    const endpoint = new Endpoint5(build, { aliasesOut: 128 }).online({}, MAXIMUM(9));
    const { core, client } = endpoint;
    endpoint.publish("topic", "", 0);
    fallBack(endpoint);
    endpoint.takeBytes();
    for (let turn = 0; turn < 2; turn += 1) endpoint.compose(core.publish(client, 5, 0, 0), text("topic"));
    const packet = [0x30, 7, ...field("topic")];
    expect(endpoint.takeBytes()).toEqual([...packet, ...packet]);
  });

  it("touches nothing of a packet that has come in part, nor of the aliases of the server", () => {
    const options = { receive: 64, aliasesIn: 9, aliasesOut: 28 };
    const endpoint = new Endpoint5(build, options).online({ properties: MAXIMUM(1) }, MAXIMUM(1));
    endpoint.receive(publish(0x30, "inner", 0, ALIAS(1)));
    const bytes = publish(0x30, "", 0, ALIAS(1), "y".repeat(56));
    expect(bytes).toHaveLength(64);
    for (let split = 1; split < bytes.length; split += 1) {
      endpoint.receive(bytes.slice(0, split));
      endpoint.publish("outer", "x", 0);
      endpoint.receive(bytes.slice(split));
    }
    for (const { topic, text: payload } of endpoint.takeNews().slice(1))
      expect([topic, payload]).toEqual(["inner", "y".repeat(56)]);
    const later = publish(0x30, "", 0, ALIAS(1), "x");
    expect(endpoint.takeBytes()).toEqual([
      ...publish(0x30, "outer", 0, ALIAS(1), "x"),
      ...Array.from({ length: 62 }, () => later).flat(),
    ]);
  });
});

describe.each(builds)("an alias of the server, $name,", build => {
  /** The topics of what comes in, or how it ends; 0 is no alias. */
  function topics(room: number, maximum: number, ...messages: (readonly [topic: string, alias: number])[]): unknown[] {
    const endpoint = new Endpoint5(build, { aliasesIn: room }).online({ properties: MAXIMUM(maximum) });
    for (const [topic, alias] of messages) {
      if (endpoint.state !== 4) break;
      endpoint.receive(publish(0x30, topic, 0, alias === 0 ? [] : ALIAS(alias), "x"));
    }
    return endpoint.takeNews().map(({ topic, reason }) => topic ?? reason);
  }

  it("is one up to the maximum that CONNECT names [MQTT-3.1.2-27]", () => {
    for (const maximum of [1, 2, 255, 256, 65_534]) {
      const least = [["one", 1] as const, ["", 1] as const];
      expect(topics(64, maximum, ...least, ["last", maximum], ["", maximum])).toEqual(["one", "one", "last", "last"]);
      expect(topics(64, maximum, ["over", maximum + 1])).toEqual([status.ALIAS_INVALID]);
    }
    expect(topics(64, 65_535, ["one", 1], ["last", 65_535], ["", 65_535], ["", 1])).toEqual([
      ...["one", "last", "last", "one"],
    ]);
    expect(topics(64, 0, ["over", 1])).toEqual([status.ALIAS_INVALID]);
  });

  it("needs four bytes and its topic", () => {
    const unknown = status.UNEXPECTED_TOPIC;
    for (const [room, later] of [
      [8, unknown],
      [9, "inner"],
      [10, "inner"],
    ] as const)
      expect([room, ...topics(room, 9, ["inner", 1], ["", 1])]).toEqual([room, "inner", later]);
    for (const [room, later] of [
      [17, unknown],
      [18, "other"],
      [19, "other"],
    ] as const)
      expect([room, ...topics(room, 9, ["inner", 1], ["other", 2], ["", 1], ["", 2])]).toEqual([
        ...[room, "inner", "other", "inner", later],
      ]);
  });

  it("needs none of the room for a message without", () => {
    expect(topics(9, 9, ["plain", 0], ["inner", 1], ["other", 0], ["", 1])).toEqual([
      "plain",
      "inner",
      "other",
      "inner",
    ]);
  });

  it("gives the room of its topic to the next, whichever of them it was", () => {
    const three = [["one.", 1] as const, ["two.", 2] as const, ["six.", 3] as const];
    for (const alias of [1, 2, 3])
      for (const topic of ["x", "new.", "longer"]) {
        // 24 bytes have room for three topics of four bytes, and for their three headers. One of six bytes has no room: its alias means nothing then.
        const kept = topic === "longer" ? status.UNEXPECTED_TOPIC : topic;
        const others = three.filter(([, number]) => number !== alias);
        const seen = topics(24, 9, ...three, [topic, alias], ...others.map(([, n]) => ["", n] as const), ["", alias]);
        expect([alias, topic, ...seen]).toEqual([
          ...[alias, topic, "one.", "two.", "six.", topic],
          ...others.map(([name]) => name),
          kept,
        ]);
      }
  });

  it("holds while it is said again and again", () => {
    const again = Array.from({ length: 50 }, (_, index) => [`topic.${index % 10}`, 1 + (index % 2)] as const);
    const seen = topics(24, 2, ...again.flatMap(each => [each, ["", each[1]] as const]));
    expect(seen).toEqual(again.flatMap(([topic]) => [topic, topic]));
  });
});
