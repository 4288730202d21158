/** Retained messages (3.3.1.3). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Message } from "../../host/broker/message.ts";
import { RetainedMessages } from "../../host/broker/retained.ts";
import { topicOf } from "../../host/broker/topics.ts";
import { answerAll, pair } from "./endpoint.ts";
import { matches } from "./matching.ts";

/** A retained message of so many bytes, that expires then. */
function message(topic: string, size: number, expiresMs = Number.POSITIVE_INFINITY): Message {
  const made = new Message(topicOf(topic), 0, new Uint8Array(size), 0, size, true);
  if (expiresMs < Number.POSITIVE_INFINITY) made.extras = { forwarded: null, expiresMs };
  return made;
}

describe("retained messages", () => {
  it("go to later subscribers with RETAIN [MQTT-3.3.1-8], to present ones without [MQTT-3.3.1-9]", () => {
    const { world, subscriber, publisher } = pair({}, 1);
    publisher.publish("t", "kept", 1, true);
    expect(subscriber.takePublishes()).toMatchObject([{ topic: "t", isRetain: false, qos: 1 }]);
    const late = world.connect("late");
    late.subscribe("+", 2);
    expect(late.takePublishes()).toMatchObject([{ topic: "t", isRetain: true, qos: 1 }]);
  });

  it("are replaced by the next, also at QoS 0 [MQTT-3.3.1-5] [MQTT-3.3.1-7], not by one without RETAIN [MQTT-3.3.1-12]", () => {
    const { world, publisher } = pair();
    publisher.publish("t", "1", 1, true);
    publisher.publish("t", "2", 0, true);
    publisher.publish("t", "not kept", 0, false);
    publisher.publish("u", "not kept", 1, false);
    expect(world.broker.retainedCount).toBe(1);
    const late = world.connect("late");
    late.subscribe("t");
    expect(late.takeTexts()).toEqual(["t=2"]);
  });

  it("are removed by an empty payload, which is itself delivered [MQTT-3.3.1-10] [MQTT-3.3.1-11]", () => {
    const { world, subscriber, publisher } = pair();
    publisher.publish("t", "1", 0, true);
    publisher.publish("t", "", 0, true);
    publisher.publish("never", "", 0, true);
    expect(subscriber.takeTexts()).toEqual(["t=1", "t=", "never="]);
    expect(world.broker.retainedCount).toBe(0);
  });

  it("come again with every SUBSCRIBE [MQTT-3.8.4-3]", () => {
    const { world, publisher } = pair();
    publisher.publish("t", "1", 0, true);
    const client = world.connect("client");
    for (let count = 0; count < 2; count++) {
      client.subscribe("t");
      expect(client.takeTexts()).toEqual(["t=1"]);
    }
  });

  it("of a QoS 2 publish are kept at PUBREL", () => {
    const { world, publisher } = pair();
    const packetId = publisher.publish("t", "1", 2, true);
    expect(world.broker.retainedCount).toBe(0);
    publisher.send({ type: "PUBREL", packetId });
    expect(world.broker.retainedCount).toBe(1);
  });

  it("all arrive, however many match one subscription", () => {
    const { world, publisher } = pair({ maxInflight: 5, maxQueued: 10 });
    for (let index = 0; index < 300; index++)
      publisher.publish(`many/${index}`, `${index}`, index % 2 === 0 ? 1 : 0, true);
    const late = world.connect("late");
    late.subscribe("many/#", 1);
    expect(answerAll(late)).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`));
  });

  it("of a topic that starts with '$' need a filter that says so [MQTT-4.7.2-1]", () => {
    const { world, publisher } = pair();
    publisher.publish("$site/a", "x", 0, true);
    const found = (filter: string) => {
      const client = world.connect("late");
      client.subscribe(filter);
      return client.takeTexts();
    };
    for (const filter of ["#", "+/a", "+/#"]) expect(found(filter)).toEqual([]);
    for (const filter of ["$site/#", "$site/+", "$site/a"]) expect(found(filter)).toEqual(["$site/a=x"]);
  });

  it("are counted, with their bytes, as they come, change and go", () => {
    const store = new RetainedMessages();
    store.set(message("a/b", 10));
    store.set(message("a", 5));
    store.set(message("a/b", 3));
    expect([store.count, store.byteSize]).toEqual([2, 8]);
    store.delete(topicOf("a"));
    store.delete(topicOf("a"));
    store.delete(topicOf("never/there"));
    expect([store.count, store.byteSize]).toEqual([1, 3]);
    expect(store.match("a/#").map(({ topic }) => topic.text)).toEqual(["a/b"]);
    store.delete(topicOf("a/b"));
    expect([store.count, store.byteSize, store.match("#").length]).toEqual([0, 0, 0]);
  });

  it("agree with the definition after any setting and deleting", () => {
    const level = fc.constantFrom("a", "", "$x");
    const topic = fc.array(level, { minLength: 1, maxLength: 3 }).map(levels => levels.join("/"));
    const filter = fc
      .tuple(
        fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 4 }),
        fc.constantFrom("", "/#", "#"),
      )
      .map(([levels, end]) => (end === "#" ? end : levels.join("/") + end));
    const step = fc.record({ topic, size: fc.nat(9), isSetting: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(filter, { minLength: 1, maxLength: 6 }),
        (steps, filters) => {
          const store = new RetainedMessages();
          const model = new Map<string, number>();
          for (const { topic, size, isSetting } of steps) {
            if (isSetting) store.set(message(topic, size));
            else store.delete(topicOf(topic));
            if (isSetting) model.set(topic, size);
            else model.delete(topic);
            expect(store.count).toBe(model.size);
            expect(store.byteSize).toBe([...model.values()].reduce((sum, size) => sum + size, 0));
            for (const filter of [...filters, "#", "$x/#"]) {
              const found = store.match(filter).map(({ topic, payloadSize }) => [topic.text, payloadSize]);
              expect(found.sort()).toEqual([...model].filter(([topic]) => matches(filter, topic)).sort());
            }
          }
        },
      ),
      { seed: 48, numRuns: 40 },
    );
  });

  it("expire at their millisecond, by the last of each topic", () => {
    const store = new RetainedMessages();
    const topicsLeft = () => store.match("#").map(({ topic }) => topic.text);
    expect(store.nextExpiryMs).toBe(Number.POSITIVE_INFINITY);
    store.set(message("a", 1, 300));
    store.set(message("b/c", 2, 100));
    store.set(message("b", 3, 200));
    store.set(message("d", 4));
    expect(store.nextExpiryMs).toBe(100);
    store.expire(99);
    expect(topicsLeft()).toEqual(["a", "b", "b/c", "d"]);
    store.expire(100);
    expect([topicsLeft(), store.nextExpiryMs, store.byteSize]).toEqual([["a", "b", "d"], 200, 8]);
    // Replaced by one that lasts, deleted, and replaced by one that goes sooner.
    store.set(message("b", 1));
    store.set(message("e", 1, 250));
    store.delete(topicOf("e"));
    store.set(message("a", 1, 280));
    expect([store.count, store.nextExpiryMs]).toEqual([3, 280]);
    store.expire(1000);
    expect([topicsLeft(), store.nextExpiryMs]).toEqual([["b", "d"], Number.POSITIVE_INFINITY]);
    store.set(message("f", 0, 0));
    expect(store.nextExpiryMs).toBe(0);
  });
});
