// The same seed is the same run, to the microsecond; another seed is another; a sensor more changes nobody else's fate.
import { describe, expect, test } from "vitest";
import { run, simulate } from "../../host/simulation/index.ts";
import { scenario } from "./scenario.ts";

const ALL = [0, 1, 2] as const;

/**
 * What seed 7 makes of the scenario, on any machine. A change of the core, the broker, the link or its TCP that changes what
 * happens changes this hash, and the commit that does so says why.
 */
const EXPECTED = "d3b0c12430a76d3a";

describe("the same seed", () => {
  const results = [1, 2, 3].map(() => simulate(scenario(7n), ALL).result);

  test("gives the same table and the same hash, three times", () => {
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });

  test("gives the hash that it gave when this was written", () => {
    expect(results[0].hash).toBe(EXPECTED);
  });

  test("gives a run in which something happened", () => {
    const [most, least, exactly] = results[0].rows;
    expect(most.lost).toBeGreaterThan(0);
    expect(least.duplicates).toBeGreaterThan(0);
    expect(exactly.retransmissions).toBeGreaterThan(0);
    expect(exactly.reconnects).toBeGreaterThan(0);
  });
});

test("another seed gives another hash", () => {
  const hashes = [7n, 8n, 9n, 2n ** 64n - 1n].map(seed => simulate(scenario(seed), [1]).result.hash);
  expect(new Set(hashes).size).toBe(4);
});

test("a sensor more changes nothing of what happens to the others", () => {
  for (const qos of ALL) {
    const few = run(scenario(7n, { sensorCount: 4 }), qos).history.sensors;
    const many = run(scenario(7n, { sensorCount: 6 }), qos).history.sensors;
    expect(few.map(sensor => sensor.fingerprint)).toEqual(many.slice(0, 4).map(sensor => sensor.fingerprint));
    expect(new Set(many.map(sensor => sensor.fingerprint)).size).toBe(6);
  }
});
