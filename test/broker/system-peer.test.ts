/** $SYS: mosquitto's names. */
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { havePeers } from "../peers.ts";
import { Served, start } from "./real.ts";

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** The topics below $SYS that are there at once, retained. */
async function topicsAt(port: number): Promise<string[]> {
  const args = ["-p", String(port), "-t", "$SYS/#", "--retained-only", "-F", "%t", "-C", "53", "-W", "3"];
  const { stdout } = await start("mosquitto_sub", args).finished;
  return stdout.trim().split("\n").sort();
}

describe.skipIf(!havePeers("mosquitto", "mosquitto_pub"))("the names below $SYS", () => {
  it("are mosquitto's 53", async () => {
    const port = await freePort();
    const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "mosquitto.conf");
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nsys_interval 1\n`);
    const mosquitto = start("sh", ["-c", `PATH=$PATH:/usr/sbin exec mosquitto -c ${file}`]);
    const served = await Served.start();
    // mosquitto publishes its tree when the first interval is over.
    let theirs: string[] = [];
    while (theirs.length < 53 && mosquitto.process.exitCode === null) theirs = await topicsAt(port);
    expect(await topicsAt(served.port)).toEqual(theirs);
    expect(theirs).toHaveLength(53);
  });
});
