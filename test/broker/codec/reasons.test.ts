// Of the 256 reason codes the broker's codec takes those that the standard gives each packet, and no other; a client says of DISCONNECT also 4.
import { expect, it } from "vitest";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { decodePacket } from "../../../host/broker/codec/packet.ts";
import { reasonName } from "../../../host/broker/codec/reasons.ts";
import { RULES_5 } from "../../../host/broker/codec/rules.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";
import { FROM_SERVER, taken } from "../../wire/reasons.ts";
import { World } from "../endpoint.ts";

function isTaken(bytes: number[]): boolean {
  const framer = new Framer(100);
  framer.rules = RULES_5;
  framer.feed(Uint8Array.from(bytes));
  framer.next();
  try {
    decodePacket(framer.bytes, framer.first, framer.start, framer.end, 5);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Violation);
    return false;
  }
}

it.each(FROM_SERVER)("of $name", packet => {
  const codes = packet.name === "DISCONNECT" ? [0, 4, ...packet.codes.slice(1)] : packet.codes;
  expect(taken(packet, isTaken)).toEqual(codes);
});

it("of DISCONNECT from a client: the rest of table 3.14.2.1 is the server's, and what is in none is nobody's", () => {
  const clients = [0, 4, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99];
  const servers = FROM_SERVER.flatMap(({ name, codes }) => (name === "DISCONNECT" ? codes : [])).filter(
    code => !clients.includes(code),
  );
  const world = new World();
  const rules = Array.from({ length: 256 }, (_, code) => {
    const client = world.connect5("c");
    client.sendBytes(Uint8Array.of(0xe0, 1, code));
    return /^\[(.*?)\]/.exec(client.closeReason ?? "")?.[1] ?? "";
  });
  expect(rules).toEqual(
    rules.map((_, code) => {
      if (clients.includes(code)) return "";
      return servers.includes(code) ? "MQTT 3.14.2.1" : "MQTT-3.14.2-1";
    }),
  );
});

it.each([
  [0x00, "success"],
  [0x01, "granted QoS 1"],
  [0x9b, "QoS not supported"],
  [0xa2, "wildcard subscriptions not supported"],
  [0x05, "reason 0x05"],
  [0x7f, "reason 0x7f"],
  [0xff, "reason 0xff"],
])("%i is called %s", (code, name) => {
  expect(reasonName(code)).toBe(name);
});
