/** The flags that say which server and how to get there: beside mosquitto_pub, each with the same exit status. */
import { copyFileSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { lookUpServer } from "../../host/cli/srv.ts";
import { type Certificate, makeCertificate, onEnd, run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { startSocks } from "../client/socks-server.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

async function serve(...settings: string[]): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push("allow_anonymous true", ...settings);
  await mosquitto.start();
  return mosquitto;
}

/** The exit status of both, and what ours says. */
async function both(args: string[]): Promise<{ codes: (number | null)[]; stderr: string }> {
  const rest = ["-t", "a", "-m", "x", "-q", "1", ...args];
  const [theirs, ours] = await Promise.all([run("mosquitto_pub", rest), perigee(["pub", ...rest])]);
  return { codes: [ours.code, theirs.code], stderr: ours.stderr };
}

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("pub beside mosquitto_pub", () => {
  it("-A connects from an address of this machine, and names one that is none", async () => {
    const { port } = await serve();
    const at = ["-h", "127.0.0.1", "-p", `${port}`];
    expect((await both([...at, "-A", "127.0.0.2"])).codes).toEqual([0, 0]);
    const refused = await both([...at, "-A", "192.0.2.1"]);
    expect(refused.codes).toEqual([1, 1]);
    expect(refused.stderr).toBe(`Error: Cannot assign requested address: 127.0.0.1:${port}\n`);
  });

  it("--unix", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "perigee-")), "mqtt.sock");
    await serve(`listener 0 ${path}`);
    expect((await both(["--unix", path])).codes).toEqual([0, 0]);
    const refused = await both(["--unix", `${path}.none`]);
    expect(refused.codes).toEqual([1, 1]);
    expect(refused.stderr).toBe(`Error: No such file or directory: ${path}.none\n`);
  });

  it("--proxy", async () => {
    const { port } = await serve();
    const open = await startSocks();
    const closed = await startSocks({ user: { name: "me", password: "secret" } });
    const at = ["-h", "broker.example", "-p", `${port}`, "--proxy"];
    expect((await both([...at, `socks5h://127.0.0.1:${open.port}`])).codes).toEqual([0, 0]);
    expect((await both([...at, `socks5h://me:secret@127.0.0.1:${closed.port}`])).codes).toEqual([0, 0]);
    expect(new Set([...open.asked, ...closed.asked])).toEqual(new Set([`broker.example:${port}`]));
    expect((await both([...at, "socks4://127.0.0.1"])).codes).toEqual([1, 1]);
  });

  it("--nodelay and --version", async () => {
    const { port } = await serve();
    expect((await both(["-p", `${port}`, "--nodelay"])).codes).toEqual([0, 0]);
    const { code, stdout } = await perigee(["pub", "--version"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^perigee pub version \d+\.\d+\.\d+\n$/)]);
  });

  it("--psk", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "psk");
    writeFileSync(file, "sensor:0123456789abcdef\n");
    const { port } = await serve("psk_hint hint", `psk_file ${file}`, "use_identity_as_username true");
    const at = ["-h", "localhost", "-p", `${port}`, "--psk-identity", "sensor", "--psk"];
    expect((await both([...at, "0123456789abcdef"])).codes).toEqual([0, 0]);
    expect((await both([...at, "0123456789ABCDEF", "--tls-version", "tlsv1.2"])).codes).toEqual([0, 0]);
    const wrong = await both([...at, "0123456789abcdee"]);
    expect(wrong.codes[0]).toBe(8);
    expect(wrong.stderr).toMatch(/^Error: TLS with localhost:\d+ failed: [^\n]+\n$/);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub", "openssl"))("TLS flags beside mosquitto_pub", () => {
  let certificate: Certificate;
  beforeAll(() => {
    certificate = makeCertificate();
  });

  it("--capath, --tls-version, --ciphers, --tls-alpn, --keyform", async () => {
    const folder = mkdtempSync(join(tmpdir(), "perigee-"));
    copyFileSync(certificate.certFile, join(folder, "authority.pem"));
    // OpenSSL looks certificates up by a hash of their subject.
    await run("openssl", ["rehash", folder]);
    writeFileSync(join(folder, "README"), "no certificate");
    const { port } = await serve(
      `certfile ${certificate.certFile}`,
      `keyfile ${certificate.keyFile}`,
      "tls_version tlsv1.2",
    );
    const at = ["-h", "localhost", "-p", `${port}`];
    const ca = ["--cafile", certificate.certFile];
    for (const args of [
      ["--capath", folder],
      [...ca, "--tls-version", "tlsv1.2"],
      [...ca, "--ciphers", "ECDHE-ECDSA-AES256-GCM-SHA384"],
      [...ca, "--tls-alpn", "mqtt"],
      [...ca, "--cert", certificate.certFile, "--key", certificate.keyFile, "--keyform", "pem"],
      [...ca, "--tls-use-os-certs"],
    ]) {
      expect([args, (await both([...at, ...args])).codes]).toEqual([args, [0, 0]]);
    }
    for (const [args, text] of [
      [[...ca, "--tls-version", "tlsv1.1"], "TLS with localhost"],
      [[...ca, "--ciphers", "none-such"], 'the ciphers "none-such" cannot be used'],
      [["--tls-use-os-certs"], "self-signed certificate"],
    ] as [string[], string][]) {
      // Ours alone: mosquitto_pub passes over some of these.
      const { code, stderr } = await perigee(["pub", "-t", "a", "-m", "x", ...at, ...args]);
      expect([args, code]).toEqual([args, 8]);
      expect(stderr).toMatch(/^Error: [^\n]+\n$/);
      expect(stderr).toContain(text);
    }
  });

  it.each([
    [["--tls-engine", "pkcs11"], "--tls-engine cannot be obeyed: Node loads no OpenSSL engines"],
    [["--tls-engine-kpass-sha1", "00"], "--tls-engine-kpass-sha1 cannot be obeyed"],
    [["--keyform", "pem"], "If --keyform is set, --key must be also specified"],
    [["--tls-version", "tlsv1"], "Invalid TLS version given: tlsv1; there are tlsv1.3, tlsv1.2, tlsv1.1"],
    [["--psk", "12"], "--psk-identity required if --psk used"],
    [["--psk-identity", "me"], "--psk required if --psk-identity used"],
    [["--psk", "12", "--psk-identity", "me", "--cafile", "x"], "Only one of --psk or --cafile/--capath"],
    [["--psk", "0x12", "--psk-identity", "me"], "Invalid --psk"],
    [["--capath", "/nonexistent"], 'Unable to read --capath "/nonexistent": '],
    [["--capath", "/proc/self/fdinfo"], 'No certificate in --capath "/proc/self/fdinfo"'],
    [["-L", "mqtt://localhost"], "topic missing"],
    [["-L", "foo://localhost/a"], 'No transport for "foo://"'],
    [["-L", "mqtt://localhost/%ff"], "no percent-encoded UTF-8"],
  ] as [string[], string][])("%j is refused by both", async (args, text) => {
    const { codes, stderr } = await both(["-p", "1", ...args]);
    expect(codes[0]).toBe(1);
    expect(codes[1]).not.toBe(0);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });
});

describe("-L with ws://", () => {
  it("is a WebSocket, and the path is the topic", async () => {
    const server = createServer();
    const sockets = new WebSocketServer({ server });
    const received: string[] = [];
    sockets.on("connection", (socket, request) => {
      received.push(`${request.url} ${socket.protocol}`);
      socket.once("message", () => {
        socket.send(Buffer.from([0x20, 2, 0, 0]));
        socket.on("message", bytes => received.push((bytes as Buffer).toString("latin1")));
      });
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    onEnd(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { code } = await perigee(["pub", "-L", `ws://127.0.0.1:${port}/a/b`, "-m", "x"]);
    expect([code, received[0], received.slice(1).join("")]).toEqual([0, "/mqtt mqtt", "\x30\x06\x00\x03a/bx\xe0\x00"]);
  });
});

describe("-S", () => {
  const records = [
    { name: "spare.example", port: 3, priority: 20, weight: 100 },
    { name: "small.example", port: 1, priority: 10, weight: 1 },
    { name: "large.example", port: 2, priority: 10, weight: 9 },
  ];
  const asked: string[] = [];
  const resolver = {
    resolveSrv: (name: string) => {
      asked.push(name);
      return Promise.resolve(name.includes("none") ? [{ name: ".", port: 0, priority: 0, weight: 0 }] : records);
    },
  };

  it("takes the lowest priority, and draws by weight", async () => {
    expect(await lookUpServer("example", false, resolver, 0)).toEqual({ host: "small.example", port: 1 });
    expect(await lookUpServer("example", true, resolver, 0.2)).toEqual({ host: "large.example", port: 2 });
    expect(await lookUpServer("example", true, resolver, 0.999)).toEqual({ host: "large.example", port: 2 });
    expect(asked).toEqual(["_mqtt._tcp.example", "_secure-mqtt._tcp.example", "_secure-mqtt._tcp.example"]);
    await expect(lookUpServer("none", false, resolver)).rejects.toThrow("No server behind _mqtt._tcp.none");
  });

  it("names what it has asked for where the name server knows nothing", async () => {
    const { code, stderr } = await perigee(["pub", "-S", "-h", "no-such-host.invalid", "-t", "a", "-m", "x"]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^Error: No SRV record _mqtt\._tcp\.no-such-host\.invalid: /),
    ]);
  });
});
