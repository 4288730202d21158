/**
 * Properties of the codec over random packets: what is written is read back, whatever way it is cut, and our bytes mean
 * the same to mqtt-packet (npm), which shares no code with us, and its bytes the same to us.
 */
import fc from "fast-check";
import mqtt from "mqtt-packet";
import { describe, expect, it } from "vitest";
import type { Will } from "../../../host/broker/codec/connect.ts";
import { Framer } from "../../../host/broker/codec/framer.ts";
import { lengthSize } from "../../../host/broker/codec/length.ts";
import { decodePacket, encodePacket, type Packet } from "../../../host/broker/codec/packet.ts";
import { Violation } from "../../../host/broker/codec/violation.ts";

/** Fixed, and printed by fast-check with every counter-example. */
const SEED = 20_261_121;
const RUNS = { seed: SEED, numRuns: 400 };

const packetId = fc.integer({ min: 1, max: 0xffff });
const qos = fc.constantFrom(0 as const, 1 as const, 2 as const);
/** Well-formed text of any planes, without U+0000; weighted towards short ASCII. */
const word = fc
  .oneof(fc.string({ maxLength: 12 }), fc.string({ unit: "binary", maxLength: 12 }))
  .map(text => text.replaceAll("\u0000", "").replaceAll(/[+#]/g, "_"));
const topic = fc.array(word, { minLength: 1, maxLength: 6 }).map(levels => levels.join("/") || "/");
const filter = fc
  .tuple(fc.array(fc.oneof(word, fc.constant("+")), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([levels, isOpen]) => (isOpen ? [...levels, "#"] : levels).join("/") || "#");
const payload = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 120, maxLength: 140 }));
const will = fc.record({ topic, payload, qos, retain: fc.boolean() });

const packets: fc.Arbitrary<Packet> = fc.oneof(
  fc
    .record({
      cleanSession: fc.boolean(),
      keepAliveS: fc.integer({ min: 0, max: 0xffff }),
      clientId: word.map(id => `c${id}`),
      will: fc.option(will, { nil: undefined }),
      username: fc.option(word, { nil: undefined }),
      password: fc.option(payload, { nil: undefined }),
    })
    .map(({ username, password, will, ...rest }): Packet => {
      const packet: Packet = { type: "CONNECT", level: 4, ...rest };
      if (will) packet.will = will;
      if (username !== undefined) packet.username = username;
      if (username !== undefined && password !== undefined) packet.password = password;
      return packet;
    }),
  fc.boolean().map((sessionPresent): Packet => ({ type: "CONNACK", sessionPresent, returnCode: 0 })),
  fc.integer({ min: 1, max: 5 }).map((returnCode): Packet => ({ type: "CONNACK", sessionPresent: false, returnCode })),
  fc.record({ topic, payload, qos, isDup: fc.boolean(), isRetain: fc.boolean(), packetId }).map(
    (fields): Packet => ({
      type: "PUBLISH",
      ...fields,
      isDup: fields.qos > 0 && fields.isDup,
      packetId: fields.qos > 0 ? fields.packetId : 0,
    }),
  ),
  fc
    .tuple(
      fc.constantFrom("PUBACK" as const, "PUBREC" as const, "PUBREL" as const, "PUBCOMP" as const, "UNSUBACK" as const),
      packetId,
    )
    .map(([type, packetId]): Packet => ({ type, packetId })),
  fc
    .tuple(packetId, fc.array(fc.record({ filter, qos }), { minLength: 1, maxLength: 4 }))
    .map(([packetId, subscriptions]): Packet => ({ type: "SUBSCRIBE", packetId, subscriptions })),
  fc
    .tuple(packetId, fc.array(fc.constantFrom(0, 1, 2, 0x80), { minLength: 1, maxLength: 4 }))
    .map(([packetId, returnCodes]): Packet => ({ type: "SUBACK", packetId, returnCodes })),
  fc
    .tuple(packetId, fc.array(filter, { minLength: 1, maxLength: 4 }))
    .map(([packetId, filters]): Packet => ({ type: "UNSUBSCRIBE", packetId, filters })),
  fc.constantFrom("PINGREQ" as const, "PINGRESP" as const, "DISCONNECT" as const).map((type): Packet => ({ type })),
);

/** Reads a stream that comes in pieces. */
function readAll(pieces: Iterable<Uint8Array>): Packet[] {
  const framer = new Framer(0x1000_0000);
  const found: Packet[] = [];
  for (const piece of pieces) {
    framer.feed(piece);
    while (framer.next()) found.push(decodePacket(framer.bytes, framer.first, framer.start, framer.end));
  }
  return found;
}

/** The same packets with plain Uint8Arrays, so that they compare by content. */
function plain(found: readonly Packet[]): unknown {
  return JSON.parse(
    JSON.stringify(found, (_key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value)),
  );
}

describe("codec", () => {
  it("reads what it has written", () => {
    fc.assert(
      fc.property(packets, packet => {
        expect(plain(readAll([encodePacket(packet)]))).toEqual(plain([packet]));
      }),
      RUNS,
    );
  });

  it.each([127, 128, 16_383, 16_384, 2_097_151, 2_097_152])("writes and reads a Remaining Length of %i", length => {
    // The topic 't' takes three bytes of it.
    const packet: Packet = {
      type: "PUBLISH",
      topic: "t",
      payload: new Uint8Array(length - 3),
      qos: 0,
      isDup: false,
      isRetain: false,
      packetId: 0,
    };
    const bytes = encodePacket(packet);
    expect(bytes.length).toBe(1 + lengthSize(length) + length);
    expect([...bytes.subarray(1, 1 + lengthSize(length))]).toEqual([
      ...mqtt
        .generate({ cmd: "publish", topic: "t", payload: Buffer.alloc(length - 3), qos: 0, dup: false, retain: false })
        .subarray(1, 1 + lengthSize(length)),
    ]);
    const [read] = readAll([bytes]);
    expect(read).toMatchObject({ type: "PUBLISH", topic: "t" });
    expect(read.type === "PUBLISH" && read.payload.length).toBe(length - 3);
  });

  it("reads a stream whatever way it is cut", () => {
    fc.assert(
      fc.property(fc.array(packets, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 12 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(packet => encodePacket(packet)));
        const edges = [0, ...cuts.map(cut => Math.min(cut, stream.length)).sort((a, b) => a - b), stream.length];
        const pieces = edges.slice(1).map((edge, index) => Uint8Array.from(stream.subarray(edges[index], edge)));
        expect(plain(readAll(pieces))).toEqual(plain(sent));
      }),
      RUNS,
    );
  });

  it("reads every packet byte by byte, and nothing before its last byte", () => {
    fc.assert(
      fc.property(packets, packet => {
        const bytes = encodePacket(packet);
        const pieces = Array.from(bytes, byte => Uint8Array.of(byte));
        expect(readAll(pieces.slice(0, -1))).toEqual([]);
        expect(plain(readAll(pieces))).toEqual(plain([packet]));
      }),
      { ...RUNS, numRuns: 150 },
    );
  });

  it("answers any bytes with packets, a Violation, or patience", () => {
    let violations = 0;
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 60 }), (first, body) => {
        const bytes = Uint8Array.of(first, body.length, ...body);
        try {
          readAll([bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(Violation);
          expect((error as Error).message).toMatch(/^\[(MQTT[- ][\d.-]+|limit)\] /);
          violations++;
        }
      }),
      { ...RUNS, numRuns: 3000 },
    );
    expect(violations).toBeGreaterThan(1000);
  });

  it("answers a packet with one byte changed likewise", () => {
    fc.assert(
      fc.property(packets, fc.nat(), fc.integer({ min: 0, max: 255 }), (packet, position, byte) => {
        const bytes = Uint8Array.from(encodePacket(packet));
        bytes[position % bytes.length] = byte;
        try {
          readAll([bytes]);
        } catch (error) {
          expect(error).toBeInstanceOf(Violation);
        }
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });
});

describe("codec and mqtt-packet", () => {
  const theirWill = ({ topic, payload, qos, retain }: Will) => ({ topic, payload: Buffer.from(payload), qos, retain });

  /** What mqtt-packet calls one of our packets. */
  function theirs(packet: Packet): mqtt.Packet {
    switch (packet.type) {
      case "CONNECT":
        return {
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: packet.cleanSession,
          clientId: packet.clientId,
          keepalive: packet.keepAliveS,
          ...(packet.username === undefined ? {} : { username: packet.username }),
          ...(packet.password === undefined ? {} : { password: Buffer.from(packet.password) }),
          ...(packet.will ? { will: theirWill(packet.will) } : {}),
        };
      case "CONNACK":
        return { cmd: "connack", returnCode: packet.returnCode, sessionPresent: packet.sessionPresent };
      case "PUBLISH":
        return {
          cmd: "publish",
          topic: packet.topic,
          payload: Buffer.from(packet.payload),
          qos: packet.qos,
          dup: packet.isDup,
          retain: packet.isRetain,
          ...(packet.qos > 0 ? { messageId: packet.packetId } : {}),
        };
      case "SUBSCRIBE":
        return {
          cmd: "subscribe",
          messageId: packet.packetId,
          subscriptions: packet.subscriptions.map(({ filter, qos }) => ({ topic: filter, qos })),
        };
      case "SUBACK":
        return { cmd: "suback", messageId: packet.packetId, granted: packet.returnCodes };
      case "UNSUBSCRIBE":
        return { cmd: "unsubscribe", messageId: packet.packetId, unsubscriptions: packet.filters };
      case "UNSUBACK":
        return { cmd: "unsuback", messageId: packet.packetId } as mqtt.Packet;
      case "PUBACK":
      case "PUBREC":
      case "PUBREL":
      case "PUBCOMP":
        return { cmd: packet.type.toLowerCase() as "puback", messageId: packet.packetId };
      default:
        return { cmd: packet.type.toLowerCase() as "pingreq" };
    }
  }

  /** mqtt-packet turns away an empty user name, which the standard allows. */
  const common = packets.filter(packet => packet.type !== "CONNECT" || packet.username !== "");

  it("write the same bytes", () => {
    fc.assert(
      fc.property(common, packet => {
        const theirBytes = mqtt.generate(theirs(packet));
        expect(Buffer.from(encodePacket(packet)).toString("hex")).toBe(theirBytes.toString("hex"));
      }),
      RUNS,
    );
  });

  it("read each other's packets", () => {
    fc.assert(
      fc.property(common, packet => {
        expect(plain(readAll([mqtt.generate(theirs(packet))]))).toEqual(plain([packet]));
        const read: mqtt.Packet[] = [];
        const parser = mqtt.parser({ protocolVersion: 4 });
        parser.on("packet", found => read.push(found));
        parser.parse(Buffer.from(encodePacket(packet)));
        expect(read).toHaveLength(1);
        expect(read[0]).toMatchObject(theirs(packet));
      }),
      RUNS,
    );
  });
});
