import { describe, expect, it } from "vitest";
import { LINUX, LWIP, RFC6298, type TcpProfile } from "../../../host/link/index.ts";
import { roundTrip } from "../../../host/link/tcp/round-trip.ts";
import { timerGrid } from "../../../host/link/tcp/timer-grid.ts";

/** The time-outs, ms, after each of the samples, ms, one acknowledgement of one segment each. */
function timeouts(profile: TcpProfile, samplesMs: number[]): number[] {
  const estimate = roundTrip(profile);
  return samplesMs.map((sampleMs, index) => {
    const sentUs = index * 5_000_000;
    estimate.sample(sentUs, sentUs + Math.round(sampleMs * 1000), index + 1, index + 1);
    return estimate.rtoUs / 1000;
  });
}

describe("the retransmission time-out", () => {
  it("of Linux is what TCP_INFO showed after a SYN whose answer was lost", () => {
    // Measured: 1548 ms for a SYN and ACK that echoed the first SYN's stamp, then round trips of 541 ms; rto 4644, 4548, 4452, 4352 and 4240 ms,
    // in whole jiffies of 4 ms.
    const rtos = timeouts(LINUX, [1548, 541.14, 540.93, 540.94, 540.95]);
    expect(rtos.map(ms => Math.ceil(ms / 4) * 4)).toEqual([4644, 4548, 4452, 4352, 4240]);
  });

  it("of Linux comes down to the round trip and 200 ms", () => {
    const rtos = timeouts(LINUX, new Array(60).fill(541.2));
    expect(rtos[0]).toBeCloseTo(3 * 541.2, 3);
    expect(rtos[59]).toBeCloseTo(741.2, 1);
  });

  it("of RFC 6298 is three round trips at first, and a second at least", () => {
    expect(timeouts(RFC6298, [541])[0]).toBeCloseTo(3 * 541, 3);
    expect(timeouts(RFC6298, new Array(40).fill(50)).at(-1)).toBe(1000);
  });

  it("of lwIP is never under three ticks of 500 ms, and four at a round trip over GEO", () => {
    expect(Math.min(...timeouts(LWIP, new Array(60).fill(1)))).toBeGreaterThanOrEqual(1500);
    expect(timeouts(LWIP, new Array(60).fill(541)).at(-1)).toBe(2000);
  });
});

describe("timers", () => {
  it("of Linux sit on a wheel of jiffies that rounds up, the more the longer", () => {
    const grid = timerGrid(LINUX.timerGrid);
    // 40 ms: level 0, the next jiffy. 744 ms: level 1, eight jiffies. 5 s: level 2, 64 jiffies.
    expect(grid.slowDeadlineUs(0, 40_000)).toBe(44_000);
    expect(grid.slowDeadlineUs(0, 744_000)).toBe(768_000);
    expect(grid.slowDeadlineUs(0, 5_000_000)).toBe(5_120_000);
  });

  it("of lwIP sit on its ticks", () => {
    const grid = timerGrid(LWIP.timerGrid);
    expect(grid.slowDeadlineUs(499_999, 1_500_000)).toBe(1_500_000);
    expect(grid.slowDeadlineUs(500_000, 1_500_000)).toBe(2_000_000);
    expect(grid.fastDeadlineUs(260_000, 0)).toBe(500_000);
  });
});
