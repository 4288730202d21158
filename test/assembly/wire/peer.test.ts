/**
 * Against mqtt-packet, which shares no line with the core: what either writes the other reads.
 */
import fc from "fast-check";
import { generate, type Packet as PeerPacket, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { codecBuilds } from "../builds.ts";
import { decode, encode, type Packet } from "./codec.ts";

const builds = await codecBuilds(1 << 18);

function peerReads(bytes: Uint8Array): PeerPacket[] {
  const packets: PeerPacket[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on("packet", packet => packets.push(packet));
  reader.on("error", error => expect.unreachable(`mqtt-packet: ${error.message}`));
  reader.parse(Buffer.from(bytes));
  return packets;
}

/** fast-check can cut a text inside a pair of surrogates; UTF-8 has no word for half of one. */
function isWellFormed(value: string): boolean {
  return !/\p{Surrogate}/u.test(value);
}

const id = fc.integer({ min: 1, max: 65535 });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
const text = fc.string({ unit: "binary", minLength: 1, maxLength: 40 }).filter(isWellFormed);
const topic = text.filter(value => !/[#+\0]/.test(value));
const clientText = text.filter(value => !value.includes("\0"));
const bytes = fc.uint8Array({ maxLength: 300 }).map(value => Buffer.from(value));

const publish: fc.Arbitrary<Packet> = fc
  .record({ qos, retain: fc.boolean(), topic, payload: bytes, messageId: id })
  .map(({ messageId, ...packet }) => ({
    cmd: "publish",
    dup: false,
    ...packet,
    ...(packet.qos > 0 ? { messageId } : {}),
  }));

const acknowledgement: fc.Arbitrary<Packet> = fc.record({
  cmd: fc.constantFrom("puback" as const, "pubrec" as const, "pubrel" as const, "pubcomp" as const),
  messageId: id,
});

const connect: fc.Arbitrary<Packet> = fc
  .record(
    {
      cmd: fc.constant("connect" as const),
      clientId: clientText,
      clean: fc.boolean(),
      keepalive: fc.nat(65535),
      username: clientText,
      password: bytes,
      will: fc.record({ topic, payload: bytes, qos, retain: fc.boolean() }),
      isOld: fc.boolean(),
    },
    { requiredKeys: ["cmd", "clientId", "clean", "keepalive"] },
  )
  .map(({ password, isOld, ...packet }) => ({
    ...packet,
    ...(packet.username === undefined || password === undefined ? {} : { password }),
    ...(isOld ? { protocolId: "MQIsdp", protocolVersion: 3 } : {}),
  }));

const fromServer: fc.Arbitrary<Packet> = fc.oneof(
  publish.map(packet => (packet.cmd === "publish" && packet.qos > 0 ? { ...packet, dup: true } : packet)),
  publish,
  acknowledgement,
  fc.record({ cmd: fc.constant("unsuback" as const), messageId: id }),
  fc.record({
    cmd: fc.constant("suback" as const),
    messageId: id,
    granted: fc.array(fc.constantFrom(0, 1, 2, 128), { minLength: 1, maxLength: 200 }),
  }),
  fc.boolean().map((sessionPresent): Packet => ({ cmd: "connack", sessionPresent, returnCode: 0 })),
  fc.integer({ min: 1, max: 5 }).map((returnCode): Packet => ({ cmd: "connack", sessionPresent: false, returnCode })),
);

describe.each(builds)("beside mqtt-packet, $name", build => {
  const runs = { numRuns: (build.isGuarded ? 300 : 1000) * EFFORT };

  it("reads what it writes", () => {
    fc.assert(
      fc.property(fromServer, packet => {
        expect(decode(build, generate(packet as PeerPacket))).toEqual(packet);
      }),
      runs,
    );
  });

  it("writes what it writes, and what it reads", () => {
    fc.assert(
      fc.property(fc.oneof(publish, connect, acknowledgement), packet => {
        const written = encode(build, packet) as Buffer;
        expect(written.toString("hex")).toBe(generate(packet as PeerPacket).toString("hex"));
        const [read] = peerReads(written);
        expect(read).toMatchObject(packet);
      }),
      runs,
    );
  });

  it("agrees on a payload on each side of every size of the length", () => {
    for (const size of [0, 1, 120, 121, 122, 123, 16_376, 16_377, 16_378, 16_379, 16_380, 65_536]) {
      const packet: Packet = {
        cmd: "publish",
        dup: false,
        qos: 1,
        retain: false,
        topic: "t",
        payload: Buffer.alloc(size, 7),
        messageId: 1,
      };
      const written = encode(build, packet) as Buffer;
      expect(written.equals(generate(packet as PeerPacket))).toBe(true);
      expect(decode(build, written)).toEqual(packet);
    }
  });
});
