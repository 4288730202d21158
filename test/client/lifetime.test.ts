/** The client in real time, against Perigee's own broker: connections that end, and how the client ends. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { PerigeeError } from "../../host/client/index.ts";
import { onEnd, Served } from "../broker/real.ts";
import { open } from "./open.ts";

describe("a lost connection", () => {
  it("is made again, and subscriptions that the server has forgotten are too", async () => {
    const first = await Served.start();
    const { port } = first;
    const client = await open(port, { clientId: "c" });
    await client.subscribe(["a/#", "b"], { qos: 1 });
    await client.subscribe("c", { qos: 2 });
    await client.unsubscribe("b");
    const closed = once(client, "close");
    const connected = once(client, "connect");
    await first.listener.close();
    expect((await closed)[0]).toMatchObject({ code: "ENDED_TRANSPORT" });
    const second = await Served.start({ port, host: "127.0.0.1" });
    expect(await connected).toEqual([false, {}]);
    await second.until(/Sending SUBACK to c/);
    await client.publish("b", "gone", { qos: 2 });
    await client.publish("a/x", "here", { qos: 2 });
    const { value } = await client[Symbol.asyncIterator]().next();
    expect([value?.topic, `${value?.payload}`, value?.qos]).toEqual(["a/x", "here", 1]);
  });

  it("ends a client that is not to come back, and everything with it", async () => {
    const served = await Served.start();
    const client = await open(served.port, { reconnect: false, outboxSize: 64 });
    const ended = once(client, "end");
    await served.listener.close();
    // Two that fit, one that waits, and one too late.
    const publishes = [1, 2, 3].map(() => client.publish("t", "x".repeat(30), { qos: 1 }));
    const outcomes = await Promise.allSettled(publishes);
    expect(outcomes).toEqual(Array(3).fill({ status: "rejected", reason: expect.any(PerigeeError) }));
    expect((await ended)[0]).toMatchObject({ code: "ENDED_TRANSPORT" });
    await expect(client.publish("t", "x")).rejects.toMatchObject({ code: "ENDED_TRANSPORT" });
    await expect(client.subscribe("t")).rejects.toMatchObject({ code: "ENDED_TRANSPORT" });
    await expect(client[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "ENDED_TRANSPORT" });
    await client.close();
  });

  it("is noticed where the server falls silent", async () => {
    const served = await Served.start();
    let isMuted = false;
    // A proxy that goes on taking bytes and gives none back: a link that is half open.
    const proxy = net.createServer(near => {
      const far = net.connect(served.port, "127.0.0.1");
      near.pipe(far);
      far.on("data", bytes => isMuted || near.write(bytes));
      far.on("error", () => {});
      near.on("error", () => far.destroy());
      near.on("close", () => far.destroy());
    });
    await new Promise<void>(resolve => proxy.listen(0, "127.0.0.1", resolve));
    onEnd(() => proxy.close());
    const client = await open((proxy.address() as net.AddressInfo).port, { responseTimeoutMs: 1000 });
    isMuted = true;
    const published = client.publish("t", "x", { qos: 2 });
    expect((await once(client, "close"))[0]).toMatchObject({ code: "ENDED_TIMEOUT" });
    isMuted = false;
    await published;
  });
});

describe("close", () => {
  it("waits for what was accepted, and may be called twice", async () => {
    const served = await Served.start();
    const client = await open(served.port, { window: 1 });
    const published = [1, 2, 3].map(number => client.publish("t", `${number}`, { qos: 2 }));
    const closes = [client.close(), client.close()];
    await expect(client.publish("t", "late")).rejects.toMatchObject({ code: "CLOSED" });
    await Promise.all([...published, ...closes]);
    expect(served.lines.filter(line => /Received PUBCOMP|Sending PUBCOMP/.test(line))).toHaveLength(3);
    expect(served.lines.some(line => /Received DISCONNECT/.test(line))).toBe(true);
    await client.close();
  });

  it("gives up after the time-out, and says what was left", async () => {
    const served = await Served.start();
    const client = await open(served.port);
    const lost = once(client, "close");
    await served.listener.close();
    await lost;
    const published = client.publish("t", "x", { qos: 1 });
    await client.close({ timeoutMs: 10 });
    await expect(published).rejects.toMatchObject({ code: "CLOSED" });
    expect(await client[Symbol.asyncIterator]().next()).toEqual({ value: undefined, done: true });
  });
});
