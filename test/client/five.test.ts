/** The client in MQTT 5.0, against Perigee's own broker and mosquitto: what each side says of itself, and of every message. */
import { once } from "node:events";
import { connectAsync, type IPublishPacket } from "mqtt";
import { describe, expect, it } from "vitest";
import { scramSha256 as scramServer, scramVerifier } from "../../host/broker/index.ts";
import { type ClientOptions, connect, PerigeeError, scramSha256 } from "../../host/client/index.ts";
import { onEnd, Served } from "../broker/real.ts";
import { open } from "./open.ts";
import { SERVERS } from "./servers.ts";

const FIVE: ClientOptions = { protocolVersion: 5 };

for (const kind of SERVERS.filter(({ name }) => name !== "aedes")) {
  describe.runIf(kind.isHere)(`with ${kind.name}`, () => {
    it.each([0, 1, 2] as const)(
      "brings properties there and back at QoS %i, the repeated topic by alias",
      async qos => {
        const { port } = await kind.start();
        const client = await open(port, FIVE);
        const topic = "sensors/a/long/way/down";
        await client.subscribe(topic, { qos, properties: { subscriptionIds: [300] } });
        const properties = {
          payloadFormat: 1,
          contentType: "text/plain",
          responseTopic: "answers",
          correlationData: Buffer.from([0, 255]),
          userProperties: [
            ["unit", "K"],
            ["unit", "°C"],
          ],
        } as const;
        for (const text of ["one", "two", "", "four"]) await client.publish(topic, text, { qos, properties });
        await client.publish(topic, "plain", { qos });
        const seen = [];
        for await (const message of client) if (seen.push(message) === 5) break;
        expect(seen.map(({ payload }) => payload.toString())).toEqual(["one", "two", "", "four", "plain"]);
        for (const message of seen) expect([message.topic, message.qos]).toEqual([topic, qos]);
        expect(seen[3].properties).toMatchObject({ ...properties, subscriptionIds: [300] });
        expect(seen[4].properties).toMatchObject({ subscriptionIds: [300] });
        expect(seen[4].properties?.contentType).toBeUndefined();
        await client.close();
      },
    );

    it("keeps what expires no longer than it says, and tells what is left", async () => {
      const { port } = await kind.start();
      const client = await open(port, FIVE);
      await client.publish("e", "short", { qos: 1, retain: true, properties: { messageExpirySeconds: 1000 } });
      await client.subscribe("e");
      const { value } = await client[Symbol.asyncIterator]().next();
      expect(value?.properties?.messageExpirySeconds).toBeGreaterThan(900);
      expect(value?.properties?.messageExpirySeconds).toBeLessThanOrEqual(1000);
    });

    it("subscribes with options: no local, retain as published, retain handling", async () => {
      const { port } = await kind.start();
      const client = await open(port, FIVE);
      const other = await open(port, FIVE);
      await other.publish("kept", "old", { qos: 1, retain: true });
      await client.subscribe("own", { noLocal: true });
      await client.subscribe("kept", { retainHandling: 2, retainAsPublished: true });
      await client.publish("own", "never comes", { qos: 1 });
      await other.publish("kept", "new", { qos: 1, retain: true });
      const { value } = await client[Symbol.asyncIterator]().next();
      expect([value?.topic, `${value?.payload}`, value?.retain]).toEqual(["kept", "new", true]);
    });

    it("assigns a client identifier, which reconnects use", async () => {
      const { port } = await kind.start();
      const client = await open(port, { ...FIVE, clientId: "", properties: { sessionExpirySeconds: 60 } });
      const assigned = client.clientId;
      expect(assigned).not.toBe("");
      await client.publish("t", "x", { qos: 1 });
      expect(client.clientId).toBe(assigned);
    });

    it("resumes a session, and a session that has expired is none", async () => {
      const { port } = await kind.start();
      const kept = { ...FIVE, clientId: "kept", clean: false };
      const first = await open(port, kept);
      await first.subscribe("s", { qos: 1 });
      await first.close();
      const publisher = await open(port, FIVE);
      await publisher.publish("s", "meanwhile", { qos: 1 });
      const second = await open(port, kept);
      const { value } = await second[Symbol.asyncIterator]().next();
      expect(`${value?.payload}`).toBe("meanwhile");
      // A session is kept as long as DISCONNECT says.
      await second.close({ properties: { sessionExpirySeconds: 0 } });
      const third = await open(port, kept);
      await third.subscribe("mark");
      await publisher.publish("s", "lost", { qos: 1 });
      await publisher.publish("mark", "mark", { qos: 1 });
      expect((await third[Symbol.asyncIterator]().next()).value?.topic).toBe("mark");
    });

    it("sends a will with properties when the client goes with reason 4", async () => {
      const { port } = await kind.start();
      const witness = await open(port, FIVE);
      await witness.subscribe("will");
      const will = { topic: "will", payload: "gone", properties: { contentType: "text/plain" } };
      await (await open(port, { ...FIVE, will })).close({ reasonCode: 4 });
      const { value } = await witness[Symbol.asyncIterator]().next();
      expect([`${value?.payload}`, value?.properties?.contentType]).toEqual(["gone", "text/plain"]);
    });
  });
}

// mosquitto closes without a word.
it("is told why it is disconnected: another with its identifier", async () => {
  const { port } = await Served.start();
  const first = await open(port, { ...FIVE, clientId: "same" });
  const closed = once(first, "end");
  await open(port, { ...FIVE, clientId: "same" });
  const [error] = await closed;
  expect(error).toMatchObject({ code: "ENDED_SERVER", refusal: 0x8e });
  expect(error.message).toContain("Session taken over");
});

describe("what the server refuses", () => {
  it("is named by its reason code: a wrong password", async () => {
    const served = await Served.start({ users: new Map([["me", "secret"]]) });
    const wrong = connect(`mqtt://me:wrong@127.0.0.1:${served.port}`, FIVE);
    await expect(wrong).rejects.toMatchObject({ code: "ENDED_REFUSED", refusal: 0x86 });
    await expect(wrong).rejects.toThrow("Bad User Name or Password");
  });

  it.each([
    ["publish properties", { properties: { bogus: 1 } }, "publish has no property bogus"],
    [
      "a property of another packet",
      { properties: { willDelaySeconds: 1 } },
      "publish has no property willDelaySeconds",
    ],
    ["a value out of range", { properties: { messageExpirySeconds: -1 } }, "an integer from 0 to 4294967295, not -1"],
    ["a response topic with a wildcard", { properties: { responseTopic: "a/#" } }, "[MQTT-3.3.2-2]"],
    ["pairs that are none", { properties: { userProperties: ["a"] } }, "an array of names and values"],
    ["text that is no text", { properties: { contentType: 5 } }, "contentType is a string, not 5"],
  ])("%s", async (_what, options, text) => {
    const served = await Served.start();
    const client = await open(served.port, FIVE);
    await expect(client.publish("t", "x", options as object)).rejects.toThrow(text);
    await client.publish("t", "fine", { qos: 1 });
  });

  it.each([
    [{ properties: {} }, "properties needs protocolVersion: 5"],
    [{ fallback: true }, "fallback needs protocolVersion: 5"],
    [{ will: { topic: "w", properties: {} } }, "will.properties needs protocolVersion: 5"],
    [{ protocolVersion: 6 as 5 }, "protocolVersion is 3, 4 or 5, not 6"],
    [{ protocolVersion: 5, properties: { receiveMaximum: 0 } }, "receiveMaximum is an integer from 1 to 65535, not 0"],
  ] as [ClientOptions, string][])("options %j", async (options, text) => {
    await expect(connect("mqtt://x", options)).rejects.toThrow(text);
  });

  it("is refused before it is sent: what 3.1.1 has no room for", async () => {
    const served = await Served.start();
    const client = await open(served.port);
    await expect(client.publish("t", "x", { properties: { contentType: "a" } })).rejects.toThrow("protocolVersion: 5");
    await expect(client.subscribe("t", { noLocal: true })).rejects.toThrow("protocolVersion: 5");
  });
});

describe("a message that waits offline", () => {
  it("expires, and whoever waits for it is told", async () => {
    const first = await Served.start();
    const { port } = first;
    const client = await open(port, { ...FIVE, backoffMinMs: 1_100, backoffMaxMs: 1_100 });
    const lost = once(client, "close");
    await first.listener.close();
    await lost;
    const expired = client.publish("t", "late", { qos: 1, properties: { messageExpirySeconds: 0 } });
    const kept = client.publish("t", "kept", { qos: 1, properties: { messageExpirySeconds: 1000 } });
    await Served.start({ port, host: "127.0.0.1" });
    await expect(expired).rejects.toMatchObject({ code: "EXPIRED" });
    expect((await kept).reasonCode).toBe(0x10);
  });
});

describe("authentication in several steps", () => {
  const verifier = scramVerifier("secret", 4096);

  it("by SCRAM-SHA-256 proves the password both ways", async () => {
    const methods = new Map([["SCRAM-SHA-256", scramServer(name => (name === "me" ? verifier : undefined))]]);
    const served = await Served.start({ authenticationMethods: methods });
    const client = await open(served.port, { ...FIVE, authentication: scramSha256("me", "secret") });
    await client.publish("t", "x", { qos: 1 });
    const wrong = connect(`mqtt://127.0.0.1:${served.port}`, { ...FIVE, authentication: scramSha256("me", "wrong") });
    await expect(wrong).rejects.toMatchObject({ code: "ENDED_REFUSED", refusal: expect.any(Number) });
  });
});

describe("a server of 3.1.1", () => {
  it("is spoken to in its own words, where the host allows it", async () => {
    const { Aedes } = await import("aedes");
    const net = await import("node:net");
    const aedes = await Aedes.createBroker();
    const server = net.createServer(aedes.handle).listen(0, "127.0.0.1");
    await once(server, "listening");
    onEnd(async () => {
      server.close();
      await new Promise<void>(resolve => aedes.close(resolve));
    });
    const { port } = server.address() as { port: number };
    const strict = connect(`mqtt://127.0.0.1:${port}`, FIVE);
    await expect(strict).rejects.toBeInstanceOf(PerigeeError);
    await expect(strict).rejects.toMatchObject({ code: "ENDED_REFUSED", refusal: 1 });
    const client = await open(port, { ...FIVE, fallback: true, properties: { sessionExpirySeconds: 5 } });
    await client.subscribe("t", { qos: 1 });
    await client.publish("t", "x", { qos: 1 });
    expect(`${(await client[Symbol.asyncIterator]().next()).value?.payload}`).toBe("x");
  });
});

describe("beside MQTT.js", () => {
  it("every property arrives as it was sent, both ways", async () => {
    const served = await Served.start();
    const theirs = await connectAsync(`mqtt://127.0.0.1:${served.port}`, { protocolVersion: 5 });
    const ours = await open(served.port, FIVE);
    await theirs.subscribeAsync("to/them");
    await ours.subscribe("to/us");
    const received = new Promise<IPublishPacket>(resolve =>
      theirs.once("message", (_t, _p, packet) => resolve(packet)),
    );
    await ours.publish("to/them", "a", {
      properties: { contentType: "c", correlationData: Buffer.from("d"), userProperties: [["k", "v"]] },
    });
    expect((await received).properties).toMatchObject({
      contentType: "c",
      correlationData: Buffer.from("d"),
      userProperties: { k: "v" },
    });
    await theirs.publishAsync("to/us", "b", { properties: { responseTopic: "r", userProperties: { k: ["v", "w"] } } });
    const { value } = await ours[Symbol.asyncIterator]().next();
    expect(value?.properties).toMatchObject({
      responseTopic: "r",
      userProperties: [
        ["k", "v"],
        ["k", "w"],
      ],
    });
    await theirs.endAsync();
  });
});
