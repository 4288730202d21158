/** What the promise of `publish` says, and what it does where there is no room. */
import { describe, expect, it } from "vitest";
import { connect } from "../../host/client/index.ts";
import { onEnd, Served } from "../broker/real.ts";
import { open, plainOpener } from "./open.ts";

describe("publish", () => {
  it.each([
    ["a/#", "x", {}, "MISUSE_TOPIC", 'topic "a/#" has a wildcard'],
    ["", "x", {}, "MISUSE_TOPIC", "empty"],
    ["t".repeat(65_536), "x", {}, "MISUSE_TOPIC", "65536 bytes"],
    ["a", "x", { qos: 3 as 2 }, "MISUSE_QOS", "QoS 3"],
    ["a", "x".repeat(5_000), {}, "MISUSE_TOO_LARGE", "5000 bytes"],
    ["a", undefined as unknown as string, {}, "MISUSE_PAYLOAD", "undefined"],
    [undefined as unknown as string, "x", {}, "MISUSE_TOPIC", "the topic is a string, not undefined"],
    ["a", "x", { qos: "1" as unknown as 1 }, "MISUSE_QOS", 'QoS "1" is none [MQTT-3.3.1-4]'],
    ["a", "x", { retain: 1 as unknown as true }, "MISUSE_OPTION", "publish options.retain is true or false, not 1"],
    ["a", "x", { QoS: 1 } as object, "MISUSE_OPTION", "there is no option publish options.QoS; did you mean qos?"],
    ["a", "x", null as unknown as object, "MISUSE_OPTION", "publish options is an object, not null"],
  ] as const)("refuses topic %s", async (topic, payload, options, code, text) => {
    const served = await Served.start();
    const client = await open(served.port, { outboxSize: 4_096 });
    const error = await client.publish(topic, payload, options).catch(error => error);
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(text)]);
    // Nothing of it has gone anywhere.
    await client.publish("a", "fine", { qos: 2 });
  });

  it("waits for room, and keeps the order of thousands through a small outbox", async () => {
    const served = await Served.start();
    const client = await open(served.port, { outboxSize: 256 });
    await client.subscribe("t", { qos: 1 });
    const count = 2_000;
    const promises = Array.from({ length: count }, (_, index) => client.publish("t", `${index}`, { qos: 1 }));
    let next = 0;
    for await (const { payload } of client) {
      expect(`${payload}`).toBe(`${next}`);
      next++;
      if (next === count) break;
    }
    await Promise.all(promises);
  });

  it("tells a producer when there is room", async () => {
    const served = await Served.start();
    const client = await open(served.port, { outboxSize: 256 });
    let most = 0;
    let pending = 0;
    for (let index = 0; index < 500; index++) {
      pending++;
      void client.publish("t", "0123456789", { qos: 1 }).then(() => pending--);
      await client.room();
      most = Math.max(most, pending);
    }
    await client.close();
    expect(pending).toBe(0);
    // As many as fit, and the one that had to wait.
    expect(most).toBeLessThanOrEqual(Math.ceil(256 / 17) + 1);
  });

  it("refuses by policy, and drops without a fuss", async () => {
    const served = await Served.start();
    const strict = await open(served.port, { outboxPolicy: "refuse", outboxSize: 64 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => strict.publish("t", "x".repeat(30), { qos: 1 })));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "FULL" } });
    const eager = await open(served.port, { outboxPolicy: "latest", outboxSize: 64 });
    // Nobody looks at the first two: that they fail is what was asked for.
    void eager.publish("t", "1");
    void eager.publish("t", "2");
    await eager.publish("t", "3");
  });
});

describe("subscribe and unsubscribe", () => {
  it.each([
    [[], "MISUSE_FILTER", "there is no filter to subscribe [MQTT-3.8.3-3]"],
    [undefined, "MISUSE_FILTER", "a topic filter is a string, not undefined"],
    [["a", 5], "MISUSE_FILTER", "the topic filter is a string, not 5"],
    ["a/#/b", "MISUSE_FILTER", "[MQTT-4.7.1-2]"],
  ] as unknown as [string, string, string][])("refuse %s", async (filters, code, text) => {
    const served = await Served.start();
    const client = await open(served.port);
    await expect(client.subscribe(filters)).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
    const other = text.replace("subscribe [MQTT-3.8.3-3]", "unsubscribe [MQTT-3.10.3-2]");
    await expect(client.unsubscribe(filters)).rejects.toMatchObject({ code, message: expect.stringContaining(other) });
    await expect(client.subscribe("a", { qos: 4 as 2 })).rejects.toMatchObject({ code: "MISUSE_QOS" });
  });
});

describe("a transport of one's own", () => {
  it("is given nothing while it is congested, and everything afterwards", async () => {
    const served = await Served.start();
    const opener = plainOpener(served.port);
    let isCongested = false;
    let written = 0;
    let drained = () => {};
    const client = await connect("mqtt://not.looked.up", {
      transport: events => {
        const socket = opener(events);
        drained = () => events.drained();
        return {
          get isCongested() {
            return isCongested;
          },
          write(bytes) {
            written += bytes.length;
            socket.write(bytes);
          },
          pause: () => socket.pause(),
          resume: () => socket.resume(),
          end: () => socket.end(),
          destroy: () => socket.destroy(),
        };
      },
    });
    onEnd(() => client.close({ timeoutMs: 0 }));
    isCongested = true;
    const before = written;
    const published = [0, 1, 2].map(qos => client.publish("t", "x", { qos: qos as 0 | 1 | 2 }));
    // Sent when the event loop comes round; a second turn shows that it did.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(written).toBe(before);
    isCongested = false;
    drained();
    await Promise.all(published);
    expect(written).toBeGreaterThan(before);
  });
});
