/**
 * The remaining length: MQTT 3.1.1 section 2.2.3, table 2.4.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INCOMPLETE, MALFORMED_LENGTH } from "../../../assembly/status.ts";
import { codecBuilds, coreBuilds } from "../builds.ts";
import { Endpoint } from "../session/endpoint.ts";
import { message } from "../session/large.ts";
import { AT, place } from "./codec.ts";

const builds = await codecBuilds();

/** Table 2.4: the first and the last value of each size, and what lies between. */
const TABLE: readonly [value: number, bytes: number[]][] = [
  [0, [0x00]],
  [1, [0x01]],
  [127, [0x7f]],
  [128, [0x80, 0x01]],
  [321, [0xc1, 0x02]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 0x01]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  [268_435_455, [0xff, 0xff, 0xff, 0x7f]],
];

describe.each(builds)("the remaining length, $name", build => {
  const { core } = build;

  it.each(TABLE)("writes and reads %d", (value, bytes) => {
    expect(core.varintSize(value)).toBe(bytes.length);
    build.forgetAll();
    build.declare(AT, bytes.length);
    expect(core.writeVarint(AT, value)).toBe(AT + bytes.length);
    expect([...core.bytes.subarray(AT, AT + bytes.length)]).toEqual(bytes);
    place(build, bytes);
    expect(core.readLength(AT, AT + bytes.length)).toBe(bytes.length + value);
    // More than there is changes nothing: the last byte says that it is the last.
    expect(core.readLength(AT, AT + 9)).toBe(bytes.length + value);
    for (let available = 0; available < bytes.length; available++) {
      place(build, bytes.slice(0, available));
      expect(core.readLength(AT, AT + available)).toBe(INCOMPLETE);
    }
  });

  it("reads a longer form than it needs, which 3.1.1 does not forbid", () => {
    for (const [size, bytes] of [
      [2, [0x85, 0x00]],
      [3, [0x85, 0x80, 0x00]],
      [4, [0x85, 0x80, 0x80, 0x00]],
    ] as const) {
      place(build, bytes);
      expect(core.readLength(AT, AT + size)).toBe(size + 5);
    }
    place(build, [0xd0, 0x80, 0x80, 0x00]);
    expect(core.packetSize(AT, 4, 0)).toBe(4);
    expect(core.bodyAt(AT)).toBe(AT + 4);
    expect(core.packetEnd(AT)).toBe(AT + 4);
  });

  it("refuses a fourth byte that is not the last, and looks at no fifth", () => {
    place(build, [0x80, 0x80, 0x80, 0x80]);
    expect(core.readLength(AT, AT + 4)).toBe(MALFORMED_LENGTH);
    expect(core.readLength(AT, AT + 5)).toBe(MALFORMED_LENGTH);
    expect(core.readLength(AT, AT + 3)).toBe(INCOMPLETE);
  });

  it("brings every value back", () => {
    build.declare(AT, 4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 268_435_455 }), value => {
        const size = core.writeVarint(AT, value) - AT;
        expect(size).toBe(core.varintSize(value));
        expect(core.readLength(AT, AT + size)).toBe(size + value);
      }),
      { numRuns: 2000 },
    );
  });

  it("gives the size of the largest packet that there is", () => {
    place(build, [0x30, 0xff, 0xff, 0xff, 0x7f]);
    expect(core.packetSize(AT, 5, 0)).toBe(268_435_460);
  });
});

describe.each(await coreBuilds())(
  "the remaining length of a message whose topic the region cannot hold, $name",
  build => {
    it.each([100, 123, 124, 130, 200, 16_400])("stays as long as it was while %d bytes of topic pass", size => {
      const endpoint = new Endpoint(build, { receive: 64 }).online();
      endpoint.receive(Buffer.concat([message(1, "t".repeat(size), "x"), message(0, "next", "")]));
      expect(endpoint.takeEvents()).toMatchObject([
        { type: "oversize", id: 7 },
        { type: "message", topic: "next" },
      ]);
      expect(endpoint.takeLines()).toEqual(["puback 7"]);
    });
  },
);
