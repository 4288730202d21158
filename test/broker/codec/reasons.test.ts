// Of the 256 reason codes the broker's codec takes those that the standard gives each packet, and no other; a client says of DISCONNECT also 4.
import { expect, it } from "vitest";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { decodePacket } from "../../../host/broker/codec/packet.ts";
import { RULES_5 } from "../../../host/broker/codec/rules.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";
import { FROM_SERVER, taken } from "../../wire/reasons.ts";

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
