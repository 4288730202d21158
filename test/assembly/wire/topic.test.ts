/**
 * Topic names, topic filters and matching: MQTT 3.1.1 section 4.7, with the standard's own examples and an oracle that works
 * on levels instead of bytes.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { type CodecBuild, codecBuilds } from "../builds.ts";
import { AT, place } from "./codec.ts";

const builds = await codecBuilds(1 << 18);

function isName(build: CodecBuild, text: string | Uint8Array): boolean {
  const bytes = Buffer.from(text as string);
  place(build, bytes);
  return build.core.isTopicName(AT, bytes.length) === 1;
}

function isFilter(build: CodecBuild, text: string | Uint8Array): boolean {
  const bytes = Buffer.from(text as string);
  place(build, bytes);
  return build.core.isTopicFilter(AT, bytes.length) === 1;
}

function matches(build: CodecBuild, filter: string, name: string): boolean {
  const filterBytes = Buffer.from(filter);
  const nameBytes = Buffer.from(name);
  place(build, filterBytes);
  // A gap between them: to read over either end is a fault.
  const nameAt = AT + filterBytes.length + 1;
  build.declare(nameAt, nameBytes.length);
  build.write(nameAt, nameBytes);
  return build.core.filterMatches(AT, filterBytes.length, nameAt, nameBytes.length) === 1;
}

/** Oracle of matching, level by level. */
function levelsMatch(filter: readonly string[], name: readonly string[]): boolean {
  if (filter[0] === "#") return true;
  if (filter.length === 0 || name.length === 0) return filter.length === name.length;
  return (filter[0] === "+" || filter[0] === name[0]) && levelsMatch(filter.slice(1), name.slice(1));
}

function oracle(filter: string, name: string): boolean {
  if (name.startsWith("$") && (filter.startsWith("#") || filter.startsWith("+"))) return false;
  return levelsMatch(filter.split("/"), name.split("/"));
}

/** Oracle of filters: a wildcard is a level by itself, and '#' is the last. */
function isFilterByLevels(filter: string): boolean {
  const levels = filter.split("/");
  return (
    filter !== "" &&
    levels.every((level, index) => {
      if (level === "#") return index === levels.length - 1;
      return level === "+" || !/[#+]/.test(level);
    })
  );
}

// Non-normative examples of sections 4.7.1.2, 4.7.1.3, 4.7.2 and 4.7.3, then the corners between them.
const MATCHING: readonly [filter: string, name: string, expected: boolean][] = [
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/ranking", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "sport/tennis", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player2", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["#", "$SYS/broker/uptime", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["$SYS/#", "$SYS/monitor", true],
  ["$SYS/monitor/+", "$SYS/monitor/Clients", true],
  ["ACCOUNTS", "Accounts", false],
  ["Accounts payable", "Accounts payable", true],
  ["/finance", "finance", false],
  ["finance", "/finance", false],
  ["+", "a", true],
  ["+", "/", false],
  ["+/", "/", true],
  ["/+", "/", true],
  ["+/+", "/", true],
  ["#", "/", true],
  ["/#", "/", true],
  ["/#", "a", false],
  ["/#", "/a/b", true],
  ["+/#", "a", true],
  ["+/#", "/", true],
  ["+/#", "a/b/c", true],
  ["a/+/#", "a", false],
  ["a/+/#", "a/b", true],
  ["a/+/c", "a//c", true],
  ["a/+/c", "a/b/c/", false],
  ["a/+/c", "a/b/d", false],
  ["a/b", "a/b/c", false],
  ["a/b/c", "a/b", false],
  ["a/b/#", "a/bc", false],
  ["a/b#".slice(0, 3), "a/b", true],
  ["a//b", "a//b", true],
  ["a//b", "a/b", false],
  ["+/$x", "a/$x", true],
  ["a/+", "a/$x", true],
  ["a/#", "a/$x", true],
  ["$", "$", true],
  ["+", "$", false],
  ["$+".slice(0, 1), "$a", false],
  ["é/+", "é/€", true],
  ["é", "è", false],
];

const VALID_FILTERS = [
  "#",
  "+",
  "/",
  "+/+",
  "sport/tennis/#",
  "+/tennis/#",
  "sport/+/player1",
  "/#",
  "+/",
  "//",
  "a b",
  "$SYS/#",
];
const INVALID_FILTERS = [
  "",
  "sport/tennis#",
  "sport/tennis/#/ranking",
  "sport+",
  "##",
  "#/",
  "a/#b",
  "++",
  "+a",
  "a+/b",
  "a/+b",
  "/#/",
];
const VALID_NAMES = ["/", "//", "a", "$SYS/x", "a b", "sport/tennis", "\u0001", "é/€/\u{10ffff}", "\ufeff"];
const INVALID_NAMES = ["", "#", "+", "a/#", "a/+/b", "a#b", "abcd+", "abcdefg#", "\u0000", "ab\u0000", "é+"];

describe.each(builds)("topics, $name", build => {
  it.each(MATCHING)("filter %s, name %s: %s", (filter, name, expected) => {
    expect(oracle(filter, name)).toBe(expected);
    expect(matches(build, filter, name)).toBe(expected);
  });

  it("tells filters from what is none [MQTT-4.7.1-2], [MQTT-4.7.1-3], [MQTT-4.7.3-1]", () => {
    for (const filter of VALID_FILTERS) expect([filter, isFilter(build, filter)]).toEqual([filter, true]);
    for (const filter of INVALID_FILTERS) expect([filter, isFilter(build, filter)]).toEqual([filter, false]);
  });

  it("tells names from what is none [MQTT-4.7.1-1], [MQTT-4.7.3-1], [MQTT-4.7.3-2]", () => {
    for (const name of VALID_NAMES) expect([name, isName(build, name)]).toEqual([name, true]);
    for (const name of INVALID_NAMES) expect([name, isName(build, name)]).toEqual([name, false]);
  });

  it("finds a wildcard at every place, and no wildcard in its neighbours", () => {
    for (let size = 1; size <= 12; size++) {
      for (let at = 0; at < size; at++) {
        for (let byte = 1; byte < 0x80; byte++) {
          const name = Buffer.alloc(size, 0x61);
          name[at] = byte;
          if (isName(build, name) !== (byte !== 0x23 && byte !== 0x2b)) expect.unreachable(`${name.toString("hex")}`);
        }
      }
    }
  });

  it("takes names and filters of up to 65,535 bytes [MQTT-4.7.3-3]", () => {
    const longest = Buffer.alloc(65535, 0x61);
    expect([isName(build, longest), isFilter(build, longest)]).toEqual([true, true]);
    longest[65534] = 0x23;
    expect([isName(build, longest), isFilter(build, longest)]).toEqual([false, false]);
    longest[65533] = 0x2f;
    expect(isFilter(build, longest)).toBe(true);
  });

  const level = fc.constantFrom("", "a", "b", "ab", "$", "é", "+", "#");
  const levels = fc.array(level, { minLength: 1, maxLength: 5 }).map(parts => parts.join("/"));

  it("agrees with the oracle on filters", () => {
    const text = fc.oneof(levels, fc.string({ unit: fc.constantFrom("a", "/", "+", "#", "$", "€"), maxLength: 8 }));
    fc.assert(
      fc.property(text, filter => {
        expect(isFilter(build, filter)).toBe(isFilterByLevels(filter));
        expect(isName(build, filter)).toBe(filter !== "" && !/[#+]/.test(filter));
      }),
      { numRuns: 2000 * EFFORT },
    );
  });

  it("agrees with the oracle on matching", () => {
    const filters = levels.filter(isFilterByLevels);
    const names = levels.map(text => text.replaceAll(/[#+]/g, "a")).filter(name => name !== "");
    let matched = 0;
    fc.assert(
      fc.property(filters, names, (filter, name) => {
        const expected = oracle(filter, name);
        if (expected) matched += 1;
        expect(matches(build, filter, name)).toBe(expected);
      }),
      { numRuns: 3000 * EFFORT },
    );
    // Both answers have to come up, or nothing was tested.
    expect(matched).toBeGreaterThan(100);
    expect(matched).toBeLessThan(2900 * EFFORT);
  });
});
