import { describe, expect, it } from "vitest";
import { paceOf } from "../../host/link/pace.ts";
import { Receiver } from "./receiver.ts";

const MS = 1000;

describe("a trace of mahimahi", () => {
  it("lets 1500 bytes leave at each of its milliseconds, and begins again", () => {
    const receiver = new Receiver({ rate: { trace: [2, 5, 5, 10] } }).run(8, 0, 1500);
    expect(receiver.timesUs).toEqual([2, 5, 5, 10, 12, 15, 15, 20].map(ms => ms * MS));
  });

  it("lets small packets share an opportunity and large ones take several", () => {
    expect(new Receiver({ rate: { trace: [3, 7] } }).run(6, 0, 500).timesUs).toEqual(
      [3, 3, 3, 7, 7, 7].map(ms => ms * MS),
    );
    expect(new Receiver({ rate: { trace: [3, 7] } }).run(2, 0, 3500).timesUs).toEqual([10, 17].map(ms => ms * MS));
  });

  it("does not save up what nobody used", () => {
    const pace = paceOf({ trace: [1, 2, 3, 4] });
    expect(pace?.send(2500, 1500)).toBe(3000);
    expect(pace?.send(2500, 1500)).toBe(4000);
    // The second half of an opportunity is gone when it is over.
    expect(pace?.send(100_500, 700)).toBe(101_000);
    expect(pace?.send(101_000, 800)).toBe(101_000);
    expect(pace?.send(101_000, 1)).toBe(102_000);
    expect(pace?.send(102_001, 1)).toBe(103_000);
  });

  it("finds its place after a long silence", () => {
    const pace = paceOf({ trace: [0, 400, 1000] });
    expect(pace?.send(86_400e6 + 1, 100)).toBe(86_400e6 + 400 * MS);
    expect(pace?.send(2 * 86_400e6, 100)).toBe(2 * 86_400e6);
  });

  it("counts the share of its capacity as airtime, and fills its queue", () => {
    const rate = { trace: [10, 20] };
    expect(new Receiver({ rate }).run(3, 0, 750).direction.statistics.airtimeUs).toBe(15 * MS);
    expect(new Receiver({ rate, limit: { packets: 2 } }).run(5, 0, 1500).dropped).toEqual([2, 3, 4]);
  });
});
