/** pub and sub beside mosquitto's own, on mosquitto's broker: same arguments, same output, same exit status. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate, run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));
const emptyFile = join(directory, "empty");
const textFile = join(directory, "text");
writeFileSync(emptyFile, "");
writeFileSync(textFile, "two\nlines\0and a zero");

/** A broker that lasts for one test. */
async function serve(...settings: string[]): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push(...(settings.length > 0 ? settings : ["allow_anonymous true"]));
  await mosquitto.start();
  return mosquitto;
}

/**
 * Debug lines with the acknowledgements behind the rest: when one leaves is each client's own affair, and how many lines
 * have been read before one comes in is the machine's.
 */
function comparable(stdout: string): string[] {
  const lines = stdout.split("\n");
  const isAcknowledgement = (line: string) => / (sending|received) PUB(ACK|REC|REL|COMP) /.test(line);
  return [...lines.filter(line => !isAcknowledgement(line)), ...lines.filter(isAcknowledgement)];
}

async function both(command: "pub" | "sub", args: string[], input = "") {
  const [theirs, ours] = await Promise.all([
    run(`mosquitto_${command}`, args, input),
    perigee([command, ...args], input),
  ]);
  return { theirs, ours };
}

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("pub beside mosquitto_pub", () => {
  it.each([
    ["QoS 0", ["-t", "a/b", "-m", "hi"]],
    ["QoS 1", ["-t", "a/b", "-m", "hi", "-q", "1"]],
    ["QoS 2, retained", ["-t", "a/b", "-m", "hé", "-q", "2", "-r"]],
    ["an empty message", ["-t", "a", "-n"]],
    ["a file", ["-t", "a", "-f", textFile, "-q", "1"]],
    ["an empty file", ["-t", "a", "-f", emptyFile]],
    ["a message that looks like a flag", ["-t", "a", "-m", "-5"]],
    ["long forms", ["--topic", "a", "--message", "x", "--qos", "1", "--retain", "--keepalive", "30"]],
    ["repeated", ["-t", "a", "-m", "x", "-q", "1", "--repeat", "3"]],
    ["lines", ["-t", "a", "-l", "-q", "1"], "one\ntwo\n\nfour"],
    ["no lines", ["-t", "a", "-l"], ""],
    ["all of stdin", ["-t", "a", "-s"], "one\ntwo\n"],
    [
      "a will",
      ["-t", "a", "-m", "x", "--will-topic", "w", "--will-payload", "gone", "--will-qos", "1", "--will-retain"],
    ],
    ["protocol version", ["-t", "a", "-m", "x", "-V", "mqttv311"]],
    ["MQTT 3.1", ["-t", "a", "-m", "x", "-V", "mqttv31", "-q", "2", "--will-topic", "w", "--will-payload", "gone"]],
  ] as [string, string[], string?][])("%s", async (_what, args, input) => {
    const mosquitto = await serve();
    const rest = ["-h", "localhost", "-p", `${mosquitto.port}`, "-d", ...args];
    // One identifier each, or one would end the other's connection.
    const theirs = run("mosquitto_pub", ["-i", "client", ...rest], input);
    const ours = perigee(["pub", "-i", "klient", ...rest], input);
    const [{ stdout, code }, our] = await Promise.all([theirs, ours]);
    expect(our.stderr).toBe("");
    expect(comparable(our.stdout.replaceAll("klient", "client"))).toEqual(comparable(stdout));
    expect(our.code).toBe(code);
  });

  it.each([
    ["no message", ["-t", "a"]],
    ["a wildcard", ["-t", "a/#", "-m", "x"]],
    ["a keep-alive that is too short", ["-t", "a", "-m", "x", "-k", "4"]],
    ["-c without -i", ["-t", "a", "-m", "x", "-c"]],
    ["a missing file", ["-t", "a", "-f", "/nonexistent"]],
    ["empty stdin", ["-t", "a", "-s"]],
    ["an unknown flag", ["--bogus"]],
    ["an unknown version", ["-t", "a", "-m", "x", "-V", "mqttv7"]],
    ["nobody at the port", ["-t", "a", "-m", "x", "-p", "1"]],
    ["no such host", ["-t", "a", "-m", "x", "-h", "no-such-host.invalid"]],
  ])("%s: the same exit status, and one line that begins the same", async (_what, args) => {
    const { theirs, ours } = await both("pub", args);
    expect(ours.code).toBe(theirs.code);
    expect(ours.code).not.toBe(0);
    expect(ours.stdout).toBe("");
    expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("sub beside mosquitto_sub", () => {
  async function withMessages(): Promise<Mosquitto> {
    const mosquitto = await serve();
    const witness = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    await witness.publishAsync("m/1", "text", { retain: true, qos: 1 });
    await witness.publishAsync("m/2", Buffer.from([0, 255, 10]), { retain: true, qos: 2 });
    await witness.publishAsync("m/3", "last", { retain: true, qos: 0 });
    await witness.endAsync();
    return mosquitto;
  }

  it.each([
    ["messages", ["-t", "m/#", "-C", "3"]],
    ["topics too", ["-t", "m/#", "-C", "3", "-v"]],
    ["no line ends", ["-t", "m/#", "-C", "3", "-N"]],
    ["QoS 1, debug", ["-t", "m/1", "-q", "1", "-C", "1", "-d"]],
    ["MQTT 3.1", ["-t", "m/2", "-q", "1", "-C", "1", "-d", "-V", "mqttv31"]],
    ["QoS 2, debug", ["-t", "m/2", "-q", "1", "-C", "1", "-d"]],
    ["several filters", ["-t", "m/1", "-t", "m/3", "-q", "1", "-C", "2", "-v"]],
    ["subscribed is enough", ["-t", "x/+", "-t", "y", "-E", "-d", "-q", "2"]],
    ["a time-out", ["-t", "m/#", "-W", "1", "-v"]],
    ["no stale ones", ["-t", "m/#", "-R", "-W", "1"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const mosquitto = await withMessages();
    const rest = ["-h", "localhost", "-p", `${mosquitto.port}`, ...args];
    const theirs = run("mosquitto_sub", ["-i", "client", ...rest]);
    const ours = perigee(["sub", "-i", "klient", ...rest]);
    const [their, our] = await Promise.all([theirs, ours]);
    expect(comparable(our.stdout.replaceAll("klient", "client"))).toEqual(comparable(their.stdout));
    expect([our.code, our.stderr]).toEqual([their.code, their.stderr]);
  });

  it("an empty message shows with its topic only", async () => {
    const mosquitto = await serve();
    const at = ["-h", "localhost", "-p", `${mosquitto.port}`, "-t", "e", "-C", "2"];
    const quiet = [run("mosquitto_sub", at), perigee(["sub", ...at])];
    const verbose = [run("mosquitto_sub", [...at, "-v"]), perigee(["sub", ...at, "-v"])];
    const witness = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
    await mosquitto.until(/Sending SUBACK/, 4);
    await witness.publishAsync("e", "");
    await witness.publishAsync("e", "x");
    await witness.endAsync();
    const [theirQuiet, ourQuiet] = await Promise.all(quiet);
    const [theirVerbose, ourVerbose] = await Promise.all(verbose);
    expect(ourQuiet).toEqual(theirQuiet);
    expect(ourVerbose).toEqual(theirVerbose);
    expect(ourVerbose.stdout).toBe("e (null)\ne x\n");
  });

  it.each([
    ["no topic", []],
    ["a misplaced wildcard", ["-t", "a/#/b"]],
    ["a time-out that is no number", ["-t", "a", "-W", "soon"]],
    ["a flag of pub", ["-t", "a", "-m", "x"]],
  ])("%s: the same exit status, and one line that begins the same", async (_what, args) => {
    const { theirs, ours } = await both("sub", args);
    expect(ours.code).toBe(theirs.code);
    expect(ours.code).not.toBe(0);
    expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("a refusing server", () => {
  it("is reported in the same words, with the same exit status", async () => {
    const passwords = join(directory, "passwords");
    writeFileSync(passwords, "");
    await run("mosquitto_passwd", ["-b", passwords, "sensor", "secret"]);
    const mosquitto = await serve(`password_file ${passwords}`);
    const at = ["-h", "localhost", "-p", `${mosquitto.port}`, "-t", "a"];
    const wrong = await both("pub", [...at, "-m", "x", "-u", "sensor", "-P", "wrong"]);
    expect(wrong.ours.code).toBe(wrong.theirs.code);
    expect(wrong.ours.stderr).toBe("Connection error: Connection Refused: not authorised.\n");
    expect(wrong.theirs.stderr.startsWith(wrong.ours.stderr)).toBe(true);
    const nobody = await both("sub", [...at]);
    expect(nobody.ours).toEqual(nobody.theirs);
    const quiet = await both("pub", [...at, "-m", "x", "--quiet"]);
    expect([quiet.ours.code, quiet.ours.stderr]).toEqual([quiet.theirs.code, ""]);
    const right = await both("pub", [...at, "-m", "x", "-u", "sensor", "-P", "secret"]);
    expect(right.ours).toEqual(right.theirs);
    const url = `mqtt://sensor:secret@localhost:${mosquitto.port}/a/b`;
    expect((await both("pub", ["-L", url, "-m", "x"])).ours).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub", "openssl"))("TLS", () => {
  let certificate: Certificate;
  let elsewhere: Certificate;
  beforeAll(() => {
    certificate = makeCertificate();
    elsewhere = makeCertificate("elsewhere.example");
  });

  it("accepts and refuses as mosquitto_pub does", async () => {
    const mosquitto = await serve(
      "allow_anonymous true",
      `certfile ${certificate.certFile}`,
      `keyfile ${certificate.keyFile}`,
    );
    const plain = await serve();
    const message = ["-t", "a", "-m", "x", "-q", "1", "-p", `${mosquitto.port}`];
    const ca = ["--cafile", certificate.certFile];
    for (const [args, code] of [
      [["-h", "localhost", ...message, ...ca], 0],
      [["-h", "localhost", ...message, ...ca, "--cert", certificate.certFile, "--key", certificate.keyFile], 0],
      [["-h", "localhost", ...message, "--cafile", elsewhere.certFile], 8],
      [["-h", "localhost", "-t", "a", "-m", "x", "-p", `${plain.port}`, ...ca], 8],
      [["-h", "localhost", ...message], 7],
    ] as [string[], number][]) {
      const { theirs, ours } = await both("pub", args);
      expect([args.at(-1), ours.code]).toEqual([args.at(-1), code]);
      // mosquitto_pub ends with 1 instead where the handshake fails before connect() has returned: a race of its own.
      expect([code, code === 8 ? 1 : code]).toContain(theirs.code);
      if (code !== 0) expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
    }
  });

  it("compares the host name, unless --insecure", async () => {
    const mosquitto = await serve(
      "allow_anonymous true",
      `certfile ${elsewhere.certFile}`,
      `keyfile ${elsewhere.keyFile}`,
    );
    const message = [
      "-h",
      "localhost",
      "-p",
      `${mosquitto.port}`,
      "-t",
      "a",
      "-m",
      "x",
      "--cafile",
      elsewhere.certFile,
    ];
    const strict = await both("pub", message);
    expect(strict.ours.code).toBe(8);
    expect([1, 8]).toContain(strict.theirs.code);
    expect(strict.ours.stderr).toContain("localhost");
    const insecure = await both("pub", [...message, "--insecure"]);
    expect([insecure.ours.code, insecure.theirs.code]).toEqual([0, 0]);
  });
});
