/** $SYS: values that are what they say. */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

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
