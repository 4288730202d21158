/** Every kind of listener, with a real peer at its other end. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { Entrance, Server, type ServerOptions, type SocketOptions } from "../../host/broker/index.ts";
import { parseProxyHeader } from "../../host/broker/proxy-protocol.ts";
import { RateLimit } from "../../host/broker/rate-limit.ts";
import { havePeers } from "../peers.ts";
import { Authority } from "./authority.ts";
import { connectPacket } from "./endpoint.ts";
import { onEnd, run } from "./real.ts";
import { HeardLog } from "./site.ts";

interface Open {
  server: Server;
  log: HeardLog;
  lines: readonly string[];
  port: number;
}

async function open(options: Partial<SocketOptions> = {}, of: ServerOptions = {}): Promise<Open> {
  const log = new HeardLog();
  const server = new Server({ ...of, onLog: log.write });
  onEnd(() => server.close());
  const listener = await server.open({ entrance: new Entrance(), port: 0, host: "127.0.0.1", ...options });
  return { server, log, lines: log.lines, port: listener.port };
}

const pub = (port: number, ...args: string[]) =>
  run("mosquitto_pub", ["-h", "localhost", "-p", String(port), "-t", "t", "-m", "x", "-q", "1", ...args]);

describe("WebSocket", () => {
  it("carries MQTT.js", async () => {
    const { port, lines } = await open({ protocol: "websockets" });
    const client = await connectAsync(`ws://127.0.0.1:${port}/mqtt`, { clientId: "js" });
    onEnd(() => client.endAsync(true));
    await client.subscribeAsync("big", { qos: 1 });
    const payload = Buffer.alloc(300_000, 7);
    const received = new Promise<Buffer>(resolve => client.on("message", (_topic, message) => resolve(message)));
    await client.publishAsync("big", payload, { qos: 1 });
    expect((await received).equals(payload)).toBe(true);
    expect(lines.some(line => /New client connected from 127\.0\.0\.1:\d+ as js/.test(line))).toBe(true);
  });

  it("may cut packets anywhere, takes binary frames only, and the sub-protocol mqtt", async () => {
    const { port } = await open({ protocol: "websockets" });
    const ended = (protocols: string[], send: (socket: WebSocket) => void) =>
      new Promise<{ code: number; bytes: number[] }>(resolve => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`, protocols);
        const bytes: number[] = [];
        socket.on("open", () => send(socket));
        socket.on("error", () => {});
        socket.on("message", data => {
          bytes.push(...(data as Buffer));
          socket.close(1000);
        });
        socket.on("close", code => resolve({ code, bytes }));
      });
    const connect = encodePacket(connectPacket("c"));
    const cut = await ended(["mqtt"], socket => {
      socket.send(connect.subarray(0, 1));
      socket.send(connect.subarray(1, 9));
      socket.send(connect.subarray(9));
    });
    expect(cut.bytes).toEqual([0x20, 2, 0, 0]);
    expect(await ended(["mqtt"], socket => socket.send("text"))).toEqual({ code: 1003, bytes: [] });
    expect(await ended(["chat"], socket => socket.send(connect))).toMatchObject({ code: 1006 });
  });

  it("says to a browser what it is not", async () => {
    const { port } = await open({ protocol: "websockets" });
    const response = await fetch(`http://127.0.0.1:${port}/`);
    expect([response.status, await response.text()]).toEqual([426, "This port speaks MQTT over WebSocket.\n"]);
  });
});

describe("a Unix socket", () => {
  it("takes the place of a stale one, never of one in use or of a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "perigee-"));
    const path = join(folder, "s");
    const { server } = await open({ path });
    expect(server.listeners[0].address).toBe(path);
    const another = new Server();
    onEnd(() => another.close());
    await expect(another.open({ entrance: new Entrance(), port: 0, path })).rejects.toThrow("the port is in use");
    const stale = join(folder, "stale");
    // A process that was killed leaves its socket behind.
    await run(process.execPath, [
      "-e",
      `require("net").createServer().listen("${stale}", () => process.kill(process.pid, 9))`,
    ]);
    expect(existsSync(stale)).toBe(true);
    await another.open({ entrance: new Entrance(), port: 0, path: stale });
    const file = join(folder, "file");
    writeFileSync(file, "precious");
    await expect(another.open({ entrance: new Entrance(), port: 0, path: file })).rejects.toThrow("in use");
    expect(readFileSync(file, "utf8")).toBe("precious");
  });
});

describe.runIf(havePeers("mosquitto_pub", "openssl"))("TLS", () => {
  it("asks for certificates, refuses revoked ones, and takes names from them", async () => {
    const authority = new Authority();
    const server = authority.issue("server", "/CN=localhost");
    const ann = authority.issue("ann", "/C=CH/O=Field, North/CN=ann");
    const bob = authority.issue("bob", "/CN=bob");
    const tls = {
      cert: readFileSync(server.certFile),
      key: readFileSync(server.keyFile),
      ca: readFileSync(authority.caFile),
      crl: readFileSync(authority.revoke("bob")),
    };
    const { port, lines, log } = await open({ tls, identity: "subject" });
    const as = ({ certFile, keyFile }: { certFile: string; keyFile: string }) =>
      pub(port, "--cafile", authority.caFile, "--cert", certFile, "--key", keyFile, "-u", "somebody", "-P", "else");
    expect(await as(ann)).toMatchObject({ code: 0, stderr: "" });
    expect(lines.join("\n")).toContain("u'CN=ann,O=Field\\, North,C=CH'");
    expect((await as(bob)).code).not.toBe(0);
    expect((await pub(port, "--cafile", authority.caFile)).code).not.toBe(0);
    // Node tells of them when the sockets are closed, which the client need not wait for.
    await log.until(/^TLS handshake with 127\.0\.0\.1:\d+ failed: the client's certificate is revoked, expired/);
    await log.until(/^TLS handshake with 127\.0\.0\.1:\d+ failed: peer did not return a certificate/);
    const named = await open({ tls: { ...tls, requireCertificate: true }, identity: "commonName" });
    await pub(named.port, "--cafile", authority.caFile, "--cert", ann.certFile, "--key", ann.keyFile);
    expect(named.lines.join("\n")).toContain("u'ann'");
    // Not asked for one, a client cannot show who it is.
    const silent = await open({ tls: { ...tls, requireCertificate: false }, identity: "commonName" });
    expect((await pub(silent.port, "--cafile", authority.caFile, "-u", "ann")).code).toBe(4);
  });

  it("agrees on a key that both sides know", async () => {
    const keys = new Map([["roof", Buffer.from("c0ffee", "hex")]]);
    const tls = { psk: { hint: "h", keyOf: (identity: string) => keys.get(identity) } };
    const { port, lines } = await open({ tls, identity: "commonName" });
    const right = await pub(port, "--psk", "c0ffee", "--psk-identity", "roof");
    expect(right).toMatchObject({ code: 0, stderr: "" });
    expect(lines.join("\n")).toContain("u'roof'");
    expect((await pub(port, "--psk", "c0ffef", "--psk-identity", "roof")).code).not.toBe(0);
    expect((await pub(port, "--psk", "c0ffee", "--psk-identity", "cellar")).code).not.toBe(0);
  });
});

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const OVER_IPV4 = [...SIGNATURE, 0x21, 0x11, 0, 12, 203, 0, 113, 7, 10, 0, 0, 1, 0xc0, 0x01, 7, 91];

describe("the PROXY protocol", () => {
  it.each([
    ["IPv4", OVER_IPV4, { size: 28, peer: { address: "203.0.113.7", port: 49153 } }],
    ["one byte less", OVER_IPV4.slice(0, -1), null],
    ["half a signature", SIGNATURE.slice(0, 5), null],
    [
      "IPv6 and an extension",
      [
        ...SIGNATURE,
        0x21,
        0x21,
        0,
        39,
        0x20,
        1,
        0xd,
        0xb8,
        ...Array(11).fill(0),
        5,
        ...Array(16).fill(0),
        1,
        2,
        3,
        4,
        4,
        0,
        0,
      ],
      { size: 55, peer: { address: "2001:db8::5", port: 258 } },
    ],
    ["LOCAL", [...SIGNATURE, 0x20, 0, 0, 0], { size: 16, peer: null }],
    ["an unknown family", [...SIGNATURE, 0x21, 0x31, 0, 2, 9, 9], { size: 18, peer: null }],
  ])("reads %s", (_what, bytes, header) => {
    expect(parseProxyHeader(Buffer.from(bytes))).toEqual(header);
  });

  it.each([
    ["no header", [0x10, 13], "the connection does not begin with a header of the PROXY protocol, version 2"],
    ["an unknown command", [...SIGNATURE, 0x22, 0x11, 0, 0], "has the command 0x22"],
    ["too much", [...SIGNATURE, 0x21, 0x11, 0xff, 0xff], "over the maximum of 2048"],
  ])("refuses %s", (_what, bytes, message) => {
    expect(() => parseProxyHeader(Buffer.from(bytes))).toThrow(message);
  });

  it("names the far end, whatever comes with the header, and below TLS and WebSocket too", async () => {
    const { port, lines, log } = await open({ isProxied: true });
    const connect = encodePacket(connectPacket("far"));
    for (const cut of [0, 13, 28, 30]) {
      const bytes = Buffer.concat([Buffer.from(OVER_IPV4), connect]);
      const socket = net.connect(port, "127.0.0.1");
      onEnd(() => socket.destroy());
      socket.write(bytes.subarray(0, cut), () => socket.write(bytes.subarray(cut)));
      const answer = await new Promise<Buffer>(resolve => socket.once("data", resolve));
      expect([...answer]).toEqual([0x20, 2, 0, 0]);
    }
    expect(lines.filter(line => line.includes("New client connected from 203.0.113.7:49153 as far"))).toHaveLength(4);
    const bare = net.connect(port, "127.0.0.1");
    bare.write(connect);
    await log.until(/\[proxy\] the connection does not begin with a header/);
  });

  it.runIf(havePeers("openssl", "mosquitto_pub"))("goes before TLS", async () => {
    const authority = new Authority();
    const { certFile, keyFile } = authority.issue("server", "/CN=localhost");
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const { port, lines } = await open({ isProxied: true, tls });
    // What a proxy does: the header, then whatever the client sends.
    const proxy = net.createServer(client => {
      const onward = net.connect(port, "127.0.0.1", () => {
        onward.write(Buffer.from(OVER_IPV4));
        client.pipe(onward).pipe(client);
      });
      for (const socket of [onward, client]) socket.on("error", () => {});
      // A pipe whose target is gone reads no more, and would not see the end.
      onward.on("close", () => client.destroy());
      client.on("close", () => onward.destroy());
    });
    onEnd(() => new Promise(resolve => proxy.close(resolve)));
    await new Promise<void>(resolve => proxy.listen(0, "127.0.0.1", resolve));
    const proxyPort = (proxy.address() as net.AddressInfo).port;
    expect(await pub(proxyPort, "--cafile", authority.caFile)).toMatchObject({ code: 0, stderr: "" });
    expect(lines.join("\n")).toContain("New client connected from 203.0.113.7:49153");
  });
});

describe("the publish rate", () => {
  it("is a bucket that fills again", () => {
    const limit = new RateLimit(100, 0);
    expect(limit.take(100, 0)).toBe(0);
    expect(limit.take(50, 0)).toBe(500);
    expect(limit.take(0, 500)).toBe(0);
    expect(limit.take(1000, 60_000)).toBe(9000);
  });

  it("slows one client down and loses nothing", async () => {
    const { port, server } = await open({}, { maxPublishRate: 200 });
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
    onEnd(() => client.endAsync(true));
    const startMs = performance.now();
    await Promise.all(Array.from({ length: 300 }, (_, index) => client.publishAsync("t", String(index), { qos: 1 })));
    await client.publishAsync("t", "last", { qos: 1 });
    expect(performance.now() - startMs).toBeGreaterThan(450);
    expect(server.broker.counters.publishMessagesReceived).toBe(301);
  });
});
