/** Messages as listeners and iterators get them. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { Served } from "../broker/real.ts";
import { open } from "./open.ts";

describe("messages", () => {
  it("go to listeners, with those that had waited first", async () => {
    const served = await Served.start();
    const client = await open(served.port);
    await client.subscribe("t", { qos: 1 });
    await client.publish("t", "1", { qos: 1 });
    await client.publish("t", "2", { qos: 1 });
    const seen: string[] = [];
    await new Promise<void>(resolve => {
      client.on("message", ({ payload }) => {
        seen.push(`${payload}`);
        if (seen.length === 3) resolve();
      });
      void client.publish("t", "3", { qos: 1 });
    });
    expect(seen).toEqual(["1", "2", "3"]);
  });

  it("wait in the network while their reader is slow, and requests are answered all the same", async () => {
    const served = await Served.start();
    const reader = await open(served.port, { queueSizeMax: 1_000 });
    await reader.subscribe("#", { qos: 1 });
    const writer = await open(served.port, { outboxSize: 60_000 });
    const count = 500;
    const payload = Buffer.alloc(50_000, 1);
    for (let index = 0; index < count; index++) await writer.publish("t", payload);
    await writer.publish("mark", "", { qos: 1 });
    let seen = 0;
    for await (const { topic } of reader) {
      if (topic === "mark") break;
      seen++;
      if (seen % 100 === 1) await reader.unsubscribe("unknown");
    }
    // The server keeps QoS 0 for nobody who does not read: that some are missing shows that nothing was read meanwhile.
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(count);
  });

  it("over the limit are reported", async () => {
    const served = await Served.start();
    const client = await open(served.port, { receiveSize: 64, messageSizeMax: 100 });
    await client.subscribe("#", { qos: 1 });
    const warned = once(client, "warning");
    await client.publish("large", "x".repeat(101), { qos: 1 });
    expect((await warned)[0]).toMatchObject({ code: "OVERSIZE", message: expect.stringContaining('"large"') });
    const again = once(client, "warning");
    await client.publish("t".repeat(100), "x", { qos: 1 });
    expect((await again)[0]).toMatchObject({
      code: "OVERSIZE",
      message: expect.stringContaining("topic does not fit"),
    });
  });
});
