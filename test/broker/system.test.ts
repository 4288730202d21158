/** $SYS: mosquitto's names, and values that are what they say. */
import { mkdtempSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { havePeers } from "../peers.ts";
import { World } from "./endpoint.ts";
import { Served, start } from "./real.ts";

function watched(intervalMs = 10_000, options = {}) {
  const world = new World({ sysIntervalMs: intervalMs, ...options });
  const watcher = world.connect("watcher", { keepAliveS: 0 });
  const values = new Map<string, string>();
  watcher.subscribe("$SYS/#");
  /** What $SYS says after `ms` more. */
  const read = (ms: number) => {
    world.advance(ms);
    for (const { topic, payload } of watcher.takePublishes()) {
      values.set(topic.replace("$SYS/broker/", ""), Buffer.from(payload).toString());
    }
    return values;
  };
  return { world, watcher, values, read };
}

describe("$SYS/broker", () => {
  it("counts clients, sessions that expired, and subscriptions, shared ones by themselves", () => {
    const { world, read } = watched();
    const client = world.connect5("c", { sessionExpiryS: 5 }, { keepAliveS: 0 });
    client.subscribe5({ filter: "a", qos: 0 });
    client.subscribe5({ filter: "$share/g/a", qos: 0 });
    let values = read(10_000);
    expect(values.get("clients/connected")).toBe("2");
    expect(values.get("subscriptions/count")).toBe("2");
    expect(values.get("shared_subscriptions/count")).toBe("1");
    client.drop();
    values = read(10_000);
    expect(values.get("clients/expired")).toBe("1");
    expect(values.get("clients/total")).toBe("1");
    expect(values.get("clients/maximum")).toBe("2");
    expect(values.get("subscriptions/count")).toBe("1");
    expect(values.get("shared_subscriptions/count")).toBe("0");
  });

  it("counts what is stored: retained messages, and those that wait", () => {
    const { world, read } = watched();
    const before = Number(read(10_000).get("messages/stored"));
    world.connectDurable("away").subscribe("t", 1);
    world.connectDurable("away").drop();
    const publisher = world.connect("publisher", { keepAliveS: 0 });
    publisher.publish("t", "12345", 1);
    publisher.publish("r", "123", 0, true);
    const values = read(10_000);
    expect(Number(values.get("messages/stored"))).toBe(before + 2);
    expect(values.get("store/messages/count")).toBe(values.get("messages/stored"));
  });

  it("has averages a minute of what went through, that fade", () => {
    const { world, read } = watched(1000);
    const publisher = world.connect("publisher", { keepAliveS: 0 });
    read(5000);
    for (let index = 0; index < 10; index++) publisher.publish("t", "x");
    // Ten in a second are 600 a minute, of which one second is 1 - e^(-1/60).
    expect(Number(read(1000).get("load/publish/received/1min"))).toBeCloseTo(600 * (1 - Math.exp(-1 / 60)), 1);
    expect(Number(read(0).get("load/publish/received/15min"))).toBeCloseTo(600 * (1 - Math.exp(-1 / 900)), 1);
    const later = Number(read(60_000).get("load/publish/received/1min"));
    expect(later).toBeCloseTo(600 * (1 - Math.exp(-1 / 60)) * Math.exp(-1), 1);
    expect(Number(read(0).get("load/connections/1min"))).toBeGreaterThan(0);
  });

  it("says how much memory the host takes, if the host does", () => {
    let size = 1000;
    const { read } = watched(1000, { heapSize: () => size });
    read(1000);
    size = 500;
    const values = read(1000);
    expect([values.get("heap/current"), values.get("heap/maximum")]).toEqual(["500", "1000"]);
    expect(watched().read(10_000).has("heap/current")).toBe(false);
  });

  it("goes out at the interval that is asked for", () => {
    const { watcher, read } = watched(3000);
    watcher.takeAll();
    expect(read(2999).has("uptime")).toBe(false);
    expect(read(1).get("uptime")).toBe("3 seconds");
  });
});

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
