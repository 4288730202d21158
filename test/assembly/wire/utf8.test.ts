/**
 * UTF-8 as MQTT 3.1.1 section 1.5.3 restricts it, against the platform's own encoder and validator: every sequence of one and
 * two bytes, every one of three, and of four every lead with every second byte.
 */
import { isUtf8 as isUtf8ForNode } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CodecBuild, codecBuilds } from "../builds.ts";
import { AT, place } from "./codec.ts";

const builds = await codecBuilds();

/** The oracle: what Node takes for UTF-8, without U+0000. */
function isAllowed(bytes: Uint8Array): boolean {
  return isUtf8ForNode(bytes) && !bytes.includes(0);
}

function isUtf8(build: CodecBuild, bytes: Uint8Array): boolean {
  place(build, bytes);
  return build.core.isUtf8(AT, bytes.length) === 1;
}

/** One bit a sequence of `size` bytes, set where TextEncoder writes it for one code point. */
function encodedSequences(size: number, from: number, to: number): Uint8Array {
  const encoder = new TextEncoder();
  const found = new Uint8Array(256 ** size);
  for (let code = from; code <= to; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    let index = 0;
    for (const byte of encoder.encode(String.fromCodePoint(code))) index = index * 256 + byte;
    found[index] = 1;
  }
  return found;
}

const ones = encodedSequences(1, 1, 0x7f);
const twos = encodedSequences(2, 0x80, 0x7ff);
const threes = encodedSequences(3, 0x800, 0xffff);

/** Whether three bytes are characters of 1 + 1 + 1, 1 + 2, 2 + 1 or 3 bytes. */
function areCharacters(a: number, b: number, c: number): number {
  const first = a * 256 + b;
  const last = b * 256 + c;
  return (ones[a] & ((ones[b] & ones[c]) | twos[last])) | (twos[first] & ones[c]) | threes[first * 256 + c];
}

describe.each(builds)("UTF-8, $name", build => {
  const { core } = build;

  it("agrees on every sequence of one and two bytes, at every place among ASCII", () => {
    build.declare(AT, 8);
    for (const [before, after] of build.isGuarded
      ? [
          [0, 0],
          [3, 1],
        ]
      : [
          [0, 0],
          [1, 0],
          [2, 1],
          [3, 0],
          [4, 2],
        ]) {
      const bytes = new Uint8Array(before + 2 + after).fill(0x61);
      for (let pair = 0; pair < 65536; pair++) {
        bytes[before] = pair >> 8;
        bytes[before + 1] = pair & 0xff;
        build.write(AT, bytes);
        const expected = (ones[pair >> 8] & ones[pair & 0xff]) | twos[pair] ? 1 : 0;
        if (core.isUtf8(AT, bytes.length) !== expected) expect.unreachable(`${bytes} is ${expected}`);
      }
    }
    for (let byte = 0; byte < 256; byte++) expect(isUtf8(build, Uint8Array.of(byte))).toBe(ones[byte] === 1);
  });

  it("agrees on every sequence of three bytes", () => {
    build.declare(AT, 3);
    build.write(AT, [0, 0, 0]);
    const lasts = build.isGuarded
      ? [0x00, 0x2f, 0x7f, 0x80, 0xbf, 0xc0, 0xff]
      : Array.from({ length: 256 }, (_, c) => c);
    for (let a = 0; a < 256; a++) {
      core.bytes[AT] = a;
      for (let b = 0; b < 256; b++) {
        core.bytes[AT + 1] = b;
        for (const c of lasts) {
          core.bytes[AT + 2] = c;
          const expected = areCharacters(a, b, c);
          if (core.isUtf8(AT, 3) !== expected) expect.unreachable(`${[a, b, c]} is ${expected}`);
        }
      }
    }
  });

  it("agrees on four bytes, every lead and second byte, continued by each side of every boundary", () => {
    const edges = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    build.declare(AT, 4);
    for (let a = 0xe0; a < 256; a++) {
      for (let b = 0; b < 256; b++) {
        for (const c of build.isGuarded ? [0x7f, 0x80, 0xbf, 0xc0] : edges) {
          for (const d of build.isGuarded ? [0x80, 0xc0] : edges) {
            const bytes = Uint8Array.of(a, b, c, d);
            build.write(AT, bytes);
            const expected = isAllowed(bytes) ? 1 : 0;
            if (core.isUtf8(AT, 4) !== expected) expect.unreachable(`${bytes} is ${expected}`);
          }
        }
      }
    }
  });

  it("takes every code point but U+0000", () => {
    const encoder = new TextEncoder();
    const step = build.isGuarded ? 61 : 1;
    build.declare(AT, 4);
    for (let code = 1; code <= 0x10ffff; code += step) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const bytes = encoder.encode(String.fromCodePoint(code));
      build.write(AT, bytes);
      if (core.isUtf8(AT, bytes.length) !== 1) expect.unreachable(`U+${code.toString(16)} was refused`);
    }
  });

  it("agrees on random texts, whole and damaged", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.array(fc.record({ at: fc.nat(200), byte: fc.nat(255) }), { maxLength: 3 }),
        (text, damages) => {
          const bytes = new TextEncoder().encode(text);
          for (const { at, byte } of damages) if (at < bytes.length) bytes[at] = byte;
          expect(isUtf8(build, bytes)).toBe(isAllowed(bytes));
        },
      ),
      { numRuns: build.isGuarded ? 500 : 3000 },
    );
  });
});
