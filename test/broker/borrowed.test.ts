/** A message's bytes: lent by whoever received them, copied once if something keeps it; and how long it lives. */
import { describe, expect, it } from "vitest";
import { Message } from "../../host/broker/message.ts";
import { topicOf } from "../../host/broker/topics.ts";

const TOPIC = topicOf("some/topic");
const NEVER = Number.POSITIVE_INFINITY;

/** A message whose payload is in the middle of bytes that are lent. */
function borrowed(size: number, isOwned = false) {
  const lent = Uint8Array.from({ length: size + 20 }, (_, index) => index & 0xff);
  return { lent, message: new Message(TOPIC, 1, lent, 10, 10 + size, isOwned) };
}

const payloadOf = ({ bytes, start, end }: Message): number[] => [...bytes.subarray(start, end)];

describe("a payload", () => {
  it.each([0, 1, 63, 64, 65, 1000])(
    "of %i bytes stays where it is until something keeps it, and is then copied once",
    size => {
      const { lent, message } = borrowed(size);
      const before = payloadOf(message);
      expect(message.payloadSize).toBe(size);
      message.settle();
      expect(message.bytes).toBe(lent);
      message.keep();
      expect(message.bytes).toBe(lent);
      message.settle();
      const copy = message.bytes;
      expect(copy).not.toBe(lent);
      expect([message.start, message.end, copy.length]).toEqual([0, size, size]);
      lent.fill(0xee);
      expect(payloadOf(message)).toEqual(before);
      message.settle();
      message.own();
      expect(message.bytes).toBe(copy);
    },
  );

  it("is copied at once for who cannot wait", () => {
    const { lent, message } = borrowed(5);
    message.own();
    lent.fill(0xee);
    expect(payloadOf(message)).toEqual([10, 11, 12, 13, 14]);
  });

  it("is never copied when it is the broker's, under another topic either", () => {
    const { lent, message } = borrowed(5, true);
    const other = message.under(topicOf("other"));
    for (const each of [message, other]) {
      each.keep();
      each.settle();
      each.own();
      expect(each.bytes).toBe(lent);
      expect(payloadOf(each)).toEqual([10, 11, 12, 13, 14]);
    }
    const lentAgain = borrowed(5);
    const under = lentAgain.message.under(topicOf("other"));
    under.own();
    expect(under.bytes).not.toBe(lentAgain.lent);
    expect([under.topic.text, under.qos, payloadOf(under)]).toEqual(["other", 1, [10, 11, 12, 13, 14]]);
  });
});

describe("a message", () => {
  it("takes its topic, its payload and what goes on of its properties", () => {
    const { message } = borrowed(7);
    expect(message.size).toBe(2 + 10 + 7);
    message.extras = { forwarded: null, expiresMs: 5 };
    expect(message.size).toBe(2 + 10 + 7);
    message.extras = { forwarded: new Uint8Array(30), expiresMs: 5 };
    expect(message.size).toBe(2 + 10 + 7 + 30);
    expect(message.under(topicOf("t")).size).toBe(2 + 1 + 7 + 30);
  });

  it("begins with nothing that it was not given", () => {
    const { bytes, start, end, topic, qos, ...rest } = borrowed(1).message;
    expect(rest).toEqual({
      isRetain: false,
      isOfBroker: false,
      isFannedOut: false,
      encoded: null,
      encoded5: null,
      extras: null,
      publisherId: "",
      storeId: 0,
      storeCount: 0,
    });
  });

  it("expires at its millisecond [MQTT-3.3.2-5], and has until then whole seconds begun [MQTT-3.3.2-6]", () => {
    const { message } = borrowed(1);
    expect([message.isExpired(1e12), message.remainingS(1e12)]).toEqual([false, -1]);
    message.extras = { forwarded: null, expiresMs: NEVER };
    expect([message.isExpired(1e12), message.remainingS(1e12)]).toEqual([false, -1]);
    message.extras = { forwarded: null, expiresMs: 10_000 };
    for (const [nowMs, isExpired, remainingS] of [
      [0, false, 10],
      [1, false, 10],
      [999, false, 10],
      [1000, false, 9],
      [9999, false, 1],
      [10_000, true, 0],
      [10_001, true, 0],
      [99_999, true, 0],
    ] as const) {
      expect([nowMs, message.isExpired(nowMs), message.remainingS(nowMs)]).toEqual([nowMs, isExpired, remainingS]);
    }
  });
});
