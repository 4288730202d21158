// What a report tells: every byte has a kind, every message its times, and a life is every packet of its time, lost ones included.
import { describe, expect, test } from "vitest";
import { LWIP, parseTc } from "../../host/link/index.ts";
import { observe, outageShares, run, silentSpells } from "../../host/simulation/index.ts";
import { BAD_LINK, HOUR_US, scenario } from "./scenario.ts";

const sum = (values: object) => Object.values(values).reduce((total: number, value: number) => total + value, 0);

describe("an observed run", () => {
  const options = scenario(3n, { sensorCount: 4 });
  const { runs, result, observations } = observe(
    options,
    [0, 1, 2],
    ["3.1.1", "5.0, aliases"],
    [{ sensor: 2, sequence: 7 }],
  );

  test("is the run that it would have been unobserved", () => {
    const { newWatch: _, ...unwatched } = options;
    for (const { qos, version, hash } of runs) expect(run({ ...unwatched, version }, qos).hash).toBe(hash);
  });

  test("knows what every byte was for", () => {
    for (const [index, { chronicle }] of observations.entries()) {
      expect(sum(chronicle.up)).toBe(runs[index].ip.upBytes);
      expect(sum(chronicle.down)).toBe(runs[index].ip.downBytes);
      expect(Math.min(...Object.values(chronicle.up))).toBeGreaterThan(0);
      // What a connection took down with it was written and never sent.
      expect(chronicle.up.mqtt).toBeLessThanOrEqual(runs[index].mqtt.upBytes);
      expect(chronicle.up.mqtt).toBeGreaterThan(0.9 * runs[index].mqtt.upBytes);
    }
  });

  test("knows what became of every message", () => {
    for (const [index, { chronicle }] of observations.entries()) {
      const { history } = runs[index];
      const all = chronicle.sensors.flatMap(columns =>
        columns.deliveredUs.map((us, at) => us - columns.publishedUs[at]),
      );
      expect(all).toHaveLength(history.invokedCount);
      const delivered = all.filter(us => !Number.isNaN(us));
      expect(delivered).toHaveLength(result.rows[index].delivered);
      expect(Math.max(...delivered)).toBe(history.delays.maximumUs);
      const counts = chronicle.sensors.flatMap(({ deliveredCount }) => deliveredCount);
      expect(counts.reduce((total, count) => total + Math.max(0, count - 1), 0)).toBe(result.rows[index].duplicates);
    }
  });

  test("has the life that was asked for, and those with trouble, of any version", () => {
    for (const [index, { lives }] of observations.entries()) {
      expect(lives.find(({ why }) => why === "asked for")).toMatchObject({ sensor: 2, sequence: 7 });
      expect(lives.some(({ why }) => why === "long delay")).toBe(true);
      for (const { steps, publishedUs, sequence, deliveredUs } of lives) {
        expect(Math.min(...steps.map(({ atUs }) => atUs))).toBeGreaterThanOrEqual(publishedUs);
        const arrivals = steps.filter(({ what }) =>
          what.split(", ").some(name => name.startsWith(`PUBLISH #${sequence}`)),
        );
        // Whatever came to the subscriber came over the link before; QoS 2 is passed on when it is released.
        if (deliveredUs.length > 0 && runs[index].qos < 2) {
          const came = arrivals.map(({ arrivedUs }) => arrivedUs);
          expect(came.some(us => us != null && us <= deliveredUs[0])).toBe(true);
        }
      }
    }
  });
});

test("the life of a message at QoS 2 without trouble is these packets", () => {
  const options = scenario(1n, {
    link: parseTc("delay 100ms"),
    sensorCount: 1,
    durationUs: 60e6,
    tcp: LWIP,
    keepAliveSeconds: 0,
  });
  const { observations } = observe(options, [2], ["3.1.1"], []);
  // The second: at the first the connection is still being made.
  const life = observations[0].lives[1];
  const told = life.steps.map(({ what, isUp, atUs, arrivedUs, sizeBytes }) => {
    return [what, isUp ? "up" : "down", (atUs - life.publishedUs) / 1000, ((arrivedUs ?? -1) - atUs) / 1000, sizeBytes];
  });
  // PUBLISH: 2 + 2 + 12 + 2 + 24 bytes and 40 of headers; the others 4 and 40. lwIP acknowledges alone at its next tick.
  expect(told.slice(0, 4)).toEqual([
    ["PUBLISH #1", "up", 0, 100, 82],
    ["PUBREC #1", "down", 100, 100, 44],
    ["PUBREL #1", "up", 200, 100, 44],
    ["PUBCOMP #1", "down", 300, 100, 44],
  ]);
  expect(told.slice(4).map(([what]) => what)).toEqual(["ACK"]);
  expect(life.deliveredUs).toEqual([life.publishedUs + 300_000]);
  expect(life.acknowledgedUs).toBe(life.publishedUs + 400_000);
});

test("a packet that an outage swallowed is lost in the life of its message", () => {
  const link = {
    ...parseTc("delay 100ms"),
    outage: { model: "windows" as const, windows: [{ start: "50s", end: "80s" }] },
  };
  const { observations } = observe(scenario(1n, { link, sensorCount: 1, durationUs: 180e6 }), [1], ["3.1.1"], []);
  const { steps, publishedUs } = observations[0].lives.find(
    life => life.publishedUs > 50e6 && life.publishedUs < 75e6,
  )!;
  const sent = steps.filter(({ atUs, isUp }) => isUp !== undefined && atUs < 80e6);
  expect(sent.length).toBeGreaterThan(1);
  for (const { arrivedUs } of sent) expect(arrivedUs).toBeNull();
  expect(steps[0]).toMatchObject({ what: expect.stringMatching(/^PUBLISH #\d+$/), atUs: publishedUs, isRepeat: false });
  expect(steps.some(({ isRepeat, arrivedUs }) => isRepeat && arrivedUs != null)).toBe(true);
});

describe("outages drawn again", () => {
  test("are those of the run, in shares and in spells", () => {
    const link = {
      ...parseTc("delay 1ms"),
      outage: { model: "windows" as const, windows: [{ start: "15min", end: "30min" }] },
    };
    expect(outageShares(link, 1n, 3, HOUR_US, 8)).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(silentSpells(link, 1n, 0, 600e6, 2100e6)).toEqual([[900e6, 1800e6]]);
    expect(outageShares(parseTc("delay 1ms"), 1n, 3, HOUR_US, 8)).toBeNull();
  });

  test("of a link that cuts out by chance fall where its packets were lost", () => {
    const options = scenario(5n, { link: { ...parseTc("delay 1ms"), outage: BAD_LINK.outage }, sensorCount: 3 });
    const { observations } = observe(options, [1], ["3.1.1"], []);
    let lostCount = 0;
    for (const { steps, sensor } of observations[0].lives) {
      for (const { atUs, arrivedUs, isUp } of steps) {
        if (isUp === undefined || arrivedUs != null || atUs >= options.durationUs) continue;
        lostCount += 1;
        expect(silentSpells(options.link, options.seed, sensor, atUs, atUs + 1)).not.toEqual([]);
      }
    }
    expect(lostCount).toBeGreaterThan(5);
  });
});
