import { describe, expect, it } from "vitest";
import { durationUs } from "../../host/link/duration.ts";
import { parseTc } from "../../host/link/parse-tc.ts";
import { validateLink } from "../../host/link/validate.ts";

describe("a link", () => {
  it("takes what stands beside up and down for both, unless a direction says otherwise", () => {
    const link = validateLink({
      name: "x",
      mtu: 576,
      delay: { base: "270ms", jitter: 10, distribution: "normal" },
      loss: 0.01,
      limit: 50,
      outage: { model: "on-off", meanOn: "6h", meanOff: "90s" },
      down: { loss: { model: "none" }, rate: 64_000 },
    });
    const delay = { base: "270ms", jitter: 10, distribution: "normal" };
    expect(link).toEqual({
      name: "x",
      mtu: 576,
      outage: { model: "on-off", meanOn: "6h", meanOff: "90s" },
      up: { delay, loss: { model: "random", p: 0.01 }, limit: { packets: 50 } },
      down: { delay, loss: { model: "none" }, limit: { packets: 50 }, rate: { bps: 64_000 } },
    });
  });

  it.each<[unknown, string]>([
    [7, "link: an object is needed, not 7"],
    [{ dealy: { base: 1 } }, 'link: there is no field "dealy"; did you mean "delay"?'],
    [{ up: { lose: 0.1 } }, 'link.up: there is no field "lose"; did you mean "loss"?'],
    [{ delay: { base: -1 } }, "link.up.delay.base: a time cannot be negative: -1"],
    [{ delay: { base: "-3ms" } }, "link.up.delay.base: a time cannot be negative: -3ms"],
    [
      { delay: { base: "3 parsecs" } },
      'link.up.delay.base: a time is a number of ms or text like "90s", not "3 parsecs"',
    ],
    [{ delay: { base: Number.NaN } }, 'link.up.delay.base: a time is a number of ms or text like "90s", not null'],
    [{ delay: {} }, 'link.up.delay.base: a time is a number of ms or text like "90s", not undefined'],
    [{ delay: { base: "2000000h" } }, "link.up.delay.base: a time cannot exceed a hundred years: 2000000h"],
    [
      { delay: { base: 1, distribution: "norml" } },
      'link.up.delay.distribution: distribution "norml" is unknown; did you mean "normal"?',
    ],
    [{ loss: 1.5 }, "link.up.loss.p: a probability is 0 to 1, not 1.5"],
    [{ loss: { model: "random", p: "5%" } }, 'link.up.loss.p: a probability is 0 to 1, not "5%"'],
    [{ loss: { model: "gilbrt" } }, 'link.up.loss.model: loss model "gilbrt" is unknown; did you mean "gilbert"?'],
    [{ loss: { model: "random", p: 0, r: 1 } }, 'link.up.loss: there is no field "r"; did you mean "p"?'],
    [
      { loss: { model: "gilbert", lossRate: 0.9, meanBurst: 1 } },
      "link.up.loss.lossRate: 0.9 cannot be had in bursts of 1; at most 0.5",
    ],
    [
      { loss: { model: "gemodel", p: 0.1, unit: "packets" } },
      'link.up.loss.unit: unit "packets" is unknown; did you mean "packet"?',
    ],
    [{ loss: 2, up: { loss: 0 }, down: { loss: 0 } }, "link.loss.p: a probability is 0 to 1, not 2"],
    [{ loss: { model: "list", drop: [0] } }, "link.up.loss.drop: an integer of at least 1 is needed, not 0"],
    [{ rate: { bps: 0 } }, "link.up.rate.bps: a rate is 1 to 10^12 bits a second, not 0"],
    [
      { rate: { bps: 1, cellSize: 2, cellOverhead: -3 } },
      "link.up.rate.cellOverhead: a cell cannot be smaller than nothing",
    ],
    [{ limit: { packets: 0 } }, "link.up.limit.packets: an integer of at least 1 is needed, not 0"],
    [{ duplicate: -0.1 }, "link.up.duplicate.p: a probability is 0 to 1, not -0.1"],
    [{ mtu: 20 }, "link.mtu: an MTU is 68 to 65535 bytes, not 20"],
    [
      { outage: { model: "rain" } },
      'link.outage.model: outage model "rain" is unknown; known are none, on-off, periodic, windows, passes',
    ],
    [
      { outage: { model: "on-off", meanOn: 0, meanOff: "1ms" } },
      "link.outage: meanOn and meanOff are 10 ms at least together, not 0 and 1ms",
    ],
    [
      { loss: { model: "gemodel", unit: "time", meanGood: 0, meanBad: 0, lossGood: 0, lossBad: 0 } },
      "link.up.loss: meanGood and meanBad are 10 ms at least together, not 0 and 0",
    ],
    [{ outage: { model: "periodic", on: 0, off: 0 } }, "link.outage: a period cannot be empty"],
    [
      { loss: { model: "state", p13: 0.5, p31: 0.9, p32: 0.2 } },
      "link.up.loss: p31 and p32 leave the same state, and are more than 1 together",
    ],
    [{ name: 7 }, "link.name: a name is text, not 7"],
    [{ delay: { orbit: "gea", elevation: 30 } }, 'link.up.delay.orbit: orbit "gea" is unknown; did you mean "geo"?'],
    [{ delay: { orbit: 90, elevation: 30 } }, "link.up.delay.orbit: a height is 100 to 400000 km, not 90"],
    [{ delay: { orbit: "geo" } }, "link.up.delay.elevation: an elevation is 0 to 90 degrees, not undefined"],
    [{ delay: { orbit: "geo", elevation: 91 } }, "link.up.delay.elevation: an elevation is 0 to 90 degrees, not 91"],
    [{ delay: { orbit: "geo", elevation: 9, base: 1 } }, 'link.up.delay: there is no field "base"'],
    [{ delay: { base: 1, elevation: 9 } }, 'link.up.delay: there is no field "elevation"'],
    [
      { delay: { distribution: "lognormal", median: 0, p95: 9 } },
      "link.up.delay.median: a lognormal delay has a median above 0",
    ],
    [
      { delay: { distribution: "lognormal", median: 10, p95: 9 } },
      "link.up.delay.p95: the 95th percentile is not below the median",
    ],
    [
      { delay: { distribution: "lognormal", median: 1, p95: 1001 } },
      "link.up.delay.p95: the 95th percentile is at most 1000 times the median",
    ],
    [{ delay: { distribution: "table", table: [] } }, "link.up.delay.table: one delay at least is needed"],
    [{ delay: { distribution: "table", table: [1, -1] } }, "link.up.delay.table[1]: a time cannot be negative: -1"],
    [{ rate: { trace: [] } }, "link.up.rate.trace: it is empty; one millisecond at least is needed"],
    [{ rate: { trace: [3, 2] } }, "link.up.rate.trace[1]: time runs back, from 3 to 2"],
    [{ rate: { trace: [0, 0] } }, "link.up.rate.trace: it ends at 0 ms, so it would never end"],
    [{ rate: { trace: [1.5] } }, "link.up.rate.trace[0]: a whole millisecond, up to a year, not 1.5"],
    [{ rate: { trace: [1], bps: 1 } }, "link.up.rate: bps and trace are two rates; one is needed"],
    [{ up: { handover: { period: 1 } } }, 'link.up: there is no field "handover"'],
    [{ nat: { timeout: "350s" } }, "link.nat.onExpiry: answer (absent) is unknown; known are rst, silent"],
    [
      { nat: { timeout: "350s", onExpiry: "reset" } },
      'link.nat.onExpiry: answer "reset" is unknown; did you mean "rst"?',
    ],
    [{ handover: { period: 0 } }, "link.handover.period: 100 ms at least, not 0"],
    [{ handover: { period: "15s", spikeMs: [1, 2] } }, "link.handover.lasts: a spike or a burst of loss needs to last"],
    [{ handover: { period: "15s", lasts: "16s" } }, "link.handover.lasts: longer than the period"],
    [{ handover: { period: "15s", stepMs: [5, 2] } }, "link.handover.stepMs: the least comes first"],
    [{ handover: { period: "15s", stepMs: [5] } }, "link.handover.stepMs: two numbers, the least and the most, not 1"],
    [
      { handover: { period: "15s", phase: "globl" } },
      'link.handover.phase: phase "globl" is unknown; did you mean "global"?',
    ],
    [
      { outage: { model: "passes", windows: [{ start: 1, end: 2, rangeKm: [700] }] } },
      "link.outage.windows[0].rangeKm: two ranges at least, at the start and at the end",
    ],
    [
      { outage: { model: "windows", windows: [{ start: 1, end: 2, rangeKm: [700, 800] }] } },
      'link.outage.windows[0]: there is no field "rangeKm"',
    ],
    [
      { outage: { model: "windows", windows: [{ start: 2, end: 1 }] } },
      "link.outage.windows[0]: a window ends after it starts",
    ],
  ])("is refused in one line: %j", (input, message) => {
    expect(() => validateLink(input)).toThrow(message);
  });

  it("reads times as people write them", () => {
    const texts = ["1us", "270ms", "1.5s", "90s", "14min", "6h", "1d", "1h30min", "1 h 30 min"];
    expect([...texts, 0.25, 0].map(text => durationUs(text, "t"))).toEqual([
      1, 270e3, 1.5e6, 90e6, 840e6, 21_600e6, 86_400e6, 5400e6, 5400e6, 250, 0,
    ]);
  });
});

describe("a netem line", () => {
  it.each<[string, object]>([
    [
      "delay 270ms 10ms distribution normal loss gemodel 1% 25% rate 64kbit limit 1000",
      {
        delay: { base: "270ms", jitter: "10ms", distribution: "normal" },
        loss: { model: "gemodel", p: 0.01, r: 0.25 },
        rate: { bps: 64_000 },
        limit: { packets: 1000 },
      },
    ],
    ["delay 270ms loss random 5%", { delay: { base: "270ms" }, loss: { model: "random", p: 0.05 } }],
    ["netem loss 1", { loss: { model: "random", p: 0.01 } }],
    ["tc qdisc add dev eth0 root netem delay 1000", { delay: { base: "1000us" } }],
    ["rate 1mbit -12 48 5", { rate: { bps: 1e6, packetOverhead: -12, cellSize: 48, cellOverhead: 5 } }],
    ["rate 8kbps", { rate: { bps: 64_000 } }],
    [
      "loss state 1% 90% 5% 50% 0.1%",
      { loss: { model: "state", p13: 0.01, p31: 0.9, p32: 0.05, p23: 0.5, p14: 0.001 } },
    ],
    ["loss gemodel 1% 10% 70% 0.1%", { loss: { model: "gemodel", p: 0.01, r: 0.1, "1-h": 0.7, "1-k": 0.001 } }],
    ["delay 10ms reorder 25% gap 5", { delay: { base: "10ms" }, reorder: { p: 0.25, gap: 5 } }],
    [
      "delay 80ms 20ms distribution paretonormal",
      { delay: { base: "80ms", jitter: "20ms", distribution: "paretonormal" } },
    ],
    ["duplicate 1% corrupt 0.1%", { duplicate: { p: 0.01 }, corrupt: { p: 0.001 } }],
  ])("%s", (line, direction) => {
    const link = parseTc(line);
    expect(link.up).toEqual(direction);
    expect(link.down).toEqual(direction);
  });

  it.each<[string, string]>([
    ["", 'tc: no parameter of netem in ""'],
    ["dealy 270ms", 'tc: "dealy" is no parameter of netem; did you mean "delay"?'],
    ["delay", "tc: delay needs a time"],
    ["delay 5ms delay 6ms", 'tc: delay stands twice in "delay 5ms delay 6ms"'],
    ["loss 1% rate 1mbit drop 2%", "tc: loss stands twice"],
    ["delay -5ms", "tc: delay: a time cannot be negative: -5ms"],
    ["delay 5parsec", 'tc: delay: a time is a number of ms or text like "90s", not "5parsec"'],
    ["delay 5ms 1ms 25%", "tc: the correlation of delay is not modelled"],
    ["delay 5ms 1ms distribution paretto", 'tc: distribution "paretto" is not modelled; did you mean "pareto"?'],
    ["delay 5ms 1ms distribution experimental", 'tc: distribution "experimental" is not modelled'],
    ["loss 150%", "tc: loss 150% is not between 0% and 100%"],
    ["loss random 5% 25%", "tc: loss random: the correlation of random loss is not modelled (use gemodel)"],
    ["loss gemodle 5%", 'tc: loss model "gemodle" is unknown; did you mean "gemodel"?'],
    ["loss random", "tc: loss random needs a percentage"],
    ["rate fast", "tc: rate needs a rate"],
    ["rate 64furlongs", 'tc: rate "64furlongs" is no rate like 64kbit'],
    ["rate 0kbit", "tc.up.rate.bps: a rate is 1 to 10^12 bits a second, not 0"],
    ["limit 0", "tc.up.limit.packets: an integer of at least 1 is needed, not 0"],
    ["slot distribution normal 1ms", "tc: slots by a distribution are not modelled"],
  ])("is refused in one line: %s", (line, message) => {
    expect(() => parseTc(line)).toThrow(message);
  });
});
