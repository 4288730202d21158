/** pub, sub and rr in MQTT 5.0 beside mosquitto's own, on mosquitto's broker: same arguments, same output, same exit status. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { joinProperties } from "../../host/cli/properties.ts";
import { onEnd, run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

async function serve(...settings: string[]): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push(...(settings.length > 0 ? settings : ["allow_anonymous true"]));
  await mosquitto.start();
  return mosquitto;
}

const PROPERTIES = [
  ...["-D", "publish", "content-type", "text/plain", "-D", "publish", "payload-format-indicator", "1"],
  ...["-D", "publish", "correlation-data", "42", "-D", "publish", "response-topic", "answers"],
  ...["-D", "publish", "message-expiry-interval", "1000", "-D", "publish", "user-property", "unit", "K"],
  ...["-D", "publish", "user-property", "unit", "°C"],
];

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("pub in MQTT 5.0 beside mosquitto_pub", () => {
  it.each([
    ["QoS 1", ["-t", "a", "-m", "hi", "-q", "1", "-V", "5"]],
    ["QoS 2 and properties", ["-t", "a", "-m", "hi", "-q", "2", "-V", "mqttv5", ...PROPERTIES]],
    ["a property alone is 5.0", ["-t", "a", "-m", "hi", "-D", "connect", "user-property", "a", "b"]],
    ["a session that expires", ["-t", "a", "-m", "x", "-V", "5", "-c", "-x", "30", "-q", "1"]],
    [
      "a will with properties",
      [
        "-t",
        "a",
        "-m",
        "x",
        "--will-topic",
        "w",
        "-D",
        "will",
        "will-delay-interval",
        "5",
        "-D",
        "will",
        "content-type",
        "t",
      ],
    ],
    ["a DISCONNECT with properties", ["-t", "a", "-m", "x", "-D", "disconnect", "user-property", "a", "b"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const { port } = await serve();
    const rest = ["-h", "localhost", "-p", `${port}`, "-d", ...args];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_pub", ["-i", "client", ...rest]),
      perigee(["pub", "-i", "klient", ...rest]),
    ]);
    expect(ours.stderr).toBe("");
    expect(ours.stdout.replaceAll("klient", "client")).toBe(theirs.stdout);
    expect(ours.code).toBe(theirs.code);
  });

  it.each([
    ["publish foo x", "Invalid property name given in --property argument: foo"],
    ["foo content-type x", "Invalid command given in --property argument: foo"],
    ["publish content-type", "not enough arguments"],
    ["publish user-property a", "not enough arguments"],
    ["publish message-expiry-interval -1", "Property value (-1) out of range for property message-expiry-interval"],
    ["publish will-delay-interval 3", "property not allowed for publish in --property argument"],
    ["connect receive-maximum 0", "receiveMaximum is an integer from 1 to 65535, not 0"],
    ["will content-type x", "-D will given, but no --will-topic"],
    ["connect authentication-data x", "[MQTT-4.12.0-1]"],
  ])("-D %s is refused", async (property, text) => {
    const { code, stderr } = await perigee(["pub", "-p", "1", "-t", "a", "-m", "x", "-D", ...property.split(" ")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it("a refusal ends with its reason code, in the same words", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "passwords");
    writeFileSync(file, "");
    await run("mosquitto_passwd", ["-b", file, "me", "secret"]);
    const { port } = await serve(`password_file ${file}`);
    const args = ["-h", "localhost", "-p", `${port}`, "-t", "a", "-m", "x", "-V", "5", "-u", "me", "-P", "wrong"];
    const [theirs, ours] = await Promise.all([run("mosquitto_pub", args), perigee(["pub", ...args])]);
    expect(ours.code).toBe(theirs.code);
    const [line] = theirs.stderr.split("\n");
    expect(ours.stderr.toLowerCase()).toBe(`${line.toLowerCase()}\n`);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("sub in MQTT 5.0 beside mosquitto_sub", () => {
  it.each([
    [
      "every property",
      ["-q", "1", "-F", "%t %p|%A|%C|%D|%F|%R|%S|%P", "-D", "subscribe", "subscription-identifier", "7"],
    ],
    ["JSON", ["-q", "1", "-F", "%j"]],
    ["retain as published", ["-q", "1", "-V", "5", "--retain-as-published", "-F", "%r"]],
    ["debug", ["-q", "1", "-V", "5", "-d", "-D", "subscribe", "user-property", "a", "b"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const { port } = await serve();
    const at = ["-h", "localhost", "-p", `${port}`];
    await run("mosquitto_pub", [...at, "-t", "m", "-m", "text", "-r", "-q", "1", ...PROPERTIES]);
    const rest = [...at, "-t", "m", "-C", "1", "-V", "5", ...args];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_sub", ["-i", "client", ...rest]),
      perigee(["sub", "-i", "klient", ...rest]),
    ]);
    // When it came, and what is left of its expiry, are each one's own.
    const comparable = (text: string) =>
      text
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, "TIME")
        .replace(/"message-expiry-interval":\d+/, "EXPIRY")
        .replaceAll("klient", "client")
        .split("\n")
        .sort();
    expect(comparable(ours.stdout)).toEqual(comparable(theirs.stdout));
    expect([ours.code, ours.stderr]).toEqual([theirs.code, theirs.stderr]);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("rr beside mosquitto_rr", () => {
  /** A device that answers every request, in MQTT 5.0 where and how the request asks. */
  async function device(port: number): Promise<void> {
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
    onEnd(() => client.endAsync(true));
    client.on("message", (_topic, payload, { properties }) => {
      const { correlationData, responseTopic = "by/agreement" } = properties ?? {};
      client.publish(responseTopic, `answer to ${payload}`, { qos: 1, properties: { correlationData } });
    });
    await client.subscribeAsync("request", { qos: 1 });
  }

  it.each([
    ["5.0", ["-e", "answers/1", "-m", "hello", "-q", "1"]],
    [
      "5.0 by a format",
      ["-e", "answers/1", "-m", "hello", "-F", "%t %p %D", "-D", "publish", "correlation-data", "42"],
    ],
    ["verbose", ["-e", "answers/1", "-m", "hello", "-v", "-N"]],
    ["no message", ["-e", "answers/1", "-n"]],
    ["3.1.1, by agreement", ["-V", "311", "-e", "by/agreement", "-m", "hello"]],
    ["nobody answers in time", ["-e", "answers/1", "-m", "x", "-t", "nobody", "-W", "1"]],
    ["no response topic", ["-m", "x"]],
    ["no message at all", ["-e", "answers/1"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const { port } = await serve();
    await device(port);
    const rest = ["-h", "localhost", "-p", `${port}`, "-t", "request", ...args];
    // One after the other: both would hear both responses.
    const theirs = await run("mosquitto_rr", rest);
    const ours = await perigee(["rr", ...rest]);
    expect([ours.code, ours.stdout]).toEqual([theirs.code, theirs.stdout]);
    if (theirs.code === 1) expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
    else expect(ours.stderr).toBe(theirs.stderr);
  });
});

describe("-D", () => {
  const command = new Command().requiredOption("-m, --message <text>").option("-r, --retain");

  it.each([
    [
      ["-D", "publish", "content-type", "a", "-r"],
      ["--property", '["publish","content-type","a"]', "-r"],
    ],
    [
      ["--property", "will", "user-property", "-a", "-b", "-r"],
      ["--property", '["will","user-property","-a","-b"]', "-r"],
    ],
    [
      ["-m", "-D", "-r"],
      ["-m", "-D", "-r"],
    ],
    [
      ["-r", "-D", "publish"],
      ["-r", "--property", '["publish"]'],
    ],
  ])("%j is one value, unless it is the value of another flag", (typed, joined) => {
    expect(joinProperties(typed, command)).toEqual(joined);
  });
});
