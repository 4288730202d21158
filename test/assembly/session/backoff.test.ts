/**
 * The wait between two attempts to connect: doubled, drawn from a seed, begun again after a success.
 */
import { describe, expect, it } from "vitest";
import * as state from "../../../assembly/session/transitions.ts";
import { coreBuilds } from "../builds.ts";
import { Endpoint } from "./endpoint.ts";

const builds = await coreBuilds();

describe.each(builds)("the wait before the next attempt, $name", build => {
  /** The waits after `count` attempts that fail at once. */
  function waits(endpoint: Endpoint, count: number): number[] {
    return Array.from({ length: count }, () => {
      endpoint.close();
      const wait = endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs);
      endpoint.advance(wait - 1);
      expect(endpoint.state).toBe(state.WAITING);
      endpoint.advance(1);
      expect(endpoint.takeEvents().at(-1)).toEqual({ type: "open" });
      return wait;
    });
  }

  it("doubles up to the most, of which the second half is drawn", () => {
    for (let seed = 1; seed <= 50; seed++) {
      const endpoint = new Endpoint(build, { backoffMinMs: 1000, backoffMaxMs: 60_000, seed });
      endpoint.connect();
      endpoint.takeEvents();
      waits(endpoint, 12).forEach((wait, attempt) => {
        const most = Math.min(1000 * 2 ** attempt, 60_000);
        expect(wait).toBeGreaterThanOrEqual(most / 2);
        expect(wait).toBeLessThanOrEqual(most);
      });
    }
  });

  it("is the same for the same seed, and spread over its range for others", () => {
    const first = (seed: number): number => {
      const endpoint = new Endpoint(build, { backoffMinMs: 10_000, seed });
      endpoint.connect();
      endpoint.takeEvents();
      return waits(endpoint, 1)[0];
    };
    const drawn = Array.from({ length: 200 }, (_, seed) => first(seed * 7919 + 1));
    expect(first(7920)).toBe(drawn[1]);
    expect(new Set(drawn).size).toBeGreaterThan(150);
    expect(Math.min(...drawn)).toBeLessThan(5300);
    expect(Math.max(...drawn)).toBeGreaterThan(9700);
    const mean = drawn.reduce((sum, wait) => sum + wait) / drawn.length;
    expect(Math.abs(mean - 7500)).toBeLessThan(300);
  });

  it("is drawn by Marsaglia's generator, so that a simulation can be had again from its seed", () => {
    for (const seed of [0, 1, 69_069, 0x7fff_ffff]) {
      const endpoint = new Endpoint(build, { backoffMinMs: 1000, backoffMaxMs: 8000, seed });
      endpoint.connect();
      endpoint.takeEvents();
      let random = seed;
      const expected = Array.from({ length: 20 }, (_, attempt) => {
        random = (Math.imul(random, 69_069) + 1) | 0;
        const most = Math.min(1000 * 2 ** attempt, 8000);
        return most - (((random >>> 8) & 0x7f_ffff) % (most / 2 + 1));
      });
      expect(waits(endpoint, 20)).toEqual(expected);
    }
  });

  it("begins again after a success", () => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    endpoint.takeEvents();
    expect(waits(endpoint, 8).at(-1)).toBeGreaterThan(60_000 - 1);
    endpoint.accept();
    expect(waits(endpoint, 1)[0]).toBeLessThanOrEqual(1000);
  });

  it("begins again after a farewell, which is no failure", () => {
    const endpoint = new Endpoint(build);
    endpoint.connect();
    endpoint.takeEvents();
    waits(endpoint, 8);
    endpoint.disconnect();
    endpoint.close();
    expect(endpoint.state).toBe(state.IDLE);
    endpoint.connect();
    endpoint.takeEvents();
    expect(waits(endpoint, 2)[1]).toBeLessThanOrEqual(2000);
  });

  it("keeps to its bounds with the least and the largest settings", () => {
    for (const [least, most] of [
      [1, 1],
      [1, 0x3fff_ffff],
      [0x3fff_ffff, 0x3fff_ffff],
      [5000, 1000],
    ]) {
      const endpoint = new Endpoint(build, { backoffMinMs: least, backoffMaxMs: most });
      endpoint.connect();
      for (let attempt = 0; attempt < 40; attempt++) {
        endpoint.close();
        const wait = endpoint.core.nextTimeout(endpoint.client, endpoint.nowMs);
        expect(wait).toBeGreaterThanOrEqual(Math.floor(Math.min(least, most) / 2));
        expect(wait).toBeLessThanOrEqual(most);
        endpoint.advance(wait);
      }
    }
  });
});
