// What a run has to bear beside a bad link: identifiers that go round, large messages, an odd topic, a subscriber that is thrown out.
import { describe, expect, test } from "vitest";
import { Broker, type BrokerOptions, type Connection, type Sink } from "../../host/broker/index.ts";
import { LWIP, parseTc } from "../../host/link/index.ts";
import { rowOf, run } from "../../host/simulation/index.ts";
import { HOUR_US, scenario } from "./scenario.ts";

const LOSSY = parseTc("delay 5ms loss random 1%");

test("packet identifiers go round, and every acknowledgement finds its message", () => {
  const result = run(scenario(1n, { link: LOSSY, sensorCount: 1, intervalUs: 20_000, durationUs: 1400e6 }), 1);
  expect(result.history.invokedCount).toBe(70_000);
  expect(result.history.acknowledgedCount).toBe(70_000);
  expect(result.history.deliveredCount).toBe(70_000);
  expect(result.finding.count).toBe(0);
});

test.each([0, 1, 2] as const)("a payload of 65,535 bytes arrives whole at QoS %i", qos => {
  const options = scenario(2n, { link: LOSSY, sensorCount: 2, payloadSize: 65_535, outboxBytes: 200_000 });
  const result = run(options, qos);
  expect(result.finding).toEqual({ count: 0, violations: [] });
  expect(result.history.deliveredCount).toBe(240);
});

test("a packet that leaves its sensor in parts is seen to leave once", () => {
  // lwIP takes 5,760 bytes at a time.
  const overrides = { link: parseTc("delay 50ms"), tcp: LWIP, payloadSize: 20_000, outboxBytes: 100_000 };
  for (const qos of [0, 1, 2] as const) {
    const { sensors } = run(scenario(2n, overrides), qos).history;
    expect(sensors.map(sensor => sensor.sentCount)).toEqual(sensors.map(sensor => sensor.invokedCount));
  }
});

test("a clump after an outage, larger than the subscriber takes at once, arrives whole", () => {
  const link = {
    ...parseTc("delay 50ms"),
    outage: { model: "windows" as const, windows: [{ start: "5min", end: "15min" }] },
  };
  const overrides = { link, payloadSize: 3000, intervalUs: 5e6, outboxBytes: 500_000, window: 100 };
  for (const qos of [0, 1, 2] as const) {
    const result = run(scenario(8n, overrides), qos);
    expect(result.finding, `QoS ${qos}`).toEqual({ count: 0, violations: [] });
    expect(result.history.refusedCount).toBe(0);
    if (qos > 0) expect(result.history.deliveredCount).toBe(3600);
  }
});

test("retransmissions count on every connection and at both ends", () => {
  const link = {
    ...parseTc("delay 100ms"),
    outage: { model: "windows" as const, windows: [{ start: "10min", end: "40min" }] },
  };
  const { retransmissionCount, reconnectCount } = run(scenario(9n, { link, sensorCount: 1 }), 0);
  expect(reconnectCount).toBe(1);
  // Half an hour of SYNs nobody hears, and what the broker's end had to say on the connection that died; either alone is less.
  expect(retransmissionCount).toBeGreaterThan(112);
});

test("topics may be of any length and script", () => {
  const topicOf = (sensor: number) => `Бüro/${"深".repeat(sensor * 20)}/\u{1f6f0}`;
  const result = run(scenario(3n, { link: LOSSY, topicOf }), 1);
  expect(result.history.deliveredCount).toBe(600);
  expect(result.finding.count).toBe(0);
});

test("without keep-alive, and in a link that is silent from the start, everything arrives in the end", () => {
  const link = { ...LOSSY, outage: { model: "windows" as const, windows: [{ start: "0s", end: "20h" }] } };
  for (const qos of [0, 1, 2] as const) {
    const result = run(scenario(4n, { link, durationUs: HOUR_US / 4, keepAliveSeconds: 0 }), qos);
    expect(result.pendingCount, `QoS ${qos}`).toBe(0);
    expect(result.history.deliveredCount, `QoS ${qos}`).toBe(150);
  }
});

test("QoS 0 is waited for too: what TCP holds when the link heals is under way, and arrives", () => {
  const link = {
    ...parseTc("delay 50ms"),
    outage: { model: "windows" as const, windows: [{ start: "10min", end: "20h" }] },
  };
  const result = run(scenario(4n, { link, durationUs: 780e6, keepAliveSeconds: 0 }), 0);
  expect(result.pendingCount).toBe(0);
  expect(result.history.deliveredCount).toBe(130);
});

describe("a row adds up", () => {
  test.each([0, 1, 2] as const)("published is delivered, lost and unknown at QoS %i", qos => {
    const result = run(scenario(5n, { outboxBytes: 256 }), qos);
    const row = rowOf(result);
    expect(row.published).toBe(600);
    expect(row.delivered + row.lost + row.unknown).toBe(600);
    expect(row.ip.upBytes).toBeGreaterThan(row.mqtt.upBytes);
    expect(row.delayMs.p50).toBeLessThanOrEqual(row.delayMs.p90);
    expect(row.delayMs.p99).toBeLessThanOrEqual(row.delayMs.max);
  });
});

/** Ends the subscriber's connection at every hundredth PUBLISH. */
class Bouncer extends Broker {
  private subscriber: { connection: Connection; sink: Sink } | null = null;
  private publishCount = 0;

  override connect(nowMs: number, sink: Sink): Connection {
    const connection = super.connect(nowMs, sink);
    // The subscriber is the first to come, and comes back with the same sink.
    if (this.subscriber === null || this.subscriber.sink === sink) this.subscriber = { connection, sink };
    return connection;
  }

  override receive(connection: Connection, bytes: Uint8Array, nowMs: number): void {
    super.receive(connection, bytes, nowMs);
    if (bytes[0] >> 4 !== 3 || this.subscriber === null) return;
    this.publishCount += 1;
    if (this.publishCount % 100 !== 0) return;
    this.closed(this.subscriber.connection, nowMs);
    this.subscriber.sink.close("thrown out");
  }
}

test.each([1, 2] as const)("a subscriber that is thrown out comes back and misses nothing at QoS %i", qos => {
  const newBroker = (options: BrokerOptions) => new Bouncer(options);
  const result = run(scenario(6n, { link: parseTc("delay 20ms"), newBroker }), qos);
  expect(result.finding).toEqual({ count: 0, violations: [] });
  expect(result.history.deliveredCount).toBe(600);
  // What it had taken and could not acknowledge comes again, and only QoS 2 knows it.
  if (qos === 1) expect(result.history.repeats.count).toBeGreaterThan(0);
  else expect(result.history.repeats.count).toBe(0);
});
