/** A client of MQTT 5.0 that meets a server of 3.1.1, aedes: nothing that was queued is lost. */
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Client, type ClientOptions, fileStore, type Message, PerigeeError } from "../../host/client/index.ts";
import { open } from "./open.ts";
import { SERVERS, type Server } from "./servers.ts";

const FALL_BACK: ClientOptions = { protocolVersion: 5, fallback: true };

function start(): Promise<Server> {
  const aedes = SERVERS.find(({ name }) => name === "aedes");
  if (aedes === undefined) throw new Error("no aedes");
  return aedes.start();
}

async function take(client: Client, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of client) if (messages.push(message) === count) break;
  return messages;
}

const texts = (messages: Message[]) => messages.map(({ payload }) => `${payload}`).sort();

describe("what was queued for 5.0", () => {
  it("arrives in order, without properties, and one warning says so", async () => {
    const { port } = await start();
    const sent: string[] = [];
    const client = await open(port, {
      ...FALL_BACK,
      startOffline: true,
      properties: { sessionExpirySeconds: 5 },
      will: { topic: "will", properties: { contentType: "a" } },
      onPacket: (way, head) =>
        way === "sent" && [1, 3, 8, 10].includes(head[0] >> 4) && sent.push(Buffer.from(head).toString("latin1")),
    });
    const warnings: PerigeeError[] = [];
    client.on("warning", warning => warnings.push(warning));
    const properties = { contentType: "text/plain", userProperties: [["a", "b"]] } as const;
    const granted = client.subscribe(["t", "u"], {
      qos: 2,
      noLocal: true,
      retainHandling: 2,
      properties: { subscriptionIds: [7] },
    });
    const left = client.unsubscribe("u", { properties: { userProperties: [["a", "b"]] } });
    const published = ([0, 1, 2] as const).map(qos =>
      client.publish("t", `${qos}`, { qos, retain: qos === 1, properties }),
    );
    await Promise.all([left, ...published]);
    expect(await granted).toMatchObject([{ qos: 2 }, { qos: 2 }]);
    expect(texts(await take(client, 3))).toEqual(["0", "1", "2"]);
    expect(warnings.map(({ code }) => code)).toEqual(["FALLBACK"]);
    expect(warnings[0].message).toContain("3.1.1 from now on");
    const [five, four, ...rest] = sent;
    expect([five, four].map(connect => connect.slice(4, 9))).toEqual(["MQTT\x05", "MQTT\x04"]);
    expect(rest).toEqual([
      "\x82\x0a\x00\x01\x00\x01t\x02\x00\x01u\x02",
      "\xa2\x05\x00\x02\x00\x01u",
      "\x30\x04\x00\x01t0",
      "\x33\x06\x00\x01t\x00\x031",
      "\x34\x06\x00\x01t\x00\x042",
    ]);
  });

  it("expires all the same", async () => {
    const { port } = await start();
    const client = await open(port, { ...FALL_BACK, startOffline: true });
    const late = client.publish("t", "late", { qos: 1, properties: { messageExpirySeconds: 0 } });
    const fresh = client.publish("t", "fresh", { qos: 1, properties: { messageExpirySeconds: 1000 } });
    await expect(late).rejects.toMatchObject({ code: "EXPIRED" });
    expect(await fresh).toMatchObject({ reasonCode: 0 });
  });

  it("survives the process: stored in 5.0, sent in 3.1.1, found again in 3.1.1", async () => {
    const store = () => fileStore(file);
    const file = join(mkdtempSync(join(tmpdir(), "perigee-")), "session");
    const options = { ...FALL_BACK, clientId: "kept", clean: false, startOffline: true };
    const offline = await open(1, { ...options, store: store() });
    offline.on("close", () => {});
    const lost = offline.publish("t", "stored", { qos: 2, properties: { contentType: "a" } });
    await expect(Promise.all([offline.close({ timeoutMs: 0 }), lost])).rejects.toMatchObject({ code: "CLOSED" });
    await offline.close();
    const { port } = await start();
    const reader = await open(port, { clientId: "reader" });
    await reader.subscribe("t", { qos: 2 });
    const second = await open(port, { ...options, store: store() });
    expect(texts(await take(reader, 1))).toEqual(["stored"]);
    await second.close();
    const third = await open(port, { ...options, store: store() });
    await third.publish("t", "again", { qos: 1, properties: { contentType: "a" } });
    expect(texts(await take(reader, 1))).toEqual(["again"]);
  });
});

describe("a client that has fallen back", () => {
  it("goes on taking what 5.0 can say, refuses what it cannot, and resubscribes plainly", async () => {
    const { port } = await start();
    const client = await open(port, FALL_BACK);
    await client.subscribe("t", { qos: 1, noLocal: true, retainAsPublished: true });
    await client.publish("t", "x", { qos: 1, properties: { contentType: "a" } });
    expect(texts(await take(client, 1))).toEqual(["x"]);
    const wrong = client.publish("t", "x", { properties: { messageExpirySeconds: -1 } });
    await expect(wrong).rejects.toThrow("an integer from 0 to 4294967295, not -1");
    const again = once(client, "connect");
    const other = await open(port, { clientId: client.clientId });
    await other.close();
    await again;
    await client.publish("t", "y", { qos: 1 });
    expect(texts(await take(client, 1))).toEqual(["y"]);
    await client.close({ reasonCode: 4, properties: { reasonString: "done" } });
  });

  it.each([
    [{ clientId: "", clean: false }, "MISUSE_CLIENT_ID", "[MQTT-3.1.3-7]"],
    [{ password: "secret" }, "MISUSE_USER", "[MQTT-3.1.2-22]"],
  ] as [ClientOptions, string, string][])("ends where 3.1.1 cannot say %j", async (options, code, text) => {
    const { port } = await start();
    const refused = open(port, { ...FALL_BACK, ...options });
    await expect(refused).rejects.toBeInstanceOf(PerigeeError);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(text) });
  });
});
