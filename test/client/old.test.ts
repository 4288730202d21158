/** The client in MQTT 3.1, for servers that know nothing newer, on those that still know it. */
import { describe, expect, it } from "vitest";
import { open } from "./open.ts";
import { Mosquitto, SERVERS } from "./servers.ts";

for (const kind of SERVERS.filter(({ name }) => name !== "aedes")) {
  describe.runIf(kind.isHere)(`MQTT 3.1 with ${kind.name}`, () => {
    it.each([0, 1, 2] as const)("delivers at QoS %i", async qos => {
      const server = await kind.start();
      const client = await open(server.port, { protocolVersion: 3, clientId: "old" });
      expect(await client.subscribe("t", { qos })).toMatchObject([{ qos }]);
      await client.publish("t", "x", { qos, retain: true });
      const { value } = await client[Symbol.asyncIterator]().next();
      expect([value?.topic, `${value?.payload}`, value?.qos]).toEqual(["t", "x", qos]);
      // mosquitto's name for the version of this client.
      if (server instanceof Mosquitto) expect(server.lines.join("\n")).toMatch(/as old \(p1, c1, k60\)/);
    });

    it("finds its session again", async () => {
      const { port } = await kind.start();
      const options = { protocolVersion: 3, clientId: "old", clean: false } as const;
      const first = await open(port, options);
      await first.subscribe("t", { qos: 1 });
      await first.close();
      const other = await open(port);
      await other.publish("t", "meanwhile", { qos: 1 });
      const second = await open(port, options);
      expect(`${(await second[Symbol.asyncIterator]().next()).value?.payload}`).toBe("meanwhile");
    });
  });
}

it("has no words for what 5.0 brought", async () => {
  const [perigee] = SERVERS;
  const { port } = await perigee.start();
  const client = await open(port, { protocolVersion: 3 });
  await expect(client.subscribe("t", { noLocal: true })).rejects.toThrow("protocolVersion: 5");
  await expect(client.publish("t", "x", { properties: {} })).rejects.toThrow("protocolVersion: 5");
});
