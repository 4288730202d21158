// Fifty seeds (250 in the long suites), each drawing its own fleet, link and faults: no promise is broken, and everything settles once the link has healed.
import { expect, test } from "vitest";
import { type LinkSpec, RandomStream, TCP_PROFILES, validateLink } from "../../host/link/index.ts";
import { type Qos, type RunOptions, rowOf, run } from "../../host/simulation/index.ts";
import { EFFORT } from "../effort.ts";
import { MINUTE_US, scenario } from "./scenario.ts";

const SEED_COUNT = 50 * EFFORT;

/** What a seed draws. */
function draw(seed: bigint): { options: RunOptions; qos: Qos } {
  const random = new RandomStream(seed, "swarm");
  const pick = <Value>(values: readonly Value[]): Value => values[random.below(values.length)];
  const share = (most: number) => (random.below(1001) / 1000) * most;
  const link: LinkSpec = validateLink({
    delay: { base: pick([1, 20, 300, 900]), jitter: pick([0, 0, 1, 20]) },
    rate: pick([undefined, { bps: 2400 }, { bps: 64_000 }, { bps: 1_000_000 }]),
    loss: pick([
      { model: "none" },
      { model: "random", p: share(0.2) },
      { model: "gemodel", p: share(0.05), r: 0.1 + share(0.5) },
      { model: "gemodel", unit: "time", meanGood: "60s", meanBad: "2s", lossGood: 0, lossBad: 0.6 },
    ]),
    duplicate: { p: pick([0, share(0.05)]) },
    corrupt: { p: pick([0, share(0.05)]) },
    reorder: { p: pick([0, share(0.05)]) },
    outage: pick([
      { model: "none" },
      { model: "on-off", meanOn: "10min", meanOff: "45s" },
      { model: "periodic", on: "4min", off: "100s" },
      { model: "windows", windows: [{ start: "7min", end: "19min" }] },
    ]),
  });
  const options = scenario(seed, {
    link,
    sensorCount: 2 + random.below(4),
    durationUs: (20 + random.below(20)) * MINUTE_US,
    intervalUs: pick([2, 5, 15, 45]) * 1e6,
    payloadSize: 8 + random.below(150),
    tcp: TCP_PROFILES[pick(Object.keys(TCP_PROFILES))],
    keepAliveSeconds: pick([0, 20, 60]),
    window: pick([1, 3, 8, 20]),
    outboxBytes: pick([512, 2048, 8192]),
  });
  return { options, qos: Number(seed % 3n) as Qos };
}

test(`${SEED_COUNT} seeds of random faults break no promise and settle`, () => {
  const seen = { reconnects: 0, retransmissions: 0, lostAtQos0: 0, repeatedAtQos1: 0, refused: 0, deliveredAtQos2: 0 };
  for (let seed = 1n; seed <= SEED_COUNT; seed += 1n) {
    const { options, qos } = draw(seed);
    const result = run(options, qos);
    const row = rowOf(result);
    expect(result.finding, `seed ${seed}, QoS ${qos}`).toEqual({ count: 0, violations: [] });
    expect(result.pendingCount, `seed ${seed}, QoS ${qos}: pending`).toBe(0);
    expect(row.published, `seed ${seed}`).toBe(row.delivered + row.lost + row.unknown);
    if (qos > 0) expect(row.lost, `seed ${seed}: only what was refused may be lost`).toBe(result.history.refusedCount);
    seen.reconnects += row.reconnects;
    seen.retransmissions += row.retransmissions;
    seen.refused += result.history.refusedCount;
    if (qos === 0) seen.lostAtQos0 += row.lost - result.history.refusedCount;
    if (qos === 1) seen.repeatedAtQos1 += row.duplicates;
    if (qos === 2) seen.deliveredAtQos2 += row.delivered;
  }
  // A swarm in which nothing went wrong proves nothing.
  for (const [mark, count] of Object.entries(seen)) expect(count, mark).toBeGreaterThan(0);
});
