/**
 * Random packets of MQTT 5.0 beside mqtt-packet, an independent codec: each reads what the other writes, byte by byte the same,
 * and what the core takes of damaged packets mqtt-packet takes too.
 */
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { describe, expect, it } from "vitest";
import { EFFORT } from "../../effort.ts";
import { type CoreBuild, codecBuilds, coreBuilds } from "../builds.ts";
import { Endpoint5 } from "../session/endpoint5.ts";
import { bytes, ofMessage, some, topic, u16, u32, userProperties, word } from "./arbitrary5.ts";
import { decode5, type Read } from "./codec5.ts";

const codecs = await codecBuilds();
const cores = await coreBuilds();
const runs = (build: { isGuarded: boolean }) => ({ numRuns: (build.isGuarded ? 50 : 150) * EFFORT });

const messageProperties = some({
  ...ofMessage,
  topicAlias: u16,
  subscriptionIdentifier: fc.array(fc.integer({ min: 1, max: 0xfff_ffff }), { minLength: 1, maxLength: 3 }),
});
const answerProperties = some({ reasonString: word });
const connackProperties = some({
  sessionExpiryInterval: u32,
  receiveMaximum: u16,
  maximumQoS: fc.constantFrom(0, 1),
  retainAvailable: fc.boolean(),
  maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
  assignedClientIdentifier: word,
  topicAliasMaximum: u16,
  reasonString: word,
  wildcardSubscriptionAvailable: fc.boolean(),
  subscriptionIdentifiersAvailable: fc.boolean(),
  sharedSubscriptionAvailable: fc.boolean(),
  serverKeepAlive: u16,
  responseInformation: word,
  serverReference: word,
  authenticationMethod: word,
});

const qos = fc.constantFrom(0, 1, 2);
const answer = (cmd: string, codes: readonly number[]) =>
  fc.record({
    cmd: fc.constant(cmd),
    messageId: u16,
    reasonCode: fc.constantFrom(...codes),
    properties: answerProperties,
  });
const PUBLISHED = [0, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99];

/** What a server sends. */
const fromServer: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    cmd: fc.constant("connack"),
    sessionPresent: fc.boolean(),
    reasonCode: fc.constant(0),
    properties: connackProperties,
  }),
  fc.record({
    cmd: fc.constant("connack"),
    sessionPresent: fc.constant(false),
    reasonCode: fc.constantFrom(0x80, 0x81, 0x84, 0x85, 0x8c, 0x95, 0x9c, 0x9f),
    properties: connackProperties,
  }),
  fc.constant({ cmd: "pingresp" }),
  fc
    .record({
      cmd: fc.constant("publish"),
      topic,
      payload: bytes,
      qos,
      retain: fc.boolean(),
      dup: fc.boolean(),
      messageId: u16,
      properties: messageProperties,
    })
    .map(packet => ({ ...packet, dup: packet.dup && packet.qos > 0 })),
  answer("puback", PUBLISHED),
  answer("pubrec", PUBLISHED),
  answer("pubrel", [0, 0x92]),
  answer("pubcomp", [0, 0x92]),
  fc.record({
    cmd: fc.constant("suback"),
    messageId: u16,
    granted: fc.array(fc.constantFrom(0, 1, 2, 0x80, 0x87, 0x9e), { minLength: 1, maxLength: 5 }),
    properties: answerProperties,
  }),
  fc.record({
    cmd: fc.constant("unsuback"),
    messageId: u16,
    granted: fc.array(fc.constantFrom(0, 0x11, 0x80, 0x8f), { minLength: 1, maxLength: 5 }),
    properties: answerProperties,
  }),
  fc.record({
    cmd: fc.constant("disconnect"),
    reasonCode: fc.constantFrom(0, 0x81, 0x8b, 0x8e, 0x9c),
    properties: some({ reasonString: word, serverReference: word }),
  }),
  fc.record({
    cmd: fc.constant("auth"),
    reasonCode: fc.constantFrom(0, 0x18),
    properties: fc.record({
      authenticationMethod: word,
      authenticationData: bytes,
      reasonString: word,
      userProperties,
    }),
  }),
) as fc.Arbitrary<Packet>;

/** Where the properties of a packet stand in its body. */
const BEFORE: Readonly<Record<string, number>> = { connack: 2, suback: 2, unsuback: 2, disconnect: 1, auth: 1 };

/** The property block that mqtt-packet has written, without its length. */
function blockOf(packet: Packet, data: readonly number[]): readonly number[] {
  if (packet.cmd === "pingresp") return [];
  const before =
    packet.cmd === "publish"
      ? 2 + Buffer.byteLength(packet.topic) + (packet.qos > 0 ? 2 : 0)
      : (BEFORE[packet.cmd] ?? 3);
  const at = (data[1] < 0x80 ? 2 : 3) + before;
  if (at >= data.length) return [];
  const [first, second] = data.slice(at);
  return first < 0x80 ? data.slice(at + 1, at + 1 + first) : data.slice(at + 2, at + 2 + (first & 0x7f) + second * 128);
}

const five = { protocolVersion: 5 };
const generated = (packet: Packet): number[] => [...generate(packet, five)];

function parsed(data: readonly number[]): Packet | undefined {
  const packets: Packet[] = [];
  const reader = parser(five);
  reader.on("packet", packet => packets.push(packet));
  reader.on("error", () => {});
  try {
    reader.parse(Buffer.from(data));
  } catch {
    return undefined;
  }
  return packets[0];
}

describe.each(codecs)("the codec of 5.0, $name", build => {
  it("reads what mqtt-packet writes", () => {
    fc.assert(
      fc.property(fromServer, packet => {
        const data = generated(packet);
        const read = decode5(build, data) as Read;
        expect(read).toBeTypeOf("object");
        const given = packet as unknown as Record<string, unknown>;
        expect(read.properties).toEqual(blockOf(packet, data));
        if (packet.cmd === "pingresp") return;
        if (packet.cmd === "publish") {
          expect(read.code).toBe(packet.properties?.topicAlias ?? 0);
          expect(read.topic).toBe(packet.topic);
          expect(Buffer.from(read.rest).equals(packet.payload as Buffer)).toBe(true);
          expect(read.number).toBe(packet.qos > 0 ? packet.messageId : 0);
          return;
        }
        if (packet.cmd === "connack") expect(read.number).toBe(packet.sessionPresent ? 0x100 : 0);
        else if (packet.cmd !== "disconnect" && packet.cmd !== "auth") expect(read.number).toBe(given.messageId);
        if (given.granted === undefined) expect(read.code).toBe(given.reasonCode);
        else expect(read.rest).toEqual(given.granted);
      }),
      runs(build),
    );
  });

  it("takes nothing that mqtt-packet refuses, of what was damaged on the way", () => {
    let takenCount = 0;
    fc.assert(
      fc.property(fromServer, fc.nat(), fc.nat({ max: 255 }), (packet, place, value) => {
        const data = generated(packet);
        data[place % data.length] = value;
        const read = decode5(build, data);
        if (typeof read === "number") return;
        takenCount += 1;
        const size = data[1] < 0x80 ? data[1] + 2 : data.length;
        // AUTH and DISCONNECT without a body are code 0 (3.14.2.1, 3.15.2.1), of which mqtt-packet reads the first byte all the same.
        if (data[1] === 0) return;
        expect([data, parsed(data.slice(0, size)) !== undefined]).toEqual([data, true]);
      }),
      runs(build),
    );
    expect(takenCount).toBeGreaterThan(2);
  });
});

describe.each(cores)("a client of 5.0, $name", (build: CoreBuild) => {
  const online = (): Endpoint5 => new Endpoint5(build, { outbox: 2048, connect: 1024 });

  it("sends the same bytes as mqtt-packet for the same message", () => {
    fc.assert(
      fc.property(
        topic,
        bytes,
        qos,
        fc.boolean(),
        some({ ...ofMessage, messageExpiryInterval: fc.integer({ min: 1, max: 0xffff_ffff }) }),
        (name, payload, level, retain, properties) => {
          const endpoint = online().online();
          const packet = {
            cmd: "publish",
            topic: name,
            payload,
            qos: level,
            retain,
            dup: false,
            messageId: 1,
            properties,
          };
          const data = generated(packet as unknown as Packet);
          const rest = data.slice((data[1] < 0x80 ? 2 : 3) + 2 + Buffer.byteLength(name) + (level > 0 ? 2 : 0));
          const { core, client } = endpoint;
          const at = core.publish(client, Buffer.byteLength(name), rest.length, (level << 1) | (retain ? 1 : 0));
          build.write(core.composedEnd(client) - rest.length, rest);
          expect(endpoint.compose(at, Buffer.from(name))).toBe(level > 0 ? 1 : 0);
          expect(endpoint.takeBytes()).toEqual(data);
        },
      ),
      runs(build),
    );
  });

  it("sends the same CONNECT", () => {
    const will = fc.record({
      topic,
      payload: bytes,
      qos,
      retain: fc.boolean(),
      properties: some({ ...ofMessage, willDelayInterval: u32 }),
    });
    const properties = some({
      sessionExpiryInterval: u32,
      receiveMaximum: u16,
      maximumPacketSize: fc.integer({ min: 1, max: 0xffff_ffff }),
      topicAliasMaximum: fc.nat(0xffff),
      authenticationMethod: word,
      requestResponseInformation: fc.boolean(),
      requestProblemInformation: fc.boolean(),
    });
    const connect = fc.record(
      { clientId: word, clean: fc.boolean(), keepalive: u16, properties, will, username: word, password: bytes },
      { requiredKeys: ["clientId", "clean", "keepalive", "properties"] },
    );
    fc.assert(
      fc.property(connect, options => {
        // Sections 3.1.3.1 and 3.1.2.9 of 5.0 allow it; mqtt-packet writes there what 3.1.1 allows.
        fc.pre(options.clean || options.clientId !== "");
        fc.pre(options.password === undefined || options.username !== undefined);
        const data = generated({
          cmd: "connect",
          protocolId: "MQTT",
          protocolVersion: 5,
          ...options,
        } as unknown as Packet);
        const body = data[1] < 0x80 ? 2 : 3;
        const endpoint = online();
        const payload = data.slice(body + 10);
        const { core, client } = endpoint;
        expect(endpoint.compose(core.connect(client, payload.length, data[body + 7], options.keepalive), payload)).toBe(
          0,
        );
        endpoint.open();
        expect(endpoint.takeBytes()).toEqual(data);
      }),
      runs(build),
    );
  });
});
