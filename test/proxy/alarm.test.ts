// The alarm of links in real time: never before its time, the sooner of two, and silent when it was stopped.
import { afterEach, describe, expect, it } from "vitest";
import { Alarm } from "../../host/proxy/alarm.ts";

const MS = 1_000_000n;
let alarm: Alarm | null = null;
afterEach(() => alarm?.stop());

/** An alarm, and a promise of when it goes off the next time. */
function made(): { alarm: Alarm; ring: () => Promise<bigint> } {
  let heard: (atNs: bigint) => void = () => {};
  const ringing = new Alarm(() => heard(process.hrtime.bigint()));
  alarm = ringing;
  return { alarm: ringing, ring: () => new Promise(resolve => (heard = resolve)) };
}

describe("an alarm", () => {
  it("goes off at its time or later, again and again", async () => {
    const { alarm, ring } = made();
    for (let round = 0; round < 20; round += 1) {
      const atNs = process.hrtime.bigint() + 2n * MS;
      const rung = ring();
      alarm.set(atNs);
      expect(await rung).toBeGreaterThanOrEqual(atNs);
    }
  });

  it("goes off at the sooner of two times, whichever was set first", async () => {
    const { alarm, ring } = made();
    const farNs = process.hrtime.bigint() + 3_600_000n * MS;
    for (const times of [
      [farNs, 1n],
      [1n, farNs],
    ]) {
      const rung = ring();
      for (const atNs of times) alarm.set(atNs);
      expect(await rung).toBeLessThan(farNs);
    }
  });

  it("goes off at once for a time that has passed", async () => {
    const { alarm, ring } = made();
    const rung = ring();
    alarm.set(process.hrtime.bigint() - MS);
    await rung;
  });
});
