/**
 * UTF-8 as the standard restricts it (1.5.3; 5.0: 1.5.4) in the broker's codec, against the platform's own validator: every
 * first byte, and behind it those on each side of every boundary.
 */
import { isUtf8 } from "node:buffer";
import { describe, expect, it } from "vitest";
import { encodeData } from "../../../host/broker/codec/property-list.ts";
import { RULES_5 } from "../../../host/broker/codec/rules.ts";
import { checkUtf8, encodeText, readText } from "../../../host/broker/codec/utf8.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";

function refusalOf(bytes: readonly number[]): string {
  // What stands on both sides would carry a character on.
  const field = Uint8Array.of(0xc2, ...bytes, 0x80, 0x80, 0x80);
  try {
    checkUtf8(field, 1, 1 + bytes.length, "it");
    return "";
  } catch (error) {
    if (error instanceof Violation) return error.message;
    throw error;
  }
}

/** Throws where the two do not agree. */
function agrees(bytes: readonly number[]): void {
  const isAllowed = isUtf8(Uint8Array.from(bytes)) && !bytes.includes(0);
  if ((refusalOf(bytes) === "") !== isAllowed) expect.unreachable(`${bytes} is ${isAllowed ? "well" : "ill"}-formed`);
}

const LEADS = [
  0x00, 0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1,
].concat([0xf3, 0xf4, 0xf5, 0xff]);
const SECONDS = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
const LASTS = [0x41, 0x7f, 0x80, 0xbf, 0xc0];

describe("a string", () => {
  it("is what UTF-8 can be, of one and two bytes", () => {
    for (let a = 0; a < 256; a++) {
      agrees([a]);
      for (const b of SECONDS) agrees([a, b]);
    }
  });

  it("is what UTF-8 can be, of three and four bytes", () => {
    for (const a of LEADS) {
      for (const b of SECONDS) {
        for (const c of LASTS) {
          agrees([a, b, c]);
          for (const d of LASTS) agrees([a, b, c, d]);
        }
      }
    }
  });

  it.each([
    [[0x80], 0],
    [[0x61, 0xff, 0x61], 1],
    [[0x61, 0xc3, 0x28], 2],
    [[0x61, 0xe2, 0x82], 3],
    [[0xe2, 0x82, 0xac, 0xed, 0xa0, 0x80], 4],
    [[0xf0, 0x90, 0x80, 0x41], 3],
  ])("%j is refused at its byte %i", (bytes, offset) => {
    expect(refusalOf(bytes)).toBe(`[MQTT-1.5.3-1] it is not well-formed UTF-8 at its byte ${offset}`);
  });

  it("holds no U+0000, by the number of the connection's version", () => {
    expect(refusalOf([0x61, 0])).toBe("[MQTT-1.5.3-2] it holds U+0000");
    expect(() => checkUtf8(Uint8Array.of(0), 0, 1, "it", RULES_5)).toThrow("[MQTT-1.5.4-2] it holds U+0000");
    expect(() => checkUtf8(Uint8Array.of(0xff), 0, 1, "it", RULES_5)).toThrow("[MQTT-1.5.4-1]");
  });

  it("is read from its place in a view that begins in the middle of its memory", () => {
    const view = new Uint8Array(Uint8Array.from(Buffer.from("..xxäö€yy")).buffer, 2);
    expect(readText(view, 2, 9)).toBe("äö€");
  });

  it.each([0, 1, 255, 256, 65_535])("of %i bytes is written with its size in front", size => {
    const field = encodeText("x".repeat(size));
    expect([...field.subarray(0, 2), field.length]).toEqual([size >> 8, size & 255, 2 + size]);
    expect(field.subarray(2).every(byte => byte === 0x78)).toBe(true);
  });

  it("is 65,535 bytes at most, however many characters they are", () => {
    expect([...encodeText("€")]).toEqual([0, 3, 0xe2, 0x82, 0xac]);
    expect(encodeText("€".repeat(21_845))).toHaveLength(65_537);
    expect(() => encodeText("x".repeat(65_536))).toThrow("a string of 65536 bytes does not fit: 65535 at most");
    expect(() => encodeText("€".repeat(21_846))).toThrow(RangeError);
  });
});

describe("binary data", () => {
  it.each([0, 1, 255, 256, 0x102, 65_535])("of %i bytes have their size in front", size => {
    const data = Uint8Array.from({ length: size }, (_, index) => index & 0xff);
    const field = encodeData(data);
    expect([field[0], field[1], field.length]).toEqual([size >> 8, size & 255, 2 + size]);
    expect(Buffer.compare(field.subarray(2), data)).toBe(0);
  });

  it("are 65,535 bytes at most", () => {
    expect(() => encodeData(new Uint8Array(65_536))).toThrow(
      new RangeError("a field of 65536 bytes does not fit: 65535 at most"),
    );
  });
});
