/** What goes wrong in the server itself, most likely in a hook of its host [MQTT-4.8.0-2]: one connection ends. */
import { describe, expect, it } from "vitest";
import { connectPacket, World } from "./endpoint.ts";

describe("a hook that throws", () => {
  function faulty() {
    const world = new World({
      allowAnonymous: true,
      authenticate: ({ username }) => {
        throw new Error(`no directory for ${username}`);
      },
    });
    world.expectsFault = true;
    return world;
  }

  it("ends the connection of the packet, and nothing else", () => {
    const world = faulty();
    const other = world.connect("other");
    other.subscribe("t");
    const client = world.open();
    client.send(connectPacket("c", { username: "ann" }));
    expect(client.takeAll()).toEqual([]);
    expect(client.closeReason).toBe("[MQTT-4.8.0-2] a fault of the server");
    expect(world.log.at(-1)).toMatch(/^error: .*no directory for ann/);
    other.publish("t", "still here");
    expect(other.takeTexts()).toEqual(["t=still here"]);
  });

  it("is told to a client of 5.0", () => {
    const world = faulty();
    const client = world.open(5);
    client.send(connectPacket("c", { level: 5, username: "ann", properties: {} }));
    expect(client.take()).toMatchObject({ type: "CONNACK", returnCode: 0x83 });
    expect(client.closeReason).toContain("MQTT-4.8.0-2");
  });
});
