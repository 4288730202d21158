// `perigee check history` on real brokers over TCP: the reference broker, one that breaks a promise, and mosquitto. A play takes its seconds, so
// that it belongs to the long suite.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { fault, listen } from "../../host/broker/index.ts";
import { Mosquitto } from "../client/servers.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-history-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a play", { timeout: 240_000 }, () => {
  test("a broker that keeps its promises, and nothing is left on it; its record is judged the same", async () => {
    const { broker, port, close } = await listen({ port: 0 });
    onTestFinished(close);
    const record = join(folder, "history.jsonl");
    const args = ["--connect", `127.0.0.1:${port}`, "--seconds", "20", "--seed", "3", "--record", record];
    const { code, stdout, stderr } = await perigee(["check", "history", ...args]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^every promise kept: \d+ connections, \d+ messages published and \d+ received\n$/);
    expect(broker.sessionCount).toBe(0);
    const again = await perigee(["check", "history", record, "--slack", "5"]);
    expect(again).toEqual({ code: 0, stdout, stderr: "" });

    // One copy of a message taken out of the record is a message lost.
    const lines = readFileSync(record, "utf8").split("\n");
    const last = lines.findLastIndex(line => /"received".*"qos":2/.test(line));
    writeFileSync(record, lines.toSpliced(last, 1).join("\n"));
    const less = await perigee(["check", "history", record]);
    expect(less.code).toBe(1);
    expect(less.stdout).toMatch(/never received|came to none/);
  });

  test("a broker that breaks one", async () => {
    const { broker, port, close } = await listen({ port: 0 });
    onTestFinished(close);
    broker.at("received CONNECT", ({ packet }) =>
      packet?.type === "CONNECT" ? fault.replace({ ...packet, cleanSession: true }) : undefined,
    );
    const { code, stdout } = await perigee(["check", "history", "--connect", `127.0.0.1:${port}`, "--seconds", "20"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^session \[MQTT-/m);
    expect(stdout).toMatch(/\d+ promises broken: /);
  });

  test("a broker that goes away is judged all the same, and the record is there", async () => {
    const { broker, port, close } = await listen({ port: 0 });
    onTestFinished(close);
    let publishCount = 0;
    broker.at("received PUBLISH", () => {
      publishCount += 1;
      // Not from within the broker's own call.
      if (publishCount === 10) setImmediate(() => void close());
      return undefined;
    });
    const record = join(folder, "short.jsonl");
    const args = ["--connect", `127.0.0.1:${port}`, "--seconds", "20", "--record", record];
    const { code, stdout, stderr } = await perigee(["check", "history", ...args]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^liveness: /);
    expect(stderr).toMatch(
      /^Warning: what the cast has left on the broker could not be taken back: [^\n]*refused[^\n]*\n$/,
    );
    expect(readFileSync(record, "utf8")).toContain('"publish"');
  });

  // It publishes no will of a connection that its client takes over with the session, delay or none: the one promise of these that it breaks.
  test.runIf(havePeers("mosquitto"))("mosquitto keeps its promises but for wills", async () => {
    const broker = new Mosquitto();
    broker.settings.push("allow_anonymous true");
    await broker.start();
    const args = ["--connect", `127.0.0.1:${broker.port}`, "--seconds", "20", "--seed", "4"];
    const { stderr, stdout } = await perigee(["check", "history", ...args]);
    expect(stderr).toBe("");
    const [sum, ...broken] = stdout.trimEnd().split("\n").reverse();
    expect(sum).toMatch(/: \d+ connections, \d+ messages published and \d+ received$/);
    expect(broken.filter(line => !/^will \[MQTT-3\.1\.2-8,.*never seen/.test(line))).toEqual([]);
  });
});
