/**
 * Every packet of MQTT 3.1.1, byte by byte: sections 2 and 3, on all three builds of the codec.
 */
import { generate, type Packet as PeerPacket, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { INCOMPLETE } from "../../../assembly/status.ts";
import { codecBuilds } from "../builds.ts";
import { decode, encode } from "./codec.ts";
import { REFUSALS } from "./refusals.ts";
import { VECTORS } from "./vectors.ts";

const builds = await codecBuilds();
const received = VECTORS.filter(vector => vector.way !== "out");
const sent = VECTORS.filter(vector => vector.way !== "in");

describe("the vectors themselves", () => {
  it.each(VECTORS)("$what: mqtt-packet writes these bytes", ({ packet, bytes }) => {
    expect([...generate(packet as PeerPacket)]).toEqual(bytes);
  });

  it("name every packet type, and at least 100 refusals", () => {
    expect(new Set(VECTORS.map(({ bytes }) => bytes[0] >> 4)).size).toBe(14);
    expect(REFUSALS.length).toBeGreaterThanOrEqual(100);
    expect(new Set(REFUSALS.map(({ bytes }) => bytes.join())).size).toBe(REFUSALS.length);
    for (const { rule } of REFUSALS) expect(rule).toMatch(/^(MQTT-\d\.\d+\.\d-\d+|\d(\.\d+){1,3})$/);
  });
});

describe.each(builds)("the codec, $name", build => {
  it.each(received)("reads $what", ({ bytes, packet }) => {
    expect(decode(build, bytes)).toEqual(packet);
  });

  it.each(sent)("writes $what", ({ bytes, packet }) => {
    const written = encode(build, packet);
    // The rest is written by a whole client: test/assembly/session/sent.test.ts.
    if (written === undefined) expect(["subscribe", "unsubscribe", "pingreq", "disconnect"]).toContain(packet.cmd);
    else expect([...(written as Buffer)]).toEqual(bytes);
  });

  it.each(REFUSALS)("refuses $what [$rule]", ({ bytes, status }) => {
    expect(decode(build, bytes)).toBe(status);
  });

  it.each(received)("asks for more of $what, wherever it is cut", ({ bytes }) => {
    for (let size = 0; size < bytes.length; size++) expect(decode(build, bytes.slice(0, size))).toBe(INCOMPLETE);
  });

  it.each(REFUSALS)("asks for more of $what or refuses it alike, wherever it is cut", ({ bytes, status }) => {
    let before = INCOMPLETE;
    for (let size = 0; size <= bytes.length; size++) {
      const answer = decode(build, bytes.slice(0, size)) as number;
      expect([INCOMPLETE, status]).toContain(answer);
      if (before !== INCOMPLETE) expect(answer).toBe(before);
      before = answer;
    }
    expect(before).toBe(status);
  });

  it("looks at no byte behind a packet", () => {
    for (const { bytes, packet } of received) {
      expect(decode(build, [...bytes, 0xff, 0xff])).toEqual(packet);
    }
  });

  it("answers the size of a packet from its header alone", () => {
    for (const { bytes } of VECTORS.filter(({ way }) => way !== "out")) {
      const headerSize = bytes[1] < 0x80 ? 2 : 3;
      decode(build, bytes.slice(0, headerSize));
      expect(build.core.packetSize(64, headerSize, 0)).toBe(bytes.length);
    }
  });
});

describe("mqtt-packet, for comparison", () => {
  it("reads what the codec reads", () => {
    for (const { bytes, packet } of received) {
      const packets: unknown[] = [];
      const reader = parser({ protocolVersion: 4 });
      reader.on("packet", read => packets.push(read));
      reader.parse(Buffer.from(bytes));
      expect(packets).toHaveLength(1);
      expect(packets[0]).toMatchObject(packet.cmd === "connack" ? { cmd: "connack" } : packet);
    }
  });
});
