import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findPasses, look, passWindows } from "../../../host/link/elements/find-passes.ts";
import { FROZEN_ELEMENTS } from "../../../host/link/elements/frozen.ts";
import { readElements, readOmm, readTle } from "../../../host/link/elements/read-elements.ts";
import { lightUs } from "../../../host/link/orbit.ts";
import { validateOutage } from "../../../host/link/validate-outage.ts";
import { Receiver } from "../receiver.ts";

const ZURICH = { latitude: 47.3769, longitude: 8.5417, altitudeM: 408 };
const DAY_MS = 86_400_000;
const [ISS] = readElements(FROZEN_ELEMENTS["iss-2019"], "iss-2019");
const [NAME, FIRST, SECOND] = FROZEN_ELEMENTS["iss-2019"].split("\n");
const OMM = JSON.parse(FROZEN_ELEMENTS["helios-2a-2025"]);

describe("orbital elements", () => {
  it.each(Object.keys(FROZEN_ELEMENTS))("%s, which is shipped, is an orbit with its epoch", name => {
    const [{ record, epochMs }] = readElements(FROZEN_ELEMENTS[name], name);
    expect(record.no).toBeGreaterThan(0);
    expect(new Date(epochMs).toISOString().slice(0, 4)).toBe(name.slice(-4));
  });

  it("are read with and without names, one or many", () => {
    const pair = `${FIRST}\n${SECOND}\n`;
    expect(readTle(`${NAME}\n${pair}\n${pair}0 OTHER\r\n${pair}`, "f").map(({ name }) => name)).toEqual([
      "ISS (ZARYA)",
      "25544",
      "OTHER",
    ]);
    expect(new Date(ISS.epochMs).toISOString()).toBe("2019-06-05T12:12:58.000Z");
    expect(readOmm(JSON.stringify([OMM, { ...OMM, MEAN_MOTION: "15.1" }]), "f")).toHaveLength(2);
  });

  it.each<[string, string]>([
    ["", "f: there are no elements in it"],
    ["ISS\n", 'f: line 1: no elements follow the name "ISS"'],
    [FIRST, "f: line 1: the second line of the pair is missing"],
    [`${FIRST}\n${FIRST}`, "f: line 2: line 2 of two-line elements is expected here"],
    [`${FIRST}\n${SECOND.slice(0, 60)}`, "f: line 2: a line of elements has 69 characters, this one 60"],
    [`${FIRST}\n${SECOND.replace("51.6433", "51.6434")}`, "f: line 2: the checksum is 2, and should be 3"],
    [`${FIRST}\n${SECOND.replace("25544", "25535")}`, "f: line 2: it is of another satellite than the line before"],
    ["garbage\nmore garbage", "f: line 2: line 1 of two-line elements is expected here"],
  ])("%j in two lines is refused in one", (text, message) => {
    expect(() => readTle(text, "f")).toThrow(message);
  });

  it.each<[unknown, string]>([
    ["{", "f: no JSON: "],
    [[], "f: there are no elements in it"],
    [7, "f: message 1: an object is needed"],
    [{ ...OMM, ECCENTRICITY: 1.5 }, "f: message 1: ECCENTRICITY is a number from 0 to 0.999999, not 1.5"],
    [{ ...OMM, MEAN_MOTION: undefined }, "f: message 1: MEAN_MOTION is a number from 0.01 to 20, not undefined"],
    [[OMM, { ...OMM, EPOCH: "soon" }], 'f: message 2: EPOCH is a time such as 2025-03-26T05:19:34.116960, not "soon"'],
  ])("%j as a message is refused in one line", (message, error) => {
    expect(() => readOmm(typeof message === "string" ? message : JSON.stringify(message), "f")).toThrow(error);
  });
});

describe("passes of the ISS over Zurich", () => {
  const fromMs = Date.parse("2019-06-05T00:00Z");
  const passes = findPasses(ISS, ZURICH, 10, fromMs, fromMs + 7 * DAY_MS);

  it("are above the mask within, at it at both ends, and below it everywhere else", () => {
    const above = (ms: number) => look(ISS, ZURICH, ms).elevation - 10;
    for (const { riseMs, setMs, maximumElevation } of passes) {
      // Ten milliseconds are less than a thousandth of a degree.
      for (const edge of [riseMs, setMs]) expect(Math.abs(above(edge))).toBeLessThan(0.002);
      const peak = Math.max(...Array.from({ length: 300 }, (_, i) => above(riseMs + ((setMs - riseMs) * i) / 299)));
      expect(Math.abs(peak + 10 - maximumElevation)).toBeLessThan(0.5);
    }
    // Every ten seconds of a week, counted without any search.
    let seenMs = 0;
    for (let ms = fromMs; ms < fromMs + 7 * DAY_MS; ms += 10_000) if (above(ms) >= 0) seenMs += 10_000;
    const foundMs = passes.reduce((sum, { riseMs, setMs }) => sum + setMs - riseMs, 0);
    expect(Math.abs(foundMs - seenMs)).toBeLessThan(passes.length * 10_000);
  });

  it("are those that Skyfield's find_events finds: 36 in the week, one of them from 13:09:14.3", () => {
    const dayMs = Date.parse("2019-06-06T00:00Z");
    const week = findPasses(ISS, ZURICH, 10, dayMs, dayMs + 7 * DAY_MS);
    expect(week).toHaveLength(36);
    const skyfieldMs = Date.parse("2019-06-06T13:09:14.3Z");
    expect(Math.min(...week.map(({ riseMs }) => Math.abs(riseMs - skyfieldMs)))).toBeLessThan(150);
  });

  it("include one that comes up and sets between two looks", () => {
    const [{ riseMs, setMs, maximumElevation }] = passes;
    const brief = findPasses(ISS, ZURICH, maximumElevation - 0.01, riseMs - 20_000, setMs + 40_000);
    expect(brief).toHaveLength(1);
    expect(brief[0].setMs - brief[0].riseMs).toBeLessThan(30_000);
  });

  it("become windows of a link, whose delay is the range at the speed of light", () => {
    const windows = passWindows(passes, ZURICH, fromMs);
    expect(windows).toHaveLength(passes.length);
    const outage = validateOutage({ model: "passes", windows }, "outage");
    const everyUs = 7_000_000;
    const receiver = new Receiver({ outage }).run(40_000, everyUs, 60);
    expect(receiver.arrivals.length).toBeGreaterThan(500);
    for (const { index, timeUs } of receiver.arrivals) {
      const { rangeKm } = look(ISS, ZURICH, fromMs + (index * everyUs) / 1000);
      expect(Math.abs(timeUs - index * everyUs - lightUs(rangeKm))).toBeLessThan(12);
    }
  });

  it("of two satellites do not overlap: one is kept until it sets", () => {
    const doubled = [
      ...passes,
      ...passes.map(pass => ({ ...pass, riseMs: pass.riseMs + 60_000, setMs: pass.setMs + 60_000 })),
    ];
    const windows = passWindows(doubled, ZURICH, fromMs);
    expect(validateOutage({ model: "passes", windows }, "outage")).toBeDefined();
    expect(windows).toHaveLength(2 * passes.length);
  });

  it("end in one line when the satellite has decayed", () => {
    const lateMs = Date.parse("2040-01-01");
    expect(() => findPasses(ISS, ZURICH, 10, lateMs, lateMs + DAY_MS)).toThrow(
      "ISS (ZARYA) has decayed by 2040-01-01T00:00:00.000Z, or its elements do not reach that far",
    );
  });
});

describe("a geostationary satellite", () => {
  it("is always up, or never", () => {
    // The sample message, raised to a day's orbit over the equator.
    const geo = { ...OMM, MEAN_MOTION: 1.0027, INCLINATION: 0.05, ECCENTRICITY: 0.0002, BSTAR: 0, MEAN_MOTION_DOT: 0 };
    const [satellite] = readOmm(JSON.stringify(geo), "geo");
    const { epochMs } = satellite;
    const stations = [0, 90, 180, -90].map(longitude => ({ latitude: 0, longitude, altitudeM: 0 }));
    const spans = stations.map(station => findPasses(satellite, station, 10, epochMs, epochMs + DAY_MS));
    for (const passes of spans) {
      if (passes.length === 0) continue;
      expect(passes.map(({ riseMs, setMs }) => [riseMs, setMs])).toEqual([[epochMs, epochMs + DAY_MS]]);
      expect(passes[0].nearestKm).toBeGreaterThan(35_700);
    }
    expect(spans.filter(passes => passes.length === 1).length).toBeGreaterThanOrEqual(1);
    expect(spans.filter(passes => passes.length === 0).length).toBeGreaterThanOrEqual(1);
  });
});

describe("satellite.js", () => {
  it("is needed by the passes alone: no simulation loads it", () => {
    const index = readFileSync(new URL("../../../host/link/index.ts", import.meta.url), "utf8");
    expect(index).not.toContain("elements/");
  });
});
