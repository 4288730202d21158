/** `perigee broker` as a process: what it says, its exit codes, its signals. */
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { encodePacket } from "../../host/broker/codec/packet.ts";
import { havePeers } from "../peers.ts";
import { connectPacket } from "./endpoint.ts";
import { makeCertificate, type Running, run, Served, start } from "./real.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));
const program = join(directory, "broker.cjs");

beforeAll(async () => {
  await build({
    stdin: {
      contents: `import { brokerCommand } from "./host/cli/broker.ts"; brokerCommand().parseAsync();`,
      resolveDir: new URL("../..", import.meta.url).pathname,
      loader: "ts",
    },
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: program,
    logLevel: "error",
  });
});

const broker = (...args: string[]) => run(process.execPath, [program, ...args]);

/** Starts it on a free port and waits until it says which. */
async function serve(...args: string[]): Promise<Running & { port: string; said: () => string }> {
  const running = start(process.execPath, [program, "-p", "0", ...args]);
  let text = "";
  const port = await new Promise<string>((resolve, reject) => {
    running.process.stderr?.on("data", data => {
      text += data;
      const match = /running on \S+:(\d+)/.exec(text);
      if (match) resolve(match[1]);
    });
    running.process.on("exit", () => reject(new Error(`ended early: ${text}`)));
  });
  return { ...running, port, said: () => text };
}

describe("perigee broker", () => {
  it("teaches", async () => {
    const { code, stdout } = await broker("--help");
    expect(code).toBe(0);
    for (const word of ["--port", "--host", "--verbose", "--cafile", "--user", "mosquitto_pub", "Exit status"]) {
      expect(stdout).toContain(word);
    }
    expect((await broker("-h")).stdout).toBe(stdout);
  });

  it("prints every packet with --trace, on standard output", async () => {
    const running = await serve("--trace");
    const socket = net.connect(Number(running.port), "127.0.0.1");
    socket.write(encodePacket(connectPacket("tracer")));
    await once(socket, "data");
    socket.destroy();
    running.process.kill("SIGTERM");
    const { stdout } = await running.finished;
    expect(stdout).toMatch(
      /tracer {2}-> {2}CONNECT 3\.1\.1 'tracer' clean session .*\n.*<- {2}CONNACK accepted no session {2}\| {2}open/,
    );
  });

  it("serves HTTP with --http, with a configuration and its access as well", async () => {
    const file = join(directory, "http.conf");
    writeFileSync(file, "listener 0 127.0.0.1\nallow_anonymous false\n");
    const running = start(process.execPath, [program, "-c", file, "--http", "0"]);
    let text = "";
    const url = await new Promise<string>((resolve, reject) => {
      running.process.stderr?.on("data", data => {
        text += data;
        const match = /(http:\/\/\S+)\//.exec(text);
        if (match) resolve(match[1]);
      });
      running.process.on("exit", () => reject(new Error(`ended early: ${text}`)));
    });
    expect(await (await fetch(`${url}/healthz`)).json()).toMatchObject({ status: "ok" });
    const socket = new WebSocket(url.replace("http", "ws"), "mqtt");
    await once(socket, "open");
    socket.send(encodePacket(connectPacket("nobody")));
    const [answer] = await once(socket, "message");
    expect([...(answer as Buffer)]).toEqual([0x20, 2, 0, 5]);
    running.process.kill("SIGTERM");
    expect((await running.finished).code).toBe(0);
  });

  it.each(["json", "pretty"])("logs as %s when asked to, with the rule that a client breaks", async format => {
    const running = start(process.execPath, [program, "-p", "0", "--log-format", format]);
    let text = "";
    const port = await new Promise<string>((resolve, reject) => {
      running.process.stderr?.on("data", data => {
        text += data;
        const match = /running on \S+:(\d+)/.exec(text);
        if (match) resolve(match[1]);
      });
      running.process.on("exit", () => reject(new Error(`ended early: ${text}`)));
    });
    const socket = net.connect(Number(port), "127.0.0.1");
    socket.write(Uint8Array.of(0xc0, 0));
    await once(socket, "close");
    running.process.kill("SIGTERM");
    const { stderr } = await running.finished;
    const lines = stderr.trim().split("\n");
    const broken = lines.find(line => line.includes("MQTT-3.1.0-1")) ?? "";
    if (format === "pretty") {
      expect(broken).toMatch(
        /^\[\d\d:\d\d:\d\d\.\d{3}\] NOTICE: Client .* disconnected due to protocol error: \[MQTT-3\.1\.0-1\]/,
      );
      return;
    }
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), msg: expect.any(String) });
    expect(JSON.parse(broken)).toMatchObject({ level: "notice", rule: "MQTT-3.1.0-1" });
  });

  it("says that it listens on this machine only, and ends cleanly on SIGTERM and SIGINT", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const running = await serve();
      running.process.kill(signal);
      const { code, stderr } = await running.finished;
      expect(code).toBe(0);
      expect(stderr).toMatch(/^\d{10}: perigee broker running on 127\.0\.0\.1:\d+( and \[::1\]:\d+)?$/m);
      expect(stderr).toContain("Only clients on this machine can connect");
      expect(stderr).toContain(`ending on ${signal}`);
    }
  });

  it.each([
    ["an unknown flag", ["--nope"], 1, /^error: unknown option '--nope'\n$/],
    [
      "a port that is no number",
      ["-p", "mqtt"],
      1,
      /argument 'mqtt' is invalid\. A port is a number from 0 to 65535\.\n$/,
    ],
    ["an empty address", ["-b", ""], 1, /An address is a name or a number, not nothing; 0\.0\.0\.0 or :: for all\.\n$/],
    ["a port that is too large", ["-p", "65536"], 1, /A port is a number from 0 to 65535\.\n$/],
    ["a user without a password", ["--user", "ann"], 1, /A user is NAME:PASSWORD, and neither is empty\.\n$/],
    ["a user twice", ["--user", "ann:a", "--user", "ann:b"], 1, /The user ann stands twice\.\n$/],
    ["a certificate without a key", ["--cert", "x.pem"], 1, /^perigee broker: --cert needs --key\n$/],
    [
      "an authority without a certificate",
      ["--cafile", "x.pem"],
      1,
      /^perigee broker: --cafile needs --cert and --key\n$/,
    ],
    [
      "a file that is not there",
      ["--cert", "/no.pem", "--key", "/no.pem"],
      2,
      /^perigee broker: cannot read --cert \/no\.pem: no such file or directory\n$/,
    ],
    [
      "a file that is a directory",
      ["--cert", "/", "--key", "/"],
      2,
      /^perigee broker: cannot read --cert \/: is a directory\n$/,
    ],
    [
      "an address of another machine",
      ["-b", "192.0.2.1", "-p", "0"],
      3,
      /^perigee broker: cannot listen on 192\.0\.2\.1:0: the address is not one of this machine\n$/,
    ],
  ])("refuses %s", async (_what, args, code, line) => {
    const finished = await broker(...args);
    expect(finished.code).toBe(code);
    expect(finished.stderr).toMatch(line);
    expect(finished.stdout).toBe("");
  });

  it("refuses a port that is in use, and a file that is no certificate", async () => {
    const served = await Served.start();
    expect(await broker("-p", String(served.port))).toMatchObject({
      code: 3,
      stderr: `perigee broker: cannot listen on 127.0.0.1:${served.port}: the port is in use\n`,
    });
    const file = join(directory, "text.pem");
    writeFileSync(file, "no certificate");
    const finished = await broker("-p", "0", "--cert", file, "--key", file);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(/^perigee broker: the certificate or its key cannot be used: .*\n$/);
  });

  it.runIf(havePeers("mosquitto_pub"))("logs connections and, with -v, packets, in mosquitto's words", async () => {
    const running = await serve("-v", "--user", "ann:sesame");
    const user = ["-u", "ann", "-P", "sesame"];
    const published = await run("mosquitto_pub", [
      "-p",
      running.port,
      "-i",
      "me",
      ...user,
      "-t",
      "a/b",
      "-m",
      "hello",
      "-q",
      "1",
    ]);
    expect(published.code).toBe(0);
    running.process.kill("SIGTERM");
    const { stderr } = await running.finished;
    for (const line of [
      /New connection from (127\.0\.0\.1|\[::1\]):\d+ on port \d+\./,
      /New client connected from \S+:\d+ as me \(p2, c1, k60, u'ann'\)\./,
      /No will message specified\./,
      /Sending CONNACK to me \(0, 0\)/,
      /Received PUBLISH from me \(d0, q1, r0, m1, 'a\/b', \.\.\. \(5 bytes\)\)/,
      /Sending PUBACK to me \(m1, rc0\)/,
      /Received DISCONNECT from me/,
      /Client me disconnected\./,
    ]) {
      expect(stderr).toMatch(line);
    }
    expect(stderr).not.toContain("sesame");
  });

  it.runIf(havePeers("mosquitto_pub", "openssl"))("serves TLS", async () => {
    const { certFile, keyFile } = makeCertificate();
    const running = await serve("--cert", certFile, "--key", keyFile);
    const published = await run("mosquitto_pub", [
      "-h",
      "localhost",
      "-p",
      running.port,
      "--cafile",
      certFile,
      "-t",
      "a",
      "-m",
      "x",
      "-q",
      "2",
    ]);
    expect(published).toMatchObject({ code: 0, stderr: "" });
  });
});
