/**
 * Keep-alive: one and a half of it, both sides of the limit, and what nobody can know.
 */
import { describe, expect, it } from "vitest";
import { type Line, mouth, promises } from "./lines.ts";

const QUIET = { longestMs: 1000, lastMs: 1000, unansweredMs: 0 };
/** Keep-alive 10 s; the client hangs at 30 s, and said its last a second before. */
const frozen: Line[] = [...mouth, [30_000, "mouth", "ended", 1, { how: "frozen", quiet: QUIET }]];
const clock = (atMs: number): Line => [atMs, "clock", "connecting", 99];
const dropped = (atMs: number, rest: object = {}): Line => [atMs, "mouth", "dropped", 1, rest];

describe("a client that hangs", () => {
  it("is given up after one and a half keep-alives, give or take what a server needs to look at its clock", () => {
    expect(promises(...frozen, dropped(44_000, { reasonCode: 0x8d }), clock(90_000))).toEqual([]);
    expect(promises(...frozen, dropped(54_000), clock(90_000))).toEqual([]);
    expect(promises(...frozen, dropped(54_001), clock(90_000))).toEqual(["keep-alive"]);
  });

  it("is never given up", () => {
    expect(promises(...frozen, clock(54_000))).toEqual([]);
    expect(promises(...frozen, clock(54_001))).toEqual(["keep-alive"]);
  });

  it("nobody knows what becomes of it while the server is away", () => {
    expect(promises(...frozen, [40_000, "", "server down", 0], [41_000, "", "server up", 0], clock(90_000))).toEqual(
      [],
    );
  });

  it("is told of a time-out that there was not", () => {
    expect(promises(...frozen, dropped(43_750, { reasonCode: 0x8d }), clock(90_000))).toEqual([]);
    expect(promises(...frozen, dropped(43_749, { reasonCode: 0x8d }), clock(90_000))).toEqual(["keep-alive"]);
    // A server may close a connection for reasons of its own.
    expect(promises(...frozen, dropped(31_000), clock(90_000))).toEqual([]);
  });

  it.each([
    ["is behind a link", { isNear: false }],
    ["has asked for none", { keepAliveS: 0 }],
  ])("nothing is promised to one that %s", (_name, rest) => {
    const [connecting, ...others] = frozen;
    const other: Line = [connecting[0], connecting[1], connecting[2], connecting[3], rest];
    expect(promises(other, ...others, clock(90_000))).toEqual([]);
  });

  it("the server's keep-alive counts where it has named one", () => {
    const [connecting, , ...others] = frozen;
    const connected: Line = [9, "mouth", "connected", 1, { keepAliveS: 60 }];
    expect(promises(connecting, connected, ...others, clock(129_000))).toEqual([]);
    expect(promises(connecting, connected, ...others, clock(129_001))).toEqual(["keep-alive"]);
  });
});

describe("a client that is there", () => {
  const ended = (quiet: object, rest: object = {}): Line[] => [
    ...mouth,
    [30_000, "mouth", "ended", 1, { how: "lost", quiet: { ...QUIET, ...quiet }, ...rest }],
  ];
  it("says something once in a keep-alive", () => {
    expect(promises(...ended({ longestMs: 12_000 }))).toEqual([]);
    expect(promises(...ended({ longestMs: 12_001 }))).toEqual(["keep-alive"]);
  });

  it("has its PINGREQ answered", () => {
    expect(promises(...ended({ unansweredMs: 5000 }))).toEqual([]);
    expect(promises(...ended({ unansweredMs: 5001 }))).toEqual(["keep-alive"]);
  });

  it("is not told that it was silent", () => {
    expect(promises(...ended({ lastMs: 14_750, longestMs: 9000 }, { reasonCode: 0x8d }))).toEqual([]);
    expect(promises(...ended({ lastMs: 14_749, longestMs: 9000 }, { reasonCode: 0x8d }))).toEqual(["keep-alive"]);
    expect(promises(...ended({ lastMs: 1000 }, { reasonCode: 0x8b }))).toEqual([]);
  });
});
