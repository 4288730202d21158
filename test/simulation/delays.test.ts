// Percentiles against sorting, on delays of every size.
import { describe, expect, test } from "vitest";
import { RandomStream } from "../../host/link/index.ts";
import { Delays } from "../../host/simulation/index.ts";

const SEED = 20261121n;

describe("delays", () => {
  test("are exact below two milliseconds", () => {
    const delays = new Delays();
    for (let us = 0; us < 2048; us += 1) delays.add(us);
    for (const share of [0.001, 0.25, 0.5, 0.9, 0.99, 1]) {
      expect(delays.percentileUs(share)).toBe(Math.ceil(share * 2048) - 1);
    }
  });

  test(`are right to a thousandth at any size (seed ${SEED})`, () => {
    const random = new RandomStream(SEED, "delays");
    const delays = new Delays();
    const all: number[] = [];
    for (let index = 0; index < 20_000; index += 1) {
      const us = random.below(2 ** (1 + random.below(41)));
      delays.add(us);
      all.push(us);
    }
    all.sort((a, b) => a - b);
    for (const share of [0.01, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999]) {
      const exact = all[Math.ceil(share * all.length) - 1];
      const found = delays.percentileUs(share);
      expect(found, `share ${share}`).toBeGreaterThanOrEqual(exact);
      expect(found, `share ${share}`).toBeLessThanOrEqual(exact * (1 + 1 / 1024));
    }
    expect(delays.maximumUs).toBe(all[all.length - 1]);
    expect(delays.percentileUs(1)).toBe(delays.maximumUs);
    expect(delays.meanUs).toBeCloseTo(all.reduce((sum, us) => sum + us, 0) / all.length, 0);
  });

  test("beyond 50 days share a bucket, and the longest stays exact", () => {
    const delays = new Delays();
    delays.add(2 ** 45);
    delays.add(2 ** 52);
    expect(delays.maximumUs).toBe(2 ** 52);
    expect(delays.percentileUs(1)).toBe(2 ** 52);
  });

  test("of nothing are nothing", () => {
    const delays = new Delays();
    expect([delays.meanUs, delays.percentileUs(0.5), delays.maximumUs]).toEqual([0, 0, 0]);
  });
});
