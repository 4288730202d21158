/**
 * Making a client, and its options: every number at its bounds.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../assembly/status.ts";
import { coreBuilds } from "./builds.ts";

const builds = await coreBuilds();

const AT = 64;

describe.each(builds)("making a client, $name", build => {
  it("refuses capacities out of their range", () => {
    const { core } = build;
    for (const [receive, outbox, connect, inbound] of [
      [31, 64, 64, 1],
      [64, 15, 64, 1],
      [64, 64, 15, 1],
      [64, 64, 64, 0],
      [-1, 64, 64, 1],
      [64, 64, 64, 0x1000_0000],
      [0x1000_0000, 64, 64, 1],
      [64, 0x7fff_ffff, 64, 1],
    ] as const) {
      expect(core.initialize(0, receive, outbox, connect, inbound)).toBe(status.MISUSE_RANGE);
      expect(core.initialize(AT, receive, outbox, connect, inbound)).toBe(status.MISUSE_RANGE);
    }
    expect(core.initialize(0, 32, 16, 16, 1)).toBeGreaterThan(64);
  });

  it("rounds no capacity down", () => {
    build.declare(AT, 4096);
    for (const odd of [1, 2, 3]) {
      build.core.initialize(AT, 64 + odd, 64 + odd, 64 + odd, 3);
      expect(build.core.receiveRoom(AT)).toBeGreaterThanOrEqual(64 + odd);
      expect(build.core.outboxCapacity(AT)).toBeGreaterThanOrEqual(64 + odd);
    }
  });

  it("refuses options out of their range, and takes their bounds", () => {
    const { core } = build;
    build.declare(AT, 4096);
    expect(core.initialize(AT, 256, 496, 64, 8)).toBeLessThanOrEqual(4096);
    for (const [option, value] of [
      [-1, 1],
      [6, 1],
      [0, 0],
      [0, -1],
      [1, 0],
      [2, 0],
      [3, 0],
      [1, 0x4000_0000],
      [0, 65536],
      [4, -1],
      [5, -1],
      [5, 2],
      [32, 0],
    ]) {
      expect([option, value, core.configure(AT, option, value)]).toEqual([option, value, status.MISUSE_RANGE]);
    }
    for (const [option, value] of [
      [0, 1],
      [0, 65535],
      [1, 1],
      [2, 0x3fff_ffff],
      [3, 0x3fff_ffff],
      [4, 0x7fff_ffff],
      [5, 0],
      [5, 1],
    ]) {
      expect([option, value, core.configure(AT, option, value)]).toEqual([option, value, status.OK]);
    }
  });
});

it("no two answers are one number", () => {
  const byNumber = new Map<number, string>();
  for (const [name, value] of Object.entries(status)) {
    expect([name, value, byNumber.get(value)]).toEqual([name, value, undefined]);
    expect([name, value < 0]).toEqual([name, name !== "OK"]);
    byNumber.set(value, name);
  }
  expect(byNumber.size).toBeGreaterThan(40);
});
