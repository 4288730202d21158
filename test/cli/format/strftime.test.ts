/** strftime beside that of this machine, through `date`: every letter, in several zones, around the ends of days and years. */
import { spawnSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { strftime } from "../../../host/cli/format/strftime.ts";

const LETTERS = [..."aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%"];

const MOMENTS = [
  "2026-01-01T00:00:00Z",
  "2026-11-22T13:05:09Z",
  "2024-02-29T23:59:59Z",
  "2024-12-30T12:00:00Z",
  "2027-01-03T00:30:00Z",
  "2000-12-31T11:59:59Z",
  "1999-07-04T12:00:01Z",
].map(text => new Date(text));

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

describe("strftime", () => {
  it.each(["UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata"])("in %s is what `date` prints", tz => {
    process.env.TZ = tz;
    for (const moment of MOMENTS) {
      const format = `+${LETTERS.map(letter => `%${letter}`).join("|")}`;
      const args = ["-d", `@${moment.getTime() / 1000}`, format];
      const { stdout } = spawnSync("date", args, { env: { ...process.env, LC_ALL: "C" }, encoding: "utf8" });
      const theirs = stdout.slice(0, -1).split("|");
      const ours = LETTERS.map(letter => strftime(letter, moment));
      expect(Object.fromEntries(LETTERS.map((letter, index) => [letter, ours[index]]))).toEqual(
        Object.fromEntries(LETTERS.map((letter, index) => [letter, theirs[index]])),
      );
    }
  });

  it("gives back what it does not know", () => {
    expect(strftime("Q", MOMENTS[0])).toBe("%Q");
  });
});
