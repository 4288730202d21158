import { describe, expect, it } from "vitest";
import { Link } from "../../host/link/link.ts";
import type { HandoverSpec } from "../../host/link/spec.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";
import { Receiver, SEED } from "./receiver.ts";

const STEPS: HandoverSpec = { period: "1s", stepMs: [0, 25] };

/** The values that follow each other, without repeats. */
const changes = (values: readonly number[]) => values.filter((value, index) => value !== values[index - 1]);

describe(`handovers (seed ${SEED})`, () => {
  it("change the delay at the beat, and only there", () => {
    const delaysUs = new Receiver({ delay: { base: 40 } }, STEPS).run(500, 20_000, 60).delaysUs(20_000);
    const stepsUs = delaysUs.map(us => us - 40_000);
    // 500 packets in 10 s: ten satellites, each with a delay of its own.
    expect(changes(stepsUs)).toHaveLength(10);
    stepsUs.forEach((us, index) => {
      if (index % 50 !== 0) expect(us).toBe(stepsUs[index - 1]);
    });
    expect(Math.min(...stepsUs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...stepsUs)).toBeLessThanOrEqual(25_000);
  });

  it("make late what is sent while they last", () => {
    const spec: HandoverSpec = { period: "1s", spikeMs: [15, 15], lasts: "100ms" };
    const delaysUs = new Receiver({}, spec).run(300, 10_000, 60).delaysUs(10_000);
    const late = delaysUs.flatMap((us, index) => (us > 0 ? [index] : []));
    const expected = Array.from({ length: 300 }, (_, index) => index).filter(i => i >= 100 && i % 100 < 10);
    // One packet more each time: it keeps its place behind the last late one.
    expect(late.filter(index => index % 100 < 10)).toEqual(expected);
    for (const index of late.filter(i => i % 100 < 10)) expect(delaysUs[index]).toBe(15_000);
    expect(late.every(index => index % 100 <= 11)).toBe(true);
  });

  it("lose what is sent while they last, as often as asked, and nothing after healing", () => {
    const spec: HandoverSpec = { period: "1s", lossBurst: 0.5, lasts: "100ms" };
    const receiver = new Receiver({}, spec).run(20_000, 5000, 60);
    expect(receiver.dropped.every(index => index >= 200 && index % 200 < 20)).toBe(true);
    // 99 handovers of 20 packets each.
    expect(Math.abs(receiver.dropped.length - 990)).toBeLessThan(120);
    expect(receiver.direction.statistics.dropped.loss).toBe(receiver.dropped.length);
    const healed = new Receiver({}, spec);
    healed.direction.heal();
    expect(healed.run(20_000, 5000, 60).dropped).toEqual([]);
  });

  it("come to both directions at once, and to a link alone only where their phase is drawn", () => {
    const changeTimes = (phase: "global" | "seeded", name: string) => {
      const time = new VirtualTime();
      const spec = { up: {}, down: {}, handover: { ...STEPS, phase } };
      const link = new Link(time, spec, SEED, name);
      const seen: { up: number[]; down: number[] } = { up: [], down: [] };
      for (const side of ["up", "down"] as const) {
        const due = (index: number) =>
          link[side].send({
            sizeBytes: 60,
            airBytes: 60,
            arrived: () => seen[side].push(time.nowUs - index * 30_000),
            dropped: () => {},
            duplicated: () => {},
          });
        for (let index = 0; index < 300; index += 1) time.at(index * 30_000, { due }, index);
      }
      time.runToEnd(1e6);
      expect(seen.up).toEqual(seen.down);
      return seen.up.flatMap((us, index) => (index > 0 && us !== seen.up[index - 1] ? [(index * 30) % 1000] : []));
    };
    expect(Math.max(...changeTimes("global", "a"))).toBeLessThan(30);
    const [a, b] = [changeTimes("seeded", "a"), changeTimes("seeded", "b")];
    expect(Math.max(...a) - Math.min(...a)).toBeLessThan(30);
    expect(Math.abs(a[0] - b[0])).toBeGreaterThan(30);
  });
});
