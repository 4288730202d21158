import { describe, expect, it } from "vitest";
import { lightUs } from "../../host/link/orbit.ts";
import { validateOutage } from "../../host/link/validate-outage.ts";
import { Receiver } from "./receiver.ts";

const PASSES = validateOutage(
  {
    model: "passes",
    windows: [
      { start: "1s", end: "3s", rangeKm: [3000, 600, 3000] },
      { start: "5s", end: "6s" },
    ],
  },
  "outage",
);

describe("passes", () => {
  it("serve within their windows and are silent between", () => {
    const { dropped } = new Receiver({ outage: PASSES }).run(70, 100_000, 60);
    const served = Array.from({ length: 70 }, (_, index) => index).filter(index => !dropped.includes(index));
    expect(served).toEqual([...range(10, 30), ...range(50, 60)]);
  });

  it("delay by the distance to the satellite, on top of the delay of the link", () => {
    const receiver = new Receiver({ outage: PASSES, delay: { base: 50 } }).run(70, 100_000, 60);
    const byIndex = new Map(receiver.arrivals.map(({ index, timeUs }) => [index, timeUs - index * 100_000 - 50_000]));
    expect(byIndex.get(10)).toBe(lightUs(3000));
    expect(byIndex.get(15)).toBe(Math.round((lightUs(3000) + lightUs(600)) / 2));
    expect(byIndex.get(20)).toBe(lightUs(600));
    expect(byIndex.get(29)).toBeLessThan(lightUs(3000));
    expect(byIndex.get(29)).toBeGreaterThan(lightUs(2700));
    expect(byIndex.get(55)).toBe(0);
    expect(lightUs(600)).toBe(2001);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
