/** Real clients of MQTT 5.0 against the broker: mosquitto_pub, mosquitto_sub and mosquitto_rr, and MQTT.js. */
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { havePeers } from "../peers.ts";
import { onEnd, run, Served, start } from "./real.ts";

const at = (served: Served): string[] => ["-V", "5", "-h", "127.0.0.1", "-p", String(served.port)];

describe.runIf(havePeers("mosquitto_pub"))("mosquitto's clients with -V 5", () => {
  it.each([0, 1, 2])("QoS %i with every property, unaltered", async qos => {
    const served = await Served.start();
    const level = ["-q", String(qos), "-t", "a/b"];
    const format = "%t|%q|%F|%C|%R|%D|%E|%P|%S|%p";
    const sub = start("mosquitto_sub", [
      ...[...at(served), "-i", "s", ...level, "-F", format, "-C", "1"],
      ...["-D", "subscribe", "subscription-identifier", "77"],
    ]);
    await served.until(/^Sending SUBACK to s$/);
    const properties = [
      ["payload-format-indicator", "1"],
      ["message-expiry-interval", "60"],
      ["content-type", "text/plain"],
      ["response-topic", "answers"],
      ["correlation-data", "id-1"],
      ["user-property", "z", "1"],
      ["user-property", "a", "2"],
    ].flatMap(property => ["-D", "publish", ...property]);
    const pub = await run("mosquitto_pub", [...at(served), ...level, "-m", "hello", ...properties]);
    expect(pub).toEqual({ code: 0, stdout: "", stderr: "" });
    expect((await sub.finished).stdout).toBe(`a/b|${qos}|1|text/plain|answers|id-1|60|z:1 a:2|77|hello\n`);
  });

  it("request and response", async () => {
    const served = await Served.start();
    const service = start("mosquitto_sub", [...at(served), "-i", "service", "-t", "ask", "-C", "1", "-F", "%R %D %p"]);
    await served.until(/^Sending SUBACK to service$/);
    const rr = start("mosquitto_rr", [
      ...[...at(served), "-i", "rr", "-t", "ask", "-e", "answer/rr", "-m", "6*7", "-q", "1"],
      ...["-D", "publish", "correlation-data", "q1"],
    ]);
    const [responseTopic, correlation, question] = (await service.finished).stdout.trim().split(" ");
    expect([responseTopic, correlation, question]).toEqual(["answer/rr", "q1", "6*7"]);
    const answer = ["-t", responseTopic, "-m", "42", "-D", "publish", "correlation-data", correlation];
    expect((await run("mosquitto_pub", [...at(served), ...answer])).code).toBe(0);
    expect((await rr.finished).stdout).toBe("42\n");
  });

  it("a session that lasts over an absence, and the expiry interval that is left", async () => {
    const served = await Served.start();
    const sub = [...at(served), "-i", "d", "-c", "-q", "1", "-t", "d", "-x", "100"];
    expect((await run("mosquitto_sub", [...sub, "-E"])).code).toBe(0);
    await served.until(/^Client d disconnected\.$/);
    const expiry = ["-D", "publish", "message-expiry-interval", "100"];
    expect((await run("mosquitto_pub", [...at(served), "-t", "d", "-q", "1", "-m", "kept", ...expiry])).code).toBe(0);
    const back = await run("mosquitto_sub", [...sub, "-C", "1", "-F", "%p %E"]);
    expect(back.stdout).toMatch(/^kept (100|99|9\d)\n$/);
  });

  it("shared subscriptions: each message to one", async () => {
    const served = await Served.start();
    const subs = ["a", "b"].map(id =>
      start("mosquitto_sub", [...at(served), "-i", id, "-t", "$share/g/t", "-q", "1", "-C", "5"]),
    );
    await served.until(/^Sending SUBACK to a$/);
    await served.until(/^Sending SUBACK to b$/);
    const text = Array.from({ length: 10 }, (_, index) => `${index}\n`).join("");
    expect((await run("mosquitto_pub", [...at(served), "-t", "t", "-q", "1", "-l"], text)).code).toBe(0);
    const got = await Promise.all(subs.map(async ({ finished }) => (await finished).stdout.split("\n")));
    expect(got.flat().filter(Boolean).sort().join("")).toBe("0123456789");
    expect(got.map(lines => lines.filter(Boolean).length)).toEqual([5, 5]);
  });

  it("retain as published, retained messages on demand, no local", async () => {
    const served = await Served.start();
    const pub = (...args: string[]) => run("mosquitto_pub", [...at(served), "-t", "r", "-q", "1", ...args]);
    expect((await pub("-r", "-m", "kept")).code).toBe(0);
    const sub = start("mosquitto_sub", [
      ...[...at(served), "-i", "s", "-t", "r", "-C", "2", "-F", "%r %p", "--retain-as-published"],
    ]);
    await served.until(/^Sending SUBACK to s$/);
    expect((await pub("-r", "-m", "live")).code).toBe(0);
    expect((await sub.finished).stdout).toBe("1 kept\n1 live\n");
  });

  it("a will after its delay, with its properties", async () => {
    const served = await Served.start();
    const watcher = start("mosquitto_sub", [...at(served), "-i", "w", "-t", "will", "-C", "1", "-F", "%p %C"]);
    await served.until(/^Sending SUBACK to w$/);
    const victim = start("mosquitto_sub", [
      ...[...at(served), "-i", "victim", "-t", "x", "-x", "60", "--will-topic", "will", "--will-payload", "gone"],
      ...["-D", "will", "will-delay-interval", "1", "-D", "will", "content-type", "text/x"],
    ]);
    await served.until(/^Sending SUBACK to victim$/);
    const startMs = performance.now();
    victim.process.kill("SIGKILL");
    expect((await watcher.finished).stdout).toBe("gone text/x\n");
    expect(performance.now() - startMs).toBeGreaterThan(950);
  });

  it("hear why they are refused", async () => {
    const served = await Served.start({ users: new Map([["ann", "sesame"]]), retainAvailable: false });
    const pub = (...args: string[]) => run("mosquitto_pub", [...at(served), "-t", "a", "-m", "x", "-q", "1", ...args]);
    expect(await pub()).toMatchObject({ code: 135, stderr: expect.stringContaining("Not authorized") });
    expect((await pub("-u", "ann", "-P", "no")).stderr).toContain("Bad User Name or Password");
    expect((await pub("-u", "ann", "-P", "sesame")).code).toBe(0);
  });

  it("topic aliases from the client", async () => {
    const served = await Served.start();
    const sub = start("mosquitto_sub", [...at(served), "-i", "s", "-t", "long/topic/name", "-C", "3", "-F", "%t %p"]);
    await served.until(/^Sending SUBACK to s$/);
    const alias = ["-D", "publish", "topic-alias", "1"];
    const pub = await run("mosquitto_pub", [...at(served), "-t", "long/topic/name", "-l", ...alias], "1\n2\n3\n");
    expect(pub.code).toBe(0);
    expect((await sub.finished).stdout).toBe("long/topic/name 1\nlong/topic/name 2\nlong/topic/name 3\n");
  });

  it("20,000 QoS 1 messages through a window of 10, none lost, in order", async () => {
    const served = await Served.start({ logPackets: false, maxQueued: 100_000 });
    const count = 20_000;
    const sub = start("mosquitto_sub", [
      ...[...at(served), "-i", "s", "-q", "1", "-t", "load", "-C", String(count)],
      ...["-D", "connect", "receive-maximum", "10"],
    ]);
    while (served.listener.broker.subscriptionCount === 0) await new Promise(setImmediate);
    const text = Array.from({ length: count }, (_, index) => `${index}\n`).join("");
    expect((await run("mosquitto_pub", [...at(served), "-q", "1", "-t", "load", "-l"], text)).code).toBe(0);
    expect((await sub.finished).stdout).toBe(text);
  });
});

describe("MQTT.js with protocolVersion 5", () => {
  async function connect(served: Served, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(`mqtt://127.0.0.1:${served.port}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
      ...options,
    });
    onEnd(() => client.endAsync(true));
    return client;
  }

  it.each([0, 1, 2] as const)("properties both ways at QoS %i", async qos => {
    const served = await Served.start();
    const client = await connect(served);
    await client.subscribeAsync("p/#", { qos, properties: { subscriptionIdentifier: 300 } });
    const properties = {
      payloadFormatIndicator: true,
      messageExpiryInterval: 60,
      contentType: "text/plain",
      responseTopic: "r",
      correlationData: Buffer.from("c"),
      userProperties: { k: ["1", "2"] },
    };
    const arrived = new Promise<IPublishPacket>(resolve => {
      client.once("message", (_topic, _payload, packet) => resolve(packet));
    });
    await client.publishAsync("p/x", "hello", { qos, properties });
    const { topic, properties: got } = await arrived;
    expect(topic).toBe("p/x");
    expect({ ...got, userProperties: { ...got?.userProperties } }).toEqual({
      ...properties,
      subscriptionIdentifier: 300,
    });
  });

  it("topic aliases both ways, given by both sides on their own", async () => {
    const served = await Served.start();
    const client = await connect(served, { autoAssignTopicAlias: true, properties: { topicAliasMaximum: 5 } });
    const topics: string[] = [];
    await client.subscribeAsync("sensors/#", { qos: 1 });
    const done = new Promise<void>(resolve => {
      client.on("message", topic => {
        topics.push(topic);
        if (topics.length === 30) resolve();
      });
    });
    for (let index = 0; index < 30; index++) client.publish(`sensors/${index % 3}`, "x", { qos: 1 });
    await done;
    expect(topics).toEqual(Array.from({ length: 30 }, (_, index) => `sensors/${index % 3}`));
  });

  it("is told that its identifier has connected again", async () => {
    const served = await Served.start();
    const first = await connect(served, { clientId: "twin" });
    const told = new Promise<number | undefined>(resolve => {
      first.on("disconnect", packet => resolve(packet.reasonCode));
    });
    await connect(served, { clientId: "twin" });
    expect(await told).toBe(0x8e);
  });

  it("and 3.1.1 clients hear each other", async () => {
    const served = await Served.start();
    const five = await connect(served, { clientId: "five" });
    const four = await connect(served, { clientId: "four", protocolVersion: 4 });
    const heard: string[] = [];
    const done = new Promise<void>(resolve => {
      for (const client of [five, four]) {
        client.on("message", (topic, payload) => {
          heard.push(`${client.options.clientId}:${topic}:${payload}`);
          if (heard.length === 4) resolve();
        });
      }
    });
    await Promise.all([five.subscribeAsync("#", { qos: 1 }), four.subscribeAsync("t", { qos: 1 })]);
    await five.publishAsync("t", "from5", { qos: 1, properties: { contentType: "x" } });
    await four.publishAsync("t", "from4", { qos: 1 });
    await done;
    expect(heard.sort()).toEqual(["five:t:from4", "five:t:from5", "four:t:from4", "four:t:from5"]);
  });
});
