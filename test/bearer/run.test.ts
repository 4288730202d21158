// Fleets over bearers of messages: what the figures of a preset must come to, and what MQTT-SN promises over them.
import { describe, expect, it } from "vitest";
import { type BearerRun, bearerSpec, type Mode, runBearer } from "../../host/bearer/index.ts";
import { type LossSpec, MESSAGE_BEARERS, type OutageSpec, parseSeed } from "../../host/link/index.ts";
import { SyntheticReadings } from "../../host/simulation/readings.ts";

const HOUR_US = 3600e6;

interface Wish {
  loss?: number | LossSpec;
  outage?: OutageSpec;
  payload?: number;
  intervalUs?: number;
  durationUs?: number;
  sensorCount?: number;
  seed?: number;
  keepAliveSeconds?: number;
  outboxBytes?: number;
}

function run(bearer: string, mode: Mode, wish: Wish = {}): BearerRun {
  const { loss, outage, payload = 20, intervalUs = 900e6, durationUs = 24 * HOUR_US, sensorCount = 4 } = wish;
  const { keepAliveSeconds = 0, outboxBytes = 16_384 } = wish;
  const seed = parseSeed(wish.seed ?? 7);
  const readings = new SyntheticReadings(intervalUs, payload, seed);
  const model = typeof loss === "number" ? { model: "random" as const, p: loss } : loss;
  const spec = bearerSpec(bearer, MESSAGE_BEARERS[bearer], model, outage);
  return runBearer({ bearer: spec, sensorCount, durationUs, seed, readings, keepAliveSeconds, outboxBytes }, mode);
}

const COUNT = 4 * 96;

describe("Short Burst Data", () => {
  it("takes 4.5 s and 7.9 ms a byte, and a credit for fifty bytes", () => {
    const { row } = run("iridium-sbd", "bare", { loss: 0 });
    expect([row.delivered, row.lost, row.confirmed]).toEqual([COUNT, 0, COUNT]);
    expect([row.delayMs.p50, row.delayMs.max]).toEqual([4658, 4658]);
    expect(row.billed).toEqual({ amount: COUNT, unit: "credits", dollars: expect.closeTo(COUNT * 0.16, 6) });
    expect(row.airtimeMs).toBeCloseTo((COUNT * 20 * 8) / 2.4, 6);
    // 46 of payload fit beside four of PUBLISH's seven; 44 need a second credit.
    expect(run("iridium-sbd", -1, { loss: 0, payload: 43 }).row.billed.amount).toBe(COUNT);
    expect(run("iridium-sbd", -1, { loss: 0, payload: 44 }).row.billed.amount).toBe(2 * COUNT);
  });

  it("tries again a minute after a session that failed, and gives up after five", () => {
    const { row } = run("iridium-sbd", "bare", { loss: 1 });
    expect([row.delivered, row.lost, row.confirmed, row.billed.amount]).toEqual([0, COUNT, 0, 0]);
    // At 0, and about every 69 s while that is within 300 s: 5 attempts.
    expect(row.up.messages).toBe(5 * COUNT);
    const some = run("iridium-sbd", "bare", { loss: 0.5 }).row;
    expect(some.delivered).toBeGreaterThan(0.9 * COUNT);
    expect(some.delivered + some.lost).toBe(COUNT);
    // A failed session is not billed.
    expect(some.billed.amount).toBe(some.delivered);
  });

  it("lets 40 s pass between two sessions", () => {
    const { row } = run("iridium-sbd", "bare", { loss: 0, intervalUs: 20e6, durationUs: HOUR_US, sensorCount: 1 });
    // 180 readings in an hour, and 90 sessions: the last one waits as long again.
    expect(row.published).toBe(180);
    expect(row.delayMs.max / 1000).toBeGreaterThan(3500);
    expect(row.delayMs.max / 1000).toBeLessThan(3700);
  });

  it("brings an answer in a session of its own: QoS 1 costs two credits, and no duplicate", () => {
    const { row } = run("iridium-sbd", 1, { loss: 0 });
    expect([row.delivered, row.duplicates, row.confirmed]).toEqual([COUNT, 0, COUNT]);
    // CONNECT, its CONNACK; then PUBLISH and the session that fetches its PUBACK.
    expect(row.billed.amount).toBe(2 * COUNT + 2 * 4);
    expect(row.up.messages).toBe(2 * COUNT + 2 * 4);
    expect(row.down).toEqual({ messages: COUNT + 4, bytes: COUNT * 7 + 4 * 3 });
    // Without a connection nobody answers.
    expect(run("iridium-sbd", -1, { loss: 0 }).row.down.messages).toBe(0);
  });
});

describe("LoRaWAN", () => {
  it("speaks one part in a hundred of the time, and hears in the second after", () => {
    // 51 bytes are 2793.5 ms on the air: one in 279.4 s.
    const { row } = run("lorawan-eu868-sf12", "bare", {
      payload: 51,
      intervalUs: 200e6,
      durationUs: 10 * HOUR_US,
      sensorCount: 1,
    });
    expect([row.published, row.waiting]).toEqual([180, 0]);
    expect(row.delayMs.max / 1000).toBeGreaterThan(179 * (279.35 - 200));
    expect(row.delayMs.max / 1000).toBeLessThan(181 * (279.35 - 200));
    expect((row.airtimeMs as number) / 180).toBeCloseTo(2793.472, 3);
    const answered = run("lorawan-eu868-sf12", 1).row;
    expect([answered.confirmed, answered.up.messages]).toEqual([COUNT, COUNT + 4]);
  });

  it("at QoS 1 outlasts losses that QoS 0 does not, at the price of duplicates", () => {
    const plain = run("lorawan-eu868-sf12", 0, { loss: 0.2 });
    const sure = run("lorawan-eu868-sf12", 1, { loss: 0.2 });
    expect(plain.row.lost).toBeGreaterThan(0.1 * COUNT);
    expect(plain.row.duplicates).toBe(0);
    expect([sure.row.lost, sure.row.confirmed]).toEqual([0, COUNT]);
    // A PUBACK is lost as often as a PUBLISH: of what arrives one in five comes again.
    expect(sure.row.duplicates / COUNT).toBeGreaterThan(0.15);
    expect(sure.row.duplicates / COUNT).toBeLessThan(0.35);
    expect([plain.finding.count, sure.finding.count]).toEqual([0, 0]);
  });
});

describe("other bearers", () => {
  it("NB-IoT by satellite counts IP and UDP, fifty bytes at least", () => {
    const { row } = run("ntn-geo-nbiot", -1, { payload: 12 });
    expect(row.up).toEqual({ messages: COUNT, bytes: COUNT * 47 });
    expect(row.billed.amount).toBe(COUNT * 50);
    expect(row.delayMs.p50 / 1000).toBeGreaterThan(8);
    expect(row.delayMs.p50 / 1000).toBeLessThan(12);
    expect(row.confirmed).toBe(0);
  });

  it("nothing goes while no satellite is there", () => {
    const { row } = run("astrocast", "bare");
    expect([row.delivered, row.confirmed]).toEqual([COUNT, COUNT]);
    // Passes of 90 s, 4 h 48 min apart.
    expect(row.delayMs.max / 60_000).toBeGreaterThan(260);
    expect(row.delayMs.max / 60_000).toBeLessThan(288);
    const always: OutageSpec = { model: "none" };
    expect(run("astrocast", "bare", { outage: always }).row.delayMs.max).toBe(0);
  });

  it("Kinéis repeats blindly, three to five times", () => {
    const { row } = run("kineis", "bare", { loss: 0.4 });
    expect(row.up.messages / COUNT).toBeGreaterThan(3.7);
    expect(row.up.messages / COUNT).toBeLessThan(4.3);
    expect(row.delivered / COUNT).toBeGreaterThan(0.93);
    expect(row.duplicates).toBeGreaterThan(COUNT);
  });

  it("what is too large for a message does not fit, by a byte", () => {
    expect(run("kineis", "bare", { payload: 24 }).row.fits).toBe(true);
    expect(run("kineis", -1, { payload: 17 }).row.fits).toBe(true);
    expect(run("kineis", -1, { payload: 18 }).row).toMatchObject({ fits: false, messageBytes: 25, delivered: 0 });
    expect(run("ntn-geo-nbiot", "bare", { payload: 1172 }).row.fits).toBe(true);
    expect(run("ntn-geo-nbiot", "bare", { payload: 1173 }).row.fits).toBe(false);
  });

  it.each(Object.keys(MESSAGE_BEARERS))("%s carries telemetry in every way", name => {
    for (const mode of ["bare", -1, 0, 1] as const) {
      const { row, finding } = run(name, mode, { payload: 12, intervalUs: 12 * HOUR_US, durationUs: 48 * HOUR_US });
      expect(finding.violations).toEqual([]);
      expect([row.published, row.delivered + row.lost + row.waiting]).toEqual([16, 16]);
      expect(row.delivered).toBeGreaterThan(12);
    }
  });
});

describe("a client of MQTT-SN", () => {
  it("pings when it has been silent for as long as its keep-alive", () => {
    const quiet = run("isatdata-pro", 0, { keepAliveSeconds: 300 }).row;
    const silent = run("isatdata-pro", 0).row;
    // Two pings between readings of a quarter of an hour, each answered.
    expect(quiet.down.messages - silent.down.messages).toBeGreaterThan(1.5 * COUNT);
    expect(quiet.up.messages - silent.up.messages).toBe(quiet.down.messages - silent.down.messages);
  });

  it("keeps what its outbox holds, and refuses the rest", () => {
    const { row } = run("iridium-sbd", 1, {
      outage: { model: "windows", windows: [{ start: 0, end: "12h" }] },
      outboxBytes: 400,
      loss: 0,
    });
    expect(row.published).toBe(COUNT);
    // Twenty of twenty bytes, of the 48 of half a day.
    expect(row.lost).toBeGreaterThanOrEqual(4 * 27);
    expect(row.delivered).toBe(COUNT - row.lost);
  });
});

it("the same seed is the same run, to the microsecond, and another is another", () => {
  for (const mode of ["bare", 1] as const) {
    const [first, again, other] = [7, 7, 8].map(seed => run("ntn-geo-nbiot", mode, { loss: 0.1, seed }));
    expect(first).toEqual(again);
    expect(first.hash).not.toBe(other.hash);
  }
});

it("one sensor more changes nobody else's losses", () => {
  const delivered = (sensorCount: number) =>
    run("lorawan-eu868-sf12", "bare", { loss: 0.3, sensorCount }).row.delivered;
  const counts = [1, 2, 3].map(delivered);
  const steps = [counts[1] - counts[0], counts[2] - counts[1]];
  for (const step of steps) {
    expect(step).toBeGreaterThan(40);
    expect(step).toBeLessThanOrEqual(96);
  }
});
