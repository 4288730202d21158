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

it("README and its picture have the same figures", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const readme = read("README.md");
  const picture = read("bench/pictures/core-size.svg");
  const shown = (size: number) => size.toLocaleString("en-US");
  const memoryOf = (name: string) => cell(name, 6);
  for (const { profile } of PROFILES) {
    const code = shown(cell(profile, 3));
    expect(readme).toMatch(new RegExp(`\\(\`${profile}\`\\)[^|]*\\| ${code} \\|`));
    expect(picture).toContain(`>${cell(profile, 3)}<`);
  }
  const more = memoryOf("perigee.wasm") - memoryOf("perigee-v311.wasm");
  expect(readme).toContain(`3.1.1; 5.0 takes ${more} more | ${shown(memoryOf("perigee-v311.wasm"))} |`);
});
