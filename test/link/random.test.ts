import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { NORMAL_SCALE, normalTable } from "../../host/link/normal-table.ts";
import { parseSeed, RandomStream, thresholdOf } from "../../host/link/random.ts";

const draws = (stream: RandomStream, count: number) => Array.from({ length: count }, () => stream.uint32());

describe("random streams", () => {
  it("draw the same on every machine", () => {
    expect(draws(new RandomStream(7n, "sensor/1/up/loss"), 4)).toMatchInlineSnapshot(`
      [
        2513654460,
        399039123,
        1558845259,
        3984929108,
      ]
    `);
  });

  it("differ by seed and by name", () => {
    const first = draws(new RandomStream(7n, "a"), 8);
    expect(draws(new RandomStream(7n, "a"), 8)).toEqual(first);
    expect(draws(new RandomStream(7n, "b"), 8)).not.toEqual(first);
    expect(draws(new RandomStream(8n, "a"), 8)).not.toEqual(first);
  });

  it("say yes as often as the probability asks, and draw nothing for never and always", () => {
    const stream = new RandomStream(11n, "chance");
    for (const p of [0.01, 0.25, 0.5, 0.999]) {
      let count = 0;
      for (let trial = 0; trial < 200_000; trial += 1) if (stream.chance(thresholdOf(p))) count += 1;
      // Five standard deviations.
      expect(Math.abs(count - 200_000 * p)).toBeLessThan(5 * Math.sqrt(200_000 * p * (1 - p)));
    }
    const [certain, untouched] = [new RandomStream(3n, "x"), new RandomStream(3n, "x")];
    expect([certain.chance(thresholdOf(0)), certain.chance(thresholdOf(1))]).toEqual([false, true]);
    expect(certain.uint32()).toBe(untouched.uint32());
  });

  it("are uniform below any bound", () => {
    const stream = new RandomStream(5n, "below");
    const counts = new Array(7).fill(0);
    for (let trial = 0; trial < 70_000; trial += 1) counts[stream.below(7)] += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    for (let trial = 0; trial < 1000; trial += 1) {
      const draw = stream.below(3 * 2 ** 40);
      expect(Number.isInteger(draw) && draw >= 0 && draw < 3 * 2 ** 40).toBe(true);
    }
  });

  it("are exponential with the mean and the median that were asked for", () => {
    const stream = new RandomStream(5n, "exponential");
    const values = Array.from({ length: 100_000 }, () => stream.exponential(1e6)).sort((a, b) => a - b);
    expect(values.reduce((sum, value) => sum + value, 0) / 1e5 / 1e6).toBeCloseTo(1, 1);
    expect(values[50_000] / 1e6).toBeCloseTo(Math.LN2, 1);
    expect(values[95_000] / 1e6).toBeCloseTo(Math.log(20), 1);
  });

  it("are normal with the deviation that was asked for", () => {
    const stream = new RandomStream(5n, "normal");
    let sum = 0;
    let squares = 0;
    let within = 0;
    for (let trial = 0; trial < 100_000; trial += 1) {
      const value = stream.normal(10_000);
      sum += value;
      squares += value * value;
      if (Math.abs(value) <= 10_000) within += 1;
    }
    expect(Math.abs(sum / 1e5)).toBeLessThan(160);
    expect(Math.sqrt(squares / 1e5) / 1e4).toBeCloseTo(1, 1);
    expect(within / 1e5).toBeCloseTo(0.6827, 2);
  });

  it("hold the normal quantiles bit for bit", () => {
    const table = normalTable();
    expect(table[2048 + 1398] / NORMAL_SCALE).toBeCloseTo(1, 2);
    expect(createHash("sha256").update(table).digest("hex").slice(0, 16)).toMatchInlineSnapshot(`"12a3ddc6e5d48f85"`);
  });
});

describe("seeds", () => {
  it.each([["0"], ["18446744073709551615"], [7], [7n]])("reads %s", seed => {
    expect(parseSeed(seed)).toBe(BigInt(seed));
  });

  it.each([["-1"], ["18446744073709551616"], ["1e3"], ["seven"], [""], [1.5]])("refuses %s and says so", seed => {
    expect(() => parseSeed(seed)).toThrow(`not "${seed}"`);
  });
});
