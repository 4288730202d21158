// `perigee broker --link`: every client is behind the link, and nothing else changes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { perigee, printed, startPerigee } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-broker-link-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("perigee broker --link", () => {
  it("lets a message through, no sooner than the link can", async () => {
    const file = join(folder, "slow.json");
    writeFileSync(file, JSON.stringify({ delay: { base: 100 } }));
    const broker = startPerigee(["broker", "-p", "0", "--link", file]);
    let text = "";
    broker.process.stderr?.on("data", data => {
      text += data;
    });
    await printed(broker, /running on/);
    const port = /running on 127\.0\.0\.1:(\d+) behind/.exec(text)?.[1] ?? "";
    const startMs = performance.now();
    const { code, stderr } = await perigee(["pub", "-p", port, "-t", "a/b", "-m", "x", "-q", "1"]);
    expect([code, stderr]).toEqual([0, ""]);
    // Handshake, CONNECT, PUBLISH: three round trips of 200 ms.
    expect(performance.now() - startMs).toBeGreaterThan(590);
    broker.process.kill("SIGTERM");
    expect((await broker.finished).code).toBe(0);
  });

  it("refuses a link that does not exist, with the nearest name", async () => {
    const { code, stderr } = await perigee(["broker", "-p", "0", "--link", "starlnk"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/perigee broker: --link: .*did you mean "starlink"\?/);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
