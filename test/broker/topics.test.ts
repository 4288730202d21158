/** The names that a broker has met: found again by their bytes, and never taken for another. */
import { describe, expect, it } from "vitest";
import { RULES_3, RULES_5 } from "../../host/broker/codec/rules.ts";
import { type Topic, TopicTable, topicOf } from "../../host/broker/topics.ts";
import { World } from "./endpoint.ts";

/** The name as it stands in a packet: bytes before it, two of length, the name, and a payload. */
function received(name: string): readonly [bytes: Uint8Array, start: number, end: number] {
  const text = Buffer.from(name);
  const bytes = Buffer.concat([Buffer.from([0x30, 9]), Buffer.from([0, text.length]), text, Buffer.from("payload")]);
  return [bytes, 4, 4 + text.length];
}

const find = (table: TopicTable, name: string, previous: Topic | null = null): Topic =>
  table.find(...received(name), previous, RULES_3);

describe("a topic", () => {
  it("is its name as a packet carries it, its text, and its levels", () => {
    const table = new TopicTable();
    for (const name of ["a", "/", "ä/€", "a//b", "$SYS/x", "x$"]) {
      const [bytes, start, end] = received(name);
      const topic = find(table, name);
      expect([...topic.wire]).toEqual([...bytes.subarray(start - 2, end)]);
      expect([topic.text, topic.levels, topic.isDollar]).toEqual([name, name.split("/"), name === "$SYS/x"]);
      expect(topic.levels).toBe(topic.levels);
      expect([topic.routes, topic.routesVersion]).toEqual([[], -1]);
      const made = topicOf(name);
      expect([made.text, [...made.wire], made.isDollar]).toEqual([name, [...topic.wire], topic.isDollar]);
    }
  });

  it("is the same as long as its bytes are, whoever publishes to it", () => {
    const table = new TopicTable();
    const names = ["a", "b", "aa", "ab", "ba", "a/b", "ä", "fleet/1", "fleet/2", "gleet/1"];
    const topics = names.map(name => find(table, name));
    for (const [index, name] of names.entries()) {
      for (const previous of [null, ...topics]) expect(find(table, name, previous)).toBe(topics[index]);
    }
    // What the same connection used last needs no table.
    expect(new TopicTable().find(...received("a/b"), topics[5], RULES_5)).toBe(topics[5]);
  });

  it("does not keep the bytes in which it came", () => {
    const [bytes, start, end] = received("a/b");
    const topic = new TopicTable().find(bytes, start, end, null, RULES_3);
    bytes.fill(0);
    expect([...topic.wire]).toEqual([0, 3, 0x61, 0x2f, 0x62]);
  });

  it("is never taken for another, however many there are", () => {
    const table = new TopicTable();
    const names = Array.from({ length: 10_000 }, (_, index) => `${index.toString(36)}/x`);
    for (const round of [1, 2]) {
      for (const name of names) if (find(table, name).text !== name) expect.unreachable(`${name} in round ${round}`);
    }
  });

  it("is checked when it is met, by the numbers of the connection's version", () => {
    const table = new TopicTable();
    expect(() => find(table, "a/+")).toThrow("[MQTT-3.3.2-2] a PUBLISH topic has no wildcard: 'a/+'");
    expect(() => find(table, "a/+")).toThrow("[MQTT-3.3.2-2]");
    expect(() => find(table, "")).toThrow("[MQTT-4.7.3-1]");
    expect(() => table.find(...received("\u0000"), null, RULES_5)).toThrow("[MQTT-1.5.4-2]");
  });
});

it("a connection may publish to one topic after another of the same size", () => {
  const world = new World();
  const watcher = world.connect("watcher");
  watcher.subscribe("#");
  const names = ["ab", "bb", "ba", "ab", "abc", "bbc", "ab"];
  const publisher = world.connect("p");
  for (const name of names) publisher.publish(name, "x");
  expect(watcher.takeTexts()).toEqual(names.map(name => `${name}=x`));
});
