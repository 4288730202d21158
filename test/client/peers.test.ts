/** The client on three servers, with MQTT.js as the witness at the other side. */
import { connectAsync, type MqttClient } from "mqtt";
import { describe, expect, it } from "vitest";
import {
  type Client,
  type ClientOptions,
  connect,
  type Message,
  type Qos,
  type Transport,
} from "../../host/client/index.ts";
import { makeCertificate, onEnd } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { plainOpener } from "./open.ts";
import { SERVERS, type Server } from "./servers.ts";

const QOS = [0, 1, 2] as const;
const SIZES = [0, 1, 127, 128, 16_383, 16_384, 1 << 20];

async function open(server: Server, options: ClientOptions = {}): Promise<Client> {
  const client = await connect(`mqtt://127.0.0.1:${server.port}`, options);
  onEnd(() => client.close({ timeoutMs: 0 }));
  return client;
}

async function openWitness(server: Server): Promise<MqttClient> {
  const witness = await connectAsync(`mqtt://127.0.0.1:${server.port}`);
  onEnd(() => witness.endAsync(true));
  return witness;
}

async function take(client: Client, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of client) {
    messages.push(message);
    if (messages.length === count) break;
  }
  return messages;
}

/** A witness's messages, as they come. */
function collect(
  witness: MqttClient,
  count: number,
): Promise<{ topic: string; payload: Buffer; qos: number; retain: boolean }[]> {
  const seen: { topic: string; payload: Buffer; qos: number; retain: boolean }[] = [];
  return new Promise(resolve => {
    witness.on("message", (topic, payload, { qos, retain }) => {
      seen.push({ topic, payload, qos, retain });
      if (seen.length === count) resolve(seen);
    });
  });
}

describe.each(SERVERS.filter(server => server.isHere))("on $name", kind => {
  it("delivers at every QoS, both ways", async () => {
    const server = await kind.start();
    const client = await open(server);
    const witness = await openWitness(server);
    await witness.subscribeAsync("up/#", { qos: 2 });
    expect(await client.subscribe("down/#", { qos: 2 })).toEqual([{ filter: "down/#", qos: 2, reasonCode: 2 }]);
    const up = collect(witness, 3);
    await Promise.all(QOS.map(qos => client.publish(`up/${qos}`, `${qos}`, { qos })));
    for (const qos of QOS) await witness.publishAsync(`down/${qos}`, `${qos}`, { qos });
    const expected = (way: string) => QOS.map(qos => [`${way}/${qos}`, `${qos}`, qos]);
    const byQos = <T extends { qos: number }>(messages: T[]) => messages.sort((a, b) => a.qos - b.qos);
    expect(byQos(await up).map(({ topic, payload, qos }) => [topic, `${payload}`, qos])).toEqual(expected("up"));
    const down = byQos(await take(client, 3));
    expect(down.map(({ topic, payload, qos }) => [topic, `${payload}`, qos])).toEqual(expected("down"));
  });

  it("takes payloads of any size whole through a receive region of 256 bytes", async () => {
    const server = await kind.start();
    const client = await open(server, { receiveSize: 256 });
    const witness = await openWitness(server);
    await client.subscribe("sizes/#", { qos: 2 });
    for (const [index, size] of SIZES.entries()) {
      const payload = Buffer.alloc(size, `${size} bytes, `);
      await witness.publishAsync(`sizes/${size}`, payload, { qos: (index % 3) as Qos });
      const [message] = await take(client, 1);
      expect([message.topic, message.payload.length]).toEqual([`sizes/${size}`, size]);
      expect(message.payload.equals(payload)).toBe(true);
    }
  });

  it("keeps a retained message and forgets it", async () => {
    const server = await kind.start();
    const client = await open(server);
    await client.publish("kept", "last", { qos: 1, retain: true });
    const later = await open(server);
    await later.subscribe("kept");
    expect(await take(later, 1)).toMatchObject([{ topic: "kept", payload: Buffer.from("last"), retain: true }]);
    await client.publish("kept", "", { qos: 1, retain: true });
    const latest = await open(server);
    await latest.subscribe(["kept", "mark"]);
    await client.publish("mark", "nothing was kept", { qos: 1 });
    expect((await take(latest, 1))[0].topic).toBe("mark");
  });

  it("sends the will of a client that is cut off, and not of one that closes", async () => {
    const server = await kind.start();
    const witness = await openWitness(server);
    await witness.subscribeAsync("will/#", { qos: 2 });
    const seen = collect(witness, 2);
    const will = { topic: "will/polite", payload: "never", qos: 1 } as const;
    await (await open(server, { will })).close();
    const opener = plainOpener(server.port);
    let transport: Transport | undefined;
    const doomed = await connect("mqtt://not.looked.up", {
      will: { topic: "will/cut", payload: Buffer.from([0, 255]), qos: 2, retain: true },
      reconnect: false,
      transport: events => {
        transport = opener(events);
        return transport;
      },
    });
    const ended = new Promise(resolve => doomed.once("end", resolve));
    transport?.destroy();
    expect(await ended).toMatchObject({ code: "ENDED_TRANSPORT" });
    // A server that had sent the first will would have sent it before.
    await witness.publishAsync("will/mark", "mark", { qos: 2 });
    const messages = await seen;
    expect(messages.map(({ topic }) => topic).sort()).toEqual(["will/cut", "will/mark"]);
    expect(messages.find(({ topic }) => topic === "will/cut")).toMatchObject({
      payload: Buffer.from([0, 255]),
      qos: 2,
    });
  });

  it("resumes a session: what came meanwhile is there", async () => {
    const server = await kind.start();
    const first = await open(server, { clientId: "durable", clean: false });
    await first.subscribe("d/#", { qos: 2 });
    await first.close();
    const witness = await openWitness(server);
    for (const text of ["a", "b", "c"]) await witness.publishAsync("d/x", text, { qos: 2 });
    const second = await open(server, { clientId: "durable", clean: false });
    expect((await take(second, 3)).map(({ payload }) => `${payload}`)).toEqual(["a", "b", "c"]);
  });

  it("lets in by password only", async () => {
    const server = await kind.start({ user: { name: "sensor", password: "secret" } });
    const client = await open(server, { username: "sensor", password: "secret" });
    await client.publish("t", "x", { qos: 1 });
    const refused = open(server, { username: "sensor", password: "wrong" });
    await expect(refused).rejects.toMatchObject({ code: "ENDED_REFUSED", refusal: expect.toBeOneOf([4, 5]) });
  });

  it.runIf(havePeers("openssl"))("speaks TLS, and only with whom it should", async () => {
    const certificate = makeCertificate();
    const server = await kind.start({ tls: certificate });
    const url = `mqtts://localhost:${server.port}`;
    const client = await connect(url, { tls: { ca: certificate.cert } });
    await client.publish("t", Buffer.alloc(100_000), { qos: 2 });
    await client.close();
    await expect(connect(url)).rejects.toMatchObject({ code: "TLS", message: expect.stringContaining("self-signed") });
    const other = makeCertificate("elsewhere.example");
    await expect(connect(url, { tls: { ca: other.cert } })).rejects.toMatchObject({ code: "TLS" });
    const trusting = await connect(url, { tls: { rejectUnauthorized: false } });
    await trusting.close();
    // Without TLS the server does not understand a word.
    await expect(connect(`mqtt://localhost:${server.port}`)).rejects.toMatchObject({ code: "ENDED_TRANSPORT" });
  });
});
