/**
 * What a client of MQTT 5.0 refuses, and with which reason code: every row, whole and cut, on all three builds of the codec.
 */
import { parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { INCOMPLETE } from "../../../assembly/status.ts";
import { codecBuilds } from "../builds.ts";
import { decode5 } from "./codec5.ts";
import { REFUSALS5 } from "./refusals5.ts";

const builds = await codecBuilds();

describe("the rows", () => {
  it("are at least 90 with a number of the standard, and no two the same", () => {
    expect(REFUSALS5.filter(({ rule }) => rule.startsWith("MQTT-")).length).toBeGreaterThanOrEqual(90);
    expect(new Set(REFUSALS5.map(({ bytes }) => bytes.join())).size).toBe(REFUSALS5.length);
    for (const { rule } of REFUSALS5) expect(rule).toMatch(/^(MQTT-\d\.\d+\.\d-\d+|\d(\.\d+){1,4})$/);
  });

  it("name every packet that a server sends", () => {
    const types = new Set(REFUSALS5.map(({ bytes }) => bytes[0] >> 4));
    for (const type of [2, 3, 4, 5, 6, 7, 9, 11, 13, 14, 15]) expect(types).toContain(type);
  });
});

describe.each(builds)("the codec of 5.0, $name", build => {
  it.each(REFUSALS5)("refuses $what [$rule]", ({ bytes, reason }) => {
    const answer = decode5(build, bytes);
    expect(answer).toBeTypeOf("number");
    expect(answer).not.toBe(INCOMPLETE);
    expect([answer, build.core.reasonFor(answer as number)]).toEqual([answer, reason]);
  });

  it("asks for more of them or refuses them alike, wherever they are cut", () => {
    for (const { what, bytes } of REFUSALS5) {
      const whole = decode5(build, bytes);
      for (let size = 0; size < bytes.length; size++) {
        const answer = decode5(build, bytes.slice(0, size));
        expect([what, size, answer === INCOMPLETE || answer === whole]).toEqual([what, size, true]);
      }
    }
  });
});

describe("mqtt-packet, for comparison", () => {
  it("takes rows that break a rule, so it is no judge of them", () => {
    const taken = REFUSALS5.filter(({ bytes }) => {
      const reader = parser({ protocolVersion: 5 });
      let isTaken = false;
      reader.on("packet", () => {
        isTaken = true;
      });
      reader.on("error", () => {});
      try {
        reader.parse(Buffer.from(bytes));
      } catch {
        return false;
      }
      return isTaken;
    });
    expect(taken.length).toBeGreaterThan(20);
    expect(taken.length).toBeLessThan(REFUSALS5.length);
  });
});
