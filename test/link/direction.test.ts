import { describe, expect, it } from "vitest";
import { lossModel } from "../../host/link/loss.ts";
import { outageModel } from "../../host/link/outage.ts";
import { RandomStream } from "../../host/link/random.ts";
import type { LossSpec } from "../../host/link/spec.ts";
import { Receiver, SEED } from "./receiver.ts";

describe("a direction", () => {
  it("that is ideal delivers at once, in order", () => {
    const { arrivals } = new Receiver({}).run(5, 0, 100);
    expect(arrivals.map(arrival => [arrival.index, arrival.timeUs])).toEqual([0, 1, 2, 3, 4].map(index => [index, 0]));
  });

  it("serialises at its rate and counts airtime to the microsecond", () => {
    // 105 bytes are 840 bits: 13,125 us at 64 kbit/s; then 250 ms on the way.
    const receiver = new Receiver({ rate: { bps: 64_000 }, delay: { base: 250 } }).run(4, 0, 105);
    expect(receiver.timesUs).toEqual([263_125, 276_250, 289_375, 302_500]);
    expect(receiver.direction.statistics.airtimeUs).toBe(4 * 13_125);
  });

  it("carries the rest of a microsecond over", () => {
    // 8 bits at 3 Mbit/s are 2 2/3 us: three of them are eight.
    const receiver = new Receiver({ rate: { bps: 3e6 } }).run(3, 0, 1);
    expect(receiver.timesUs).toEqual([2, 5, 8]);
  });

  it("adds overheads and fills cells as netem does", () => {
    // 100 + 8 bytes fill three cells of 48, each with 5 bytes of header: 159 bytes, 1272 bits.
    const rate = { bps: 1e6, packetOverhead: 8, cellSize: 48, cellOverhead: 5 };
    expect(new Receiver({ rate }).run(1, 0, 100).timesUs).toEqual([1272]);
    expect(new Receiver({ rate: { bps: 1e6, packetOverhead: -44 } }).run(1, 0, 52).timesUs).toEqual([64]);
  });

  it("drops what its queue has no room for, by packets and by bytes", () => {
    // A packet takes 8 ms; one comes every 4 ms: the queue of three is full at 20 ms, and from there every other packet is dropped.
    const byPackets = new Receiver({ rate: { bps: 1e5 }, limit: { packets: 3 } }).run(20, 4000, 100);
    expect(byPackets.dropped).toEqual([5, 7, 9, 11, 13, 15, 17, 19]);
    expect(byPackets.direction.statistics.dropped).toEqual({ queue: 8, outage: 0, loss: 0 });
    const byBytes = new Receiver({ rate: { bps: 1e5 }, limit: { bytes: 399 } }).run(20, 4000, 100);
    expect(byBytes.dropped).toEqual(byPackets.dropped);
  });

  it("keeps the order under jitter, and lets packets overtake only when asked to", () => {
    const jittered = new Receiver({ delay: { base: 50, jitter: 40 } }).run(2000, 1000, 60);
    expect(jittered.arrivals.map(arrival => arrival.index)).toEqual(Array.from({ length: 2000 }, (_, index) => index));
    expect(Math.min(...jittered.arrivals.map((arrival, index) => arrival.timeUs - index * 1000))).toBeLessThan(60_000);
    const reordered = new Receiver({ delay: { base: 50 }, reorder: { p: 0.25, gap: 5 } }).run(2000, 1000, 60);
    const early = reordered.arrivals.filter(arrival => arrival.timeUs === arrival.index * 1000);
    expect(early.length).toBeGreaterThan(100);
    expect(reordered.arrivals).toHaveLength(2000);
  });

  it("loses on the air, and counts the airtime of what it lost", () => {
    const receiver = new Receiver({ rate: { bps: 8e6 }, loss: { model: "list", drop: [2, 5] } }).run(6, 1000, 100);
    expect(receiver.dropped).toEqual([1, 4]);
    expect(receiver.direction.statistics).toMatchObject({
      packetCount: 6,
      byteCount: 600,
      deliveredPacketCount: 4,
      deliveredByteCount: 400,
      airtimeUs: 600,
      dropped: { queue: 0, outage: 0, loss: 2 },
    });
  });

  it("is silent in an outage and sends nothing", () => {
    const outage = {
      model: "windows",
      windows: [
        { start: "2ms", end: "4ms" },
        { start: 7, end: 8 },
      ],
    } as const;
    const receiver = new Receiver({ rate: { bps: 8e6 }, outage: { ...outage, windows: [...outage.windows] } });
    receiver.run(10, 1000, 100);
    expect(receiver.dropped).toEqual([2, 3, 7]);
    expect(receiver.direction.statistics.airtimeUs).toBe(700);
  });

  it("duplicates and corrupts as often as asked", () => {
    const receiver = new Receiver({ duplicate: { p: 0.2 }, corrupt: { p: 0.1 } }).run(5000, 10, 60);
    const { duplicatedCount, corruptedCount, deliveredPacketCount } = receiver.direction.statistics;
    expect(Math.abs(duplicatedCount - 1000)).toBeLessThan(150);
    expect(Math.abs(corruptedCount - 500)).toBeLessThan(120);
    expect(deliveredPacketCount).toBe(5000 + duplicatedCount);
    expect(receiver.arrivals.filter(arrival => arrival.corrupted).length).toBeGreaterThanOrEqual(corruptedCount);
  });
});

/** Share lost and mean run of the chain of the test below, from its balance: with g the share of state 1, s3 = g p13 / p31, s2 = s3 p32 / p23, s4 = g p14. */
function fourStates(): [number, number] {
  const [s3, s4] = [0.02 / 0.4, 0.01];
  const s2 = (s3 * 0.1) / 0.8;
  const whole = 1 + s3 + s2 + s4;
  const runs = 0.02 + s4 + s2 * 0.8;
  return [(s3 + s4) / whole, (s3 + s4) / runs];
}

/** Share lost and mean length of a run of losses over a million packets, one a millisecond. */
function measureLoss(spec: LossSpec): { share: number; run: number } {
  const model = lossModel(spec, new RandomStream(SEED, "loss"));
  let lost = 0;
  let runs = 0;
  let before = false;
  for (let index = 0; index < 1_000_000; index += 1) {
    const now = model?.lost(index * 1000, 100) ?? false;
    if (now) lost += 1;
    if (now && !before) runs += 1;
    before = now;
  }
  return { share: lost / 1_000_000, run: lost / Math.max(1, runs) };
}

describe("loss", () => {
  it.each<[string, LossSpec, number, number]>([
    ["none", { model: "none" }, 0, 0],
    ["random", { model: "random", p: 0.05 }, 0.05, 1 / 0.95],
    // Stationary: p / (p + r) in bursts of 1 / r.
    ["gemodel p r", { model: "gemodel", p: 0.01, r: 0.25 }, 0.01 / 0.26, 4],
    ["gemodel p, which is Bernoulli", { model: "gemodel", p: 0.1 }, 0.1, 1 / 0.9],
    ["gilbert", { model: "gilbert", lossRate: 0.1, meanBurst: 5 }, 0.1, 5],
    ["ber: 1 - (1 - 1e-4)^800", { model: "ber", rate: 1e-4 }, 0.0769, 1.083],
    ["state as gemodel", { model: "state", p13: 0.01, p31: 0.25, p32: 0, p23: 1, p14: 0 }, 0.01 / 0.26, 4],
    // Two thirds of all bursts are lost outright (3), one third is 2 and 3 by turns; and a few packets are lost alone (4).
    ["state with all five", { model: "state", p13: 0.02, p31: 0.4, p32: 0.1, p23: 0.8, p14: 0.01 }, ...fourStates()],
    [
      "gemodel by time",
      { model: "gemodel", unit: "time", meanGood: "180ms", meanBad: "20ms", lossGood: 0, lossBad: 1 },
      0.1,
      // 20 ms, plus what a spell shorter than the pause between two packets does not show.
      20.5,
    ],
  ])("%s loses what it says, in runs as long as it says", (_name, spec, share, run) => {
    const measured = measureLoss(spec);
    expect(Math.abs(measured.share - share)).toBeLessThan(0.1 * share + 1e-9);
    expect(Math.abs(measured.run - run)).toBeLessThan(0.1 * run + 1e-9);
  });

  it("by time hits a thin stream as often as a thick one", () => {
    const spec: LossSpec = {
      model: "gemodel",
      unit: "time",
      meanGood: "9min",
      meanBad: "1min",
      lossGood: 0,
      lossBad: 1,
    };
    const model = lossModel(spec, new RandomStream(SEED, "thin"));
    let lost = 0;
    for (let minute = 0; minute < 20_000; minute += 1) if (model?.lost(minute * 60e6, 100)) lost += 1;
    expect(Math.abs(lost / 20_000 - 0.1)).toBeLessThan(0.015);
  });
});

describe("outages", () => {
  it("periodic ones keep their beat", () => {
    const model = outageModel({ model: "periodic", on: 14, off: 2, phase: 13 }, new RandomStream(SEED, "o"));
    const silent = Array.from({ length: 20 }, (_, ms) => model?.silent(ms * 1000));
    expect(silent.map((value, ms) => (value ? ms : -1)).filter(ms => ms >= 0)).toEqual([1, 2, 17, 18]);
  });

  it("on-off ones are silent for their share of the time, whoever asks how often", () => {
    const spec = { model: "on-off", meanOn: "54min", meanOff: "6min" } as const;
    const [often, seldom] = [1, 7].map(stepS => {
      const model = outageModel(spec, new RandomStream(SEED, "rain"));
      const silent: number[] = [];
      for (let s = 0; s < 4_000_000; s += stepS) if (model?.silent(s * 1e6)) silent.push(s);
      return silent;
    });
    expect(Math.abs(often.length / 4_000_000 - 0.1)).toBeLessThan(0.015);
    expect(seldom).toEqual(often.filter(s => s % 7 === 0));
  });
});
