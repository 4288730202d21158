/** The first bytes of a packet say whether it may come at all (2.1, 3.1.0): the broker does not wait for the rest. */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));

describe("a packet that cannot be", () => {
  it.each([
    ["HTTP", bytesOf("GET / HTTP/1.1\r\n"), /^\[MQTT-2\.2\.2-2\] the flags of PUBACK/],
    ["TLS", Uint8Array.of(0x16, 0x03, 0x01, 0x02), /^\[MQTT-2\.2\.2-2\] the flags of CONNECT/],
    ["a PUBLISH", Uint8Array.of(0x30, 0x64, 0, 1), /^\[MQTT-3\.1\.0-1\] the first packet is CONNECT/],
    ["one byte of it", Uint8Array.of(0xc0), /^\[MQTT-3\.1\.0-1\] the first packet is CONNECT/],
    ["a zero", Uint8Array.of(0), /^\[MQTT 2\.2\.1\] 0 is a reserved packet type/],
  ])("ends a new connection at once: %s", (_name, bytes, reason) => {
    const client = new World().open();
    client.sendBytes(bytes);
    expect(client.closeReason).toMatch(reason);
  });

  it("ends a connection at its first byte later too", () => {
    const client = new World().connect5("c");
    client.sendBytes(Uint8Array.of(0x61, 0xff));
    expect(client.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x81 }]);
    expect(client.closeReason).toMatch(/^\[MQTT-3\.6\.1-1\]/);
  });
});

describe("a packet that only a server sends", () => {
  it.each([
    ["CONNACK", Uint8Array.of(0x20, 2, 0, 0)],
    ["SUBACK", Uint8Array.of(0x90, 3, 0, 1, 0)],
    ["UNSUBACK", Uint8Array.of(0xb0, 2, 0, 1)],
    ["PINGRESP", Uint8Array.of(0xd0, 0)],
  ])("ends the connection: %s", (name, bytes) => {
    const old = new World().connect("c");
    old.sendBytes(bytes);
    expect(old.closeReason).toBe(`[MQTT 2.2.1] ${name} goes from server to client only`);
    const five = new World().connect5("c");
    five.sendBytes(bytes);
    expect(five.takeAll()).toMatchObject([{ type: "DISCONNECT", reasonCode: 0x82 }]);
    expect(five.closeReason).toBe(`[MQTT 2.1.2] ${name} goes from server to client only`);
  });
});

describe("a packet whose rest is still to come", () => {
  it("is waited for", () => {
    const client = new World().open();
    for (const byte of bytesOf("\x10\x0d\x00\x04MQTT\x04\x02\x00\x00\x00\x01a")) client.sendBytes(Uint8Array.of(byte));
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 0 }]);
    client.sendBytes(Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0x7f));
    expect(client.closeReason).toBeUndefined();
  });
});
