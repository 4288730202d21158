/**
 * The hostile peers on sockets: the reference broker closes over every fault and goes on serving, a server that takes everything is found
 * out; and a client that is a real one meets the hostile broker.
 */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { listen } from "../../../host/broker/index.ts";
import {
  attack,
  FROM_BROKER,
  HostileError,
  type Level,
  listenHostile,
  type Verdict,
} from "../../../host/check/hostile/index.ts";
import { connect } from "../../../host/client/index.ts";

const WAIT_MS = 20_000;

describe.each([4, 5] as const)("a hostile client, level %i", (level: Level) => {
  it("finds nothing wrong with the reference broker", async () => {
    const listener = await listen({ port: 0, sysIntervalMs: 0 });
    const verdicts: Verdict[] = [];
    try {
      const onVerdict = (verdict: Verdict) => verdicts.push(verdict);
      await attack({ host: "127.0.0.1", port: listener.port, level, waitMs: WAIT_MS, onVerdict });
    } finally {
      await listener.close();
    }
    expect(verdicts.filter(({ isFault }) => isFault)).toEqual([]);
    expect(verdicts.filter(({ outcome }) => outcome === "closed").length).toBeGreaterThan(60);
    expect(verdicts.length).toBeGreaterThan(70);
  });
});

it("a hostile client finds out a server that takes everything", async () => {
  const sockets = new Set<Socket>();
  // CONNACK, PUBACK and PINGRESP for whatever comes.
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", () => socket.write(Uint8Array.of(0x20, 2, 0, 0, 0x40, 2, 0, 1, 0xd0, 0)));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const verdicts: Verdict[] = [];
  // What never closes has to be waited for: once, for the keep-alive.
  await attack({ host: "127.0.0.1", port, level: 4, waitMs: 1000, onVerdict: verdict => verdicts.push(verdict) });
  for (const socket of sockets) socket.destroy();
  server.close();
  const wrong = verdicts.filter(({ isFault }) => isFault);
  expect(wrong.length).toBeGreaterThan(60);
  expect(wrong.some(({ rule }) => rule === "MQTT-3.1.2-24")).toBe(true);
}, 60_000);

describe("a server at which a fault would show nothing", () => {
  /** Answers the first `count` connections with `answer`, and closes all others. */
  async function servingOnly(count: number, answer: readonly number[]): Promise<number> {
    let connectionCount = 0;
    const server = createServer(socket => {
      connectionCount += 1;
      const isServed = connectionCount <= count;
      socket.on("error", () => {});
      socket.on("data", () => (isServed ? socket.write(Uint8Array.from(answer)) : socket.end()));
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return (server.address() as AddressInfo).port;
  }
  const attacked = async (port: number, waitMs: number) => {
    const verdicts: Verdict[] = [];
    const onVerdict = (verdict: Verdict) => verdicts.push(verdict);
    await attack({ host: "127.0.0.1", port, level: 4, waitMs, onVerdict });
    return verdicts;
  };

  it.each([
    [[0x20, 2, 0, 5], WAIT_MS, /refuses a client that keeps the rules: code 5, not authorized \(--username, --pw\)$/],
    [[0x20, 2, 0, 1], WAIT_MS, /code 1, it does not speak that protocol level \(--level\)$/],
    [[0x20, 2, 0, 3], WAIT_MS, /code 3$/],
    [[], 1, /has no answer within 1 ms to CONNECT$/],
  ])("CONNECT is answered with %j", async (answer, waitMs, message) => {
    await expect(attacked(await servingOnly(1, answer), waitMs)).rejects.toThrow(message);
  });

  it("it closes over CONNECT", async () => {
    await expect(attacked(await servingOnly(0, []), WAIT_MS)).rejects.toThrow(/ closes over CONNECT$/);
  });

  it("it lets in only the first", async () => {
    const verdicts = await attacked(await servingOnly(1, [0x20, 2, 0, 0]), WAIT_MS);
    const behind = verdicts.filter(({ name }) => name.endsWith("behind CONNACK"));
    expect(behind.length).toBeGreaterThan(30);
    expect(new Set(behind.map(({ outcome }) => outcome))).toEqual(new Set(["unreached"]));
    expect(verdicts.at(-1)).toMatchObject({ name: "a client that keeps the rules is served", isFault: true });
  });
});

it("a hostile client says who it is", async () => {
  // Longer than fits into one byte of the length of CONNECT.
  const name = "u".repeat(200);
  const authenticate = ({ username, password }: { username?: string; password?: Uint8Array }) =>
    username === name && Buffer.from(password ?? []).toString() === "P" ? 0 : 5;
  const listener = await listen({ port: 0, sysIntervalMs: 0, authenticate });
  onTestFinished(listener.close);
  const verdicts: Verdict[] = [];
  const settings = { host: "127.0.0.1", port: listener.port, level: 4 as const, waitMs: WAIT_MS };
  const onVerdict = (verdict: Verdict) => verdicts.push(verdict);
  await attack({ ...settings, username: name, password: "P", onVerdict });
  expect(verdicts.filter(({ isFault, outcome }) => isFault || outcome === "unreached")).toEqual([]);
  await expect(attack({ ...settings, username: "u", password: "P", onVerdict })).rejects.toThrow(HostileError);
});

it("a client of Perigee closes over every fault of a hostile broker, and delivers", async () => {
  const faults = FROM_BROKER.filter(({ mustClose }) => mustClose).slice(0, 6);
  const verdicts: Verdict[] = [];
  const { server, finished } = await listenHostile({
    host: "127.0.0.1",
    port: 0,
    plans: faults.map(wrong => ({ point: "PUBLISH" as const, wrong })),
    waitMs: WAIT_MS,
    onVerdict: verdict => verdicts.push(verdict),
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const options = { clientId: "c", clean: false, backoffMinMs: 1, backoffMaxMs: 1, violationsMax: 0 };
  const client = await connect(`mqtt://127.0.0.1:${port}`, options);
  await client.publish("t", "x", { qos: 1 });
  await client.close();
  await finished;
  server.close();
  expect(verdicts.map(({ outcome, isFault }) => ({ outcome, isFault }))).toEqual(
    faults.map(() => ({ outcome: "closed", isFault: false })),
  );
});
