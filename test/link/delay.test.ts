import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { DelayModel } from "../../host/link/delay.ts";
import { lognormalTable, paretoNormalTable, paretoTable } from "../../host/link/distribution.ts";
import { exponential, logarithm, root, sineOfDegrees } from "../../host/link/elementary.ts";
import { bentPipeUs, ORBITS_KM } from "../../host/link/orbit.ts";
import { RandomStream } from "../../host/link/random.ts";
import type { DelaySpec } from "../../host/link/spec.ts";
import { validateDelay } from "../../host/link/validate-delay.ts";
import { SEED } from "./receiver.ts";

const COUNT = 50_000;

/** Delays of 50,000 packets, ascending, microseconds. */
function delays(spec: DelaySpec): number[] {
  const model = new DelayModel(validateDelay(spec, "delay"), new RandomStream(SEED, "delay"));
  return Array.from({ length: COUNT }, () => model.nextUs()).sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(share * sorted.length)];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe(`a delay that scatters (seed ${SEED})`, () => {
  it("uniform: within the half width, evenly", () => {
    const sorted = delays({ base: "100ms", jitter: "40ms", distribution: "uniform" });
    expect([sorted[0] >= 60e3, sorted[COUNT - 1] <= 140e3]).toEqual([true, true]);
    for (const share of [0.1, 0.5, 0.9]) expect(quantile(sorted, share) / 1e3).toBeCloseTo(60 + 80 * share, -0.3);
  });

  it("exponential: the base, and more of the mean that was asked for", () => {
    const sorted = delays({ base: "100ms", jitter: "40ms", distribution: "exponential" });
    expect(sorted[0]).toBeGreaterThanOrEqual(100e3);
    expect(mean(sorted) / 1e3).toBeCloseTo(140, -0.3);
    expect(quantile(sorted, 0.95) / 1e3).toBeCloseTo(100 + 40 * Math.log(20), -0.5);
  });

  it("pareto: about the base on average, below it for most, far above it for some", () => {
    const sorted = delays({ base: "200ms", jitter: "60ms", distribution: "pareto" });
    expect(mean(sorted) / 1e3).toBeCloseTo(200, -0.7);
    for (const share of [0.05, 0.5, 0.95]) {
      const expected = 200 + 60 * (4 / 3) * ((1 - share) ** (-1 / 3) - 1.5);
      expect(quantile(sorted, share) / 1e3).toBeCloseTo(expected, -0.5);
    }
  });

  it("paretonormal: a quarter normal, three quarters pareto", () => {
    const sorted = delays({ base: "200ms", jitter: "60ms", distribution: "paretonormal" });
    const p95 = 200 + 60 * (0.25 * 1.6449 + 0.75 * (4 / 3) * (0.05 ** (-1 / 3) - 1.5));
    expect(quantile(sorted, 0.95) / 1e3).toBeCloseTo(p95, -0.6);
    expect(quantile(sorted, 0.5) / 1e3).toBeCloseTo(200 + 60 * (2 ** (1 / 3) - 1.5), -0.5);
  });

  it("lognormal: with the median and the 95th percentile that were asked for, on top of the base", () => {
    const sorted = delays({ base: "1s", distribution: "lognormal", median: 800, p95: "8s" });
    expect(Math.abs(quantile(sorted, 0.5) / 1e3 - 1800)).toBeLessThan(20);
    expect(Math.abs(quantile(sorted, 0.95) / 1e3 - 9000)).toBeLessThan(200);
    expect(new Set(delays({ distribution: "lognormal", median: 5, p95: 5 }))).toEqual(new Set([5000]));
  });

  it("table: what was measured, each as often as the others", () => {
    const sorted = delays({ base: 1, distribution: "table", table: [10, "20ms", 20, 40] });
    const counts = new Map<number, number>();
    for (const us of sorted) counts.set(us, (counts.get(us) ?? 0) + 1);
    expect([...counts.keys()]).toEqual([11_000, 21_000, 41_000]);
    expect(Math.abs((counts.get(21_000) ?? 0) - COUNT / 2)).toBeLessThan(1000);
  });

  it("is never negative, and draws nothing without jitter", () => {
    expect(delays({ base: 5, jitter: 50, distribution: "normal" })[0]).toBe(0);
    const [still, untouched] = [new RandomStream(SEED, "x"), new RandomStream(SEED, "x")];
    expect(new DelayModel({ base: 7, distribution: "pareto" }, still).nextUs()).toBe(7000);
    expect(still.uint32()).toBe(untouched.uint32());
  });
});

describe("tables of quantiles", () => {
  const digest = (table: Int16Array | Float64Array) => createHash("sha256").update(table).digest("hex").slice(0, 16);

  it("are the same bit for bit on every machine", () => {
    // The first is iproute2's pareto.dist; its first and last lines are quoted below.
    expect(digest(paretoTable())).toMatchInlineSnapshot(`"bb133e76721f7df4"`);
    expect(digest(paretoNormalTable())).toMatchInlineSnapshot(`"119af04ace5c7e7b"`);
    expect(digest(lognormalTable(800e3, 8e6, 1e15))).toMatchInlineSnapshot(`"ad51f090038d9a68"`);
  });

  it("begin and end as netem's do", () => {
    expect([...paretoTable().slice(0, 4)]).toEqual([-5461, -5460, -5460, -5459]);
    expect(paretoTable().at(-1)).toBe(32_767);
  });

  it("ascend, and end where they are told to", () => {
    for (const table of [paretoTable(), paretoNormalTable(), lognormalTable(1e6, 9e8, 1e9)]) {
      expect(table.every((entry, index) => index === 0 || entry >= table[index - 1])).toBe(true);
    }
    expect(lognormalTable(1e6, 9e8, 1e9).at(-1)).toBe(1e9);
  });
});

describe("elementary functions by four operations", () => {
  it("agree with the engine's own to 13 digits", () => {
    for (let x = -30; x <= 30; x += 0.37) expect(exponential(x) / Math.exp(x)).toBeCloseTo(1, 12);
    for (const x of [1e-9, 0.3, 0.75, 1, 1.4999, 2, 10, 1e12]) expect(logarithm(x)).toBeCloseTo(Math.log(x), 12);
    for (const x of [1e-6, 0.2, 1, 2, 27, 4.2e7]) {
      expect(root(x, 2) / Math.sqrt(x)).toBeCloseTo(1, 13);
      expect(root(x, 3) / Math.cbrt(x)).toBeCloseTo(1, 13);
    }
    expect(root(0, 2)).toBe(0);
    for (let e = -90; e <= 90; e += 7.5) expect(sineOfDegrees(e)).toBeCloseTo(Math.sin((e * Math.PI) / 180), 13);
  });
});

describe("a delay by geometry", () => {
  // One way at the zenith and at 30 degrees; the round trip at 10 degrees, which for GEO, 600 and 1200 km is 3GPP TR 38.821's.
  it.each([
    ["geo", 238.74, 257.6, 541.5],
    ["leo-550", 3.7, 6.6, 24.2],
    ["leo-600", 4.0, 7.2, 25.78],
    ["iridium", 5.2, 9.1, 31.0],
    ["leo-1200", 8.0, 13.3, 41.8],
  ])("%s", (orbit, zenithMs, thirtyMs, roundTripMs) => {
    const oneWayMs = (elevation: number) =>
      new DelayModel(validateDelay({ orbit, elevation }, "delay"), new RandomStream(SEED, "d")).nextUs() / 1e3;
    expect(oneWayMs(90)).toBeCloseTo(zenithMs, 1);
    expect(Math.abs(oneWayMs(30) - thirtyMs)).toBeLessThan(0.051);
    expect(Math.abs(2 * oneWayMs(10) - roundTripMs)).toBeLessThan(0.051);
  });

  it("adds processing, and takes another elevation for the feeder", () => {
    const spec: DelaySpec = { orbit: 35_786, elevation: 10, feederElevation: 90, processing: "30ms" };
    const { geo } = ORBITS_KM;
    expect(delays(spec)[0]).toBe(bentPipeUs(geo, 10, 90) + 30_000);
    expect(bentPipeUs(geo, 10, 90)).toBe(bentPipeUs(geo, 90, 10));
  });
});
