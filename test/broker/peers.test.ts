/** Real clients against the broker: mosquitto_pub and mosquitto_sub, paho (Python), MQTT.js. */
import { connectAsync, connect as connectNow, type IClientOptions, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import { havePeers } from "../peers.ts";
import { makeCertificate, onEnd, run, Served, start } from "./real.ts";

const at = (served: Served): string[] => ["-h", "127.0.0.1", "-p", String(served.port)];

describe.runIf(havePeers("mosquitto_pub"))("mosquitto_pub and mosquitto_sub", () => {
  it.each([0, 1, 2])("QoS %i", async qos => {
    const served = await Served.start();
    const level = ["-q", String(qos), "-t", "a/b"];
    const subscriber = start("mosquitto_sub", [...at(served), "-i", "s", ...level, "-F", "%t %q %r %p", "-C", "3"]);
    await served.until(/^Sending SUBACK to s$/);
    const published = await run("mosquitto_pub", [...at(served), ...level, "-l"], "one\ntwo\nthree\n");
    expect(published).toEqual({ code: 0, stdout: "", stderr: "" });
    const expected = ["one", "two", "three"].map(text => `a/b ${qos} 0 ${text}\n`).join("");
    expect(await subscriber.finished).toEqual({ code: 0, stdout: expected, stderr: "" });
  });

  it("speak MQTT 3.1 as well", async () => {
    const served = await Served.start();
    const old = await run("mosquitto_pub", [...at(served), "-V", "mqttv31", "-t", "a", "-m", "x", "-r", "-q", "1"]);
    expect(old.code).toBe(0);
    expect(served.listener.broker.retainedCount).toBeGreaterThan(20);
  });

  it("retained messages, kept and removed", async () => {
    const served = await Served.start();
    const pub = (...args: string[]) => run("mosquitto_pub", [...at(served), "-t", "r", "-r", "-q", "1", ...args]);
    expect((await pub("-m", "kept")).code).toBe(0);
    const first = await run("mosquitto_sub", [...at(served), "-t", "r", "-C", "1", "-F", "%r %p"]);
    expect(first.stdout).toBe("1 kept\n");
    expect((await pub("-n")).code).toBe(0);
    const second = await run("mosquitto_sub", [...at(served), "-t", "r", "-C", "1", "-W", "1"]);
    expect(second).toMatchObject({ code: 27, stdout: "" });
  });

  it("a durable session over an absence", async () => {
    const served = await Served.start();
    const sub = [...at(served), "-i", "durable", "-c", "-q", "2", "-t", "d/#"];
    expect((await run("mosquitto_sub", [...sub, "-E"])).code).toBe(0);
    await served.until(/^Client durable disconnected\.$/);
    for (const [qos, text] of [
      ["2", "a"],
      ["1", "b"],
      ["0", "never"],
      ["2", "c"],
    ] as const) {
      expect((await run("mosquitto_pub", [...at(served), "-t", `d/${text}`, "-m", text, "-q", qos])).code).toBe(0);
    }
    const back = await run("mosquitto_sub", [...sub, "-C", "3", "-F", "%q %p"]);
    // Each QoS in its order; between them the client may deliver a QoS 1 message before a QoS 2 one is complete.
    expect(back.stdout.split("\n").sort().join(" ").trim()).toBe("1 b 2 a 2 c");
    expect(back.stdout.indexOf("a")).toBeLessThan(back.stdout.indexOf("c"));
  });

  it("a will of a client that is killed, none of one that leaves", async () => {
    const served = await Served.start();
    const watcher = start("mosquitto_sub", [...at(served), "-i", "watcher", "-t", "will/#", "-C", "1", "-v"]);
    await served.until(/^Sending SUBACK to watcher$/);
    const will = (id: string) => [
      "-i",
      id,
      "-t",
      "x",
      "--will-topic",
      `will/${id}`,
      "--will-payload",
      "gone",
      "--will-qos",
      "2",
    ];
    expect((await run("mosquitto_pub", [...at(served), ...will("polite"), "-m", "x"])).code).toBe(0);
    const victim = start("mosquitto_sub", [...at(served), ...will("victim")]);
    await served.until(/^Sending SUBACK to victim$/);
    victim.process.kill("SIGKILL");
    expect((await watcher.finished).stdout).toBe("will/victim gone\n");
  });

  it("passwords", async () => {
    const served = await Served.start({ users: new Map([["ann", "sesame"]]) });
    const pub = (...args: string[]) => run("mosquitto_pub", [...at(served), "-t", "a", "-m", "x", ...args]);
    expect((await pub("-u", "ann", "-P", "sesame")).code).toBe(0);
    expect(await pub("-u", "ann", "-P", "wrong")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("bad user name or password"),
    });
    expect(await pub()).toMatchObject({ code: 5, stderr: expect.stringContaining("not authorised") });
  });

  it("20,000 QoS 1 messages through one subscriber, none lost, in order", async () => {
    const served = await Served.start({ logPackets: false, maxQueued: 100_000 });
    const count = 20_000;
    const subscriber = start("mosquitto_sub", [...at(served), "-i", "s", "-q", "1", "-t", "load", "-C", String(count)]);
    await served.until(/New client connected/);
    const text = Array.from({ length: count }, (_, index) => `${index}\n`).join("");
    // Until the subscription is there, which no log line says here.
    while (served.listener.broker.subscriptionCount === 0) await new Promise(setImmediate);
    const publisher = await run("mosquitto_pub", [...at(served), "-q", "1", "-t", "load", "-l"], text);
    expect(publisher.code).toBe(0);
    expect((await subscriber.finished).stdout).toBe(text);
  });
});

describe.runIf(havePeers("mosquitto_pub", "openssl"))("mosquitto_pub over TLS", () => {
  it("with the server's certificate, and not with another", async () => {
    const certificate = makeCertificate();
    const other = makeCertificate();
    const served = await Served.start({ tls: certificate });
    const pub = (caFile: string) =>
      run("mosquitto_pub", [
        "-h",
        "localhost",
        "-p",
        String(served.port),
        "--cafile",
        caFile,
        "-t",
        "a",
        "-m",
        "x",
        "-q",
        "1",
      ]);
    expect(await pub(certificate.certFile)).toMatchObject({ code: 0, stderr: "" });
    expect((await pub(other.certFile)).code).not.toBe(0);
    expect(served.listener.broker.counters.publishMessagesReceived).toBe(1);
  });

  it("with client certificates", async () => {
    const certificate = makeCertificate();
    const client = makeCertificate("client");
    const served = await Served.start({ tls: { ...certificate, ca: client.cert } });
    const args = [
      "-h",
      "localhost",
      "-p",
      String(served.port),
      "--cafile",
      certificate.certFile,
      "-t",
      "a",
      "-m",
      "x",
      "-q",
      "1",
    ];
    const shown = ["--cert", client.certFile, "--key", client.keyFile];
    expect((await run("mosquitto_pub", [...args, ...shown])).code).toBe(0);
    expect((await run("mosquitto_pub", args)).code).not.toBe(0);
    expect(served.listener.broker.counters.publishMessagesReceived).toBe(1);
  });
});

const PAHO = `
import sys, threading
import paho.mqtt.client as mqtt
port, count = int(sys.argv[1]), int(sys.argv[2])
got, done = [], threading.Event()
def connected(client, data, flags, code):
    client.subscribe([("paho/#", 2), ("paho/+", 0)])
def subscribed(client, data, mid, granted):
    print("granted", *granted)
    for number in range(count):
        client.publish("paho/%d" % number, str(number), qos=number % 3)
def message(client, data, message):
    got.append((message.qos, int(message.payload)))
    if len(got) == count: done.set()
client = mqtt.Client("paho", clean_session=False)
client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, message
client.max_inflight_messages_set(10)
client.connect("127.0.0.1", port)
client.loop_start()
assert done.wait(10), len(got)
client.disconnect()
client.loop_stop()
for qos in range(3):
    assert [n for q, n in got if q == qos] == list(range(qos, count, 3)), qos
print("once each, in order")
`;

describe.runIf(havePeers("paho"))("paho", () => {
  it("publishes and receives at every QoS, each message once, in order", async () => {
    const served = await Served.start({ logPackets: false });
    const finished = await run("/usr/bin/python3", ["-c", PAHO, String(served.port), "300"]);
    expect(finished).toMatchObject({ code: 0, stdout: "granted 2 0\nonce each, in order\n" });
  });
});

describe("MQTT.js", () => {
  async function connect(served: Served, options: IClientOptions = {}): Promise<MqttClient> {
    const client = await connectAsync(`mqtt://127.0.0.1:${served.port}`, { reconnectPeriod: 0, ...options });
    onEnd(() => client.endAsync(true));
    return client;
  }

  it.each([0, 1, 2] as const)("payloads of every size at QoS %i", async qos => {
    const served = await Served.start({ logPackets: false });
    const client = await connect(served);
    await client.subscribeAsync("size/+", { qos });
    for (const size of [0, 1, 127, 128, 16_383, 16_384, 1 << 20]) {
      const payload = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index * 7));
      const arrived = new Promise<Buffer>(resolve => {
        client.once("message", (topic, received, packet) => {
          expect([topic, packet.qos]).toEqual([`size/${size}`, qos]);
          resolve(received);
        });
      });
      await client.publishAsync(`size/${size}`, payload, { qos });
      expect(payload.equals(await arrived)).toBe(true);
    }
  });

  it("resumes a session after its connection was cut", async () => {
    const served = await Served.start();
    const before = await connect(served, { clientId: "js", clean: false });
    await before.subscribeAsync("t", { qos: 2 });
    before.stream.destroy();
    await served.until(/^Client js closed/);
    const publisher = await connect(served);
    for (const text of ["1", "2", "3"]) await publisher.publishAsync("t", text, { qos: 2 });
    const texts: string[] = [];
    // Listening before it connects: the session comes right behind the CONNACK.
    const after = connectNow(`mqtt://127.0.0.1:${served.port}`, { clientId: "js", clean: false, reconnectPeriod: 0 });
    onEnd(() => after.endAsync(true));
    after.on("message", (_topic, payload) => texts.push(String(payload)));
    await served.until(/^Received PUBCOMP from js \(Mid: 3/);
    expect(texts).toEqual(["1", "2", "3"]);
  });

  it("is closed when its identifier connects again", async () => {
    const served = await Served.start();
    const first = await connect(served, { clientId: "twin" });
    const closed = new Promise<void>(resolve => {
      first.once("close", resolve);
    });
    await connect(served, { clientId: "twin" });
    await closed;
    expect(served.lines.join("\n")).toContain(
      "Client twin already connected, closing old connection: [MQTT-3.1.4-2] client 'twin' has connected again",
    );
  });

  it("a hundred subscribers get every QoS 0 message once", async () => {
    const served = await Served.start({ logPackets: false });
    const clients = await Promise.all(Array.from({ length: 100 }, () => connect(served)));
    const counts = clients.map(() => 0);
    await Promise.all(clients.map(client => client.subscribeAsync("fan/#")));
    const publisher = await connect(served);
    const done = new Promise<void>(resolve => {
      clients.forEach((client, index) => {
        client.on("message", () => {
          counts[index]++;
          if (counts.every(count => count === 20)) resolve();
        });
      });
    });
    for (let index = 0; index < 20; index++) publisher.publish(`fan/${index}`, "x");
    await done;
    expect(served.listener.broker.counters.publishMessagesSent).toBe(2000);
  });
});
