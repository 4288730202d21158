/**
 * What only a broker says, read by the other side of its codec; and how a peer's text is shown in a log.
 */
import { describe, expect, it } from "vitest";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import { RULES_5 } from "../../../host/broker/codec/rules.ts";
import { printable, quote, Violation } from "../../../host/broker/codec/violation.ts";
import { World } from "../endpoint.ts";

function read(level: 4 | 5, bytes: readonly number[]): Packet {
  const framer = new Framer(1000);
  if (level === 5) framer.rules = RULES_5;
  framer.feed(Uint8Array.from(bytes));
  expect(framer.next()).toBe(true);
  return decodePacket(framer.bytes, framer.first, framer.start, framer.end, level);
}

describe("CONNACK", () => {
  it.each([
    [4, [0x20, 2, 1, 5], "MQTT-3.2.2-4"],
    [5, [0x20, 3, 1, 0x87, 0], "MQTT-3.2.2-6"],
    [4, [0x20, 2, 2, 0], "MQTT 3.2.2.1"],
    [4, [0x20, 3, 0, 0, 0], "MQTT 3.2.1"],
    [5, [0x20, 4, 0, 0, 0, 0], "MQTT 3.2.1"],
    [5, [0x20, 3, 2, 0, 0], "MQTT-3.2.2-1"],
    [5, [0x20, 3, 0, 1, 0], "MQTT-3.2.2-8"],
  ] as const)("of %i: %j breaks %s", (level, bytes, rule) => {
    expect(() => read(level, bytes)).toThrow(Violation);
    expect(() => read(level, bytes)).toThrow(`[${rule}]`);
  });

  it("has a session where it accepts, and a code where it refuses", () => {
    expect(read(4, [0x20, 2, 1, 0])).toEqual({ type: "CONNACK", sessionPresent: true, returnCode: 0 });
    expect(read(4, [0x20, 2, 0, 5])).toEqual({ type: "CONNACK", sessionPresent: false, returnCode: 5 });
  });
});

it("a refusal names its rule, and is that of a packet that cannot be read unless it says otherwise", () => {
  const refusals = [new Violation("MQTT-1.5.4-1", "no text"), new Violation("limit", "too much", 0x97)];
  expect(refusals.map(({ rule, reasonCode, message, name }) => [rule, reasonCode, message, name])).toEqual([
    ["MQTT-1.5.4-1", 0x81, "[MQTT-1.5.4-1] no text", "Violation"],
    ["limit", 0x97, "[limit] too much", "Violation"],
  ]);
});

describe("what a packet leaves out", () => {
  it.each<[packet: Packet, level: number, bytes: number[]]>([
    [{ type: "DISCONNECT" }, 5, [0xe0, 0]],
    [{ type: "DISCONNECT", reasonCode: 4 }, 4, [0xe0, 0]],
    [{ type: "DISCONNECT", reasonCode: 0, properties: {} }, 5, [0xe0, 2, 0, 0]],
    [{ type: "AUTH" }, 5, [0xf0, 0]],
    [{ type: "PUBACK", packetId: 1 }, 5, [0x40, 2, 0, 1]],
    [{ type: "PUBREL", packetId: 1, reasonCode: 0x92 }, 4, [0x62, 2, 0, 1]],
    [{ type: "PUBREC", packetId: 1, properties: {} }, 5, [0x50, 4, 0, 1, 0, 0]],
    [{ type: "UNSUBACK", packetId: 1 }, 5, [0xb0, 3, 0, 1, 0]],
    [{ type: "UNSUBACK", packetId: 1, returnCodes: [0x11] }, 4, [0xb0, 2, 0, 1]],
    [{ type: "CONNACK", sessionPresent: false, returnCode: 0 }, 5, [0x20, 3, 0, 0, 0]],
    [{ type: "SUBACK", packetId: 1, returnCodes: [] }, 5, [0x90, 3, 0, 1, 0]],
  ])("%j of level %i is %j", (packet, level, bytes) => {
    expect([...encodePacket(packet, level)]).toEqual(bytes);
  });
});

describe("a peer's text", () => {
  it.each([
    ["plain", "plain"],
    ["", ""],
    ["\n", "\\x0a"],
    ["\u0085", "\\x85"],
    ["a\u0000b\u001fc\u0020d", "a\\x00b\\x1fc d"],
    ["\u007e\u007f\u009f\u00a0", "~\\x7f\\x9f\u00a0"],
    ["x".repeat(128), "x".repeat(128)],
    ["x".repeat(129), `${"x".repeat(128)}...`],
    [`\n${"x".repeat(127)}`, `\\x0a${"x".repeat(127)}`],
  ])("%j is shown as %j", (text, shown) => {
    expect([printable(text), quote(text)]).toEqual([shown, `'${shown}'`]);
  });
});

describe("a refusal of a message of QoS 2", () => {
  it.each([
    [0x7f, false],
    [0x80, true],
    [0x97, true],
  ])("with code %i ends it: %j", (reasonCode, isEnd) => {
    const world = new World();
    const subscriber = world.connect5("subscriber", { receiveMaximum: 1 });
    subscriber.subscribe("a", 2);
    const publisher = world.connect5("publisher");
    publisher.publish("a", "first", 0);
    for (const text of ["second", "third"]) {
      // Whole for the broker with PUBREL only.
      publisher.send({ type: "PUBREL", packetId: publisher.publish("a", text, 2) });
    }
    const packets = subscriber.takePublishes();
    expect(packets.map(({ payload }) => Buffer.from(payload).toString())).toEqual(["first", "second"]);
    const { packetId } = packets[1];
    if (!isEnd) {
      // It is no reason code at all.
      subscriber.sendBytes(Uint8Array.of(0x50, 3, packetId >> 8, packetId, reasonCode));
      expect(subscriber.closeReason).toMatch(/MQTT-3\.5\.2-1|is no reason code/);
      return;
    }
    subscriber.send({ type: "PUBREC", packetId, reasonCode });
    expect(subscriber.takePublishes().map(({ payload }) => Buffer.from(payload).toString())).toEqual(["third"]);
  });
});
