/** Deadlines: whatever is set, moved and removed, the earliest is first. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Timed, Timers } from "../../host/broker/timers.ts";

const timed = (): Timed => ({ deadlineMs: 0, heapIndex: -1 });

/** Takes all out, the earliest first. */
function drained(timers: Timers<Timed>): number[] {
  const deadlinesMs: number[] = [];
  for (let first = timers.first; first !== undefined; first = timers.first) {
    deadlinesMs.push(first.deadlineMs);
    timers.remove(first);
  }
  return deadlinesMs;
}

describe("timers", () => {
  it.each([
    [1, 2, 3, 4, 5, 6, 7],
    [7, 6, 5, 4, 3, 2, 1],
    [4, 1, 7, 3, 5, 2, 6],
    [2, 2, 1, 1, 2, 1, 2],
  ])("come in order, however they were set: %j", (...deadlinesMs) => {
    const timers = new Timers<Timed>();
    for (const deadlineMs of deadlinesMs) timers.set(timed(), deadlineMs);
    expect(drained(timers)).toEqual(deadlinesMs.toSorted((a, b) => a - b));
    expect(timers.first).toBeUndefined();
  });

  it("may be taken out twice, or without ever having been in", () => {
    const timers = new Timers<Timed>();
    const [one, other, never] = [timed(), timed(), timed()];
    timers.set(one, 5);
    timers.set(other, 7);
    timers.remove(never);
    timers.remove(one);
    timers.remove(one);
    expect(timers.first).toBe(other);
    timers.remove(other);
    timers.remove(other);
    expect(timers.first).toBeUndefined();
    timers.set(one, 9);
    expect(timers.first).toBe(one);
  });

  it("stay in order while they are moved and taken out", () => {
    const step = fc.record({ index: fc.nat(19), deadlineMs: fc.option(fc.nat(30)) });
    fc.assert(
      fc.property(fc.array(step, { size: "max", maxLength: 200 }), steps => {
        const timers = new Timers<Timed>();
        const pool = Array.from({ length: 20 }, timed);
        const set = new Map<Timed, number>();
        for (const { index, deadlineMs } of steps) {
          if (deadlineMs === null) {
            timers.remove(pool[index]);
            set.delete(pool[index]);
          } else {
            timers.set(pool[index], deadlineMs);
            set.set(pool[index], deadlineMs);
          }
          const earliestMs = set.size === 0 ? undefined : Math.min(...set.values());
          if (timers.first?.deadlineMs !== earliestMs) return false;
          if (pool.some(each => each.heapIndex >= 0 !== set.has(each))) return false;
        }
        expect(drained(timers)).toEqual([...set.values()].sort((a, b) => a - b));
        return true;
      }),
    );
  });
});
