/**
 * Bridges of mosquitto. With `try_private`, its default, a bridge sets the top bit of the protocol level; it then gets
 * RETAIN as it was published and nothing of its own back, without which a topic bridged both ways goes round for ever.
 */
import { describe, expect, it } from "vitest";
import { World } from "./endpoint.ts";

describe("a bridge", () => {
  it.each([3, 4] as const)("of level %i gets what others publish, with their RETAIN, and nothing of its own", level => {
    const world = new World();
    const bridge = world.connect("bridge", { level, isBridge: true });
    bridge.subscribe("#", 1);
    const other = world.connect("other");
    bridge.publish("t", "own", 0, true);
    other.publish("t", "theirs", 0, true);
    other.publish("t", "plain");
    expect(bridge.takePublishes().map(({ payload, isRetain }) => [Buffer.from(payload).toString(), isRetain])).toEqual([
      ["theirs", true],
      ["plain", false],
    ]);
  });

  it("is what each of its connections says that it is", () => {
    const world = new World();
    world.connect("b", { isBridge: true, cleanSession: false }).drop();
    const plain = world.connect("b", { cleanSession: false });
    plain.subscribe("#");
    plain.publish("t", "own", 0, true);
    expect(plain.takePublishes()).toMatchObject([{ isRetain: false }]);
  });

  it("of 5.0 needs no such bit: it is another level [MQTT-3.1.2-2]", () => {
    const client = new World().open();
    const packet = Buffer.from("\x10\x0d\x00\x04MQTT\x85\x02\x00\x00\x00\x01a", "latin1");
    client.sendBytes(packet);
    expect(client.takeAll()).toMatchObject([{ type: "CONNACK", returnCode: 1 }]);
  });
});
