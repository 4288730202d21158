import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timer } from "../../host/link/timer.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

/** Remembers what came due, and when. */
class Log {
  readonly entries: [number, number][] = [];
  private readonly time: VirtualTime;

  constructor(time: VirtualTime) {
    this.time = time;
  }

  due(argument: number): void {
    this.entries.push([this.time.nowUs, argument]);
  }
}

describe("virtual time", () => {
  it("handles any set of events in the order of time, and of asking among equals", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 600 }), timesUs => {
        const time = new VirtualTime();
        const log = new Log(time);
        timesUs.forEach((timeUs, index) => {
          time.at(timeUs, log, index);
        });
        expect(time.runToEnd(10_000)).toBe(true);
        const expected = timesUs.map((timeUs, index) => [timeUs, index]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(log.entries).toEqual(expected);
        expect(time.handledCount).toBe(timesUs.length);
      }),
      { seed: 20_240_601 },
    );
  });

  it("keeps the order when events are asked for while others are handled", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 200 }), pairs => {
        const time = new VirtualTime();
        const order: number[] = [];
        const asker = {
          due(index: number) {
            order.push(time.nowUs);
            if (index < pairs.length) time.at(time.nowUs + pairs[index][1], asker, pairs.length);
          },
        };
        pairs.forEach(([timeUs], index) => {
          time.at(timeUs, asker, index);
        });
        time.runToEnd(10_000);
        expect(order).toHaveLength(2 * pairs.length);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }),
      { seed: 20_240_602 },
    );
  });

  it("stops where it is told to, with the clock there", () => {
    const time = new VirtualTime();
    const log = new Log(time);
    for (const timeUs of [10, 20, 30]) time.at(timeUs, log, timeUs);
    expect(time.runUntil(20)).toBe(2);
    expect([time.nowUs, time.pendingCount]).toEqual([20, 1]);
    time.runUntil(25);
    expect(time.nowUs).toBe(25);
    expect(time.runToEnd(0)).toBe(false);
    expect(time.step()).toBe(true);
    expect(time.step()).toBe(false);
    expect(log.entries).toEqual([
      [10, 10],
      [20, 20],
      [30, 30],
    ]);
  });

  it.each([[9], [10.5], [Number.NaN], [2 ** 53]])("refuses an event at %s when it is 10", timeUs => {
    const time = new VirtualTime();
    time.runUntil(10);
    expect(() => time.at(timeUs, new Log(time), 0)).toThrow(RangeError);
  });
});

describe("a timer", () => {
  it("runs out once at its last deadline, however often it is moved", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(30), fc.option(fc.nat(60))), { minLength: 1, maxLength: 60 }), moves => {
        const time = new VirtualTime();
        const fired: number[] = [];
        const timer = new Timer(time, { timedOut: () => fired.push(time.nowUs) }, 0);
        const expected: number[] = [];
        let deadlineUs: number | undefined;
        let nowUs = 0;
        const elapse = () => {
          if (deadlineUs !== undefined && deadlineUs <= nowUs) {
            expected.push(deadlineUs);
            deadlineUs = undefined;
          }
        };
        for (const [pauseUs, delayUs] of moves) {
          nowUs += pauseUs;
          time.runUntil(nowUs);
          elapse();
          if (delayUs === null) timer.disarm();
          else timer.arm(nowUs + delayUs);
          deadlineUs = delayUs === null ? undefined : nowUs + delayUs;
        }
        time.runToEnd(10_000);
        if (deadlineUs !== undefined) expected.push(deadlineUs);
        expect(fired).toEqual(expected);
        expect(timer.armed).toBe(false);
      }),
      { seed: 20_240_603 },
    );
  });
});
