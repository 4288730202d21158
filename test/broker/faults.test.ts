/** Faults at named points: what a test can do to the packets of a client, in virtual time. */
import { describe, expect, it } from "vitest";
import { fault } from "../../host/broker/index.ts";
import { answerAll, connectPacket, pair, World } from "./endpoint.ts";

describe("a fault at a point", () => {
  it("drops: the broker never gets it, or the client never does", () => {
    const { world, subscriber, publisher } = pair();
    const end = world.broker.at("received PUBLISH", ({ packet }) =>
      packet?.type === "PUBLISH" && packet.topic === "lost" ? fault.drop : undefined,
    );
    publisher.publish("lost", "x", 1);
    publisher.publish("kept", "x", 1);
    expect(answerAll(subscriber)).toEqual(["x"]);
    expect(publisher.takeAll()).toMatchObject([{ type: "PUBACK", packetId: 2 }]);
    end();
    world.broker.at("sent PUBACK", fault.drop);
    publisher.publish("lost", "y", 1);
    expect(answerAll(subscriber)).toEqual(["y"]);
    expect(publisher.takeAll()).toEqual([]);
  });

  it("delays, to the millisecond, and the next overtakes", () => {
    const { world, subscriber, publisher } = pair();
    world.broker.at("sent PUBLISH", ({ index }) => (index === 0 ? fault.delay(500) : undefined));
    publisher.publish("t", "late");
    publisher.publish("t", "prompt");
    expect(subscriber.takeTexts()).toEqual(["t=prompt"]);
    world.advance(499);
    expect(subscriber.takeTexts()).toEqual([]);
    world.advance(1);
    expect(subscriber.takeTexts()).toEqual(["t=late"]);
  });

  it("delays what comes in as well", () => {
    const { world, subscriber, publisher } = pair();
    world.broker.at("received PUBLISH", fault.delay(100));
    publisher.publish("t", "late", 1);
    expect(publisher.takeAll()).toEqual([]);
    world.advance(100);
    expect(publisher.takeAll()).toMatchObject([{ type: "PUBACK" }]);
    expect(answerAll(subscriber)).toEqual(["late"]);
  });

  it("duplicates", () => {
    const { world, subscriber, publisher } = pair();
    world.broker.at("sent PUBLISH", fault.duplicate(2));
    publisher.publish("t", "x");
    expect(subscriber.takeTexts()).toEqual(["t=x", "t=x", "t=x"]);
  });

  it("reorders", () => {
    const { world, subscriber, publisher } = pair();
    world.broker.at("sent PUBLISH", ({ index }) => (index === 0 ? fault.reorder(2) : undefined));
    for (const text of ["1", "2", "3", "4"]) publisher.publish("t", text);
    expect(subscriber.takeTexts()).toEqual(["t=2", "t=3", "t=1", "t=4"]);
  });

  it("answers wrongly: another packet, a wrong identifier, bytes that are none", () => {
    const { world, publisher } = pair();
    world.broker.at("sent PUBACK", ({ packet, index }) => {
      if (packet?.type !== "PUBACK" || index > 0) return undefined;
      return fault.replace({ type: "PUBACK", packetId: packet.packetId + 1 }, { type: "PINGRESP" });
    });
    publisher.publish("t", "x", 1);
    expect(publisher.takeAll()).toMatchObject([{ type: "PUBACK", packetId: 2 }, { type: "PINGRESP" }]);
    world.broker.at("sent PINGRESP", fault.replace(Uint8Array.of(0xd0, 0), Uint8Array.of(0x40, 2, 0, 9)));
    publisher.send({ type: "PINGREQ" });
    expect(publisher.takeAll()).toMatchObject([{ type: "PINGRESP" }, { type: "PUBACK", packetId: 9 }]);
  });

  it("may break the rules towards the broker, which then says so", () => {
    const { world, publisher } = pair();
    world.broker.at("received PINGREQ", fault.replace(Uint8Array.of(0xc1, 0)));
    publisher.send({ type: "PINGREQ" });
    expect(publisher.closeReason).toMatch(/flags of PINGREQ/);
    const other = world.connect("other");
    world.broker.at("received PUBLISH", fault.replace(Uint8Array.of(0x30, 9, 0)));
    other.publish("t", "x");
    expect(other.closeReason).toContain("are not one packet");
  });

  it("refuses a client in the broker's name", () => {
    const world = new World();
    world.broker.at("sent CONNACK", ({ clientId }) =>
      clientId === "unlucky" ? fault.replace({ type: "CONNACK", sessionPresent: false, returnCode: 3 }) : undefined,
    );
    world.connect("lucky");
    const client = world.open();
    client.send(connectPacket("unlucky"));
    expect(client.take()).toMatchObject({ returnCode: 3 });
  });

  it("sees large messages whole, and connections that were there before", () => {
    const { world, subscriber, publisher } = pair();
    const sizes: number[] = [];
    world.broker.at("sent any", ({ bytes }) => {
      sizes.push(bytes.length);
      return undefined;
    });
    publisher.publish("t", "x".repeat(50_000));
    expect(subscriber.takeTexts()[0]).toHaveLength(50_002);
    expect(sizes).toEqual([50_007]);
  });

  it("is over for a connection that has ended", () => {
    const { world, subscriber, publisher } = pair();
    world.broker.at("sent PUBLISH", fault.delay(100));
    publisher.publish("t", "x");
    subscriber.send({ type: "DISCONNECT" });
    world.advance(1000);
    expect(subscriber.takeAll()).toEqual([]);
  });

  it("refuses values that are none", () => {
    expect(() => fault.delay(-1)).toThrow("a delay is a whole number from 0, not -1");
    expect(() => fault.duplicate(0.5)).toThrow(RangeError);
  });
});
