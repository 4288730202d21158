// MQTT-SN 1.2, byte by byte (5.2 to 5.4), both ways. Wireshark reads the same packets in test/wire/wire.test.ts.
import { describe, expect, it } from "vitest";
import {
  readSn,
  SN_CONNACK,
  SN_PINGREQ,
  SN_PINGRESP,
  type SnMessage,
  snConnect,
  snPuback,
  snPublish,
} from "../../host/wire/mqtt-sn.ts";

const READING = Buffer.from("21.5");

describe("a message", () => {
  it.each<[string, Buffer, string, SnMessage]>([
    // length 11, PUBLISH; flags: QoS 3 for -1, predefined 01; topic id 7; no identifier.
    [
      "PUBLISH, QoS -1",
      snPublish(-1, 7, READING),
      "0b 0c 61 0007 0000 32312e35",
      { type: "PUBLISH", qos: -1, isDuplicate: false, topicId: 7, messageId: 0, payload: READING },
    ],
    [
      "PUBLISH, QoS 0",
      snPublish(0, 7, READING),
      "0b 0c 01 0007 0000 32312e35",
      { type: "PUBLISH", qos: 0, isDuplicate: false, topicId: 7, messageId: 0, payload: READING },
    ],
    [
      "PUBLISH, QoS 1, again",
      snPublish(1, 7, READING, 0x1234, true),
      "0b 0c a1 0007 1234 32312e35",
      { type: "PUBLISH", qos: 1, isDuplicate: true, topicId: 7, messageId: 0x1234, payload: READING },
    ],
    ["PUBACK", snPuback(7, 0x1234), "07 0d 0007 1234 00", { type: "PUBACK", topicId: 7, messageId: 0x1234 }],
    // CleanSession; protocol id 1; 1200 s; the name.
    ["CONNECT", snConnect("dev1", 1200), "0a 04 04 01 04b0 64657631", { type: "CONNECT" }],
    ["CONNECT that goes on", snConnect("dev1", 1200, false), "0a 04 00 01 04b0 64657631", { type: "CONNECT" }],
    ["CONNACK", SN_CONNACK, "03 05 00", { type: "CONNACK" }],
    ["PINGREQ", SN_PINGREQ, "02 16", { type: "PINGREQ" }],
    ["PINGRESP", SN_PINGRESP, "02 17", { type: "PINGRESP" }],
  ])("%s", (_, bytes, hex, meaning) => {
    expect(bytes.toString("hex")).toBe(hex.replaceAll(" ", ""));
    expect(readSn(bytes)).toEqual(meaning);
  });

  it("has three bytes of length from 256 bytes on", () => {
    const largest = snPublish(0, 1, Buffer.alloc(248));
    expect([largest.length, largest[0]]).toEqual([255, 255]);
    const long = snPublish(0, 1, Buffer.alloc(249, 7));
    expect(long.subarray(0, 4).toString("hex")).toBe("0101020c");
    expect(long.length).toBe(258);
    expect(readSn(long)).toMatchObject({ type: "PUBLISH", payload: Buffer.alloc(249, 7) });
  });

  it.each([
    ["nothing", ""],
    ["half a length", "01"],
    ["a length that is too short", "0b0c6100070000323135"],
    ["a PUBLISH without an identifier", "060c61000700"],
    ["QoS 2", "070c4100070001"],
    ["a PUBACK that refuses", "070d0007000101"],
    ["a type that telemetry does not know", "0213"],
  ])("%s is none", (_, hex) => {
    expect(readSn(Buffer.from(hex, "hex"))).toBeNull();
  });
});
