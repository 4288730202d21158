/**
 * What is measured on the wire does not depend on how long a packet is: the bytes that count stand behind a length of one byte or of more.
 */
import { expect, it } from "vitest";
import { encodePacket } from "../../../host/broker/codec/packet.ts";
import { Wire } from "../../../host/check/cast/wire.ts";

const REASONS = [{}, { reasonString: "" }, { reasonString: "x".repeat(120) }, { reasonString: "x".repeat(20_000) }];

it.each(REASONS)("a reason of the server, and a message that it refuses", properties => {
  const wire = new Wire(0);
  const publish = (packetId: number) => {
    const payload = Buffer.from("x");
    const message = { type: "PUBLISH", topic: "t", payload, qos: 2, isDup: false, isRetain: false, packetId } as const;
    wire.sees("sent", encodePacket({ ...message, properties: {} }, 5), 100);
  };
  publish(1);
  wire.sees("received", encodePacket({ type: "PUBREC", packetId: 1, reasonCode: 0x97, properties }, 5), 200);
  publish(2);
  expect(wire.flow.sentMost).toBe(1);
  wire.sees("received", encodePacket({ type: "PUBREC", packetId: 2, reasonCode: 0, properties }, 5), 300);
  publish(3);
  expect(wire.flow.sentMost).toBe(2);
  wire.sees("received", encodePacket({ type: "DISCONNECT", reasonCode: 0x8d, properties }, 5), 400);
  expect(wire.quiet.reasonCode).toBe(0x8d);
  expect(wire.quiet.at(500)).toEqual({ longestMs: 400, lastMs: 400, unansweredMs: 0 });
});

it("a DISCONNECT without a body is reason 0 (3.14.2.1), and PINGREQ waits from the first that is not answered", () => {
  const wire = new Wire(0);
  wire.sees("sent", Uint8Array.of(0xc0, 0, 0xc0, 0), 1000);
  wire.sees("sent", Uint8Array.of(0xc0, 0), 1500);
  expect(wire.quiet.at(2000)).toEqual({ longestMs: 1000, lastMs: 500, unansweredMs: 1000 });
  wire.sees("received", Uint8Array.of(0xd0, 0, 0xe0, 0), 2500);
  expect(wire.quiet.reasonCode).toBe(0);
  expect(wire.quiet.at(2500)).toEqual({ longestMs: 1000, lastMs: 1000, unansweredMs: 0 });
});
