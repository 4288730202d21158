/** Retained messages (3.3.1.3). */
import { describe, expect, it } from "vitest";
import { Message } from "../../host/broker/message.ts";
import { RetainedMessages } from "../../host/broker/retained.ts";
import { topicOf } from "../../host/broker/topics.ts";
import { answerAll, pair } from "./endpoint.ts";

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
    const message = (topic: string, size: number) =>
      new Message(topicOf(topic), 0, new Uint8Array(size), 0, size, true);
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
});
