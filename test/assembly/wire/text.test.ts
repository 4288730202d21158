/**
 * Text by its edges, MQTT 3.1.1 section 1.5.3: the first and the last character of each size, each byte of them one up and one down, and
 * wildcards beside every other character. utf8.test.ts has all sequences, at the price of their number.
 */
import { isUtf8 as isUtf8ForNode } from "node:buffer";
import { describe, expect, it } from "vitest";
import { codecBuilds } from "../builds.ts";
import { AT, place } from "./codec.ts";

const builds = await codecBuilds();

/** The oracle: what Node takes for UTF-8, without U+0000. */
const isAllowed = (bytes: Uint8Array): boolean => isUtf8ForNode(bytes) && !bytes.includes(0);

/** The first and the last of one to four bytes, and on both sides of the surrogates. */
const EDGES = [0x01, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0x1000, 0xd7ff, 0xe000, 0xffff, 0x1_0000, 0x3_ffff, 0x10_ffff];

describe.each(builds)("text, $name", build => {
  const isText = (bytes: ArrayLike<number>): boolean => {
    place(build, bytes);
    return build.core.isUtf8(AT, bytes.length) === 1;
  };

  it.each([
    ["nothing at all", [], true],
    ["U+0001, the first allowed", [0x01], true],
    ["U+007F, the last of one byte", [0x7f], true],
    ["U+0080, the first of two", [0xc2, 0x80], true],
    ["U+07FF, the last of two", [0xdf, 0xbf], true],
    ["U+0800, the first of three", [0xe0, 0xa0, 0x80], true],
    ["U+D7FF, before the surrogates", [0xed, 0x9f, 0xbf], true],
    ["U+E000, behind the surrogates", [0xee, 0x80, 0x80], true],
    ["U+FEFF, which is never stripped [MQTT-1.5.3-3]", [0xef, 0xbb, 0xbf], true],
    ["U+FFFF, the last of three, a non-character", [0xef, 0xbf, 0xbf], true],
    ["U+10000, the first of four", [0xf0, 0x90, 0x80, 0x80], true],
    ["U+10FFFF, the last of all", [0xf4, 0x8f, 0xbf, 0xbf], true],
    ["U+0000", [0x00], false],
    ["U+0000 behind four bytes", [0x61, 0x61, 0x61, 0x61, 0x00], false],
    ["U+D800", [0xed, 0xa0, 0x80], false],
    ["U+DFFF", [0xed, 0xbf, 0xbf], false],
    ["U+110000", [0xf4, 0x90, 0x80, 0x80], false],
    ["an overlong '/'", [0xc0, 0xaf], false],
    ["an overlong U+07FF", [0xe0, 0x9f, 0xbf], false],
    ["an overlong U+FFFF", [0xf0, 0x8f, 0xbf, 0xbf], false],
  ])("judges %s", (_, bytes, expected) => {
    expect(isText(bytes)).toBe(expected);
    expect(isAllowed(Uint8Array.from(bytes))).toBe(expected);
  });

  it.each(EDGES.map(code => [code.toString(16), code] as const))(
    "takes U+%s, and of its neighbours what is one",
    (_, code) => {
      const character = Buffer.from(String.fromCodePoint(code));
      for (const before of [0, 3, 8]) {
        for (const behind of [0, 1]) {
          const text = Uint8Array.from([...Buffer.alloc(before, "a"), ...character, ...Buffer.alloc(behind, "z")]);
          if (!isText(text)) expect.unreachable(`${text} is text`);
          for (let at = before; at < before + character.length; at++) {
            for (const change of [-0x40, -0x10, -1, 1, 0x10, 0x20, 0x40]) {
              const other = text.slice();
              other[at] += change;
              if (isText(other) !== isAllowed(other)) expect.unreachable(`${other} is ${isAllowed(other)}`);
            }
          }
        }
      }
      // Cut short, it is none.
      for (let size = 1; size < character.length; size++) expect(isText(character.subarray(0, size))).toBe(false);
    },
  );

  it("has wildcards where it is no topic; as a filter one has a level to itself, '#' the last", () => {
    const { core } = build;
    const judge = (bytes: readonly number[]) => {
      place(build, bytes);
      return [core.isUtf8(AT, bytes.length), core.isTopicName(AT, bytes.length), core.isTopicFilter(AT, bytes.length)];
    };
    const [slash, hash, plus] = Buffer.from("/#+");
    for (const wildcard of [hash, plus]) {
      expect(judge([wildcard])).toEqual([1, 0, 1]);
      const others = Array.from({ length: 127 }, (_, index) => index + 1);
      expect(others.filter(byte => judge([byte])[1] === 0)).toEqual([hash, plus]);
      expect(others.filter(byte => judge([byte, wildcard])[2] === 1)).toEqual([slash]);
      expect(others.filter(byte => judge([wildcard, byte])[2] === 1)).toEqual(wildcard === plus ? [slash] : []);
      expect(judge([0xc3, 0xa9, wildcard, 0xc3, 0xa9])).toEqual([1, 0, 0]);
    }
  });

  it.each([
    ["#", "a/b", 1],
    ["+/b", "a/b", 1],
    ["a/#", "a", 1],
    ["a/+", "a", 0],
    ["$SYS/#", "$SYS/up", 1],
    ["#", "$SYS", 0],
    ["+/up", "$SYS/up", 0],
    ["$/+", "$/", 1],
    ["%", "$", 0],
    ["%/a", "%/a", 1],
    ["+/a", "%/a", 1],
  ])("a filter of %s and a name of %s match: %i", (filter, name, expected) => {
    const bytes = Buffer.from(filter + name);
    place(build, bytes);
    expect(build.core.filterMatches(AT, filter.length, AT + filter.length, name.length)).toBe(expected);
  });
});
