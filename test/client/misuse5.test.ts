/** What MQTT 5.0 forbids a client to ask for is refused by name before anything is sent, and the client goes on. */
import { describe, expect, it } from "vitest";
import type { PropertiesOf } from "../../host/client/properties.ts";
import { Served } from "../broker/real.ts";
import { open } from "./open.ts";

async function client() {
  const { port } = await Served.start();
  return open(port, { protocolVersion: 5 });
}

describe("a client of 5.0 refuses", () => {
  it.each(["$share/", "$share/g", "$share//x", "$share/g/"])("the shared subscription %s, by name", async filter => {
    const five = await client();
    const error = { code: "MISUSE_FILTER", message: expect.stringContaining(`"${filter}"`) };
    await expect(five.subscribe(["fine", filter])).rejects.toMatchObject(error);
    await expect(five.unsubscribe(filter)).rejects.toMatchObject(error);
    await expect(five.subscribe(filter)).rejects.toThrow("[MQTT-4.8.2-1]");
    expect(await five.subscribe(["$share/g/x", "$share/g//", "$share"])).toHaveLength(3);
  });

  it("no local for a shared subscription", async () => {
    const five = await client();
    await expect(five.subscribe(["a", "$share/g/a"], { noLocal: true })).rejects.toMatchObject({
      code: "MISUSE_OPTION",
      message: 'noLocal is not for the shared "$share/g/a" [MQTT-3.8.3-4]',
    });
    expect(await five.subscribe("a", { noLocal: true })).toHaveLength(1);
  });

  it("two identifiers of one subscription", async () => {
    const five = await client();
    await expect(five.subscribe("a", { properties: { subscriptionIds: [1, 2] } })).rejects.toThrow(
      "subscriptionIds of a subscription is one integer, not 2 of them (section 3.8.2.1.2)",
    );
  });

  it.each([
    [{ subscriptionIds: [0] }, "subscriptionIds is an integer from 1 to 268435455, not 0"],
    [{ userProperties: [["a", 1]] }, "userProperties is pairs of strings, not 1"],
    [[], "subscribe properties are an object, not an array"],
  ])("%j, naming the offender", async (properties, text) => {
    const five = await client();
    const wrong = properties as unknown as PropertiesOf<"subscribe">;
    await expect(five.subscribe("a", { properties: wrong })).rejects.toThrow(text);
  });

  it.each([0, 1, 2] as const)(
    "a message of QoS %i that has expired already, whether it is connected or not",
    async qos => {
      const five = await client();
      const expired = { code: "EXPIRED", message: "the message expired before it could be sent" };
      await expect(five.publish("a", "x", { qos, properties: { messageExpirySeconds: 0 } })).rejects.toMatchObject(
        expired,
      );
      await five.publish("a", "x", { qos, properties: { messageExpirySeconds: 1 } });
    },
  );
});
