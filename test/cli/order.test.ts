/** Flags that say the same, and flags of MQTT 5.0 that exclude each other: as mosquitto's own commands have them. */
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

const MESSAGE = ["-t", "a", "-m", "x"];

async function serve(): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push("allow_anonymous true");
  await mosquitto.start();
  return mosquitto;
}

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("the last counts, beside mosquitto_pub", () => {
  it.each([
    ["-p behind -L", ["-L", "mqtt://localhost:1/b", "-p", "PORT"]],
    ["-p before -L", ["-p", "PORT", "-L", "mqtt://localhost:1/b"]],
    ["-p before -L without a port", ["-p", "PORT", "-L", "mqtt://localhost/b"]],
    ["-h before -L", ["-h", "no-such-host.invalid", "-L", "mqtt://localhost:PORT/b"]],
    ["-h behind -L", ["-L", "mqtt://localhost:PORT/b", "-h", "no-such-host.invalid"]],
    ["-t before -L", ["-t", "z", "-L", "mqtt://localhost:PORT/b"]],
    ["-t behind -L", ["-L", "mqtt://localhost:PORT/b", "-t", "z"]],
    ["-L twice", ["-L", "mqtt://u:p@localhost:1/b", "-L", "mqtt://localhost:PORT/c"]],
    ["-u behind -L", ["-L", "mqtt://u:p@localhost:PORT/b", "-u", "v"]],
    ["-u before -L", ["-u", "v", "-L", "mqtt://u:p@localhost:PORT/b"]],
    ["-u before -L without a user", ["-u", "v", "-L", "mqtt://localhost:PORT/b"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const mosquitto = await serve();
    const typed = ["-q", "1", "-m", "x", ...args.map(arg => arg.replace("PORT", `${mosquitto.port}`))];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_pub", ["-i", "theirs", ...typed]),
      perigee(["pub", "-i", "ours", ...typed]),
    ]);
    expect(ours.code).toBe(theirs.code);
    expect(ours.stderr).toMatch(theirs.code === 0 ? /^$/ : /^Error: [^\n]+\n$/);
    const said = (name: string) =>
      mosquitto.lines
        .filter(line => new RegExp(`(as|from) ${name} \\(`).test(line))
        .map(line => line.replace(/^.*(as|from) /, "").replaceAll(name, ""));
    expect(said("ours")).toEqual(said("theirs"));
    expect(said("ours").length > 0).toBe(theirs.code === 0);
  });

  it("a topic of -L is one more for sub, in its place", async () => {
    const mosquitto = await serve();
    const args = ["-t", "b", "-L", `mqtt://localhost:${mosquitto.port}/d`, "-t", "c", "-E", "-d"];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_sub", ["-i", "theirs", ...args]),
      perigee(["sub", "-i", "ours", ...args]),
    ]);
    expect([ours.code, ours.stdout.replaceAll("ours", "theirs")]).toEqual([theirs.code, theirs.stdout]);
  });
});

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("refused by mosquitto's commands too", () => {
  it.each([
    ["pub", [...MESSAGE, "-i", ""], "Invalid id: it is empty"],
    ["pub", [...MESSAGE, "-i", "", "-V", "5"], "Invalid id: it is empty"],
    ["sub", ["-t", "a", "-i", ""], "Invalid id: it is empty"],
    ["rr", [...MESSAGE, "-e", "b", "-i", ""], "Invalid id: it is empty"],
    ["pub", [...MESSAGE, "-D", "publish", "topic-alias", "0"], "topic-alias is 1 to 65535, not 0"],
    ["pub", [...MESSAGE, "-D", "publish", "topic-alias", "65536"], "out of range for property topic-alias"],
    ["pub", [...MESSAGE, "-V", "5", "-x", "7", "-D", "connect", "session-expiry-interval", "5"], "stands twice, by -x"],
    ["pub", [...MESSAGE, "-D", "connect", "receive-maximum", "0"], "Error in CONNECT properties: receiveMaximum"],
    ["pub", [...MESSAGE, "-D", "connect", "maximum-packet-size", "0"], "Error in CONNECT properties"],
    ["pub", [...MESSAGE, "-D", "connect", "session-expiry-interval", "4294967296"], "out of range"],
  ] as [string, string[], string][])("%s %j", async (command, args, text) => {
    const { port } = await serve();
    const rest = ["-h", "localhost", "-p", `${port}`, ...args];
    const [theirs, ours] = await Promise.all([run(`mosquitto_${command}`, rest), perigee([command, ...rest])]);
    expect([ours.code, theirs.code]).toEqual([1, 1]);
    expect(ours.stdout).toBe("");
    expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(ours.stderr).toContain(text);
  });

  // mosquitto_pub sends these, and a strict server closes.
  it.each([
    [
      ["-D", "disconnect", "session-expiry-interval", "5"],
      "Error in DISCONNECT properties: session-expiry-interval above 0",
    ],
    [["-D", "subscribe", "subscription-identifier", "0"], "Error in SUBSCRIBE properties"],
    [["-D", "publish", "response-topic", "a/#"], "Error in PUBLISH properties: the response topic"],
    [["-D", "connect", "authentication-data", "x"], "[MQTT-4.12.0-1]"],
    [["-D", "publish", "user-property", "a".repeat(65_536), "b"], "Error in PUBLISH properties"],
    [["-D", "connect", "topic-alias-maximum", "1e3"], "out of range"],
    [["-D"], "Invalid command given"],
    [["-D", "publish"], "Invalid property name given"],
  ])("%j", async (args, text) => {
    const { code, stderr } = await perigee(["pub", "-p", "1", ...MESSAGE, ...args]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it("a topic alias of one's own is not sent, and said so", async () => {
    const { port } = await serve();
    const args = ["-p", `${port}`, ...MESSAGE, "-q", "1", "-D", "publish", "topic-alias", "5"];
    const { code, stderr } = await perigee(["pub", ...args]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Warning: topic-alias 5 is not sent: [^\n]+\n$/)]);
    expect(await perigee(["pub", "--quiet", ...args])).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
