/**
 * Statements that bind a server and that no other suite exercises by itself: CONNECT and its answer, texts, refusals. The rows of
 * rows.tsv name the tests; what a statement says is read in the standard.
 */
import { describe, expect, it } from "vitest";
import type { Level } from "../../host/broker/codec/connect.ts";
import { CONTENT_TYPE, list, MQTT5, NONE, RESPONSE_TOPIC, text } from "../broker/codec/bytes5.ts";
import { connectPacket, World } from "../broker/endpoint.ts";

const LEVELS: readonly Level[] = [4, 5];

/** A packet of less than 128 bytes. */
function packet(first: number, ...body: number[]): Uint8Array {
  return Uint8Array.of(first, body.length, ...body);
}

/** Whether a client that sends these bytes behind its CONNECT is closed. */
function isRefused(level: Level, bytes: Uint8Array): boolean {
  const client = new World().connect("c", { level });
  client.sendBytes(bytes);
  return client.closeReason !== undefined;
}

describe.each(LEVELS)("CONNECT, level %i", level => {
  const properties = level === 5 ? NONE : [];
  const connect = (flags: number, ...payload: number[]) =>
    packet(0x10, ...text("MQTT"), level, flags, 0, 60, ...properties, ...payload);

  it("takes every identifier of 1 to 23 letters and digits", () => {
    const world = new World();
    const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (let size = 1; size <= 23; size += 1) world.connect(alphabet.slice(size, size * 2), { level });
    for (let at = 0; at < alphabet.length; at += 1) world.connect(alphabet[at], { level });
  });

  it.each([
    ["will topic", 0x06, [...text("c"), ...properties, 0, 1, 0xff, ...text("x")]],
    ["user name", 0x82, [...text("c"), 0, 1, 0xff]],
  ])("a field of CONNECT that is not UTF-8 is refused: %s", (_what, flags, payload) => {
    const client = new World().open(level);
    client.sendBytes(connect(flags, ...payload));
    expect(client.closeReason).toMatch(/MQTT-1\.5\.[34]-1/);
  });

  it("an accepted CONNECT is answered with 0x00", () => {
    const client = new World().open(level);
    client.send(connectPacket("c", { level }));
    expect(client.take()).toMatchObject({ type: "CONNACK", returnCode: 0, sessionPresent: false });
    expect(client.takeAll()).toEqual([]);
  });

  it("a refusal claims no session, and closes", () => {
    const world = new World({ maxConnections: 1 });
    world.connect("a", { level, cleanSession: false, properties: level === 5 ? { sessionExpiryS: 60 } : {} });
    const second = world.open(level);
    second.send(connectPacket("b", { level, cleanSession: false }));
    const [connack, ...others] = second.takeAll();
    expect(connack).toMatchObject({ type: "CONNACK", sessionPresent: false });
    expect(connack.type === "CONNACK" && connack.returnCode).not.toBe(0);
    expect(others).toEqual([]);
    expect(second.closeReason).toBeDefined();
  });

  it("what follows a refused CONNECT is not read", () => {
    const world = new World({ maxConnections: 1 });
    const watcher = world.connect("a", { level });
    watcher.subscribe("#", 0);
    const second = world.open(level);
    const publish = {
      topic: "t",
      payload: Buffer.from("x"),
      qos: 0,
      isDup: false,
      isRetain: false,
      packetId: 0,
    } as const;
    second.send(connectPacket("b", { level }), { type: "PUBLISH", ...publish });
    expect(watcher.takeAll()).toEqual([]);
  });

  it("a first packet other than CONNECT closes", () => {
    const client = new World().open(level);
    client.sendBytes(packet(0xc0));
    expect(client.closeReason).toContain("MQTT-3.1.0-1");
    expect(client.takeAll()).toEqual([]);
  });

  it("nothing is published for a client without a will", () => {
    const world = new World();
    const watcher = world.connect("watcher", { level });
    watcher.subscribe("#", 0);
    world.connect("c", { level }).drop();
    world.advance(1000);
    expect(watcher.takeAll()).toEqual([]);
  });
});

it("what is no CONNECT of any version gets no CONNACK", () => {
  const client = new World().open();
  client.sendBytes(packet(0x10, ...text("MQTX"), 4, 2, 0, 60, ...text("c")));
  expect(client.closeReason).toContain("MQTT-3.1.2-1");
  expect(client.takeAll()).toEqual([]);
});

it.each([false, true])("a will of 5.0 is retained when it says so: %s", retain => {
  const world = new World();
  const will = { topic: "w", payload: Buffer.from("gone"), qos: 0 as const, retain };
  world.connect5("c", {}, { will }).drop();
  const late = world.connect5("late");
  late.subscribe5({ filter: "w", qos: 0 });
  expect(late.takeTexts()).toEqual(retain ? ["w=gone"] : []);
});

it("a packet without properties says so", () => {
  const client = new World().open(5);
  client.sendBytes(packet(0x10, ...MQTT5, 2, 0, 60, ...text("c")));
  expect(client.closeReason).toBeDefined();
});

describe("a text of 5.0", () => {
  it.each([
    ["a response topic with a wildcard is refused", packet(0x30, ...text("t"), ...list([0x08, ...text("a/+")]))],
    ["a content type that is not UTF-8 is refused", packet(0x30, ...text("t"), ...list([0x03, 0, 1, 0xff]))],
    ["a PUBLISH without a topic is refused", packet(0x30)],
    ["a filter that is not UTF-8 is refused", packet(0x82, 0, 1, ...NONE, 0, 1, 0xff, 0)],
    ["a filter to end that is not UTF-8 is refused", packet(0xa2, 0, 1, ...NONE, 0, 1, 0xff)],
    ["a filter with a misplaced + is refused", packet(0x82, 0, 1, ...NONE, ...text("a+"), 0)],
  ])("%s", (_what, bytes) => {
    expect(isRefused(5, bytes)).toBe(true);
  });

  it("is taken where it is right", () => {
    expect(isRefused(5, packet(0x30, ...text("t"), ...list(RESPONSE_TOPIC, CONTENT_TYPE)))).toBe(false);
    expect(isRefused(5, packet(0x82, 0, 1, ...NONE, ...text("a/+"), 0))).toBe(false);
  });
});

describe.each(LEVELS)("topics, level %i", level => {
  it("topics have up to 65,535 bytes", () => {
    const world = new World();
    const client = world.connect("c", { level });
    const longest = "x".repeat(0xffff);
    client.subscribe(longest, 0);
    client.publish(longest, "1");
    expect(client.takePublishes()).toMatchObject([{ topic: longest }]);
  });

  it("topics are compared byte by byte", () => {
    const world = new World();
    const client = world.connect("c", { level });
    // One letter with a diaeresis, composed, and a letter with a combining one: the same text to people, not to a broker.
    client.subscribe("\u00fc", 0);
    client.publish("u\u0308", "decomposed");
    client.publish("\u00dc", "capital");
    client.publish("\u00fc", "composed");
    expect(client.takeTexts()).toEqual(["\u00fc=composed"]);
  });
});

it("the server closes behind a DISCONNECT with a fault", () => {
  const client = new World().connect5("c");
  client.sendBytes(packet(0xf0, 0));
  const [last] = client.takeAll().slice(-1);
  expect(last?.type).toBe("DISCONNECT");
  expect(client.closeReason).toBeDefined();
});

it("no AUTH is sent to who has asked for none", () => {
  const world = new World();
  const client = world.connect5("c");
  client.subscribe5({ filter: "#", qos: 2 });
  client.publish("t", "x", 2);
  world.advance(60_000);
  expect(client.takeAll().map(({ type }) => type)).not.toContain("AUTH");
});
