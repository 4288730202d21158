/** The trace: every packet both ways, decoded, with the state after it, and no secret. */
import { describe, expect, it } from "vitest";
import { type Connection, traceLine } from "../../host/broker/index.ts";
import { answerAll, connectPacket, World } from "./endpoint.ts";

function traced(options = {}) {
  const lines: string[] = [];
  const world = new World({ onTrace: traced => lines.push(traceLine(traced)), ...options });
  return { world, lines, take: () => lines.splice(0) };
}

describe("a trace", () => {
  it("shows a QoS 2 message from end to end, with the states between", () => {
    const { world, take } = traced();
    const subscriber = world.connectDurable("sub");
    subscriber.subscribe("a/+", 2);
    const publisher = world.connect("pub");
    take();
    world.advance(1500);
    const packetId = publisher.publish("a/b", "on", 2);
    publisher.send({ type: "PUBREL", packetId });
    const [publish] = subscriber.takePublishes();
    subscriber.send({ type: "PUBREC", packetId: publish.packetId });
    subscriber.send({ type: "PUBCOMP", packetId: publish.packetId });
    expect(take()).toEqual([
      "1.500 s  pub  ->  PUBLISH 'a/b' q2 id 1 'on' (2 bytes)  |  open, 0 subscriptions, 0 queued, 0 of 20 in flight, 1 held for PUBREL",
      "1.500 s  pub  <-  PUBREC id 1  |  open, 0 subscriptions, 0 queued, 0 of 20 in flight, 1 held for PUBREL",
      "1.500 s  pub  ->  PUBREL id 1  |  open, 0 subscriptions, 0 queued, 0 of 20 in flight",
      "1.500 s  sub  <-  PUBLISH 'a/b' q2 id 1 'on' (2 bytes)  |  open, 1 subscription, 0 queued, 1 of 20 in flight",
      "1.500 s  pub  <-  PUBCOMP id 1  |  open, 0 subscriptions, 0 queued, 0 of 20 in flight",
      "1.500 s  sub  ->  PUBREC id 1  |  open, 1 subscription, 0 queued, 1 of 20 in flight, 1 released",
      "1.500 s  sub  <-  PUBREL id 1  |  open, 1 subscription, 0 queued, 1 of 20 in flight, 1 released",
      "1.500 s  sub  ->  PUBCOMP id 1  |  open, 1 subscription, 0 queued, 0 of 20 in flight",
    ]);
  });

  it("shows the handshake of 5.0 with its properties, and hides what is secret", () => {
    const { world, lines } = traced({ users: new Map([["ann", "hush"]]) });
    const client = world.open(5);
    const will = { topic: "w", payload: Buffer.from([0, 255]), qos: 1 as const, retain: true, properties: {} };
    const secrets = { username: "ann", password: Buffer.from("hush") };
    const properties = { receiveMaximum: 5, userProperties: [["k", "v"]] as [string, string][] };
    client.send(connectPacket("c", { level: 5, cleanSession: true, will, ...secrets, properties }));
    expect(lines[0]).toBe(
      "0.000 s  c  ->  CONNECT 5.0 'c' clean start keep-alive 60 s user 'ann' password of 4 bytes " +
        "will ('w' q1 RETAIN 00ff (2 bytes)) receiveMaximum=5 user 'k'='v'  |  open, 0 subscriptions, 0 queued, 0 of 5 in flight",
    );
    expect(lines[1]).toMatch(
      /^0\.000 s {2}c {2}<- {2}CONNACK success no session receiveMaximum=1000 topicAliasMaximum=10 /,
    );
    expect(lines.join()).not.toContain("hush");
  });

  it("shows what is malformed, the rule, and the end", () => {
    const { world, take } = traced();
    const client = world.connect("c");
    take();
    client.sendBytes(Uint8Array.of(0x36, 3, 0, 1, 0x61));
    expect(take()).toEqual([
      "0.000 s  c  ->  MALFORMED 3603000161 (5 bytes) [MQTT-3.3.1-4] a QoS is 0, 1 or 2, not 3  |  closed, session ended",
      "0.000 s  c  <-  closed: [MQTT-3.3.1-4] a QoS is 0, 1 or 2, not 3  |  closed, session ended",
    ]);
    const durable = world.connectDurable("d");
    take();
    durable.drop();
    expect(take()).toEqual([
      "0.000 s  d  <-  closed: by the other side  |  closed, session kept, 0 subscriptions, 0 queued, 0 of 20 in flight",
    ]);
  });

  it("shows what a fault has done", async () => {
    const { fault } = await import("../../host/broker/index.ts");
    const { world, take } = traced();
    const client = world.connect("c");
    take();
    world.broker.at("sent PINGRESP", fault.drop);
    client.send({ type: "PINGREQ" });
    expect(take().map(line => line.split("  |")[0])).toEqual([
      "0.000 s  c  ->  PINGREQ",
      "0.000 s  c  <-  PINGRESP  (dropped)",
    ]);
  });

  it("changes nothing of what is sent", () => {
    const runs = [{}, { onTrace: () => {} }].map(options => {
      const world = new World(options);
      const subscriber = world.connectDurable("s");
      subscriber.subscribe("#", 2);
      const publisher = world.connect5("p");
      for (let index = 0; index < 30; index++) publisher.publish5("t", `${index}`, { contentType: "x" }, 1);
      return [answerAll(subscriber), publisher.takeAll()];
    });
    expect(runs[1]).toEqual(runs[0]);
  });

  it("shows the state of a connection before its CONNECT is decided, and during an authentication", () => {
    const asked: Connection[] = [];
    const { world, take } = traced({
      authenticate: ({ connection }: { connection: Connection }) => {
        asked.push(connection);
        return "later";
      },
      authenticationMethods: new Map([["m", () => ({ next: () => ({ status: "continue", data: Buffer.from("?") }) })]]),
    });
    const client = world.open();
    client.send(connectPacket("c", { username: "c" }));
    expect(take().map(line => line.split("  |  ")[1])).toEqual(["awaiting"]);
    world.broker.decide(asked[0], 5, 0);
    expect(take().at(-1)).toBe("0.000 s  unknown  <-  closed: [MQTT-3.1.4-3] not authorized: 'c'  |  closed");
    const five = world.open(5);
    five.send(connectPacket("five", { level: 5, properties: { authenticationMethod: "m" } }));
    expect(take().map(line => line.split("  |  ")[1])).toEqual(["authenticating", "authenticating"]);
  });

  it("shows how many subscriptions there are, what is queued and in flight, and of how many", () => {
    const { world, take } = traced({ maxInflight: 2 });
    const states = () => take().map(line => line.split("  |  ")[1]);
    const client = world.connect5("c", { sessionExpiryS: 100, receiveMaximum: 1 });
    client.subscribe("a", 2);
    client.subscribe("b", 2);
    const publisher = world.connect("p");
    take();
    for (const text of ["1", "2", "3"]) {
      publisher.send({ type: "PUBREL", packetId: publisher.publish("a", text, 2) });
    }
    const [publish] = client.takePublishes();
    take();
    client.send({ type: "PINGREQ" });
    expect(states()[0]).toBe("open, 2 subscriptions, 2 queued, 1 of 1 in flight");
    world.broker.pause(client.connection);
    client.send({ type: "PUBREC", packetId: publish.packetId });
    expect(states()[0]).toBe("open, 2 subscriptions, 2 queued, 1 of 1 in flight, 1 released, transport congested");
    world.broker.resume(client.connection, 0);
    client.publish("x", "held", 2);
    client.publish("x", "held", 2);
    take();
    client.drop();
    expect(states()).toEqual([
      "closed, session kept, 2 subscriptions, 2 queued, 1 of 2 in flight, 1 released, 2 held for PUBREL",
    ]);
  });

  it("shows the first sixteen bytes of what is malformed, and how many there are", () => {
    const { world, take } = traced();
    for (const [size, shown] of [
      [16, `f00e${"00".repeat(14)} (16 bytes)`],
      [17, `f00f${"00".repeat(14)}... (17 bytes)`],
      [40, `f026${"00".repeat(14)}... (40 bytes)`],
    ] as const) {
      const client = world.connect("c");
      take();
      client.sendBytes(Uint8Array.of(0xf0, size - 2, ...Array(size - 2).fill(0)));
      expect(take()[0]).toBe(
        `0.000 s  c  ->  MALFORMED ${shown} [MQTT 2.2.1] 15 is a reserved packet type  |  closed, session ended`,
      );
    }
  });
});
