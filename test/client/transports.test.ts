/** Ways to a server other than plain TCP: Unix sockets, proxies, WebSocket, and what each says when it leads nowhere. */

import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { describe, expect, it } from "vitest";
import { createWebSocketStream, WebSocketServer } from "ws";
import { type ClientOptions, connect } from "../../host/client/index.ts";
import { makeCertificate, onEnd, Served } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { startSocks } from "./socks-server.ts";

/** A message there and back. */
async function exchange(url: string, options: ClientOptions = {}): Promise<void> {
  const client = await connect(url, options);
  onEnd(() => client.close({ timeoutMs: 0 }));
  await client.subscribe("t", { qos: 1 });
  const payload = Buffer.alloc(100_000, "perigee ");
  await client.publish("t", payload, { qos: 1 });
  const { value } = await client[Symbol.asyncIterator]().next();
  expect(value?.payload.equals(payload)).toBe(true);
  await client.close();
}

describe("a Unix socket", () => {
  it("carries a connection, and is named where it is none", async () => {
    const served = await Served.start();
    const path = join(mkdtempSync(join(tmpdir(), "perigee-")), "mqtt.sock");
    const server = net.createServer(near => {
      const far = net.connect(served.port, "127.0.0.1");
      near.pipe(far).pipe(near);
      near.on("error", () => far.destroy());
    });
    server.listen(path);
    await once(server, "listening");
    onEnd(() => server.close());
    await exchange("mqtt://not.looked.up", { socket: { unixPath: path } });
    await expect(connect("mqtt://x", { socket: { unixPath: `${path}x` } })).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: `No such file or directory: ${path}x`,
    });
  });
});

describe("a SOCKS5 proxy", () => {
  it("is asked for the host by name, with a password or without, however slowly it answers", async () => {
    const served = await Served.start();
    const open = await startSocks({ isSlow: true });
    await exchange(`mqtt://broker.example:${served.port}`, { socket: { proxy: `socks5h://127.0.0.1:${open.port}` } });
    const closed = await startSocks({ user: { name: "me", password: "se:cret" } });
    const proxy = `socks5h://me:se%3Acret@127.0.0.1:${closed.port}`;
    await exchange(`mqtt://127.0.0.1:${served.port}`, { socket: { proxy } });
    expect([open.asked, closed.asked]).toEqual([[`broker.example:${served.port}`], [`127.0.0.1:${served.port}`]]);
  });

  it.runIf(havePeers("openssl"))("carries TLS with the host, not with itself", async () => {
    const { cert, key } = makeCertificate("broker.example");
    const served = await Served.start({ tls: { cert, key } });
    const { port } = await startSocks();
    const options = { tls: { ca: cert }, socket: { proxy: `socks5h://127.0.0.1:${port}` } };
    await exchange(`mqtts://broker.example:${served.port}`, options);
    await expect(connect(`mqtts://other.example:${served.port}`, options)).rejects.toMatchObject({ code: "TLS" });
  });

  it("says what it refuses", async () => {
    const { port } = await startSocks({ reply: 5 });
    const closed = await startSocks({ user: { name: "me", password: "secret" } });
    const rude = net.createServer(socket => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    rude.listen(0, "127.0.0.1");
    await once(rude, "listening");
    onEnd(() => rude.close());
    const { port: rudePort } = rude.address() as net.AddressInfo;
    for (const [proxy, text] of [
      [`socks5h://127.0.0.1:${port}`, `127.0.0.1:${port} cannot connect to host.example:1883: connection refused`],
      [`socks5h://127.0.0.1:${closed.port}`, "accepts no authentication that was offered"],
      [`socks5h://me:wrong@127.0.0.1:${closed.port}`, "rejects the user name or the password"],
      [`socks5h://127.0.0.1:${rudePort}`, "is no SOCKS5 proxy"],
    ]) {
      await expect(connect("mqtt://host.example", { socket: { proxy } })).rejects.toMatchObject({
        code: "UNREACHABLE",
        message: expect.stringContaining(text),
      });
    }
    for (const proxy of ["http://x", "socks5h://", "socks5h://x:0", `socks5h://${"u".repeat(256)}@x`]) {
      await expect(connect("mqtt://x", { socket: { proxy } })).rejects.toMatchObject({ code: "MISUSE_OPTION" });
    }
  });
});

describe("WebSocket", () => {
  /** aedes behind a WebSocket; the resource and the subprotocols of each handshake. */
  async function start(): Promise<{ port: number; asked: string[] }> {
    const aedes = await Aedes.createBroker();
    const asked: string[] = [];
    const server = http.createServer();
    const sockets = new WebSocketServer({ server });
    sockets.on("connection", (socket, request) => {
      asked.push(`${request.url} ${request.headers["sec-websocket-protocol"]}`);
      aedes.handle(createWebSocketStream(socket), request);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      await new Promise<void>(resolve => aedes.close(resolve));
    });
    return { port: (server.address() as net.AddressInfo).port, asked };
  }

  it("carries a connection under the subprotocol mqtt [MQTT-6.0.0-3], at the path of the URL", async () => {
    const { port, asked } = await start();
    await exchange(`ws://127.0.0.1:${port}`);
    await exchange(`ws://127.0.0.1:${port}/broker?key=1`);
    const proxy = await startSocks();
    await exchange(`ws://127.0.0.1:${port}`, { socket: { proxy: `socks5h://127.0.0.1:${proxy.port}` } });
    expect(asked).toEqual(["/mqtt mqtt", "/broker?key=1 mqtt", "/mqtt mqtt"]);
    expect(proxy.asked).toEqual([`127.0.0.1:${port}`]);
  });

  it("names the server that has none, or that is not there", async () => {
    const server = http.createServer((_request, response) => response.writeHead(404).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: `No WebSocket with 127.0.0.1:${port}: Unexpected server response: 404`,
    });
    server.close();
    await once(server, "close");
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "UNREACHABLE",
      message: `Connection refused: 127.0.0.1:${port}`,
    });
  });

  it("ends where text comes [MQTT-6.0.0-1]", async () => {
    const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
    await once(server, "listening");
    onEnd(() => server.close());
    server.on("connection", socket => socket.once("message", () => socket.send("text")));
    const { port } = server.address() as net.AddressInfo;
    await expect(connect(`ws://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: "ENDED_TRANSPORT",
      message: expect.stringContaining("[MQTT-6.0.0-1]"),
    });
  });
});
