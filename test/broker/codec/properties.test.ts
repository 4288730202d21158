/**
 * Table 2-4 of MQTT 5.0 and the values that the sections of its properties allow, written down once more: each property in
 * every packet and in a will, with the values on both sides of each bound, once, twice and cut short; and each identifier
 * that is none.
 */
import { describe, expect, it } from "vitest";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import type { Properties } from "../../../host/broker/codec/properties.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";
import { ID, KEEP_ALIVE, list, METHOD, MQTT5, text } from "./bytes5.ts";

const MALFORMED = 0x81;
const PROTOCOL = 0x82;
const ALIAS_INVALID = 0x94;

/** Bytes of a value, and what they say. */
type Meaning = readonly [bytes: readonly number[], value: unknown];

interface Kind {
  readonly allowed: readonly Meaning[];
  /** Bytes, and the reason code of their refusal. */
  readonly refused: readonly (readonly [bytes: readonly number[], code: number])[];
}

const TRUTH: Kind = {
  allowed: [
    [[0], 0],
    [[1], 1],
  ],
  refused: [
    [[2], PROTOCOL],
    [[255], PROTOCOL],
  ],
};
const TWO_BYTES: readonly Meaning[] = [
  [[0, 1], 1],
  [[1, 2], 0x102],
  [[255, 255], 65_535],
];
const FOUR_BYTES: readonly Meaning[] = [
  [[0, 0, 0, 1], 1],
  [[1, 2, 3, 4], 0x1020304],
  [[255, 255, 255, 255], 4_294_967_295],
];
const TWO: Kind = { allowed: [[[0, 0], 0], ...TWO_BYTES], refused: [] };
const TWO_BUT_0: Kind = { allowed: TWO_BYTES, refused: [[[0, 0], PROTOCOL]] };
const ALIAS: Kind = { allowed: TWO_BYTES, refused: [[[0, 0], ALIAS_INVALID]] };
const FOUR: Kind = { allowed: [[[0, 0, 0, 0], 0], ...FOUR_BYTES], refused: [] };
const FOUR_BUT_0: Kind = { allowed: FOUR_BYTES, refused: [[[0, 0, 0, 0], PROTOCOL]] };
const IDENTIFIER: Kind = {
  allowed: [
    [[1], [1]],
    [[0x7f], [127]],
    [[0x80, 1], [128]],
    [[0xff, 0x7f], [16_383]],
    [[0x80, 0x80, 1], [16_384]],
    [[0xff, 0xff, 0x7f], [2_097_151]],
    [[0x80, 0x80, 0x80, 1], [2_097_152]],
    [[0xff, 0xff, 0xff, 0x7f], [268_435_455]],
  ],
  refused: [
    [[0], PROTOCOL],
    [[0x80, 0], MALFORMED],
    [[0x81, 0x80, 0x80, 0x80, 1], MALFORMED],
  ],
};
const TEXT: Kind = {
  allowed: [
    [[0, 0], ""],
    [[0, 3, 0x61, 0x23, 0x2b], "a#+"],
  ],
  refused: [
    [[0, 1, 0], MALFORMED],
    [[0, 1, 0xff], MALFORMED],
  ],
};
/** A response topic is no filter [MQTT-3.3.2-14]. */
const TOPIC: Kind = {
  allowed: [[[0, 3, 0x61, 0x2f, 0x62], "a/b"]],
  refused: [
    [[0, 0], MALFORMED],
    [[0, 1, 0x23], MALFORMED],
    [[0, 3, 0x2b, 0x2f, 0x61], MALFORMED],
    [[0, 1, 0xff], MALFORMED],
  ],
};
const DATA: Kind = {
  allowed: [
    [[0, 0], new Uint8Array(0)],
    [[0, 2, 0, 0xff], Uint8Array.of(0, 0xff)],
  ],
  refused: [],
};
const PAIR: Kind = {
  allowed: [
    [[0, 0, 0, 0], [["", ""]]],
    [[0, 1, 0x61, 0, 2, 0x62, 0x63], [["a", "bc"]]],
  ],
  refused: [
    [[0, 1, 0, 0, 0], MALFORMED],
    [[0, 0, 0, 1, 0xff], MALFORMED],
  ],
};

const TABLE: readonly (readonly [id: number, name: keyof Properties, kind: Kind, where: string])[] = [
  [0x01, "payloadFormat", TRUTH, "PUBLISH will"],
  [0x02, "messageExpiryS", FOUR, "PUBLISH will"],
  [0x03, "contentType", TEXT, "PUBLISH will"],
  [0x08, "responseTopic", TOPIC, "PUBLISH will"],
  [0x09, "correlationData", DATA, "PUBLISH will"],
  [0x0b, "subscriptionIds", IDENTIFIER, "PUBLISH SUBSCRIBE"],
  [0x11, "sessionExpiryS", FOUR, "CONNECT CONNACK DISCONNECT"],
  [0x12, "assignedClientId", TEXT, "CONNACK"],
  [0x13, "serverKeepAliveS", TWO, "CONNACK"],
  [0x15, "authenticationMethod", TEXT, "CONNECT CONNACK AUTH"],
  [0x16, "authenticationData", DATA, "CONNECT CONNACK AUTH"],
  [0x17, "requestProblemInformation", TRUTH, "CONNECT"],
  [0x18, "willDelayS", FOUR, "will"],
  [0x19, "requestResponseInformation", TRUTH, "CONNECT"],
  [0x1a, "responseInformation", TEXT, "CONNACK"],
  [0x1c, "serverReference", TEXT, "CONNACK DISCONNECT"],
  [0x1f, "reasonString", TEXT, "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH"],
  [0x21, "receiveMaximum", TWO_BUT_0, "CONNECT CONNACK"],
  [0x22, "topicAliasMaximum", TWO, "CONNECT CONNACK"],
  [0x23, "topicAlias", ALIAS, "PUBLISH"],
  [0x24, "maximumQos", TRUTH, "CONNACK"],
  [0x25, "retainAvailable", TRUTH, "CONNACK"],
  [0x26, "userProperties", PAIR, "all"],
  [0x27, "maximumPacketSize", FOUR_BUT_0, "CONNECT CONNACK"],
  [0x28, "wildcardAvailable", TRUTH, "CONNACK"],
  [0x29, "subscriptionIdsAvailable", TRUTH, "CONNACK"],
  [0x2a, "sharedAvailable", TRUTH, "CONNACK"],
];

/** What stands before the properties, and behind them. */
const PLACES: readonly (readonly [place: string, first: number, before: number[], behind: number[]])[] = [
  ["CONNECT", 0x10, [...MQTT5, 2, ...KEEP_ALIVE], ID],
  ["will", 0x10, [...MQTT5, 6, ...KEEP_ALIVE, 0, ...ID], [...text("w"), ...text("x")]],
  ["CONNACK", 0x20, [0, 0], []],
  ["PUBLISH", 0x30, text("t"), [0x78]],
  ["PUBACK", 0x40, [0, 7, 0x80], []],
  ["PUBREC", 0x50, [0, 7, 0x80], []],
  ["PUBREL", 0x62, [0, 7, 0x92], []],
  ["PUBCOMP", 0x70, [0, 7, 0x92], []],
  ["SUBSCRIBE", 0x82, [0, 7], [...text("f"), 0]],
  ["SUBACK", 0x90, [0, 7], [0]],
  ["UNSUBSCRIBE", 0xa2, [0, 7], text("f")],
  ["UNSUBACK", 0xb0, [0, 7], [0]],
  ["DISCONNECT", 0xe0, [4], []],
  ["AUTH", 0xf0, [0x18], []],
];

const NONE: Properties = {};

describe.each(PLACES)("the properties of %s", (place, first, before, behind) => {
  const mayStand = (where: string) => where === "all" || where.split(" ").includes(place);
  const read = (properties: readonly number[]): Packet => {
    const body = [...before, ...properties, ...behind];
    // Bytes of others on both sides, which nothing may look at.
    const bytes = Uint8Array.of(0xaa, ...body, 0xaa);
    return decodePacket(bytes, first, 1, 1 + body.length, 5);
  };
  const propertiesOf = (packet: Packet): Properties => {
    if (place === "will" && packet.type === "CONNECT") return packet.will?.properties ?? NONE;
    return ("properties" in packet ? packet.properties : undefined) ?? NONE;
  };
  const refusalOf = (properties: readonly number[]): Violation => {
    try {
      read(properties);
    } catch (error) {
      if (error instanceof Violation) return error;
      throw error;
    }
    return expect.unreachable(`${properties} was taken`);
  };
  /** AUTH is never without a method (3.15.2.2.2), nor are data in CONNECT (3.1.2.11.10). */
  const isWithMethod = (id: number) => id !== 0x15 && (place === "AUTH" || (place === "CONNECT" && id === 0x16));
  const listOf = (id: number, ...values: (readonly number[])[]) =>
    list(...(isWithMethod(id) ? [METHOD] : []), ...values.map(value => [id, ...value]));
  const shown = place === "will" ? "a will" : place;

  it("stand where the table has them, with the values of their sections", () => {
    for (const [id, name, { allowed, refused }] of TABLE.filter(row => mayStand(row[3]))) {
      for (const [bytes, value] of allowed) {
        const properties = listOf(id, bytes);
        const packet = read(properties);
        expect(propertiesOf(packet)).toEqual({
          ...(isWithMethod(id) ? { authenticationMethod: "m" } : {}),
          [name]: value,
        });
        const body = [...before, ...properties, ...behind];
        if (packet.type !== "AUTH") expect([...encodePacket(packet, 5)]).toEqual([first, body.length, ...body]);
        for (let size = 0; size < bytes.length; size++) {
          // What stands behind the list is no value, and not judged as one.
          expect([name, size, refusalOf(listOf(id, bytes.slice(0, size))).reasonCode]).toEqual([name, size, MALFORMED]);
        }
      }
      for (const [bytes, code] of refused)
        expect([name, refusalOf(listOf(id, bytes)).reasonCode]).toEqual([name, code]);
    }
  });

  it("come once, but for user properties and the identifiers of several subscriptions", () => {
    for (const [id, name, { allowed }] of TABLE.filter(row => mayStand(row[3]))) {
      const [[bytes, value]] = allowed;
      const twice = listOf(id, bytes, bytes);
      if (name === "userProperties" || (name === "subscriptionIds" && place === "PUBLISH")) {
        const values = value as unknown[];
        expect(propertiesOf(read(twice))[name]).toEqual([...values, ...values]);
      } else {
        const { reasonCode, message } = refusalOf(twice);
        expect([name, reasonCode]).toEqual([name, PROTOCOL]);
        expect(message).toContain(`] ${name} comes twice in ${shown}`);
      }
    }
  });

  it("are no others", () => {
    for (let id = 0; id < 300; id++) {
      const row = TABLE.find(row => row[0] === id);
      if (row !== undefined && mayStand(row[3])) continue;
      const field = id < 128 ? [id] : [(id & 127) | 128, id >> 7];
      const { reasonCode, message } = refusalOf(list([...field, ...(row?.[2].allowed[0][0] ?? [1])]));
      const said = `[MQTT 2.2.2.2] property 0x${id.toString(16).padStart(2, "0")} in ${shown}`;
      expect([reasonCode, message]).toEqual([MALFORMED, said]);
    }
  });

  it("end with the packet", () => {
    const { reasonCode, message } = refusalOf([127, 0x26, 0, 0, 0, 0]);
    expect(reasonCode).toBe(MALFORMED);
    expect(message).toBe(`[MQTT 2.2.2.1] the properties of ${shown} run past the end of the packet`);
  });

  it("may all stand together, each once", () => {
    const rows = TABLE.filter(row => mayStand(row[3]));
    const all = list(...rows.map(([id, , { allowed }]) => [id, ...allowed[0][0]]));
    const packet = read(all);
    expect(propertiesOf(packet)).toEqual(
      Object.fromEntries(rows.map(([, name, { allowed }]) => [name, allowed[0][1]])),
    );
    const body = [...before, ...all, ...behind];
    expect([...encodePacket(packet, 5)]).toEqual([first, body.length, ...body]);
  });
});

it("says what a value may be", () => {
  const body = [...MQTT5, 2, ...KEEP_ALIVE, ...list([0x21, 0, 0]), ...ID];
  expect(() => decodePacket(Uint8Array.from(body), 0x10, 0, body.length)).toThrow(
    /^\[MQTT 3\.1\.2\.11\.3\] receiveMaximum is 1 to 65535, not 0$/,
  );
});
