/** From a stream to packets (2.2): where each lies, what is copied and what is not, and each bound of a Remaining Length. */
import { describe, expect, it } from "vitest";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { lengthSize, MAX_REMAINING_LENGTH, writeLength } from "../../../host/broker/codec/length.ts";
import { RULES_3, RULES_5 } from "../../../host/broker/codec/rules.ts";

const PING = [0xc0, 0];
const PUBLISH = [0x30, 5, 0, 1, 0x61, 0x78, 0x79];

/** The packet that was found, from its first byte. */
const found = ({ bytes, first, start, end }: Framer): number[] => [first, ...bytes.subarray(start, end)];

/** Remaining Lengths at each change of their size (table 2.4), as they are written. */
const LENGTHS: readonly (readonly [length: number, field: readonly number[]])[] = [
  [0, [0]],
  [1, [1]],
  [127, [0x7f]],
  [128, [0x80, 1]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 1]],
  [2_097_151, [0xff, 0xff, 0x7f]],
  [2_097_152, [0x80, 0x80, 0x80, 1]],
  [MAX_REMAINING_LENGTH, [0xff, 0xff, 0xff, 0x7f]],
];

describe("a Remaining Length", () => {
  it.each(LENGTHS)("of %i is written as %j", (length, field) => {
    const target = new Uint8Array(6).fill(0xaa);
    expect(writeLength(target, 1, length)).toBe(1 + field.length);
    expect([...target]).toEqual([0xaa, ...field, ...Array(5 - field.length).fill(0xaa)]);
    expect(lengthSize(length)).toBe(field.length);
  });

  it.each(LENGTHS)("of %i closes over the packet where it is too large, and only there", (length, field) => {
    const size = 1 + field.length + length;
    for (const [rules, rule] of [
      [RULES_3, "limit"],
      [RULES_5, "MQTT-3.2.2-15"],
    ] as const) {
      for (const isCut of [false, true]) {
        const small = new Framer(size - 1);
        small.rules = rules;
        const head = Uint8Array.of(0x30, ...field);
        if (isCut) {
          small.feed(head.subarray(0, 1));
          expect(small.next()).toBe(false);
        }
        small.feed(isCut ? head.subarray(1) : head);
        expect(() => small.next()).toThrow(`[${rule}] a PUBLISH of ${size} bytes is over the maximum of ${size - 1}`);
        const large = new Framer(size);
        large.rules = rules;
        large.feed(head);
        expect(large.next()).toBe(length === 0);
      }
    }
  });

  it.each([
    [RULES_3, "MQTT 2.2.3"],
    [RULES_5, "MQTT 1.5.5"],
  ])("has four bytes at most: %#", (rules, rule) => {
    const make = (): Framer => Object.assign(new Framer(1e9), { rules });
    const said = `[${rule}] a Remaining Length has four bytes at most`;
    const whole = make();
    whole.feed(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80));
    expect(() => whole.next()).toThrow(said);
    const cut = make();
    cut.feed(Uint8Array.of(0x30, 0xff, 0xff, 0xff));
    // The fourth may still be its last.
    expect(cut.next()).toBe(false);
    cut.feed(Uint8Array.of(0x80));
    expect(() => cut.next()).toThrow(said);
  });

  it.each([
    [[0], false],
    [[0x80, 0], true],
    [[0x80, 0x80, 0], true],
    [[0x80, 0x80, 0x80, 0], true],
    [[0x82, 0], true],
    [[0x80, 1], false],
  ])("%j is longer than it needs to be: %j, which 3.1.1 notes and 5.0 refuses [MQTT-1.5.5-1]", (field, isLong) => {
    const bytes = Uint8Array.of(0x30, ...field, ...Array(128).fill(7));
    const framer = new Framer(1000);
    framer.feed(bytes);
    expect([framer.hasLongLength, framer.next(), framer.hasLongLength]).toEqual([false, true, isLong]);
    expect([framer.start, framer.end - framer.start]).toEqual([
      1 + field.length,
      field[0] === 0x82 ? 2 : field[1] === 1 ? 128 : 0,
    ]);
    const five = new Framer(1000);
    five.rules = RULES_5;
    five.feed(bytes);
    if (isLong) expect(() => five.next()).toThrow("[MQTT-1.5.5-1] the Remaining Length is longer");
    else expect(five.next()).toBe(true);
  });
});

describe("packets of a chunk", () => {
  it("are found where they lie, one after the other", () => {
    const framer = new Framer(100);
    const chunk = Uint8Array.from([...PUBLISH, ...PING, ...PUBLISH]);
    framer.feed(chunk);
    for (const [first, start, end] of [
      [0x30, 2, 7],
      [0xc0, 9, 9],
      [0x30, 11, 16],
    ]) {
      expect(framer.next()).toBe(true);
      expect([framer.first, framer.start, framer.end]).toEqual([first, start, end]);
      // No copy.
      expect(framer.bytes).toBe(chunk);
    }
    expect(framer.next()).toBe(false);
    // Nor is the chunk held on to.
    expect(framer.bytes).toHaveLength(0);
    expect(framer.heldFirst).toBe(-1);
  });

  it("are copied where they began in another, and those behind them are not", () => {
    for (let cut = 1; cut < PUBLISH.length; cut++) {
      const framer = new Framer(100);
      const begin = Uint8Array.from([...PING, ...PUBLISH.slice(0, cut)]);
      framer.feed(begin);
      expect(framer.heldFirst).toBe(-1);
      expect([framer.next(), found(framer)]).toEqual([true, [0xc0]]);
      expect([framer.next(), framer.heldFirst]).toEqual([false, 0x30]);
      begin.fill(0xee);
      const end = Uint8Array.from([...PUBLISH.slice(cut), ...PING]);
      framer.feed(end);
      expect([framer.next(), found(framer)]).toEqual([true, [0x30, ...PUBLISH.slice(2)]]);
      expect([framer.start, framer.end, framer.heldFirst]).toEqual([2, PUBLISH.length, -1]);
      expect([framer.next(), found(framer)]).toEqual([true, [0xc0]]);
      expect(framer.bytes).toBe(end);
      expect(framer.next()).toBe(false);
    }
  });

  it("begin anew behind a chunk that is fed before the last was read", () => {
    const framer = new Framer(100);
    framer.feed(Uint8Array.from([...PUBLISH, ...PING]));
    framer.next();
    framer.feed(Uint8Array.from(PING));
    expect([framer.next(), found(framer)]).toEqual([true, [0xc0]]);
  });

  it("of which one is a byte and the length that it lacks", () => {
    const framer = new Framer(100);
    framer.feed(Uint8Array.of(0xd0));
    expect([framer.next(), framer.heldFirst]).toEqual([false, 0xd0]);
    framer.feed(new Uint8Array(0));
    expect([framer.next(), framer.heldFirst]).toEqual([false, 0xd0]);
    framer.feed(Uint8Array.of(0));
    expect([framer.next(), found(framer)]).toEqual([true, [0xd0]]);
  });

  it.each([63, 64, 65, 128, 129, 1000])("arrive in two chunks or in many, of %i bytes", size => {
    const body = Array.from({ length: size }, (_, index) => index & 0xff);
    const bytes = Uint8Array.from([0x30, ...(size < 128 ? [size] : [(size & 127) | 128, size >> 7]), ...body]);
    for (const pieceSize of [1, 7, 62, 63, 64, 65, bytes.length - 1]) {
      const framer = new Framer(2000);
      for (let at = 0; at < bytes.length; at += pieceSize) {
        framer.feed(bytes.slice(at, at + pieceSize));
        expect(framer.next()).toBe(at + pieceSize >= bytes.length);
      }
      expect(found(framer)).toEqual([0x30, ...body]);
    }
  });
});

describe("the rest of a chunk", () => {
  it.each([Uint8Array, Buffer])("is given back as a copy, and is not read: %#", kind => {
    const framer = new Framer(100);
    const chunk = kind.from([...PING, ...PUBLISH, ...PING]);
    framer.feed(chunk);
    framer.next();
    const rest = framer.takeRest();
    chunk.fill(0xee);
    expect([...rest]).toEqual([...PUBLISH, ...PING]);
    expect([framer.next(), framer.bytes.length, framer.heldFirst]).toEqual([false, 0, -1]);
    framer.feed(rest);
    expect([framer.next(), found(framer)]).toEqual([true, [0x30, ...PUBLISH.slice(2)]]);
    expect([framer.next(), found(framer)]).toEqual([true, [0xc0]]);
    // Asked once more than there is anything, it goes on as before.
    expect([framer.next(), framer.next()]).toEqual([false, false]);
    framer.feed(Uint8Array.from(PUBLISH.slice(0, 4)));
    expect([framer.next(), framer.heldFirst]).toEqual([false, 0x30]);
    framer.feed(Uint8Array.from(PUBLISH.slice(4)));
    expect([framer.next(), found(framer)]).toEqual([true, [0x30, ...PUBLISH.slice(2)]]);
  });
});
