/** The driver against the broker's machine, in virtual time: what each completion promises, whatever happens. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { World } from "./world.ts";

const SIZES = [0, 1, 127, 128, 250, 251, 252, 16_383, 16_384, 1 << 20];

describe("a message", () => {
  it.each([0, 1, 2] as const)("at QoS %i arrives once, and its completion is called once", qos => {
    const world = new World();
    const subscriber = world.connect("subscriber");
    expect(subscriber.subscribe("#", 2)).toEqual(["2"]);
    const publisher = world.connect("publisher");
    const outcomes = ["a", "b", "c"].map(text => publisher.publish("t", text, qos));
    expect(outcomes).toEqual([[], [], []]);
    publisher.proceed();
    expect(outcomes).toEqual([["done"], ["done"], ["done"]]);
    expect(subscriber.payloads).toEqual(["a", "b", "c"]);
    expect(subscriber.messages.map(message => [message.topic, message.qos, message.retain, message.dup])).toEqual(
      Array(3).fill(["t", qos, false, false]),
    );
    expect(publisher.driver.isBusy).toBe(false);
  });

  it.each(SIZES)("of %i bytes arrives whole through a receive region of 256", size => {
    const world = new World();
    const payload = Buffer.alloc(size, "perigee ");
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("#", 1);
    const publisher = world.connect("publisher", { outboxSize: size + 64 });
    const outcome = publisher.publish("some/topic", payload, 1);
    publisher.proceed();
    expect(outcome).toEqual(["done"]);
    expect(subscriber.messages).toHaveLength(1);
    expect(subscriber.messages[0].payload.equals(payload)).toBe(true);
    expect(subscriber.messages[0].total).toBe(size);
  });

  it("comes in pieces where pieces are asked for", () => {
    const world = new World();
    const subscriber = world.connect("subscriber", { pieces: true });
    subscriber.subscribe("#", 2);
    const publisher = world.connect("publisher");
    const payload = Buffer.alloc(1_000, "0123456789");
    publisher.publish("t", payload, 2);
    publisher.proceed();
    expect(subscriber.messages.length).toBeGreaterThan(3);
    let offset = 0;
    for (const piece of subscriber.messages) {
      expect([piece.offset, piece.total, piece.topic]).toEqual([offset, 1_000, "t"]);
      expect(piece.payload.equals(payload.subarray(offset, offset + piece.payload.length))).toBe(true);
      offset += piece.payload.length;
    }
    expect(offset).toBe(1_000);
  });

  it("over the limit is acknowledged and reported, and the next one comes", () => {
    const world = new World();
    const subscriber = world.connect("subscriber", { messageSizeMax: 999 });
    subscriber.subscribe("#", 1);
    const publisher = world.connect("publisher");
    publisher.publish("large", Buffer.alloc(1_000), 1);
    publisher.publish("small", "x", 1);
    publisher.proceed();
    expect(subscriber.events).toContain("oversize large 1000");
    expect(subscriber.payloads).toEqual(["x"]);
  });

  it("is acknowledged before DISCONNECT by a handler that disconnects, and the next one is not [MQTT-3.14.4-2]", () => {
    const world = new World();
    const reader = world.connect("reader", { clean: false });
    reader.subscribe("#", 1);
    reader.onMessage = () => reader.driver.disconnect(world.nowMs);
    const publisher = world.connect("publisher");
    reader.cut();
    publisher.publish("t", "first", 1);
    publisher.publish("t", "second", 1);
    publisher.proceed();
    world.advance(2_000);
    expect(reader.payloads).toEqual(["first"]);
    expect(reader.sent.slice(-6)).toEqual([0x40, 2, 0, 1, 0xe0, 0]);
    const again = world.connect("reader", { clean: false });
    expect(again.events).toEqual(["resumed"]);
    expect(again.payloads).toEqual(["second"]);
  });
});

describe("a transport that takes little at once", () => {
  it.each([1, 2, 3, 7])("of %i bytes changes nothing", writeSizeMax => {
    // The broker passes a message on as it comes, so that all of them keep one order.
    const world = new World({ qos2Delivery: "publish" });
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("#", 2);
    const publisher = world.connect("publisher");
    publisher.writeSizeMax = writeSizeMax;
    subscriber.writeSizeMax = writeSizeMax;
    const outcomes = ([0, 1, 2, 0, 2, 1, 0] as const).map((qos, index) => publisher.publish("t", `${index}`, qos));
    publisher.proceed();
    expect(outcomes).toEqual(Array(7).fill(["done"]));
    expect(subscriber.payloads).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
  });
});

describe("a full outbox", () => {
  const offline = (outboxPolicy: "refuse" | "drop-oldest" | "latest" | "wait") => {
    const world = new World();
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("#", 2);
    const publisher = world.connect("publisher", { outboxPolicy, outboxSize: 36 });
    publisher.isReachable = false;
    publisher.cut();
    return {
      publisher,
      arrive() {
        publisher.isReachable = true;
        world.advance(4_000);
        return subscriber.payloads;
      },
    };
  };

  it("refuses", () => {
    const { publisher, arrive } = offline("refuse");
    const outcomes = ["1", "2", "3", "4", "5"].map(text => publisher.publish("topic", text, 1));
    expect(outcomes).toEqual([[], [], [], ["full"], ["full"]]);
    expect(arrive()).toEqual(["1", "2", "3"]);
    expect(outcomes).toEqual([["done"], ["done"], ["done"], ["full"], ["full"]]);
  });

  it.each([0, 1] as const)("drops the oldest, at QoS %i", qos => {
    const { publisher, arrive } = offline("drop-oldest");
    const outcomes = ["1", "2", "3", "4", "5"].map(text => publisher.publish("topic", text, qos));
    expect(outcomes).toEqual([["DROPPED"], ["DROPPED"], [], [], []]);
    expect(arrive()).toEqual(["3", "4", "5"]);
    expect(outcomes).toEqual([["DROPPED"], ["DROPPED"], ["done"], ["done"], ["done"]]);
  });

  it.each([0, 2] as const)("keeps the latest of each topic, at QoS %i", qos => {
    const { publisher, arrive } = offline("latest");
    const outcomes = ["a1", "b1", "a2", "a3", "b2"].map(text => publisher.publish(text[0], text, qos));
    expect(arrive()).toEqual(["a3", "b2"]);
    expect(outcomes).toEqual([["SUPERSEDED"], ["SUPERSEDED"], ["SUPERSEDED"], ["done"], ["done"]]);
  });

  it("never drops what is leaving, and drops the right one behind it", () => {
    const world = new World();
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("#", 0);
    const publisher = world.connect("publisher", { outboxPolicy: "drop-oldest", outboxSize: 40 });
    publisher.writeSizeMax = 0;
    const leaving = publisher.publish("topic", "leaving", 0);
    publisher.proceed();
    const second = publisher.publish("topic", "second", 0);
    const third = publisher.publish("topic", "third", 0);
    expect([leaving, second, third]).toEqual([[], ["DROPPED"], []]);
    publisher.writeSizeMax = 100;
    publisher.proceed();
    expect([leaving, second, third]).toEqual([["done"], ["DROPPED"], ["done"]]);
    expect(subscriber.payloads).toEqual(["leaving", "third"]);
  });
});

describe("a lost connection", () => {
  it("is made again, and what was not acknowledged arrives: exactly once at QoS 2, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ qos: fc.constantFrom(1, 2), cutAfter: fc.integer({ min: 0, max: 40 }) }), {
          minLength: 1,
          maxLength: 20,
        }),
        plan => {
          const world = new World();
          const subscriber = world.connect("subscriber", { clean: false });
          subscriber.subscribe("#", 2);
          const publisher = world.connect("publisher", { clean: false });
          const outcomes = plan.map(({ qos, cutAfter }, index) => {
            const outcome = publisher.publish("t", `${index}`, qos as 1 | 2);
            publisher.writeSizeMax = cutAfter;
            publisher.proceed();
            publisher.cut();
            publisher.writeSizeMax = 1_000;
            world.advance(2_000);
            return outcome;
          });
          world.advance(10_000);
          expect(outcomes).toEqual(plan.map(() => ["done"]));
          const exactlyOnce = plan.flatMap(({ qos }, index) => (qos === 2 ? [`${index}`] : []));
          expect(subscriber.messages.filter(({ qos }) => qos === 2).map(({ payload }) => `${payload}`)).toEqual(
            exactlyOnce,
          );
          expect([...new Set(subscriber.payloads)]).toEqual(plan.map((_, index) => `${index}`));
        },
      ),
      { numRuns: 100, verbose: true },
    );
  });
});

describe("bytes that had come before a connection was lost", () => {
  it("are not taken for bytes of the next", () => {
    const world = new World();
    const subscriber = world.connect("subscriber", { clean: false });
    subscriber.subscribe("#", 1);
    // It can send no acknowledgement, so it soon takes no more in.
    subscriber.writeSizeMax = 0;
    const publisher = world.connect("publisher");
    const texts = Array.from({ length: 15 }, (_, index) => `${index}`.padStart(100));
    for (const text of texts) publisher.publish("t", text, 1);
    publisher.proceed();
    expect(subscriber.messages.length).toBeLessThan(texts.length);
    subscriber.cut();
    subscriber.writeSizeMax = 1_000;
    world.advance(3_000);
    expect(subscriber.events.filter(name => name !== "close")).toEqual(["connected", "resumed"]);
    expect(new Set(subscriber.payloads)).toEqual(new Set(texts));
  });
});

describe("a store", () => {
  it("holds back what it has not kept, and brings back what was accepted", () => {
    const world = new World();
    const store = { load: async () => undefined, save: async () => {} };
    const subscriber = world.connect("subscriber");
    subscriber.subscribe("#", 2);
    const publisher = world.connect("publisher", { clean: false, store });
    publisher.stallStore();
    const sentBefore = publisher.sent.length;
    publisher.publish("t", "kept", 2);
    publisher.proceed();
    expect(publisher.sent.length).toBe(sentBefore);
    expect(subscriber.payloads).toEqual([]);

    // The power is cut; another process finds the record.
    const record = publisher.records.at(-1);
    publisher.isReachable = false;
    publisher.cut();
    const revived = world.connect("publisher", { clean: false, store }, record);
    expect(revived.events).toContain("resumed");
    expect(subscriber.payloads).toEqual(["kept"]);
    expect(revived.driver.isBusy).toBe(false);
  });

  it("is not misled by a torn record, nor by another client's", () => {
    const world = new World();
    const store = { load: async () => undefined, save: async () => {} };
    const publisher = world.connect("publisher", { clean: false, store });
    publisher.publish("t", "kept", 2);
    publisher.proceed();
    const record = publisher.records.at(-1) as Uint8Array;
    const torn = Uint8Array.from(record);
    torn[40] ^= 1;
    expect(() => world.connect("publisher", { clean: false, store }, torn)).toThrow(/torn/);
    expect(() => world.connect("other", { clean: false, store }, record)).toThrow(/not one of client "other"/);
    expect(() => world.connect("publisher", { clean: false, store, outboxSize: 99 }, record)).toThrow(/outboxSize 99/);
    expect(() => world.connect("publisher", { clean: false, store }, record.subarray(0, 10))).toThrow(/torn/);
  });
});
