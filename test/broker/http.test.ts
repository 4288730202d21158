/** The HTTP port: what it serves, and MQTT over its WebSocket. */
import { once } from "node:events";
import mqtt from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket from "ws";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { Entrance, listen, serveHttp } from "../../host/broker/index.ts";
import { connectPacket } from "./endpoint.ts";

async function serve(page?: string) {
  const listener = await listen({ port: 0, sysIntervalMs: 0 });
  const http = await serveHttp(listener.broker, { port: 0, page });
  onTestFinished(async () => {
    await http.close();
    await listener.close();
  });
  const get = (path: string, init = {}) => fetch(`http://127.0.0.1:${http.port}${path}`, init);
  return { broker: listener.broker, http, get, url: `ws://127.0.0.1:${http.port}/mqtt` };
}

describe("the HTTP port", () => {
  it("serves the page, which may speak to nobody else", async () => {
    const { get } = await serve("<!doctype html><title>x</title>");
    const response = await get("/");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).toContain("<title>x</title>");
    expect((await (await serve()).get("/")).status).toBe(404);
  });

  it("says that it is well", async () => {
    const response = await (await serve()).get("/healthz");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok", clientsConnected: 0, sessionCount: 0 });
  });

  it("refuses other paths and methods", async () => {
    const { get } = await serve();
    expect((await get("/else")).status).toBe(404);
    expect((await get("/healthz", { method: "POST" })).status).toBe(405);
  });

  it("has metrics in Prometheus' format that are what the broker counts", async () => {
    const { get, url } = await serve();
    const client = await mqtt.connectAsync(url);
    onTestFinished(() => client.endAsync(true));
    await client.subscribeAsync("a/#");
    await client.publishAsync("a/b", "12345", { qos: 1, retain: true });
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    const text = await response.text();
    const value = (name: string) => Number(new RegExp(`^perigee_${name} (\\S+)$`, "m").exec(text)?.[1]);
    expect(value("clients_connected")).toBe(1);
    expect(value("subscriptions")).toBe(1);
    expect(value("retained_messages")).toBe(1);
    expect(value("publish_received_total")).toBe(1);
    expect(value("publish_received_bytes_total")).toBe(5);
    expect(value("messages_received_total")).toBeGreaterThanOrEqual(3);
    expect(text).toContain("# TYPE perigee_publish_received_total counter");
    expect(text).toContain("process_resident_memory_bytes");
    // Read again, a counter does not add up.
    const again = await (await get("/metrics")).text();
    expect(again).toMatch(/^perigee_publish_received_total 1$/m);
  });

  it("cannot be opened where something else listens, and says so", async () => {
    const { broker, http } = await serve();
    await expect(serveHttp(broker, { port: http.port })).rejects.toThrow(
      /cannot serve HTTP on 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    );
  });
});

describe("MQTT over its WebSocket", () => {
  it("may be cut anywhere [MQTT-6.0.0-2]", async () => {
    const { url } = await serve();
    const socket = new WebSocket(url, "mqtt");
    await once(socket, "open");
    expect(socket.protocol).toBe("mqtt");
    for (const byte of encodePacket(connectPacket("slowly"))) socket.send(Uint8Array.of(byte));
    const [answer] = await once(socket, "message");
    expect([...(answer as Buffer)]).toEqual([0x20, 2, 0, 0]);
    socket.close();
  });

  it("ends over a frame of text [MQTT-6.0.0-1]", async () => {
    const { url, broker } = await serve();
    const socket = new WebSocket(url, "mqtt");
    await once(socket, "open");
    socket.send("text");
    const [code, reason] = await once(socket, "close");
    expect([code, String(reason)]).toEqual([1003, "[MQTT-6.0.0-1] MQTT travels in binary frames"]);
    // The other side hears of it at its own time.
    while (broker.connectionCount > 0) await new Promise(setImmediate);
  });

  it("is refused under another sub-protocol [MQTT-6.0.0-4]", async () => {
    const { url } = await serve();
    for (const protocols of [[], ["chat"]]) {
      const socket = new WebSocket(url, protocols);
      const [error] = await once(socket, "error");
      expect(String(error)).toContain("400");
    }
    const both = new WebSocket(url, ["chat", "mqtt"]);
    await once(both, "open");
    expect(both.protocol).toBe("mqtt");
    both.close();
  });

  it("lets in whom the listener's access lets in, and nobody else", async () => {
    const listener = await listen({ port: 0, sysIntervalMs: 0 });
    const access = { authenticate: () => 5 as const, permissions: () => null, clientIdPrefixes: [] };
    const http = await serveHttp(listener.broker, { port: 0, entrance: new Entrance({ access }) });
    onTestFinished(async () => {
      await http.close();
      await listener.close();
    });
    await expect(mqtt.connectAsync(`ws://127.0.0.1:${http.port}`, { reconnectPeriod: 0 })).rejects.toThrow(
      "Not authorized",
    );
  });

  it("leaves a will when it breaks, and large messages arrive whole", async () => {
    const { url } = await serve();
    const watcher = await mqtt.connectAsync(url);
    onTestFinished(() => watcher.endAsync(true));
    await watcher.subscribeAsync(["w", "large"]);
    const heard: [string, number][] = [];
    const isHeard = new Promise<void>(resolve => {
      watcher.on("message", (topic, payload) => {
        heard.push([topic, payload.length]);
        if (heard.length === 2) resolve();
      });
    });
    const will = { topic: "w", payload: Buffer.from("gone"), qos: 0 as const, retain: false };
    const socket = new WebSocket(url, "mqtt");
    await once(socket, "open");
    socket.send(encodePacket(connectPacket("c", { will })));
    await once(socket, "message");
    socket.terminate();
    await watcher.publishAsync("large", Buffer.alloc(3_000_000));
    await isHeard;
    expect(heard.sort()).toEqual([
      ["large", 3_000_000],
      ["w", 4],
    ]);
  });
});
