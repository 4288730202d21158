/** What MQTT 5.0 promises between this client and mosquitto, told by the order of messages and by the bytes, never by a clock. */
import { describe, expect, it } from "vitest";
import { type Client, type ClientOptions, connect, type Message, type Transport } from "../../host/client/index.ts";
import { onEnd } from "../broker/real.ts";
import { perigee, printed, startPerigee } from "../cli/program.ts";
import { havePeers } from "../peers.ts";
import { open, plainOpener } from "./open.ts";
import { Mosquitto } from "./servers.ts";

const FIVE: ClientOptions = { protocolVersion: 5 };

async function serve(...settings: string[]): Promise<Mosquitto> {
  const mosquitto = new Mosquitto();
  mosquitto.settings.push("allow_anonymous true", ...settings);
  await mosquitto.start();
  return mosquitto;
}

async function take(client: Client, count: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of client) if (messages.push(message) === count) break;
  return messages;
}

const texts = (messages: Message[]) => messages.map(({ payload }) => `${payload}`);

/** A client that can be cut off, and then stays away. */
async function doomed(port: number, options: ClientOptions): Promise<() => Promise<void>> {
  const opener = plainOpener(port);
  let transport: Transport | undefined;
  const client = await connect("mqtt://not.looked.up", {
    ...FIVE,
    reconnect: false,
    transport: events => {
      transport = opener(events);
      return transport;
    },
    ...options,
  });
  onEnd(() => client.close({ timeoutMs: 0 }));
  const ended = new Promise<void>(resolve => client.once("end", () => resolve()));
  return () => {
    transport?.destroy();
    return ended;
  };
}

describe.runIf(havePeers("mosquitto"))("with mosquitto", () => {
  it("a will with a delay comes behind one without, and not at all where its client is back in time", async () => {
    const { port } = await serve();
    const witness = await open(port, FIVE);
    await witness.subscribe(["will/#", "mark"], { qos: 1 });
    const will = (name: string, willDelaySeconds: number) => ({
      will: { topic: `will/${name}`, payload: name, qos: 1, properties: { willDelaySeconds } } as const,
      clientId: name,
      clean: false,
      properties: { sessionExpirySeconds: 60 },
    });
    const cutBack = await doomed(port, will("back", 5));
    const cutLate = await doomed(port, will("late", 7));
    const cutSoon = await doomed(port, will("soon", 0));
    await cutBack();
    const back = await open(port, { ...FIVE, ...will("back", 5) });
    // What was cut off before had less to wait for: behind this will it could only have been called off.
    await cutLate();
    await cutSoon();
    await back.publish("mark", "mark", { qos: 1 });
    const seen = texts(await take(witness, 3));
    expect(seen.at(-1)).toBe("late");
    expect(seen.sort()).toEqual(["late", "mark", "soon"]);
  });

  it("each message of a shared subscription goes to one of its members, by the library and by the command", async () => {
    const { port } = await serve();
    const running = startPerigee([
      "sub",
      "-p",
      `${port}`,
      "-V",
      "5",
      "-t",
      "$share/team/jobs/#",
      "-t",
      "end",
      "-q",
      "1",
      "-d",
    ]);
    await printed(running, /received SUBACK/);
    const members = [await open(port, FIVE), await open(port, FIVE)];
    for (const member of members) await member.subscribe("$share/team/jobs/#", { qos: 1 });
    const all = await open(port, FIVE);
    await all.subscribe("jobs/#", { qos: 1 });
    const seen: string[][] = members.map(() => []);
    for (const [index, member] of members.entries()) {
      member.on("message", ({ payload }) => seen[index].push(`${payload}`));
    }
    const jobs = Array.from({ length: 30 }, (_, index) => `job-${index}`);
    const sender = await open(port, FIVE);
    for (const job of jobs) await sender.publish("jobs/1", job, { qos: 1 });
    expect(texts(await take(all, 30))).toEqual(jobs);
    const ofCommandEnded = printed(running, /^end$/m);
    // What comes behind a member's last job tells that there is no more.
    for (const member of members) {
      const done = new Promise<void>(resolve => member.on("message", ({ topic }) => topic === "end" && resolve()));
      await member.subscribe("end", { qos: 1 });
      await sender.publish("end", "end", { qos: 1 });
      await done;
      await member.unsubscribe("end");
    }
    await ofCommandEnded;
    running.process.kill("SIGINT");
    const { stdout } = await running.finished;
    const ofCommand = stdout.split("\n").filter(line => line.startsWith("job-"));
    const own = seen.map(list => list.filter(text => text !== "end"));
    expect([...ofCommand, ...own.flat()].sort()).toEqual([...jobs].sort());
    for (const list of [ofCommand, ...own]) expect(list.length).toBeGreaterThan(0);
  });

  it("keeps to the server's Receive Maximum, counted in its bytes", async () => {
    const { port } = await serve("max_inflight_messages 3");
    let inFlight = 0;
    let most = 0;
    const client = await open(port, {
      ...FIVE,
      window: 50,
      onPacket: (way, head) => {
        const type = head[0] >> 4;
        if (way === "sent" && type === 3) most = Math.max(most, ++inFlight);
        if (way === "received" && (type === 4 || type === 7)) inFlight--;
      },
    });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => client.publish("t", `${index}`, { qos: index % 2 === 0 ? 1 : 2 })),
    );
    expect([most, inFlight]).toEqual([3, 0]);
  });

  // mosquitto 2.0.11 sends more than that before it has read an acknowledgement; who acknowledges at once never holds more.
  it("with a Receive Maximum of its own gets every message once, in order", async () => {
    const { port } = await serve();
    const kept: ClientOptions = { ...FIVE, clientId: "kept", clean: false, properties: { receiveMaximum: 2 } };
    const first = await open(port, kept);
    await first.subscribe("t", { qos: 1 });
    await first.close();
    const sender = await open(port, FIVE);
    const numbers = Array.from({ length: 20 }, (_, index) => `${index}`);
    await Promise.all(numbers.map(text => sender.publish("t", text, { qos: 1 })));
    const again = await open(port, kept);
    await sender.publish("t", "end", { qos: 1 });
    expect(texts(await take(again, 21))).toEqual([...numbers, "end"]);
  });

  it("brings no message that has expired, and the one behind it", async () => {
    const mosquitto = await serve();
    const { port } = mosquitto;
    const kept: ClientOptions = { ...FIVE, clientId: "kept", clean: false, properties: { sessionExpirySeconds: 60 } };
    const reader = await open(port, kept);
    await reader.subscribe("t", { qos: 1 });
    await reader.close();
    const sender = await open(port, FIVE);
    await sender.publish("t", "short", { qos: 1, properties: { messageExpirySeconds: 1 } });
    await sender.publish("t", "long", { qos: 1, properties: { messageExpirySeconds: 1000 } });
    // mosquitto's own clock tells when: a will that is due after two seconds.
    const clock = await open(port, FIVE);
    await clock.subscribe("clock");
    const cut = await doomed(port, {
      will: { topic: "clock", properties: { willDelaySeconds: 3 } },
      properties: { sessionExpirySeconds: 60 },
    });
    await cut();
    await take(clock, 1);
    const again = await open(port, kept);
    await sender.publish("t", "end", { qos: 1 });
    const messages = await take(again, 2);
    expect(texts(messages)).toEqual(["long", "end"]);
    expect(messages[0].properties?.messageExpirySeconds).toBeLessThan(1000);
  });

  it("sends and understands topic aliases", async () => {
    const { port } = await serve();
    const sent: string[] = [];
    const received: string[] = [];
    const client = await open(port, {
      ...FIVE,
      properties: { topicAliasMaximum: 4 },
      onPacket: (way, head) =>
        head[0] >> 4 === 3 && (way === "sent" ? sent : received).push(Buffer.from(head).toString("latin1")),
    });
    await client.subscribe("a/topic/of/some/length", { qos: 1 });
    for (const text of ["one", "two"]) await client.publish("a/topic/of/some/length", text, { qos: 1 });
    const messages = await take(client, 2);
    expect(messages.map(({ topic, payload }) => `${topic} ${payload}`)).toEqual([
      "a/topic/of/some/length one",
      "a/topic/of/some/length two",
    ]);
    expect(sent.map(packet => packet.includes("a/topic"))).toEqual([true, false]);
    // mosquitto 2.0 sets no aliases of its own; what it says, it says whole.
    expect(received.length).toBe(2);
  });

  it("a request brings its response, by the commands alone", async () => {
    const { port } = await serve();
    const at = ["-p", `${port}`, "-V", "5"];
    const device = startPerigee(["sub", ...at, "-t", "ask", "-C", "1", "-F", "%R %D %p", "-d"]);
    await printed(device, /received SUBACK/);
    const asking = startPerigee(
      ["rr", ...at, "-t", "ask", "-e", "answers/1", "-m", "hello", "-W", "20"].concat([
        "-D",
        "publish",
        "correlation-data",
        "42",
        "-F",
        "%t %D %p",
      ]),
    );
    const { stdout } = await device.finished;
    expect(stdout.split("\n")).toContain("answers/1 42 hello");
    const answer = ["-t", "answers/1", "-m", "hi", "-D", "publish", "correlation-data", "42"];
    expect((await perigee(["pub", ...at, ...answer])).code).toBe(0);
    expect(await asking.finished).toEqual({ code: 0, stdout: "answers/1 42 hi\n", stderr: "" });
  });
});
