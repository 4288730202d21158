// CUBIC (RFC 9438) and HyStart, against the formulas of their sections.
import { describe, expect, it } from "vitest";
import { Link, parseSeed, TcpConnection } from "../../../host/link/index.ts";
import { Cubic } from "../../../host/link/tcp/cubic.ts";
import { HyStart } from "../../../host/link/tcp/hystart.ts";
import { LINUX_CUBIC } from "../../../host/link/tcp/profile.ts";
import { validateLink } from "../../../host/link/validate.ts";
import { VirtualTime } from "../../../host/simulation/virtual-time.ts";
import { transfer } from "../bulk-peers.ts";

const NEVER = 0x7fffffff;

describe("CUBIC", () => {
  it("gives back three tenths after a loss, and leaves room when the window shrinks from loss to loss", () => {
    const cubic = new Cubic();
    expect(cubic.threshold(100)).toBe(70);
    expect(cubic.threshold(2)).toBe(2);
    // The second loss below the first: the plateau moves down to (1 + 0.7) / 2 of 2, then of 100.
    expect(cubic.threshold(100)).toBe(70);
  });

  it("is back at the window of the loss after K seconds, and there it stands", () => {
    const cubic = new Cubic();
    const roundTripUs = 600_000;
    let windowCount = cubic.threshold(1000);
    const k = Math.cbrt((1000 - windowCount) / 0.4);
    let [fraction, reachedUs] = [0, -1];
    // A window acknowledged every round trip, segment by segment.
    for (let nowUs = 0; nowUs < 20e6; nowUs += roundTripUs) {
      for (let segment = windowCount; segment > 0; segment -= 1) {
        const atUs = nowUs + Math.floor(((windowCount - segment) / windowCount) * roundTripUs);
        const forOne = cubic.segmentsForOne(windowCount, 1, atUs);
        fraction += 1;
        if (fraction < forOne) continue;
        fraction = 0;
        windowCount += 1;
      }
      if (reachedUs < 0 && windowCount >= 995) reachedUs = nowUs;
    }
    expect(reachedUs / 1e6).toBeGreaterThan(k - 3.5);
    expect(reachedUs / 1e6).toBeLessThan(k + 1);
    // Beyond it, 0.4 t^3.
    expect(windowCount).toBeGreaterThan(1000 + 0.4 * (18 - k) ** 3);
    expect(windowCount).toBeLessThan(1000 + 0.4 * (22 - k) ** 3);
  });

  it("is no slower than Reno where windows are small and round trips short", () => {
    const cubic = new Cubic();
    let windowCount = cubic.threshold(20);
    let fraction = 0;
    for (let round = 0; round < 60; round += 1) {
      for (let segment = windowCount; segment > 0; segment -= 1) {
        const forOne = cubic.segmentsForOne(windowCount, 1, round * 50_000 + segment);
        fraction += 1;
        if (fraction < forOne) continue;
        fraction = 0;
        windowCount += 1;
      }
    }
    // RFC 9438 4.3: 3 (1 - 0.7) / (1 + 0.7) = 0.53 segments a round trip.
    expect(windowCount).toBeGreaterThan(14 + 0.45 * 60);
    expect(windowCount).toBeLessThan(14 + 0.65 * 60);
  });
});

describe("HyStart", () => {
  it("ends slow start when the round trip has grown by an eighth", () => {
    const grown = (byUs: number) => {
      const hystart = new HyStart();
      let ended = false;
      for (let sample = 0; sample < 30; sample += 1)
        ended ||= hystart.ends(100_000 + byUs, 100_000, sample * 10_000, 20, 1, NEVER);
      return ended;
    };
    expect([0, 12_000, 13_000].map(grown)).toEqual([false, false, true]);
  });

  it("ends it when a train of acknowledgements lasts for half a round trip, and lets small windows be", () => {
    const train = (windowCount: number, gapUs: number) => {
      const hystart = new HyStart();
      let endedUs = 0;
      for (let atUs = 0; atUs < 100_000 && endedUs === 0; atUs += gapUs)
        if (hystart.ends(100_000, 100_000, atUs, windowCount, 1, NEVER)) endedUs = atUs;
      return endedUs;
    };
    expect(train(20, 1_000)).toBe(51_000);
    expect(train(20, 3_000)).toBe(0);
    expect(train(15, 1_000)).toBe(0);
  });

  it("keeps a narrow link's queue short where Reno fills it", () => {
    // A megabyte through 8 Mbit/s of 100 ms round trip: the path has room for 66 packets in flight, its queue for 100 more.
    const link = validateLink({ delay: { base: 50 }, rate: 8e6, limit: 100 });
    const reno = transfer(1_000_000, link, 1, { client: "linux" });
    const cubic = transfer(1_000_000, link, 1, { client: "linux-cubic" });
    expect(reno.retransmissions).toBeGreaterThan(20);
    expect(cubic.retransmissions).toBe(0);
  });
});

it("a profile by name", () => {
  const time = new VirtualTime();
  const link = new Link(time, validateLink({}), parseSeed("1"));
  expect(() => new TcpConnection(time, link, { client: "linux-cubik" })).toThrow('did you mean "linux-cubic"?');
  expect(LINUX_CUBIC.synOptionBytes).toBe(20);
});
