/** pub, sub and rr with what MQTT 5.0 forbids: one line that names it, status 1, and an end; beside mosquitto's own where those do. */
import { connectAsync, type ISubscriptionMap } from "mqtt";
import { describe, expect, it } from "vitest";
import { onEnd, Served } from "../broker/real.ts";
import { perigee } from "./program.ts";

describe("in MQTT 5.0", () => {
  it.each([
    ["$share/g", ["sub", "-t", "$share/g", "-V", "5"], '"$share/g" is not $share/NAME/FILTER'],
    ["$share/g of rr", ["rr", "-t", "a", "-m", "x", "-e", "$share/g"], '"$share/g" is not $share/NAME/FILTER'],
    [
      "identifier 0",
      ["sub", "-t", "a", "-D", "subscribe", "subscription-identifier", "0"],
      "subscriptionIds is an integer from 1 to 268435455, not 0",
    ],
    [
      "a message of no lifetime",
      ["rr", "-t", "a", "-m", "x", "-e", "b", "-D", "publish", "message-expiry-interval", "0"],
      "the message expired before it could be sent",
    ],
    [
      "AUTH",
      ["pub", "-t", "a", "-m", "x", "-D", "auth", "authentication-method", "y"],
      "Invalid command given in --property argument: auth",
    ],
  ])("%s is named, and ends the program", async (_what, [command, ...args], text) => {
    const { port } = await Served.start();
    const { code, stdout, stderr } = await perigee([command, "-p", `${port}`, ...args]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(text);
  });

  it("-D publish message-expiry-interval 0 is said to have expired", async () => {
    const { port } = await Served.start();
    const args = ["-p", `${port}`, "-t", "a", "-m", "x", "-q", "1", "-D", "publish", "message-expiry-interval", "0"];
    const stderr = "Warning: Publish failed: the message expired before it could be sent\n";
    expect(await perigee(["pub", ...args])).toEqual({ code: 0, stdout: "", stderr });
  });

  it("-D takes packets and names in any case, as mosquitto's clients do", async () => {
    const { port } = await Served.start();
    const args = ["-p", `${port}`, "-t", "a", "-m", "x", "-q", "1", "-D", "PUBLISH", "User-Property", "K", "V", "-d"];
    const { code, stdout, stderr } = await perigee(["pub", ...args]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("received PUBACK");
  });

  it("-D disconnect reason-string says why", async () => {
    const { port, listener } = await Served.start();
    const seen: string[] = [];
    listener.broker.at("received DISCONNECT", ({ packet }) => {
      seen.push(JSON.stringify(packet));
      return undefined;
    });
    const args = ["-p", `${port}`, "-t", "a", "-m", "x", "-D", "disconnect", "reason-string", "bye"];
    expect(await perigee(["pub", ...args])).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(seen.join()).toContain('"bye"');
  });

  it("-R asks that kept messages do not come at all, but not where they are to be forgotten", async () => {
    const { port } = await Served.start();
    const witness = await connectAsync(`mqtt://127.0.0.1:${port}`);
    onEnd(() => witness.endAsync(true));
    await witness.publishAsync("m", "kept", { retain: true, qos: 1 });
    const args = ["sub", "-p", `${port}`, "-t", "m", "-R", "-V", "5", "-W", "1", "-d"];
    const { stdout } = await perigee(args);
    expect(stdout).toContain("Topic: m, QoS: 0, Options: 0x20");
    expect(stdout).not.toContain("PUBLISH");
    await perigee([...args, "--remove-retained"]);
    const kept: string[] = [];
    witness.on("message", topic => kept.push(topic));
    await witness.subscribeAsync({ m: { qos: 0 }, end: { qos: 0 } } satisfies ISubscriptionMap);
    await witness.publishAsync("end", "", { qos: 1 });
    await expect.poll(() => kept).toEqual(["end"]);
  });
});
