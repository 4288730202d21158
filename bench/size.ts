/**
 * The size of the core as a board runs it, and the memory of one client: exact, so a test compares them with the committed
 * table (test/assembly/size.test.ts) and a change of size shows in a diff.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { sizesOf } from "../test/assembly/module-size.ts";
import { PROFILES, sizeTable } from "./size-table.ts";

const table = sizeTable(
  PROFILES.map(profile => {
    const bytes = readFileSync(new URL(`../build/${profile.profile}`, import.meta.url));
    return sizesOf(profile, bytes, gzipSync(bytes, { level: 9 }).length);
  }),
);
writeFileSync(new URL("../bench/size.md", import.meta.url), table);
console.log(table);
