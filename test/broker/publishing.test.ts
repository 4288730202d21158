/** QoS 0, 1 and 2 both ways, order, the window, and what a call sends (3.3, 4.3, 4.6). */
import { describe, expect, it } from "vitest";
import type { Qos } from "../../host/broker/codec/control.ts";
import { answerAll, pair, World } from "./endpoint.ts";

describe("the QoS of a delivery [MQTT-3.8.4-6]", () => {
  const levels: Qos[] = [0, 1, 2];
  it.each(levels.flatMap(published => levels.map(granted => [published, granted] as const)))(
    "published %i, granted %i: the lower",
    (published, granted) => {
      const { subscriber, publisher } = pair({}, granted);
      const packetId = publisher.publish("t", "x", published);
      if (published === 2) publisher.send({ type: "PUBREL", packetId });
      const expected = Math.min(published, granted);
      expect(subscriber.takePublishes()).toMatchObject([
        { topic: "t", qos: expected, isDup: false, isRetain: false, packetId: expected > 0 ? 1 : 0 },
      ]);
      const answers = publisher.takeAll().map(({ type }) => type);
      expect(answers).toEqual([[], ["PUBACK"], ["PUBREC", "PUBCOMP"]][published]);
    },
  );
});

describe("QoS 2 from a client", () => {
  it("is passed on at PUBREL, as mosquitto does, and once only [MQTT-4.3.3-2]", () => {
    const { subscriber, publisher } = pair();
    const packetId = publisher.publish("t", "x", 2);
    publisher.send({
      type: "PUBLISH",
      topic: "t",
      payload: Buffer.from("x"),
      qos: 2,
      isDup: true,
      isRetain: false,
      packetId,
    });
    expect(subscriber.takeAll()).toEqual([]);
    publisher.send({ type: "PUBREL", packetId }, { type: "PUBREL", packetId });
    expect(subscriber.takeTexts()).toEqual(["t=x"]);
    expect(publisher.takeAll()).toEqual([
      { type: "PUBREC", packetId },
      { type: "PUBREC", packetId },
      { type: "PUBCOMP", packetId },
      { type: "PUBCOMP", packetId },
    ]);
  });

  it("is passed on at once when asked to, and once only", () => {
    const { subscriber, publisher } = pair({ qos2Delivery: "publish" });
    const packetId = publisher.publish("t", "x", 2);
    expect(subscriber.takeTexts()).toEqual(["t=x"]);
    publisher.send({
      type: "PUBLISH",
      topic: "t",
      payload: Buffer.from("x"),
      qos: 2,
      isDup: true,
      isRetain: false,
      packetId,
    });
    publisher.send({ type: "PUBREL", packetId });
    expect(subscriber.takeAll()).toEqual([]);
    // The identifier is free again: the same bytes are a new message.
    publisher.send({
      type: "PUBLISH",
      topic: "t",
      payload: Buffer.from("x"),
      qos: 2,
      isDup: false,
      isRetain: false,
      packetId,
    });
    expect(subscriber.takeTexts()).toEqual(["t=x"]);
  });

  it.each(["release", "publish"] as const)("is held once across reconnects (%s)", qos2Delivery => {
    const world = new World({ qos2Delivery });
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("t", 0);
    const before = world.connectDurable("publisher");
    const packetId = before.publish("t", "x", 2);
    before.drop();
    const after = world.connectDurable("publisher");
    expect(after.sessionPresent).toBe(true);
    after.send({
      type: "PUBLISH",
      topic: "t",
      payload: Buffer.from("x"),
      qos: 2,
      isDup: true,
      isRetain: false,
      packetId,
    });
    after.send({ type: "PUBREL", packetId });
    after.drop();
    world.connectDurable("publisher").send({ type: "PUBREL", packetId });
    expect(subscriber.takeTexts()).toEqual(["t=x"]);
  });

  it("without PUBREL is bounded by bytes", () => {
    const { publisher } = pair({ maxQueuedBytes: 1000 });
    // What is released takes no room.
    for (let count = 0; count < 20; count++) {
      publisher.send({ type: "PUBREL", packetId: publisher.publish("t", "x".repeat(100), 2) });
    }
    for (let count = 0; count < 9; count++) publisher.publish("t", "x".repeat(100), 2);
    expect(publisher.closeReason).toBeUndefined();
    publisher.publish("t", "x".repeat(100), 2);
    expect(publisher.closeReason).toBe("[limit] QoS 2 messages without PUBREL are over the maximum of 1000 bytes");
  });
});

describe("a topic that is remembered", () => {
  it("is not taken for one that differs in a byte or in length", () => {
    const { subscriber, publisher } = pair({}, 0);
    const topics = ["abc", "ab", "abcd", "abc", "xbc", "xxc", "xxx", "a", "abc", "\u00e4bc", "abc"];
    for (const topic of topics) publisher.publish(topic, "");
    expect(subscriber.takePublishes().map(({ topic }) => topic)).toEqual(topics);
  });

  it("is told from thousands of others", () => {
    const { subscriber, publisher } = pair({}, 0);
    const topics = Array.from({ length: 20_000 }, (_, index) => `fleet/${(index * 7919) % 10_007}/t`);
    for (const topic of topics) publisher.publish(topic, "");
    expect(subscriber.takePublishes().map(({ topic }) => topic)).toEqual(topics);
  });
});

describe("the window towards a client", () => {
  it.each([1, 2] as const)("holds back what is over it and keeps the order, QoS %i [MQTT-4.6.0-6]", qos => {
    const { subscriber, publisher } = pair({ maxInflight: 3 });
    const sent = Array.from({ length: 50 }, (_, index) => `m${index}`);
    for (const text of sent) {
      const packetId = publisher.publish("t", text, qos);
      if (qos === 2) publisher.send({ type: "PUBREL", packetId });
    }
    expect(subscriber.received).toHaveLength(3);
    expect(answerAll(subscriber)).toEqual(sent);
  });

  it("counts a QoS 2 message until PUBCOMP", () => {
    const { subscriber, publisher } = pair({ maxInflight: 1 });
    for (const text of ["1", "2"]) publisher.send({ type: "PUBREL", packetId: publisher.publish("t", text, 2) });
    subscriber.take();
    subscriber.send({ type: "PUBREC", packetId: 1 });
    expect(subscriber.takeAll()).toEqual([{ type: "PUBREL", packetId: 1 }]);
    subscriber.send({ type: "PUBCOMP", packetId: 1 });
    expect(subscriber.takePublishes()).toMatchObject([{ packetId: 2 }]);
  });

  it("never uses an identifier that is in use, nor 0, once around and on [MQTT-2.3.1-2]", () => {
    const { subscriber, publisher } = pair({ maxInflight: 7 }, 1);
    publisher.publish("t", "held", 1);
    const held = subscriber.take();
    expect(held).toMatchObject({ packetId: 1 });
    const ids = new Set<number>();
    for (let count = 0; count < 66_000; count++) {
      publisher.publish("t", "", 1);
      const packet = subscriber.take();
      if (packet?.type !== "PUBLISH") throw new Error(`expected PUBLISH, got ${packet?.type}`);
      ids.add(packet.packetId);
      subscriber.send({ type: "PUBACK", packetId: packet.packetId });
    }
    // One in 64 is left out, because it would share its place in the table with the one that is held.
    expect(ids.size).toBe(65_535 - 1024);
    expect(ids.has(0) || ids.has(1)).toBe(false);
  });

  it("may be as wide as there are identifiers", () => {
    const { subscriber, publisher } = pair({ maxInflight: 65_535, maxQueued: 10 }, 1);
    for (let count = 0; count < 65_540; count++) publisher.publish("t", "", 1);
    const ids = subscriber.takePublishes().map(({ packetId }) => packetId);
    expect(new Set(ids).size).toBe(65_535);
    for (const packetId of ids.reverse()) subscriber.send({ type: "PUBACK", packetId });
    expect(subscriber.takeAll()).toHaveLength(5);
  });

  it("takes acknowledgements in any order", () => {
    const { subscriber, publisher } = pair({ maxInflight: 4 }, 1);
    for (const text of ["1", "2", "3", "4", "5", "6"]) publisher.publish("t", text, 1);
    subscriber.takeAll();
    for (const packetId of [3, 1, 4, 2]) subscriber.send({ type: "PUBACK", packetId });
    expect(subscriber.takeTexts()).toEqual(["t=5", "t=6"]);
  });

  it.each([
    ["PUBACK", 2],
    ["PUBREC", 1],
    ["PUBCOMP", 1],
    ["PUBCOMP", 2],
  ] as const)("%s for a QoS %i message is a violation [MQTT-3.3.4-1]", (type, qos) => {
    const { subscriber, publisher } = pair({ qos2Delivery: "publish" });
    publisher.publish("t", "x", qos);
    subscriber.send({ type, packetId: 1 });
    expect(subscriber.closeReason).toBe(`[MQTT-3.3.4-1] ${type} answers the QoS ${qos} PUBLISH 1`);
  });

  it("is not moved by an acknowledgement of another identifier", () => {
    const { subscriber, publisher } = pair({ maxInflight: 1 }, 1);
    for (const text of ["1", "2"]) publisher.publish("t", text, 1);
    expect(subscriber.takeTexts()).toEqual(["t=1"]);
    for (const packetId of [2, 65, 129, 0x8001]) subscriber.send({ type: "PUBACK", packetId });
    expect(subscriber.takeAll()).toEqual([]);
    subscriber.send({ type: "PUBACK", packetId: 1 });
    expect(subscriber.takeTexts()).toEqual(["t=2"]);
  });

  it("lets an unknown PUBREC get on", () => {
    const { subscriber } = pair();
    subscriber.send({ type: "PUBREC", packetId: 77 });
    expect(subscriber.takeAll()).toEqual([{ type: "PUBREL", packetId: 77 }]);
  });
});

describe("what a call sends", () => {
  it("goes out in one piece a connection", () => {
    const { subscriber, publisher } = pair();
    const sizes = subscriber.sendSizes.length;
    const publish = { type: "PUBLISH", topic: "t", payload: Buffer.alloc(32), isDup: false, isRetain: false } as const;
    publisher.send(...Array.from({ length: 20 }, (_, index) => ({ ...publish, qos: 1 as const, packetId: index + 1 })));
    expect(subscriber.sendSizes.length - sizes).toBe(1);
    expect(publisher.sendSizes.at(-1)).toBe(20 * 4);
  });

  it("waits for flush() when the host wants it to", () => {
    const world = new World({ flushing: "manual" });
    const client = world.open();
    client.sendBytes(Uint8Array.of(0x10, 13, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61));
    client.send({ type: "PINGREQ" });
    expect(client.sendSizes).toEqual([]);
    world.broker.flush();
    expect(client.sendSizes).toEqual([6]);
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 1 << 20])("carries a payload of %i bytes whole", size => {
    const { world, subscriber, publisher } = pair({}, 1);
    const second = world.connect("second");
    second.subscribe("#", 0);
    const payload = Uint8Array.from({ length: size }, (_, index) => index * 31);
    publisher.send({ type: "PUBLISH", topic: "big", payload, qos: 1, isDup: false, isRetain: true, packetId: 1 });
    const late = world.connect("late");
    late.subscribe("big", 2);
    for (const client of [subscriber, second, late]) {
      if (client === late && size === 0) continue;
      const [packet] = client.takePublishes();
      expect(Buffer.compare(packet.payload, payload)).toBe(0);
    }
  });
});

describe("calls from within a sink", () => {
  it("are refused, so that no state is seen half-way", () => {
    const world = new World();
    const errors: string[] = [];
    const connection = world.broker.connect(0, {
      send: () => {
        try {
          world.broker.advance(0);
        } catch (error) {
          errors.push((error as Error).message);
        }
      },
      close: () => {},
    });
    world.broker.receive(connection, Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0), 0);
    expect(errors).toEqual(["the broker was called from within a sink or a hook"]);
  });
});
