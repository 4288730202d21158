/**
 * What a server of MQTT 5.0 answers, where the reason code alone would not tell: which rule is broken, what stands in every part of what
 * is taken, and property blocks on each side of a length of two bytes.
 */
import { describe, expect, it } from "vitest";
import * as status from "../../../assembly/status.ts";
import { FROM_SERVER } from "../../wire/reasons.ts";
import { codecBuilds } from "../builds.ts";
import { props } from "../session/endpoint5.ts";
import { AT, decode5, place5 } from "./codec5.ts";

const builds = await codecBuilds();

const { MALFORMED_SIZE, MALFORMED_ID, MALFORMED_PROPERTIES, MALFORMED_PROPERTY, MALFORMED_LENGTH } = status;
const { MALFORMED_CONNACK_FLAGS, MALFORMED_CONNACK_SESSION, MALFORMED_TOPIC, MALFORMED_UTF8 } = status;
const { UNEXPECTED_REASON, UNEXPECTED_PROPERTY, UNEXPECTED_VALUE, UNEXPECTED_TOPIC, UNEXPECTED_AUTHENTICATION } =
  status;

/** A packet of less than 128 bytes behind its header. */
const packet = (first: number, ...body: number[]): number[] => [first, body.length, ...body];
const NAME = [0, 1, 0x61];
/** The topic "#", and a block that would stand there if its size were the byte of its name, with an alias: 35 bytes. */
const HIDDEN = [0, 1, 0x23, 0x23, 0, 1, 0x26, ...NAME, 0, 26, ...Array<number>(26).fill(0x62)];

const FAULTS: readonly (readonly [what: string, fault: number, bytes: number[]])[] = [
  ["CONNACK of nothing", MALFORMED_SIZE, packet(0x20)],
  ["CONNACK without a reason", MALFORMED_SIZE, packet(0x20, 0)],
  ["CONNACK without properties", MALFORMED_PROPERTIES, packet(0x20, 0, 0)],
  ["CONNACK of 3.1.1 that refuses and has a session", UNEXPECTED_REASON, packet(0x20, 1, 1)],
  ["CONNACK with flags of 2", MALFORMED_CONNACK_FLAGS, packet(0x20, 2, 0, 0)],
  ["CONNACK that refuses and has a session", MALFORMED_CONNACK_SESSION, packet(0x20, 1, 0x80, 0)],
  ["CONNACK with a byte behind", MALFORMED_SIZE, packet(0x20, 0, 0, 0, 0)],
  ["CONNACK with code 1 and properties", UNEXPECTED_REASON, packet(0x20, 0, 1, 0)],
  ["PUBACK of nothing", MALFORMED_SIZE, packet(0x40)],
  ["PUBACK of one byte", MALFORMED_SIZE, packet(0x40, 1)],
  ["PUBACK with identifier 0", MALFORMED_ID, packet(0x40, 0, 0)],
  ["PUBACK with code 1", UNEXPECTED_REASON, packet(0x40, 0, 1, 1)],
  ["PUBREL with code 0x91", UNEXPECTED_REASON, packet(0x62, 0, 1, 0x91)],
  ["PUBACK with a byte behind", MALFORMED_SIZE, packet(0x40, 0, 1, 0, 0, 0)],
  ["SUBACK without properties", MALFORMED_PROPERTIES, packet(0x90, 0, 1)],
  ["SUBACK without codes", MALFORMED_SIZE, packet(0x90, 0, 1, 0)],
  ["SUBACK whose last code may not be", UNEXPECTED_REASON, packet(0x90, 0, 1, 0, 0, 1, 2, 3)],
  ["UNSUBACK without properties", MALFORMED_PROPERTIES, packet(0xb0, 0, 1)],
  ["UNSUBACK without codes", MALFORMED_SIZE, packet(0xb0, 0, 1, 0)],
  ["UNSUBACK whose first code may not be", UNEXPECTED_REASON, packet(0xb0, 0, 1, 0, 1, 0)],
  ["PINGRESP with a body", MALFORMED_SIZE, packet(0xd0, 0)],
  ["DISCONNECT with code 4", UNEXPECTED_REASON, packet(0xe0, 4)],
  ["DISCONNECT with a byte behind", MALFORMED_SIZE, packet(0xe0, 0, 0, 0)],
  ["AUTH with code 0x19", UNEXPECTED_REASON, packet(0xf0, 0x19, ...props(0x15, ...NAME))],
  ["AUTH with data alone", UNEXPECTED_AUTHENTICATION, packet(0xf0, 0x18, ...props(0x16, ...NAME))],
  ["a length in two bytes for one", MALFORMED_LENGTH, [0xe0, 0x81, 0x00, 0]],
  ["a block in two bytes for one", MALFORMED_PROPERTIES, packet(0x40, 0, 1, 0, 0x80, 0)],
  ["a block longer than its packet", MALFORMED_PROPERTIES, packet(0x40, 0, 1, 0, 1)],
  ["a property that may not stand there", MALFORMED_PROPERTY, packet(0x40, 0, 1, 0, ...props(0x23, 0, 1))],
  ["a property twice", UNEXPECTED_PROPERTY, packet(0x20, 0, 0, ...props(0x24, 1, 0x24, 1))],
  ["a value above 1", UNEXPECTED_VALUE, packet(0x20, 0, 0, ...props(0x24, 2))],
  ["a reason that is not UTF-8", MALFORMED_UTF8, packet(0x40, 0, 1, 0, ...props(0x1f, 0, 1, 0xff))],
  [
    "a topic that is a wildcard, with an alias",
    MALFORMED_TOPIC,
    packet(0x30, ...NAME.slice(0, 2), 0x2b, 3, 0x23, 0, 1),
  ],
  ["a topic that could be taken for properties", MALFORMED_TOPIC, packet(0x30, ...HIDDEN)],
  ["a response topic that is empty", MALFORMED_TOPIC, packet(0x30, ...NAME, ...props(0x08, 0, 0))],
  ["no topic and no alias", UNEXPECTED_TOPIC, packet(0x30, 0, 0, 0)],
  ["no topic and no alias among others", UNEXPECTED_TOPIC, packet(0x30, 0, 0, ...props(0x01, 1))],
  ["QoS 1 and half an identifier", MALFORMED_SIZE, packet(0x32, ...NAME, 0)],
];

describe.each(builds)("answers of a server of 5.0, $name", build => {
  it.each(FAULTS)("names what is wrong with %s", (_, fault, bytes) => {
    expect(decode5(build, bytes)).toBe(fault);
  });

  const empty = { number: 0, code: 0, properties: [], topic: "", rest: [] };
  it.each([
    ["CONNACK with a session", packet(0x20, 1, 0, 0), { type: 2, number: 0x100 }],
    ["CONNACK of 3.1.1 that refuses the version", packet(0x20, 0, 1), { type: 2, code: 1 }],
    ["PUBACK of two bytes", packet(0x40, 1, 2), { type: 4, number: 0x102 }],
    ["PUBACK with identifier 256 and a code", packet(0x40, 1, 0, 0x97), { type: 4, number: 0x100, code: 0x97 }],
    ["PUBREC with a code", packet(0x50, 1, 2, 0x97), { type: 5, number: 0x102, code: 0x97 }],
    ["PUBCOMP with a code and no properties", packet(0x70, 0, 1, 0x92, 0), { type: 7, number: 1, code: 0x92 }],
    ["SUBACK with every code granted", packet(0x90, 0, 3, 0, 2, 1, 0), { type: 9, number: 3, rest: [2, 1, 0] }],
    ["UNSUBACK", packet(0xb0, 0, 3, 0, 0, 0x11), { type: 11, number: 3, code: 0x11, rest: [0, 0x11] }],
    ["PINGRESP", packet(0xd0), { type: 13 }],
    ["DISCONNECT of nothing", packet(0xe0), { type: 14 }],
    ["DISCONNECT with a code", packet(0xe0, 0x8b), { type: 14, code: 0x8b }],
    ["AUTH of nothing", packet(0xf0), { type: 15 }],
    ["AUTH with a method", packet(0xf0, 0x18, 4, 0x15, ...NAME), { type: 15, code: 0x18, properties: [0x15, ...NAME] }],
  ])("reads %s", (_, bytes, read) => {
    expect(decode5(build, bytes)).toEqual({ ...empty, ...read });
  });

  it("may carry what the tables say and nothing else, and says so with 1 or 0", () => {
    for (const { name, before, codes } of FROM_SERVER) {
      const carried = Array.from({ length: 256 }, (_, code) => build.core.mayCarry(before[0] >> 4, code));
      expect([name, carried]).toEqual([name, carried.map((_, code) => (codes.includes(code) ? 1 : 0))]);
    }
  });

  it.each([1, 125, 126, 127, 128, 129])("finds what stands in a block of %d bytes and 4 more", more => {
    const size = more + 4;
    // A keep-alive behind a reason in words, or before it where there is no room for one.
    const list =
      more < 3 ? [0x13, 0x12, 0x34] : [0x1f, 0, more - 2, ...Array<number>(more - 2).fill(0x7a), 0x13, 0x12, 0x34];
    const block = [...props(...list)];
    place5(build, block);
    expect([size, build.core.blockEnd(AT, AT + block.length, -1)]).toEqual([size, AT + block.length]);
    expect(build.core.numberOf(AT, 0x13, -1)).toBe(0x1234);
    expect(build.core.numberOf(AT, 0x21, -1)).toBe(-1);
    expect(build.core.propertiesAt(AT)).toBe(AT + block.length - list.length);
    expect(build.core.propertiesEnd(AT)).toBe(AT + block.length);
  });

  it("pass on what was wrong before", () => {
    for (const fault of [MALFORMED_SIZE, MALFORMED_TOPIC, -1]) {
      expect(build.core.blockEnd(fault, AT, -1)).toBe(fault);
      expect(build.core.fieldEnd(fault, AT, 1)).toBe(fault);
    }
  });
});
