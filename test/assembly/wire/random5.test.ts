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
import { decode5, type Read } from "./codec5.ts";

const codecs = await codecBuilds();
const cores = await coreBuilds();
const runs = (build: { isGuarded: boolean }) => ({ numRuns: (build.isGuarded ? 50 : 150) * EFFORT });

// MQTT-1.5.4-2: no U+0000; and no lone surrogate.
const word = fc.string({ unit: "grapheme", maxLength: 9 }).filter(text => !text.includes("\0"));
const topic = fc.stringMatching(/^[a-zé€/ $-]{1,40}$/);
const bytes = fc.uint8Array({ maxLength: 20 }).map(data => Buffer.from(data));
const u16 = fc.integer({ min: 1, max: 0xffff });
const u32 = fc.integer({ min: 1, max: 0xffff_ffff });
/** Not empty: for none mqtt-packet counts a byte that it does not write. */
const userProperties = fc.dictionary(
  word.filter(text => text !== "" && text !== "__proto__"),
  word,
  { minKeys: 1, maxKeys: 3 },
);

type Shape = Record<string, fc.Arbitrary<unknown>>;
const some = (shape: Shape) => fc.record({ ...shape, userProperties }, { requiredKeys: [] });

const ofMessage: Shape = {
  payloadFormatIndicator: fc.boolean(),
  messageExpiryInterval: u32,
  contentType: word,
  responseTopic: topic,
  correlationData: bytes,
};
const messageProperties = some({ ...ofMessage, subscriptionIdentifier: fc.integer({ min: 1, max: 0xfff_ffff }) });
const answerProperties = some({ reasonString: word });
const connackProperties = some({
  sessionExpiryInterval: u32,
  receiveMaximum: u16,
  maximumQoS: fc.constantFrom(0, 1),
  retainAvailable: fc.boolean(),
  maximumPacketSize: u32,
  assignedClientIdentifier: word,
  topicAliasMaximum: u16,
  reasonString: word,
  wildcardSubscriptionAvailable: fc.boolean(),
  subscriptionIdentifiersAvailable: fc.boolean(),
  sharedSubscriptionAvailable: fc.boolean(),
  serverKeepAlive: u16,
  responseInformation: word,
  serverReference: word,
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
    cmd: fc.constant("publish"),
    topic,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    dup: fc.constant(false),
    messageId: u16,
    properties: messageProperties,
  }),
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
        if (packet.cmd === "publish") {
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
      fc.property(topic, bytes, qos, fc.boolean(), some(ofMessage), (name, payload, level, retain, properties) => {
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
      }),
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
      maximumPacketSize: u32,
      topicAliasMaximum: u16,
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
