import { describe, expect, it } from "vitest";
import { readMahimahi, writeMahimahi } from "../../host/link/formats/mahimahi.ts";
import { writeTc } from "../../host/link/formats/tc.ts";
import { writeToxiproxy } from "../../host/link/formats/toxiproxy.ts";
import { parseTc } from "../../host/link/parse-tc.ts";
import { PRESETS, preset } from "../../host/link/presets.ts";
import type { DirectionSpec } from "../../host/link/spec.ts";
import { validateLink } from "../../host/link/validate.ts";

/** The netem line of one direction. */
function netem(direction: DirectionSpec): { line: string; missing: readonly string[] } {
  const { text, missing } = writeTc(validateLink({ up: direction }));
  return { line: text.split("\n")[1], missing };
}

describe("a link as netem lines", () => {
  it.each([
    "netem delay 270ms loss gemodel 1% 25% rate 64000bit limit 1000",
    "netem delay 300ms 10ms distribution normal",
    "netem delay 80ms 20ms distribution paretonormal corrupt 0.1% duplicate 1% reorder 25% gap 5",
    "netem delay 4.7ms 0.3ms",
    "netem loss random 0.01%",
    "netem loss gemodel 1% 10% 70% 0.1%",
    "netem loss state 1% 90% 5% 50% 0.1%",
    "netem rate 1000000bit -12 48 5",
  ])("%s is read and written again", line => {
    expect(netem(parseTc(line).up).line).toBe(line);
  });

  it("converts what netem has under another name", () => {
    expect(netem({ loss: { model: "gilbert", lossRate: 0.2, meanBurst: 4 } })).toEqual({
      line: "netem loss gemodel 6.25% 25%",
      missing: [],
    });
    expect(netem({ loss: { model: "gemodel", p: 0.01, "1-h": 0.5 } }).line).toBe("netem loss gemodel 1% 99% 50%");
    expect(netem({ delay: { orbit: "geo", elevation: 90, processing: 1 } }).line).toBe("netem delay 239.738ms");
  });

  it("tells what netem cannot say", () => {
    expect(netem({ delay: { distribution: "lognormal", median: 800, p95: 8000 } })).toEqual({
      line: "netem delay 800ms",
      missing: ["up: a delay that is lognormal: its median is written"],
    });
    expect(netem({ rate: { trace: [1] }, loss: { model: "ber", rate: 1e-6 }, limit: { bytes: 9 } })).toEqual({
      line: "netem",
      missing: [
        "up: loss by bit errors, which grows with the packet",
        "up: a rate that follows a trace",
        "up: a queue limited by bytes",
      ],
    });
    const { missing } = writeTc(preset("starlink").link);
    expect(missing).toContain("handovers");
    expect(missing).toContain("down: loss in bursts counted by time");
    expect(missing).toContain("the MTU (ip link set mtu 1500 dev DEVICE)");
  });

  it.each(Object.keys(PRESETS))("%s gives lines that are read again", name => {
    const { text } = writeTc(preset(name).link);
    const lines = text.split("\n").filter(line => line !== "" && !line.startsWith("#"));
    expect(lines).toHaveLength(2);
    for (const line of lines) if (line !== "netem") expect(parseTc(line).up).toBeDefined();
  });
});

describe("a link as a proxy of toxiproxy", () => {
  it("has its delay and its rate, and tells the rest", () => {
    const { text, missing } = writeToxiproxy(preset("iridium-certus-100").link, "127.0.0.1:1884", "broker:1883");
    expect(JSON.parse(text)).toEqual({
      name: "iridium-certus-100",
      listen: "127.0.0.1:1884",
      upstream: "broker:1883",
      enabled: true,
      toxics: [
        toxic("latency", "upstream", { latency: 600, jitter: 150 }),
        toxic("bandwidth", "upstream", { rate: 3 }),
        toxic("latency", "downstream", { latency: 600, jitter: 150 }),
        toxic("bandwidth", "downstream", { rate: 11 }),
      ],
    });
    expect(missing).toEqual(["upstream: 22000 bit/s: the nearest is 3 KB/s", "the MTU: it sees bytes, no packets"]);
  });

  it("tells that a proxy cannot lose packets", () => {
    const { missing } = writeToxiproxy(preset("geo-vsat-loss1").link, "a:1", "b:2");
    expect(missing).toContain("upstream: loss: what a proxy of TCP discards was already acknowledged");
    expect(missing).toContain("outages (set enabled to false for one)");
    expect(missing).toContain("downstream: a delay that is normal: its jitter is uniform");
  });
});

const toxic = (type: string, stream: string, attributes: object) => ({
  name: `${type}_${stream}`,
  type,
  stream,
  toxicity: 1,
  attributes,
});

describe("traces of mahimahi", () => {
  it("are written with exactly the rate where that can be, and read again", () => {
    for (const [bps, trace] of [
      [12e6, [1]],
      [2e6, [6]],
      [15e6, [1, 2, 3, 4, 4]],
    ] as const) {
      // 15 Mbit/s: five opportunities in four milliseconds, none of them early.
      const { text, missing } = writeMahimahi({ rate: { bps } }, "up");
      expect(readMahimahi(text, "t")).toEqual(trace);
      expect(missing).toEqual([]);
    }
    const { text } = writeMahimahi({ rate: { bps: 22e3 } }, "up");
    const read = readMahimahi(text, "t");
    expect((read.length * 12e6) / (read.at(-1) ?? 0)).toBe(22e3);
    expect(writeMahimahi({ rate: { trace: [1, 5] }, delay: { base: 1 } }, "up")).toEqual({
      text: "1\n5\n",
      missing: ["delay"],
    });
  });

  it.each<[string, string]>([
    ["", "x.trace: the trace is empty"],
    ["\n\n", "x.trace: the trace is empty"],
    ["1\n\n3\n", "x.trace: line 2 is empty: the trace has a hole"],
    ["1\ntwo\n", 'x.trace: line 2 is no whole millisecond: "two"'],
    ["1.5\n", 'x.trace: line 1 is no whole millisecond: "1.5"'],
    ["5\n4\n", "x.trace: line 2: time runs back, from 5 to 4"],
    ["0\n0\n", "x.trace: it ends at 0 ms, so it would never end"],
  ])("%j is refused in one line", (text, message) => {
    expect(() => readMahimahi(text, "x.trace")).toThrow(message);
  });

  it("need a rate", () => {
    expect(() => writeMahimahi({}, "down")).toThrow("mahimahi: the link has no rate down, and a trace is a rate");
    expect(() => writeMahimahi({ rate: { bps: 1 } }, "up")).toThrow("mahimahi: 1 bit/s cannot be told in a trace");
  });
});
