// Losses and outages as people type them, and what is said about those that cannot be.
import { describe, expect, test } from "vitest";
import { preset } from "../../host/link/index.ts";
import { parseLoss, parseOutage, withWeather } from "../../host/simulation/index.ts";

describe("a loss", () => {
  test.each([
    ["5%", { model: "random", p: 0.05 }],
    ["0.05", { model: "random", p: 0.05 }],
    ["1", { model: "random", p: 1 }],
    ["none", { model: "none" }],
    [" random 2% ", { model: "random", p: 0.02 }],
    ["gilbert 1% 4", { model: "gilbert", lossRate: 0.01, meanBurst: 4 }],
    ["gilbert 0.02 1.5", { model: "gilbert", lossRate: 0.02, meanBurst: 1.5 }],
    ["gemodel 1% 25%", { model: "gemodel", p: 0.01, r: 0.25 }],
    ["gemodel 1% 25% 70% 0.1%", { model: "gemodel", p: 0.01, r: 0.25, "1-h": 0.7, "1-k": 0.001 }],
  ])("reads %s", (text, loss) => {
    expect(parseLoss(text, "--loss")).toEqual(loss);
  });

  test.each([
    ["1.5", "--loss: a probability is 0 to 1, not 1.5"],
    ["-0.1", "--loss: a probability is 0 to 1, not -0.1"],
    ["150%", "--loss: loss 150% is not between 0% and 100%"],
    ["gilbet 1% 4", '--loss: loss model "gilbet" is unknown; did you mean "gilbert"?'],
    ["gilbert 1%", "--loss: gilbert takes a loss rate and a mean burst"],
    ["gilbert 1% 4 5", "--loss: gilbert takes a loss rate and a mean burst"],
    ["gilbert much 4", "--loss: "],
    ["gilbert 1% 0.5", "--loss: a mean burst is at least one packet, not 0.5"],
    ["gemodle 1%", 'did you mean "gemodel"?'],
    ["much", "--loss: "],
  ])("refuses %s", (text, message) => {
    expect(() => parseLoss(text, "--loss")).toThrow(message);
    expect(() => parseLoss(text, "--loss")).toThrow(/^[^\n]+$/);
  });
});

describe("an outage", () => {
  test.each([
    ["on-off 6h 90s", { model: "on-off", meanOn: "6h", meanOff: "90s" }],
    ["periodic 10min 2min", { model: "periodic", on: "10min", off: "2min" }],
    ["none", { model: "none" }],
    ["at 2h for 60s", { model: "windows", windows: [{ start: "2h", end: "2h60s" }] }],
    [
      "at 2h for 60s, at 5h30min for 10min",
      {
        model: "windows",
        windows: [
          { start: "2h", end: "2h60s" },
          { start: "5h30min", end: "5h30min10min" },
        ],
      },
    ],
  ])("reads %s", (text, outage) => {
    expect(parseOutage(text, "--outage")).toEqual(outage);
  });

  test.each([
    ["on-of 6h 90s", 'did you mean "on-off"?'],
    ["on-off 6h", "on-off takes two times"],
    ["on-off 6h -90s", "cannot be negative"],
    ["periodic 10 2", "10 of what? A time as text has a unit"],
    ["passes", "passes takes a file"],
    ["at 2h", "should read: at 2h for 60s"],
    ["at 2h for 1h, at 150min for 1h", "do not overlap"],
    ["sometimes", "it begins with on-off, periodic, at, passes or none"],
  ])("refuses %s", (text, message) => {
    expect(() => parseOutage(text, "--outage")).toThrow(message);
    expect(() => parseOutage(text, "--outage")).toThrow(/^--outage[^\n]+$/);
  });
});

test("weather changes a link in both directions and nothing else of it", () => {
  const { link } = preset("geo-vsat");
  const changed = withWeather(link, { model: "random", p: 0.1 }, { model: "none" });
  expect(changed).toEqual({
    ...link,
    outage: { model: "none" },
    up: { ...link.up, loss: { model: "random", p: 0.1 } },
    down: { ...link.down, loss: { model: "random", p: 0.1 } },
  });
  expect(withWeather(link, undefined, undefined)).toEqual(link);
});
