// The published schema and the validator say the same of the same links: a corpus, and what becomes of it when each of its parts is spoilt in turn.
import { describe, expect, it } from "vitest";
import { LinkError } from "../../host/link/error.ts";
import schema from "../../host/link/link.schema.json" with { type: "json" };
import { ORBITS_KM } from "../../host/link/orbit.ts";
import { PRESETS, preset } from "../../host/link/presets.ts";
import { validateLink } from "../../host/link/validate.ts";
import { conforms } from "./json-schema.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const WINDOW = { start: "1h", end: "2h" };

const VALID: Json[] = [
  ...Object.keys(PRESETS).map(name => JSON.parse(JSON.stringify(preset(name).link))),
  {},
  { $schema: "link.schema.json", name: "x", mtu: 68, loss: 0.5, limit: 7, rate: 64_000, corrupt: 0, duplicate: 1 },
  { delay: { base: " 1h 30 min " }, reorder: { p: 0.1, gap: 3 }, corrupt: { p: 0.1 }, limit: { bytes: 1 } },
  { up: { delay: { orbit: "geo", elevation: 0, feederElevation: 90, processing: "1.5s", jitter: 0 } } },
  { down: { delay: { orbit: 400_000, elevation: 45.5, jitter: 1, distribution: "exponential" } } },
  { delay: { distribution: "lognormal", median: "800ms", p95: "8s", base: 3 } },
  { delay: { distribution: "table", table: [1, "2ms"], base: 3 } },
  { rate: { trace: [0, 1, 1], packetOverhead: -40, cellSize: 48, cellOverhead: 5 } },
  { loss: { model: "gemodel", p: 0.1, r: 0.5, "1-h": 1, "1-k": 0, unit: "packet" } },
  { loss: { model: "gemodel", unit: "time", meanGood: "9s", meanBad: 1, lossGood: 0, lossBad: 1 } },
  { loss: { model: "gilbert", lossRate: 0.5, meanBurst: 1 } },
  { loss: { model: "state", p13: 0.1, p31: 0.5, p32: 0.5, p23: 1, p14: 0.9 } },
  { loss: { model: "ber", rate: 1e-6, unit: "byte" }, outage: { model: "none" } },
  { loss: { model: "list", drop: [1, 9] }, outage: { model: "windows", windows: [WINDOW] } },
  { outage: { model: "periodic", on: "14min", off: "2min", phase: 0 }, down: { outage: { model: "none" } } },
  { outage: { model: "passes", windows: [{ ...WINDOW, rangeKm: [2000, 0, 2000] }] } },
  { nat: { timeout: "350s", onExpiry: "rst" }, halfOpen: { after: "1h" }, enabled: false },
  { headers: { ip: 6, framing: "ppp", rohc: true, timestamps: false } },
  { headers: { ip: 4, framing: "none" } },
  { slot: { min: 1, max: "2ms", packets: 3, bytes: 1500 }, up: { slot: { min: "5ms" } } },
  {
    toxics: [{ name: "x", type: "latency", stream: "upstream", toxicity: 0.5, attributes: { latency: 1, jitter: 2 } }],
  },
  {
    toxics: [{ type: "slicer", attributes: { average_size: 9, size_variation: 2, delay: 5 } }, { type: "limit_data" }],
  },
  {
    handover: { period: 15_000, phase: "seeded", stepMs: [0, 25], spikeMs: [1, 2], lossBurst: 0.5, lasts: "1s" },
  },
];

/** What only the validator can know: one figure against another. */
const BEYOND_A_SCHEMA =
  /leave the same state|cannot be had in bursts|not below the median|times the median|median above 0|window ends|do not overlap|time runs back|never end|the least comes first|a microsecond at least|not above average_size|already|longer than the period|period cannot be empty|100 ms at least|10 ms at least together|cell cannot be smaller|two rates|hundred years/;

function verdictOf(link: unknown): string | null {
  try {
    validateLink(link);
    return null;
  } catch (error) {
    if (error instanceof LinkError) return error.message;
    throw error;
  }
}

/** Every link that differs from `value` in one place: a part gone, a part added, a part of another kind. */
function* spoilt(value: Json): Generator<Json> {
  for (const other of [null, true, -1, 1.5, 1e16, "", "x", "90s", [], {}]) yield other as Json;
  if (Array.isArray(value)) {
    for (const [index, part] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const other of spoilt(part)) yield value.with(index, other);
    }
  } else if (typeof value === "object" && value !== null) {
    yield { ...value, bogus: 1 };
    for (const [name, part] of Object.entries(value)) {
      const { [name]: _, ...rest } = value;
      yield rest;
      for (const other of spoilt(part)) yield { ...value, [name]: other };
    }
  }
}

describe("link.schema.json", () => {
  it.each(VALID.map(link => [JSON.stringify(link), link] as const))("takes what the validator takes: %s", (_, link) => {
    expect(verdictOf(link)).toBeNull();
    expect(conforms(link, schema, schema)).toBe(true);
  });

  it("and the validator agree on whatever is spoilt in them", () => {
    let [taken, refused, beyond] = [0, 0, 0];
    const disagreements: object[] = [];
    for (const link of VALID.flatMap(valid => [...spoilt(valid)])) {
      const message = verdictOf(link);
      const fits = conforms(link, schema, schema);
      if (message === null) taken += 1;
      else refused += 1;
      if (message !== null && fits && BEYOND_A_SCHEMA.test(message)) beyond += 1;
      else if (fits !== (message === null)) disagreements.push({ link, fits, message });
    }
    expect(disagreements).toEqual([]);
    // The corpus is worth something only while all three happen.
    expect(Math.min(taken, refused, beyond)).toBeGreaterThan(10);
  });

  it("names the orbits that there are", () => {
    for (const orbit of Object.keys(ORBITS_KM)) {
      expect(conforms({ delay: { orbit, elevation: 30 } }, schema, schema)).toBe(true);
    }
  });
});
