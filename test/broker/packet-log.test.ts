/** `logPackets`: one line for each packet in mosquitto's words, as `mosquitto -v` prints them; and none where nobody asks. */
import { describe, expect, it } from "vitest";
import { type Access, type BrokerOptions, Entrance } from "../../host/broker/index.ts";
import { connectPacket, World } from "./endpoint.ts";

const RULED: Access = {
  authenticate: () => 0,
  permissions: () => ({ mayRead: () => true, mayWrite: topic => topic !== "secret" }),
  clientIdPrefixes: [],
};

/** One of every packet, both ways, in each version. */
function talk(options: BrokerOptions): World {
  const world = new World({
    authenticationMethods: new Map([["m", () => ({ next: () => ({ status: "success" }) })]]),
    ...options,
  });
  const old = world.connectAt(new Entrance({ access: RULED }), "old", {
    will: { topic: "w", payload: Buffer.from("gone"), qos: 1, retain: true },
    username: "ann",
    keepAliveS: 0,
  });
  old.send({
    type: "SUBSCRIBE",
    packetId: 1,
    subscriptions: [
      { filter: "a/+", qos: 1 },
      { filter: "b", qos: 2 },
    ],
  });
  old.publish("a/b", "xyz", 1, true);
  old.send({ type: "PUBACK", packetId: 1 });
  old.publish("secret", "x", 0);
  old.send({ type: "PINGREQ" });
  const five = world.connect5("five", { authenticationMethod: "m" }, { cleanSession: false });
  five.publish("b", "q", 2);
  five.send({ type: "PUBREL", packetId: 1 });
  five.send({ type: "PUBREL", packetId: 1 });
  old.send({ type: "PUBREC", packetId: 2 });
  old.send({ type: "PUBCOMP", packetId: 2 });
  old.send({ type: "UNSUBSCRIBE", packetId: 2, filters: ["b"] });
  five.send({ type: "AUTH", reasonCode: 0x19, properties: { authenticationMethod: "m" } });
  five.send({ type: "PUBACK", packetId: 77, reasonCode: 0x97 });
  five.send({ type: "DISCONNECT", reasonCode: 4 });
  old.send({ type: "DISCONNECT" });
  const last = world.connect5("last");
  last.sendBytes(Uint8Array.of(0xc0, 1, 0));
  world.connect("older", { level: 3 });
  world.open().send(connectPacket("", { cleanSession: false }));
  return world;
}

/** In the order in which things happen: what a PUBLISH causes comes before its PUBACK. */
const LINES = `
notice: New client connected from unknown as old (p2, c1, k0, u'ann').
debug: Will message specified (4 bytes) (r1, q1): 'w'
debug: Sending CONNACK to old (0, 0)
debug: Received SUBSCRIBE from old
debug: \ta/+ (QoS 1)
subscribe: old 1 a/+
debug: \tb (QoS 2)
subscribe: old 2 b
debug: Sending SUBACK to old
debug: Received PUBLISH from old (d0, q1, r1, m1, 'a/b', ... (3 bytes))
debug: Sending PUBLISH to old (d0, q1, r0, m1, 'a/b', ... (3 bytes))
debug: Sending PUBACK to old (m1, rc0)
debug: Received PUBACK from old (Mid: 1, RC:0)
debug: Received PUBLISH from old (d0, q0, r0, m0, 'secret', ... (1 bytes))
debug: Denied PUBLISH from old (d0, q0, r0, m0, 'secret', ... (1 bytes))
debug: Received PINGREQ from old
debug: Sending PINGRESP to old
notice: New client connected from unknown as five (p5, c0, k60).
debug: No will message specified.
debug: Sending CONNACK to five (0, 0)
debug: Received PUBLISH from five (d0, q2, r0, m1, 'b', ... (1 bytes))
debug: Sending PUBREC to five (m1, rc0)
debug: Received PUBREL from five (Mid: 1, RC:0)
debug: Sending PUBLISH to old (d0, q2, r0, m2, 'b', ... (1 bytes))
debug: Sending PUBCOMP to five (m1, rc0)
debug: Received PUBREL from five (Mid: 1, RC:0)
debug: Sending PUBCOMP to five (m1, rc146)
debug: Received PUBREC from old (Mid: 2, RC:0)
debug: Sending PUBREL to old (m2, rc0)
debug: Received PUBCOMP from old (Mid: 2, RC:0)
debug: Received UNSUBSCRIBE from old
debug: \tb
unsubscribe: old b
debug: Sending UNSUBACK to old (m2, rc0)
debug: Received AUTH from five (RC:25)
debug: Sending AUTH to five (rc0)
debug: Received PUBACK from five (Mid: 77, RC:151)
debug: Received DISCONNECT from five (RC:4)
notice: Client five disconnected: the client says: disconnect with will message
debug: Received DISCONNECT from old
notice: Client old disconnected.
notice: New client connected from unknown as last (p5, c1, k60).
debug: No will message specified.
debug: Sending CONNACK to last (0, 0)
debug: Sending DISCONNECT to last (rc129)
notice: Client last disconnected due to malformed packet: [MQTT 3.12.1] PINGREQ has no body, but 1 bytes follow
notice: New client connected from unknown as older (p1, c1, k60).
debug: No will message specified.
debug: Sending CONNACK to older (0, 0)
debug: Sending CONNACK to unknown (0, 2)
notice: Client unknown disconnected: [MQTT-3.1.3-8] an empty client identifier needs a clean session
`
  .trim()
  .split("\n");

describe("the log of packets", () => {
  it("has a line for each, both ways", () => {
    expect(talk({ logPackets: true }).log).toEqual(LINES);
  });

  it("is left out unless it is asked for: who comes, goes and subscribes is said in any case", () => {
    expect(talk({}).log).toEqual(LINES.filter(line => !line.startsWith("debug: ")));
  });

  it("has the reason codes of 5.0 for clients of 5.0 alone", () => {
    const world = new World({ logPackets: true });
    for (const client of [world.connect("old"), world.connect5("five")]) client.publish("t", "x", 1);
    expect(world.log.filter(line => line.includes("PUBACK"))).toEqual([
      "debug: Sending PUBACK to old (m1, rc0)",
      "debug: Sending PUBACK to five (m1, rc16)",
    ]);
  });

  it("has a will as it is", () => {
    const world = new World({ logPackets: true });
    const will = { topic: "w", payload: Buffer.from(""), qos: 0 as const, retain: false };
    world.connect("c", { will });
    expect(world.log).toContain("debug: Will message specified (0 bytes) (r0, q0): 'w'");
  });

  it("says what CONNACK said, of a session that is there and of a refusal", () => {
    const world = new World({ logPackets: true });
    world.connectDurable("c").drop();
    world.connectDurable("c");
    const client = world.open(5);
    client.send(connectPacket("d", { level: 5, properties: { authenticationMethod: "none" } }));
    expect(world.log.filter(line => line.includes("CONNACK"))).toEqual([
      "debug: Sending CONNACK to c (0, 0)",
      "debug: Sending CONNACK to c (1, 0)",
      "debug: Sending CONNACK to unknown (0, 140)",
    ]);
  });
});
