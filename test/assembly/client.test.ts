/**
 * Making a client, and its options: every number at its bounds; and the answers, each a number of its own.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../assembly/status.ts";
import { coreBuilds } from "./builds.ts";
import { Endpoint } from "./session/endpoint.ts";

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
      [64, 0x1000_0000, 64, 1],
      [64, 64, 0x1000_0000, 1],
      [64, 0x7fff_ffff, 64, 1],
    ] as const) {
      expect(core.initialize(0, receive, outbox, connect, inbound)).toBe(status.MISUSE_RANGE);
      expect(core.initialize(AT, receive, outbox, connect, inbound)).toBe(status.MISUSE_RANGE);
    }
  });

  it("takes 240 bytes, the regions, and 2 for each QoS 2 message half received, to a multiple of 4", () => {
    const { core } = build;
    for (const [receive, outbox, connect, inbound] of [
      [32, 16, 16, 1],
      [33, 16, 16, 1],
      [35, 16, 16, 1],
      [32, 19, 16, 1],
      [32, 16, 17, 2],
      [256, 496, 64, 8],
      [0x0fff_ffff, 16, 16, 1],
      [32, 0x0fff_ffff, 16, 1],
      [32, 16, 0x0fff_ffff, 1],
      [32, 16, 16, 0x0fff_ffff],
    ] as const) {
      const size = Math.ceil((240 + 2 * inbound + outbox + connect + receive) / 4) * 4;
      expect(core.initialize(0, receive, outbox, connect, inbound)).toBe(size);
    }
    build.declare(AT, 308);
    expect(core.initialize(AT, 32, 16, 16, 1)).toBe(308);
    expect([core.receiveRoom(AT), core.outboxCapacity(AT), core.sessionSize(AT)]).toEqual([34, 16, 12 + 2 + 16]);
  });

  it("has a window of 8, waits a minute for an answer, and 1 to 120 seconds before a reconnect", () => {
    const endpoint = new Endpoint(build).online();
    const { core, client } = endpoint;
    for (let id = 1; id <= 10; id++) expect(endpoint.publish("t", "", 1)).toBe(id);
    expect(core.inFlight(client)).toBe(8);
    expect(core.nextTimeout(client, endpoint.nowMs)).toBe(60_000);
    const waits = Array.from({ length: 9 }, () => {
      // The least random number: all of the wait.
      core.configure(client, 4, 0);
      endpoint.close();
      const wait = core.nextTimeout(client, endpoint.nowMs);
      endpoint.advance(wait);
      return wait;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120].map(seconds => seconds * 1000));
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
    const INTEGER_MAX = 0x7fff_ffff;
    for (const [option, least, most] of [
      [0, 1, 0xffff],
      [1, 1, 0x3fff_ffff],
      [2, 1, 0x3fff_ffff],
      [3, 1, 0x3fff_ffff],
      [4, 0, INTEGER_MAX],
      [5, 0, 1],
    ]) {
      const answers = [-1, least - 1, least, most, (most + 1) | 0, INTEGER_MAX].map(value =>
        core.configure(AT, option, value),
      );
      const { OK, MISUSE_RANGE } = status;
      const last = most === INTEGER_MAX ? OK : MISUSE_RANGE;
      expect([option, ...answers]).toEqual([option, MISUSE_RANGE, MISUSE_RANGE, OK, OK, MISUSE_RANGE, last]);
    }
    for (const option of [-1, 6, 7, 32, INTEGER_MAX]) {
      for (const value of [0, 1])
        expect([option, core.configure(AT, option, value)]).toEqual([option, status.MISUSE_RANGE]);
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

it("the answers of each kind follow one another from where their range begins", () => {
  const numbers = (kind: string) =>
    Object.entries(status)
      .filter(([name]) => name.startsWith(kind))
      .map(([, value]) => -value)
      .sort((a, b) => a - b);
  const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
  expect([status.OK, status.INCOMPLETE, status.FULL, status.NOTHING]).toEqual([0, -1, -2, -3]);
  expect(numbers("MISUSE_")).toEqual(from(16, 12));
  expect(numbers("MALFORMED_")).toEqual(from(33, 14));
  expect(numbers("UNEXPECTED_")).toEqual(from(64, 12));
  expect(numbers("ENDED_")).toEqual(from(80, 6));
});
