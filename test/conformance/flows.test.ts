/**
 * Statements about acknowledgements that bind a server and that no other suite exercises by itself.
 */
import { describe, expect, it } from "vitest";
import type { Level } from "../../host/broker/codec/connect.ts";
import { answerAll, type Client, World } from "../broker/endpoint.ts";

const LEVELS: readonly Level[] = [4, 5];

/** A subscriber to everything and a publisher. */
function two(level: Level): { world: World; subscriber: Client; publisher: Client } {
  const world = new World();
  const subscriber = world.connect("subscriber", { level });
  subscriber.subscribe("#", 2);
  return { world, subscriber, publisher: world.connect("publisher", { level }) };
}

describe.each(LEVELS)("level %i", level => {
  it("an answer carries the identifier of what it answers", () => {
    const client = new World().connect("c", { level });
    const publish = { topic: "t", payload: Buffer.from("x"), isDup: false, isRetain: false } as const;
    client.send({ type: "PUBLISH", ...publish, qos: 1, packetId: 513 });
    client.send({ type: "PUBLISH", ...publish, qos: 2, packetId: 514 });
    client.send({ type: "PUBREL", packetId: 514 });
    client.send({ type: "SUBSCRIBE", packetId: 0xffff, subscriptions: [{ filter: "a", qos: 0 }] });
    client.send({ type: "UNSUBSCRIBE", packetId: 0xfffe, filters: ["a"] });
    expect(client.takeAll()).toMatchObject([
      { type: "PUBACK", packetId: 513 },
      { type: "PUBREC", packetId: 514 },
      { type: "PUBCOMP", packetId: 514 },
      { type: "SUBACK", packetId: 0xffff },
      { type: "UNSUBACK", packetId: 0xfffe },
    ]);
  });

  it("a PUBLISH is answered as its QoS asks", () => {
    const client = new World().connect("c", { level });
    for (const qos of [0, 1, 2] as const) client.publish("t", "x", qos);
    expect(client.takeAll().map(({ type }) => type)).toEqual(["PUBACK", "PUBREC"]);
  });

  it("DUP is not passed on", () => {
    const { subscriber, publisher } = two(level);
    const publish = { topic: "t", payload: Buffer.from("x"), isRetain: false, isDup: true } as const;
    publisher.send({ type: "PUBLISH", ...publish, qos: 1, packetId: 1 });
    expect(subscriber.takePublishes()).toMatchObject([{ isDup: false }]);
  });

  it("SUBACK has no other codes than those of the standard", () => {
    const client = new World({ maxQos: level === 5 ? 1 : 2 }).connect("c", { level });
    const filters = ["a", "b/#", "+/c", "$SYS/#"];
    const subscriptions = filters.flatMap(filter => ([0, 1, 2] as const).map(qos => ({ filter, qos })));
    client.send({ type: "SUBSCRIBE", packetId: 1, subscriptions });
    const suback = client.take();
    const codes = suback?.type === "SUBACK" ? suback.returnCodes : [];
    expect(codes).toHaveLength(subscriptions.length);
    const allowed = level === 4 ? [0, 1, 2, 0x80] : [0, 1, 2, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2];
    expect(codes.filter(code => !allowed.includes(code))).toEqual([]);
    expect(codes.slice(0, 2)).toEqual([0, 1]);
  });

  it("an UNSUBSCRIBE of several filters ends each of them", () => {
    const client = new World().connect("c", { level });
    for (const filter of ["a", "b", "c"]) client.subscribe(filter, 0);
    client.send({ type: "UNSUBSCRIBE", packetId: 9, filters: ["a", "none", "c"] });
    expect(client.takeAll()).toMatchObject([{ type: "UNSUBACK", packetId: 9 }]);
    for (const topic of ["a", "b", "c"]) client.publish(topic, "x");
    expect(client.takeTexts()).toEqual(["b=x"]);
  });

  it("what is in flight is completed behind UNSUBSCRIBE", () => {
    const { subscriber, publisher } = two(level);
    publisher.publish("t", "1", 2);
    publisher.send({ type: "PUBREL", packetId: 1 });
    const [publish] = subscriber.takePublishes();
    subscriber.send({ type: "UNSUBSCRIBE", packetId: 7, filters: ["#"] });
    subscriber.send({ type: "PUBREC", packetId: publish.packetId });
    subscriber.send({ type: "PUBCOMP", packetId: publish.packetId });
    expect(subscriber.takeAll()).toMatchObject([{ type: "UNSUBACK" }, { type: "PUBREL", packetId: publish.packetId }]);
    expect(subscriber.closeReason).toBeUndefined();
  });

  it("a PINGREQ is answered", () => {
    const client = new World().connect("c", { level });
    client.send({ type: "PINGREQ" });
    expect(client.takeAll()).toEqual([{ type: "PINGRESP" }]);
  });

  it("acknowledgements leave in the order of what they answer", () => {
    const client = new World().connect("c", { level });
    const ids = [5, 3, 9, 1];
    const publish = { topic: "t", payload: Buffer.from("x"), isDup: false, isRetain: false } as const;
    for (const packetId of ids) client.send({ type: "PUBLISH", ...publish, qos: 1, packetId });
    for (const packetId of ids) client.send({ type: "PUBLISH", ...publish, qos: 2, packetId: packetId + 100 });
    const acknowledged = client.takeAll().map(packet => ("packetId" in packet ? packet.packetId : 0));
    expect(acknowledged).toEqual([...ids, ...ids.map(id => id + 100)]);
  });

  it("a QoS 1 identifier is free again behind its PUBACK", () => {
    const { subscriber, publisher } = two(level);
    const publish = { topic: "t", isDup: false, isRetain: false, qos: 1, packetId: 4 } as const;
    for (const payload of ["1", "2"]) publisher.send({ type: "PUBLISH", ...publish, payload: Buffer.from(payload) });
    expect(answerAll(subscriber)).toEqual(["1", "2"]);
  });

  it("a QoS 2 identifier is free again behind its PUBCOMP", () => {
    const { subscriber, publisher } = two(level);
    const publish = { topic: "t", isDup: false, isRetain: false, qos: 2, packetId: 4 } as const;
    for (const payload of ["1", "2"]) {
      publisher.send({ type: "PUBLISH", ...publish, payload: Buffer.from(payload) });
      publisher.send({ type: "PUBREL", packetId: 4 });
    }
    expect(answerAll(subscriber)).toEqual(["1", "2"]);
  });
});

describe("5.0", () => {
  it("a full window stops PUBLISH and nothing else", () => {
    const world = new World();
    const client = world.connect5("c", { receiveMaximum: 1 });
    client.subscribe5({ filter: "t", qos: 1 });
    const publisher = world.connect5("publisher");
    publisher.publish("t", "1", 1);
    publisher.publish("t", "2", 1);
    const [first] = client.takePublishes();
    client.send({ type: "PINGREQ" });
    client.subscribe5({ filter: "other", qos: 0 });
    expect(client.takeAll()).toEqual([{ type: "PINGRESP" }]);
    client.send({ type: "PUBACK", packetId: first.packetId });
    expect(client.takeTexts()).toEqual(["t=2"]);
  });

  it("a PUBREC that refuses frees the identifier, and the message is not sent again", () => {
    const world = new World();
    const session = { sessionExpiryS: 60 };
    const client = world.connect5("c", { ...session, receiveMaximum: 1 }, { cleanSession: false });
    client.subscribe5({ filter: "t", qos: 2 });
    const publisher = world.connect5("publisher");
    publisher.publish("t", "1", 2);
    publisher.send({ type: "PUBREL", packetId: 1 });
    publisher.publish("t", "2", 1);
    const [first] = client.takePublishes();
    client.send({ type: "PUBREC", packetId: first.packetId, reasonCode: 0x80 });
    expect(client.takeTexts()).toEqual(["t=2"]);
    client.drop();
    const again = world.connect5("c", session, { cleanSession: false });
    expect(again.takeTexts()).toEqual(["t=2"]);
  });

  it("a QoS 2 message that has expired is still completed", () => {
    const world = new World();
    const client = world.connect5("c");
    client.subscribe5({ filter: "t", qos: 2 });
    const publisher = world.connect5("publisher");
    const packetId = publisher.publish5("t", "1", { messageExpiryS: 1 }, 2);
    publisher.send({ type: "PUBREL", packetId });
    const [publish] = client.takePublishes();
    world.advance(5000);
    client.send({ type: "PUBREC", packetId: publish.packetId });
    expect(client.takeAll()).toMatchObject([{ type: "PUBREL", packetId: publish.packetId }]);
    client.send({ type: "PUBCOMP", packetId: publish.packetId });
    expect(client.closeReason).toBeUndefined();
  });

  it("no reason string makes a packet too large", () => {
    const world = new World({ maxQos: 1 });
    const client = world.connect5("c", { maximumPacketSize: 30 });
    client.subscribe5({ filter: "$share/g/t", qos: 0 });
    client.publish("$SYS/a", "x", 1);
    client.send({ type: "PUBREL", packetId: 99 });
    client.sendBytes(Uint8Array.of(0xf0, 0));
    expect(client.closeReason).toBeDefined();
    expect(client.sendSizes.length).toBeGreaterThan(3);
    expect(Math.max(...client.sendSizes)).toBeLessThanOrEqual(30);
  });

  it("answers have no user properties, and a reason string only where something is refused", () => {
    const client = new World().connect5("c");
    client.subscribe("t", 2);
    client.publish("t", "x", 2);
    client.send({ type: "PUBREL", packetId: 2 });
    client.send({ type: "PUBREC", packetId: 1 });
    client.send({ type: "PUBCOMP", packetId: 1 });
    client.send({ type: "UNSUBSCRIBE", packetId: 7, filters: ["t", "never"] });
    client.send({ type: "PUBREL", packetId: 99 });
    client.sendBytes(Uint8Array.of(0xf0, 0));
    const answers = client.takeAll();
    expect(new Set(answers.map(({ type }) => type))).toEqual(
      new Set(["PUBREC", "PUBREL", "PUBLISH", "PUBCOMP", "UNSUBACK", "DISCONNECT"]),
    );
    for (const answer of answers) {
      const properties = "properties" in answer ? (answer.properties ?? {}) : {};
      expect(properties.userProperties ?? []).toEqual([]);
      if (properties.reasonString !== undefined)
        expect("reasonCode" in answer && answer.reasonCode).toBeGreaterThanOrEqual(0x80);
    }
  });
});
