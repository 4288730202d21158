/** What sub leaves out, makes the server forget and unsubscribes from: beside mosquitto_sub, on mosquitto's broker. */
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee, printed, startPerigee } from "./program.ts";

async function withRetained(): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push("allow_anonymous true");
  await mosquitto.start();
  const witness = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`);
  for (const topic of ["m/1", "m/2", "m/3/x"]) {
    await witness.publishAsync(topic, `kept ${topic}`, { retain: true, qos: 1 });
  }
  await witness.endAsync();
  return mosquitto;
}

describe.runIf(havePeers("mosquitto", "mosquitto_pub"))("sub beside mosquitto_sub", () => {
  it.each([
    ["-T leaves out", ["-t", "m/#", "-T", "m/2", "-T", "x/#", "-C", "2", "-v"]],
    ["-T with wildcards", ["-t", "m/#", "-T", "+/2", "-T", "m/3/#", "-C", "1", "-v"]],
    ["a topic matched by -T alone is not counted", ["-t", "m/#", "-T", "#", "-W", "1", "-v"]],
    ["--retained-only", ["-t", "m/#", "--retained-only", "-C", "3", "-v"]],
    ["-R counts only what it prints", ["-t", "m/#", "-R", "-C", "1", "-W", "1"]],
    ["-N and -v", ["-t", "m/#", "-N", "-v", "-C", "3"]],
    ["-R and --retained-only", ["-t", "m/#", "-R", "--retained-only"]],
    ["a filter of -T that is none", ["-t", "m/#", "-T", "a#"]],
    ["a filter of -U that is none", ["-t", "m/#", "-U", "a+"]],
    ["--random-filter 0", ["-t", "m/#", "--random-filter", "0"]],
    ["-x out of range", ["-t", "m/#", "-x", "-2"]],
    ["-x that 3.1.1 has no use for", ["-t", "m/#", "-x", "30", "-C", "3"]],
    ["-V that is none", ["-t", "m/#", "-V", "6"]],
  ] as [string, string[]][])("%s", async (_what, args) => {
    const { port } = await withRetained();
    const rest = ["-h", "localhost", "-p", `${port}`, ...args];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_sub", ["-i", "client", ...rest]),
      perigee(["sub", "-i", "klient", ...rest]),
    ]);
    expect([ours.code, ours.stdout.replaceAll("klient", "client")]).toEqual([theirs.code, theirs.stdout]);
    if (theirs.stderr === "" || theirs.code === 27) expect(ours.stderr).toBe(theirs.stderr);
    else expect(ours.stderr).toMatch(/^Error: [^\n]+\n$/);
  });

  it("-U sends an UNSUBSCRIBE for each", async () => {
    const { port } = await withRetained();
    const args = ["-h", "localhost", "-p", `${port}`, "-t", "x", "-U", "x", "-U", "other", "-E", "-d", "-q", "1"];
    const [theirs, ours] = await Promise.all([
      run("mosquitto_sub", ["-i", "client", ...args]),
      perigee(["sub", "-i", "client", ...args]),
    ]);
    // Who waits for UNSUBACK, and who has gone by then, is each one's affair.
    const requests = (text: string) => text.split("\n").filter(line => / sending (UN)?SUBSCRIBE /.test(line));
    expect(requests(ours.stdout)).toEqual(requests(theirs.stdout));
    expect(requests(ours.stdout)).toHaveLength(3);
    expect(ours.code).toBe(0);
  });

  it("--remove-retained makes the server forget, but not what -T leaves out", async () => {
    const { port } = await withRetained();
    const args = ["-h", "localhost", "-p", `${port}`, "-t", "m/#"];
    // mosquitto_sub goes no further than to print these: with -C it never ends.
    const { code, stdout } = await perigee(["sub", ...args, "-T", "m/2", "--remove-retained", "-C", "2", "-v"]);
    expect([code, stdout]).toEqual([0, "m/1 kept m/1\nm/3/x kept m/3/x\n"]);
    const left = await run("mosquitto_sub", [...args, "--retained-only", "-W", "1", "-v"]);
    expect(left.stdout).toBe("m/2 kept m/2\n");
  });

  it("--retained-only ends at the first message that is not, without a word", async () => {
    const { port } = await withRetained();
    const at = ["-h", "localhost", "-p", `${port}`];
    const running = startPerigee(["sub", ...at, "-t", "m/1", "--retained-only"]);
    await printed(running, /kept/);
    await run("mosquitto_pub", [...at, "-t", "m/1", "-m", "new", "-q", "1"]);
    expect(await running.finished).toEqual({ code: 0, stdout: "kept m/1\n", stderr: "" });
  });

  it("--random-filter prints about as many as it says, and says which are none", async () => {
    const { port } = await withRetained();
    const at = ["-h", "localhost", "-p", `${port}`];
    const running = startPerigee(["sub", ...at, "-t", "r", "-q", "1", "-d", "-C", "1000", "--random-filter", "50"]);
    await printed(running, /received SUBACK/);
    const input = Array.from({ length: 1000 }, (_, index) => `random ${index}\n`).join("");
    await run("mosquitto_pub", [...at, "-t", "r", "-q", "1", "-l"], input);
    const { stdout } = await running.finished;
    const count = stdout.split("\n").filter(line => line.startsWith("random")).length;
    // Half of 1,000, give or take eight standard deviations.
    expect(count).toBeGreaterThan(500 - 127);
    expect(count).toBeLessThan(500 + 127);
  });
});
