// `perigee check history` as it is typed, with what it refuses; check-history-play.test.ts has it on real brokers.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listen } from "../../host/broker/index.ts";
import { perigee } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-history-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what cannot be obeyed", () => {
  test.each([
    [[], "one of a file and --connect says whose history it is"],
    [["a", "--connect", "b:1"], "one of a file and --connect says whose history it is"],
    [["--connect", "b"], '--connect: host:port, not "b"'],
    [["--connect", "b:1", "--seconds", "5"], '--seconds: a whole number from 20 to 3600, not "5"'],
    [["--connect", "b:1", "--mqtt", "4"], '--mqtt: 3.1.1, 5, or both with a comma, not "4"'],
    [[join(folder, "none")], join(folder, "none")],
    [["--connect", "b:1", "--record", folder], `--record: cannot write ${folder}: is a directory`],
    [["a", "--seed", "2"], "--seed goes with --connect and would change nothing"],
    [["a", "--record", "b"], "--record goes with --connect and would change nothing"],
    [["--connect", "b:1", "--slack", "2"], "--slack goes with a file and would change nothing"],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await perigee(["check", "history", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Error: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  test("a line that is no event is named", async () => {
    const file = join(folder, "wrong");
    writeFileSync(file, "{}\n");
    const { code, stderr } = await perigee(["check", "history", file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^Error: .*wrong, line 1: kind is one of connecting, /);
  });

  test("a history at whose end nobody is left to lose anything", async () => {
    const file = join(folder, "gone");
    const common = { client: "a", connection: 1 };
    const events = [
      {
        atMs: 0,
        ...common,
        kind: "connecting",
        version: 4,
        clean: true,
        sessionExpiryS: 0,
        keepAliveS: 0,
        isNear: true,
      },
      { atMs: 1, ...common, kind: "connected", isPresent: false },
      { atMs: 2, ...common, kind: "subscribe", filter: "t", qos: 1 },
      { atMs: 3, ...common, kind: "subscribed", filter: "t", granted: 1 },
      { atMs: 4, ...common, kind: "publish", id: "a/1", topic: "t", qos: 1, retain: false },
      { atMs: 5, ...common, kind: "published", id: "a/1", reasonCode: 0 },
      { atMs: 9000, ...common, kind: "ended", how: "goodbye" },
    ];
    const judged = (lines: readonly object[]) => {
      writeFileSync(file, lines.map(event => JSON.stringify(event)).join("\n"));
      return perigee(["check", "history", file]);
    };
    const gone = await judged(events);
    expect(gone.code).toBe(0);
    expect(gone.stdout).toMatch(/^every promise kept: [^\n]*\nnot judged: whether anything was lost, [^\n]*\n$/);
    const there = await judged(events.slice(0, -1));
    expect(there.code).toBe(1);
    expect(there.stdout).toMatch(
      /^at least once \[MQTT-4\.3\.2-2\]: a, .* never received a\/1[^\n]*\n1 promises broken: [^\n]*\n$/,
    );
  });

  test("nobody there", async () => {
    const { port, close } = await listen({ port: 0 });
    await close();
    const { code, stderr } = await perigee(["check", "history", "--connect", `127.0.0.1:${port}`]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^Error: [^\n]*Connection refused[^\n]*\n$/);
  });
});
