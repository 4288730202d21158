// The committed table of sizes is the build's.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PROFILES, sizeTable } from "../../bench/size-table.ts";
import { built } from "./builds.ts";
import { sizesOf } from "./module-size.ts";

const table = readFileSync(new URL("../../bench/size.md", import.meta.url), "utf8");
const cell = (profile: string, column: number) =>
  Number(
    table
      .split("\n")
      .find(line => line.startsWith(`| ${profile} |`))
      ?.split("|")
      [column].replaceAll(",", ""),
  );

it("bench/size.md holds what was built (npm run bench size)", () => {
  // What gzip makes of it differs between versions of zlib: taken as it stands in the table.
  const sizes = PROFILES.map(profile =>
    sizesOf(profile, readFileSync(built(profile.profile)), cell(profile.profile, 5)),
  );
  expect(table).toBe(sizeTable(sizes));
});
