/** What pub and sub say to what they cannot obey: one line, which names the offender, and a status of its own. */
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkArguments } from "../../host/cli/arguments.ts";
import { makeCertificate, onEnd, run, Served } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { PROGRAM, perigee } from "./program.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));
const notPem = join(directory, "not.pem");
writeFileSync(notPem, "nothing of the kind");

const MESSAGE = ["-t", "a", "-m", "x"];

describe("bad input", () => {
  it.each([
    ["pub --bogus", 1, "--bogus"],
    ["pub -t a -m x extra", 1, "'extra'"],
    ["pub -t a -m x -n", 1, "Only one type of message"],
    ["pub -t a -m", 1, "-m, --message"],
    ["pub -t a/+ -m x", 1, '"a/+" has a wildcard, + or # [MQTT-3.3.2-2]'],
    ["pub -t a -m x -p 0", 1, "Invalid port given: 0"],
    ["pub -t a -m x -p 18.83", 1, "18.83"],
    ["pub -t a -m x -k -1", 1, "Invalid keepalive given: -1; it is 0, or 5 to 65535."],
    ["pub -t a -m x -k 3", 1, "Invalid keepalive given: 3; it is 0, or 5 to 65535."],
    ["pub -t a -m x -q 1.5", 1, "Invalid QoS given: 1.5"],
    ["pub -t a -m x -M 0", 1, "max inflight given: 0"],
    ["pub -t a -m x -V mqttv32", 1, "mqttv32; this client speaks mqttv31, mqttv311 and mqttv5"],
    ["pub -t a -m x -c", 1, "client id (-i)"],
    ["pub -t a -m x -i x -I y", 1, "-i and -I"],
    ["pub -t a -m x -P secret", 1, "A password (-P) needs a user name (-u)"],
    ["pub -t a -m x --will-topic a/#", 1, 'will topic "a/#" has a wildcard'],
    ["pub -t a -m x -D publish", 1, "Invalid property name given"],
    ["pub -t a -m x -V 311 -D publish content-type x", 1, "-D needs MQTT 5.0: -V mqttv5"],
    ["pub -t a -m x --repeat-delay soon", 1, "repeat delay given: soon"],
    ["pub -t a -l --repeat 2", 1, "--repeat goes with"],
    ["pub -t a -m x -h user@host", 1, "user@host"],
    ["pub -t a -m x -L http://host/a", 1, '"http://"'],
    ["pub -t a -m x --will-retain", 1, "--will-retain given, but no --will-topic"],
    [`pub -t a -m x --cafile ${notPem}`, 1, notPem],
    [`pub -t a -m x --cert ${notPem} --key ${notPem}`, 1, notPem],
    ["pub -t a -f /nonexistent", 1, '"/nonexistent": no such file'],
    ["pub -t a -m x -p 1", 1, "Connection refused: localhost:1"],
    ["pub -t a -m x -h no-such-host.invalid", 1, "no-such-host.invalid"],
    ["sub -t a+", 1, '"a+" has a + that is not alone in its level [MQTT-4.7.1-3]'],
    ["sub -t #/a", 1, '"#/a" has a # that is not alone in the last level [MQTT-4.7.1-2]'],
    ["sub -t a -F %k", 1, "Invalid format specifier 'k'"],
    ["sub -t a -C many", 1, "message count given: many"],
    ["sub -t a -W 0", 1, "timeout given: 0"],
    ["sub", 1, "-t"],
    ["nonsense", 1, "nonsense"],
  ])("perigee %s", async (line, code, text) => {
    const { stdout, stderr, ...rest } = await perigee(line.split(" "));
    expect(rest.code).toBe(code);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it("an argument that is not UTF-8 is named, and never sent as something else", async () => {
    // The shell makes the bytes: spawn() has no other way to give a program an argument that is no text.
    const typed = (line: string) => run("sh", ["-c", `${process.execPath} ${PROGRAM} ${line}`]);
    const served = await Served.start();
    const bytes = "\"$(printf 'a\\377')\"";
    for (const [line, name] of [
      [`pub -p ${served.port} -m x -t ${bytes}`, "-t"],
      [`pub -p ${served.port} -t a -m ${bytes}`, "-m"],
      [`pub -p ${served.port} -t a -m x -i ${bytes}`, "-i"],
      [`sub -p ${served.port} -t ${bytes}`, "-t"],
    ]) {
      const { code, stderr } = await typed(line);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^Error: [^\n]+\n$/)]);
      expect(stderr).toContain(`The value of ${name} is not UTF-8 [MQTT-1.5.3-1]`);
    }
    expect(served.lines.some(line => /CONNECT/.test(line))).toBe(false);
    const real = await typed(`pub -p ${served.port} -d -m x -t 'a\ufffd'`);
    expect([real.code, real.stdout]).toEqual([0, expect.stringContaining("'a\ufffd'")]);
  });

  it("where the system keeps no arguments, what Node has replaced is told apart from nothing", () => {
    expect(() => checkArguments(["pub", "-t", "a"], "/nonexistent")).not.toThrow();
    expect(() => checkArguments(["pub", "-t", "a\ufffd"], "/nonexistent")).toThrow(
      /value of -t has U\+FFFD.*%EF%BF%BD/,
    );
  });

  it("a server that accepts and then breaks the rules is given up after three connections", async () => {
    const server = net.createServer(socket => {
      socket.on("error", () => {});
      socket.once("data", () => socket.write(Buffer.from([0x20, 2, 0, 0, 0x20, 2, 0, 0])));
    });
    let count = 0;
    server.on("connection", () => count++);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(() => server.close());
    const { port } = server.address() as net.AddressInfo;
    const { code, stderr } = await perigee(["pub", ...MESSAGE, "-q", "1", "-h", "127.0.0.1", "-p", `${port}`]);
    expect([code, count]).toEqual([2, 3]);
    const lines = stderr.split("\n");
    expect(lines.map(line => line.slice(0, 8))).toEqual(["Warning:", "Warning:", "Error: t", ""]);
    expect(lines[2]).toBe(`Error: the server sent a second CONNACK: 127.0.0.1:${port}`);
  });

  it.runIf(havePeers("openssl"))("a client that speaks no TLS to a server that does names the server", async () => {
    const certificate = makeCertificate();
    const served = await Served.start({ tls: { cert: certificate.cert, key: certificate.key } });
    const { code, stderr } = await perigee(["pub", ...MESSAGE, "-h", "127.0.0.1", "-p", `${served.port}`]);
    expect([code, stderr]).toEqual([7, expect.stringMatching(`^Error: [^\n]+: 127.0.0.1:${served.port}\n$`)]);
  });

  it("a client id that is too long names its size, and its beginning only", async () => {
    const { code, stderr } = await perigee(["pub", ...MESSAGE, "-i", "i".repeat(65_536)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: the client id "i{77}\.\.\." has 65536 bytes, .*\(section 1\.5\.3\)\n$/);
  });

  it("an empty client id is refused, though the server would give one", async () => {
    const served = await Served.start();
    for (const flags of [
      ["-i", ""],
      ["-i", "", "-c"],
    ]) {
      const { code, stderr } = await perigee(["pub", ...MESSAGE, "-p", `${served.port}`, ...flags]);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^Error: Invalid id: it is empty[^\n]*\n$/)]);
    }
  });

  it("a line over the outbox is named; what came before it is delivered", async () => {
    const served = await Served.start();
    const at = ["-p", `${served.port}`, "-t", "a", "-q", "1"];
    const { code, stderr } = await perigee(["pub", ...at, "-l"], `first\n${"x".repeat(1 << 20)}\nlast\n`);
    expect(code).toBe(9);
    expect(stderr).toMatch(/^Error: the packet is larger than the outbox: 1048576 bytes .*outbox 1048576 bytes\n$/);
    expect(served.lines.filter(line => /Received PUBLISH/.test(line))).toHaveLength(1);
    expect(served.lines.some(line => /Received DISCONNECT/.test(line))).toBe(true);
  });

  it("a message larger than the outbox usually is needs no flag", async () => {
    const served = await Served.start();
    const text = "y".repeat(3 << 20);
    const { code } = await perigee(["pub", "-p", `${served.port}`, "-t", "a", "-q", "2", "-s"], text);
    expect(code).toBe(0);
    expect(served.lines.some(line => line.includes(`(${text.length} bytes)`))).toBe(true);
  });

  it.runIf(havePeers("openssl"))("a wrong certificate is refused before anything is said", async () => {
    const mine = makeCertificate();
    const other = makeCertificate("elsewhere.example");
    const served = await Served.start({ tls: { cert: mine.cert, key: mine.key } });
    const at = ["-h", "localhost", "-p", `${served.port}`, ...MESSAGE];
    const { code, stderr } = await perigee(["pub", ...at, "--cafile", other.certFile]);
    expect([code, stderr]).toEqual([8, expect.stringMatching(/^Error: TLS with localhost:\d+ failed: self-signed/)]);
    expect(served.lines.some(line => /CONNECT/.test(line))).toBe(false);
  });
});

describe("help", () => {
  it.each(["pub", "sub"])("of %s teaches: flags, examples, exit status", async command => {
    const { code, stdout } = await perigee([command, "--help"]);
    expect(code).toBe(0);
    for (const text of ["--host", "--will-topic", "--cafile", "Examples:", "Exit status", "not authorised"]) {
      expect(stdout).toContain(text);
    }
  });

  it("lists the commands, and the version is the package's", async () => {
    const { stdout } = await perigee(["--help"]);
    for (const command of ["pub", "sub", "broker", "sim", "tour"]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    }
    expect((await perigee(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await perigee(["help", "pub"])).stdout).toContain("--stdin-line");
  });
});
