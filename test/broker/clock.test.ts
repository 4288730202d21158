/** The broker in somebody else's test: the lines of the README, as they stand there, with a client of another make. */
import { readFileSync } from "node:fs";
import mqtt from "mqtt";
import { describe, expect, it, onTestFinished } from "vitest";
import { fault, listen, TestClock } from "../../host/broker/index.ts";

/** What README shows. */
const LINES = `const clock = new TestClock();
const { broker, port, close } = await listen({ port: 0, clock });
onTestFinished(close);
broker.at("sent PUBACK", ({ index }) => (index === 0 ? fault.drop : undefined));
clock.advance(90_000);`;

function heard(client: mqtt.MqttClient, event: "connect" | "close"): Promise<void> {
  return new Promise(resolve => client.once(event, () => resolve()));
}

describe("the broker in a test", () => {
  it("is five lines in README", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    for (const line of LINES.split("\n")) expect(readme).toContain(line);
  });

  it("ends a client whose keep-alive is over when the test says so", async () => {
    const clock = new TestClock();
    const { broker, port, close } = await listen({ port: 0, clock });
    onTestFinished(close);
    // A client that does not know that time has passed.
    const client = mqtt.connect({ port, keepalive: 60, reconnectPeriod: 0 });
    onTestFinished(() => client.endAsync(true));
    await heard(client, "connect");
    clock.advance(90_000);
    expect(broker.connectionCount).toBe(1);
    clock.advance(1);
    expect(broker.connectionCount).toBe(0);
    await heard(client, "close");
  });

  it("loses an acknowledgement, and the client sends again on its next connection", async () => {
    const clock = new TestClock();
    const { broker, port, close } = await listen({ port: 0, clock });
    onTestFinished(close);
    broker.at("sent PUBACK", ({ index }) => (index === 0 ? fault.drop : undefined));
    const client = mqtt.connect({ port, clientId: "c", clean: false, reconnectPeriod: 1 });
    onTestFinished(() => client.endAsync(true));
    await heard(client, "connect");
    const published = client.publishAsync("t", "x", { qos: 1 });
    // It has come and will not be acknowledged: then the keep-alive runs out, and the client connects again.
    while (broker.counters.publishMessagesReceived === 0) await new Promise(setImmediate);
    clock.advance(120_000);
    await published;
    expect(broker.counters.publishMessagesReceived).toBe(2);
  });

  it("expires a session after a week", async () => {
    const clock = new TestClock();
    const { broker, port, close } = await listen({ port: 0, clock, sysIntervalMs: 0 });
    onTestFinished(close);
    const weekS = 7 * 24 * 3600;
    const options = { port, clientId: "c", protocolVersion: 5 as const, clean: false, reconnectPeriod: 0 };
    const client = mqtt.connect({ ...options, properties: { sessionExpiryInterval: weekS } });
    await heard(client, "connect");
    await client.endAsync();
    while (broker.connectionCount > 0) await new Promise(setImmediate);
    clock.advance(weekS * 1000 - 1);
    expect(broker.sessionCount).toBe(1);
    clock.advance(1);
    expect(broker.sessionCount).toBe(0);
  });
});

describe("a test clock", () => {
  it("stops wherever something is due, in order, and at what comes up on the way", () => {
    const clock = new TestClock();
    const heard: string[] = [];
    const note = (name: string) => () => heard.push(`${name} at ${clock.now()}`);
    clock.at(20, note("b"));
    clock.at(10, () => {
      note("a")();
      clock.at(15, note("between"));
    });
    const forget = clock.at(12, note("never"));
    forget();
    clock.advance(100);
    expect(heard).toEqual(["a at 10", "between at 15", "b at 20"]);
    expect(clock.now()).toBe(100);
    expect(() => clock.advance(-1)).toThrow(RangeError);
  });
});
