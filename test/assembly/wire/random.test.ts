/**
 * Bytes that no server would send: whatever they are, the codec answers, reads no byte that is not there, and ends.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INCOMPLETE } from "../../../assembly/status.ts";
import { EFFORT } from "../../effort.ts";
import { codecBuilds } from "../builds.ts";
import { AT, decode, place } from "./codec.ts";
import { VECTORS } from "./vectors.ts";

const builds = await codecBuilds();
const received = VECTORS.filter(vector => vector.way !== "out");

const rubbish = fc.uint8Array({ maxLength: 64 });

/** A first byte that a server could send, a length that is nearly right, and rubbish. */
const nearly = fc
  .tuple(
    fc.constantFrom(0x20, 0x30, 0x32, 0x34, 0x3b, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0),
    rubbish,
    fc.integer({ min: -2, max: 2 }),
  )
  .map(([first, body, error]) => Uint8Array.of(first, Math.max(0, body.length + error), ...body));

/** A packet with one byte changed. */
const damaged = fc
  .tuple(fc.constantFrom(...received), fc.nat(200), fc.nat(255))
  .map(([{ bytes }, at, byte]) => Uint8Array.from(bytes, (old, index) => (index === at % bytes.length ? byte : old)));

const anything = fc.oneof(rubbish, nearly, damaged);

/** An answer of status.ts that says whose fault it is: the peer's, or nobody's yet. */
function isRefusal(answer: number): boolean {
  return answer === INCOMPLETE || (answer <= -32 && answer >= -79);
}

describe.each(builds)("random bytes, $name", build => {
  it("are a packet, a refusal, or not all of a packet", () => {
    fc.assert(
      fc.property(anything, bytes => {
        const answer = decode(build, bytes);
        if (typeof answer === "number") expect(isRefusal(answer)).toBe(true);
        else expect(build.core.packetSize(AT, bytes.length, 0)).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 3000 * EFFORT },
    );
  });

  it("are judged alike however many of them have come, once they are judged", () => {
    fc.assert(
      fc.property(anything, bytes => {
        const last = decode(build, bytes);
        if (typeof last !== "number" || last === INCOMPLETE) return;
        for (let size = 0; size < bytes.length; size++) {
          const answer = decode(build, bytes.slice(0, size));
          expect([INCOMPLETE, last]).toContain(answer);
        }
      }),
      { numRuns: 500 * EFFORT },
    );
  });

  it("are counted or refused as a list of filters", () => {
    const list = fc.oneof(
      rubbish,
      fc
        .array(rubbish, { maxLength: 4 })
        .map(parts => Uint8Array.from(parts.flatMap(part => [0, part.length, ...part]))),
    );
    fc.assert(
      fc.property(list, fc.constantFrom(0, 1), (bytes, optionSize) => {
        place(build, bytes);
        const answer = build.core.countFilters(AT, AT + bytes.length, optionSize, 0);
        expect(answer > 0 || (answer <= -16 && answer >= -31)).toBe(true);
      }),
      { numRuns: 1000 * EFFORT },
    );
  });

  it("are taken or refused as the fields of CONNECT", () => {
    fc.assert(
      fc.property(fc.nat(255), rubbish, (flags, payload) => {
        build.forgetAll();
        build.declare(AT, 2 + 10 + 2 * (flags & 1) + payload.length);
        build.write(build.core.beginConnect(AT, flags, 60, payload.length, 0), payload);
        const answer = build.core.checkConnect(AT, build.core.packetEnd(AT), 0);
        expect(answer === 0 || (answer <= -16 && answer >= -31)).toBe(true);
      }),
      { numRuns: 1000 * EFFORT },
    );
  });
});

describe("the three builds", () => {
  it("answer alike", () => {
    fc.assert(
      fc.property(anything, bytes => {
        const [first, ...others] = builds.map(build => decode(build, bytes));
        for (const other of others) expect(other).toEqual(first);
      }),
      { numRuns: 3000 * EFFORT },
    );
  });
});
