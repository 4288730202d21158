/** The client in real time, against Perigee's own broker: what promises, events and iteration promise. */
import { once } from "node:events";
import net from "node:net";
import { describe, expect, it } from "vitest";
import { type Client, type ClientOptions, connect, PerigeeError } from "../../host/client/index.ts";
import { socketOpener } from "../../host/client/tcp.ts";
import { makeCertificate, onEnd, Served } from "../broker/real.ts";
import { havePeers } from "../peers.ts";

async function open(port: number, options: ClientOptions = {}): Promise<Client> {
  const client = await connect(`mqtt://127.0.0.1:${port}`, { backoffMinMs: 1, backoffMaxMs: 10, ...options });
  onEnd(() => client.close({ timeoutMs: 0 }));
  return client;
}

/** A server that takes connections and says nothing. */
async function mute(): Promise<number> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer(socket => sockets.add(socket));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  onEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as net.AddressInfo).port;
}

describe("connect", () => {
  it.each([
    ["http://x", {}, "MISUSE_URL", 'no transport for "http://"'],
    ["localhost", {}, "MISUSE_URL", 'not a URL: "localhost"'],
    ["mqtt://", {}, "MISUSE_URL", 'in "mqtt://"'],
    ["mqtt://x:0", {}, "MISUSE_URL", "0 in"],
    ["mqtt://x:99999", {}, "MISUSE_URL", "99999"],
    ["mqtt://%zz@x", {}, "MISUSE_URL", "%zz"],
    [
      "mqtt://x",
      { keepAliveSeconds: 65_536 },
      "MISUSE_OPTION",
      "keepAliveSeconds is an integer from 0 to 65535, not 65536",
    ],
    ["mqtt://x", { window: 0 }, "MISUSE_OPTION", "window"],
    ["mqtt://x", { receiveSize: 31 }, "MISUSE_OPTION", "receiveSize is an integer from 32"],
    ["mqtt://x", { outboxSize: 1.5 }, "MISUSE_OPTION", "1.5"],
    ["mqtt://x", { outboxPolicy: "newest" as "latest" }, "MISUSE_OPTION", "newest"],
    ["mqtt://x", { backoffMinMs: 9, backoffMaxMs: 8 }, "MISUSE_OPTION", "backoffMaxMs"],
    ["mqtt://x", { clean: false }, "MISUSE_CLIENT_ID", "clean: false needs a clientId"],
    ["mqtt://x", { clean: false, clientId: "" }, "MISUSE_CLIENT_ID", "[MQTT-3.1.3-7]"],
    ["mqtt://x", { clientId: "i".repeat(65_536) }, "MISUSE_CLIENT_ID", "65536 bytes"],
    ["mqtt://x", { clientId: "a\0b" }, "MISUSE_CLIENT_ID", "[MQTT-1.5.3-2]"],
    ["mqtt://x", { clientId: "a\ud800b" }, "MISUSE_CLIENT_ID", "[MQTT-1.5.3-1]"],
    ["mqtt://x", { password: "p" }, "MISUSE_USER", "[MQTT-3.1.2-22]"],
    ["mqtt://x", { username: "u", password: Buffer.alloc(65_536) }, "MISUSE_USER", "65536 bytes"],
    ["mqtt://x", { will: { topic: "a/+" } }, "MISUSE_WILL", 'will topic "a/+"'],
    ["mqtt://x", { will: { topic: "" } }, "MISUSE_WILL", "will topic is empty"],
    ["mqtt://x", { will: { topic: "a", qos: 3 as 2 } }, "MISUSE_WILL", "[MQTT-3.1.2-14]"],
    ["mqtts://x", { tls: { cert: "nonsense" } }, "TLS", "cannot be used"],
  ] as [string, ClientOptions, string, string][])("refuses %s with %o", async (url, options, code, text) => {
    const error = await connect(url, options).catch(error => error);
    expect(error).toBeInstanceOf(PerigeeError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  it("says that nobody is there, and who was meant", async () => {
    const port = await mute();
    const server = net.createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const closed = (server.address() as net.AddressInfo).port;
    await new Promise(resolve => server.close(resolve));
    await expect(connect(`mqtt://127.0.0.1:${closed}`)).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: `Connection refused: 127.0.0.1:${closed}`,
    });
    await expect(connect(`mqtt://127.0.0.1:${port}`, { responseTimeoutMs: 20 })).rejects.toMatchObject({
      code: "ENDED_TIMEOUT",
    });
    await expect(connect(`mqtts://127.0.0.1:${port}`, { openTimeoutMs: 20 })).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: expect.stringContaining("timed out"),
    });
  });

  it.runIf(havePeers("openssl"))("compares the host name with the certificate's, unless told not to", async () => {
    const elsewhere = makeCertificate("elsewhere.example");
    const served = await Served.start({ tls: { cert: elsewhere.cert, key: elsewhere.key } });
    const url = `mqtts://localhost:${served.port}`;
    const ca = elsewhere.cert;
    await expect(connect(url, { tls: { ca } })).rejects.toMatchObject({
      code: "TLS",
      message: expect.stringContaining("localhost"),
    });
    await (await connect(url, { tls: { ca, checkServerIdentity: false } })).close();
  });

  it("reads user and password from the URL", async () => {
    const served = await Served.start({ users: new Map([["sen sor", "s:ecret"]]) });
    const client = await connect(`mqtt://sen%20sor:s%3Aecret@127.0.0.1:${served.port}`);
    await client.close();
    await expect(connect(`mqtt://sensor@127.0.0.1:${served.port}`)).rejects.toMatchObject({ refusal: 4 });
  });

  it("starts offline where it is asked to, and delivers what was published before the server came", async () => {
    const first = await Served.start();
    const { port } = first;
    await first.listener.close();
    const client = await open(port, { startOffline: true });
    const published = client.publish("t", "early", { qos: 1 });
    await once(client, "close");
    await Served.start({ port, host: "127.0.0.1" });
    await published;
    expect(client.isConnected).toBe(true);
  });
});

describe("publish", () => {
  it.each([
    ["a/#", "x", {}, "MISUSE_TOPIC", 'topic "a/#" has a wildcard'],
    ["", "x", {}, "MISUSE_TOPIC", "empty"],
    ["t".repeat(65_536), "x", {}, "MISUSE_TOPIC", "65536 bytes"],
    ["a", "x", { qos: 3 as 2 }, "MISUSE_QOS", "QoS 3"],
    ["a", "x".repeat(5_000), {}, "MISUSE_TOO_LARGE", "5000 bytes"],
    ["a", undefined as unknown as string, {}, "MISUSE_PAYLOAD", "undefined"],
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

describe("a transport of one's own", () => {
  it("is given nothing while it is congested, and everything afterwards", async () => {
    const served = await Served.start();
    const opener = socketOpener({ isSecure: false, host: "127.0.0.1", port: served.port }, undefined, 5_000);
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
    expect(await connected).toEqual([false]);
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
    const client = await open((proxy.address() as net.AddressInfo).port, { responseTimeoutMs: 50 });
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
