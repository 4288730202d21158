/**
 * The hostile peers on sockets: the reference broker closes over every fault and goes on serving, a server that takes everything is found
 * out; and a client that is a real one meets the hostile broker.
 */
import { createServer, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { listen } from "../../../host/broker/index.ts";
import { attack, FROM_BROKER, type Level, listenHostile, type Verdict } from "../../../host/check/hostile/index.ts";
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
  await attack({ host: "127.0.0.1", port, level: 4, waitMs: 100, onVerdict: verdict => verdicts.push(verdict) });
  for (const socket of sockets) socket.destroy();
  server.close();
  const wrong = verdicts.filter(({ isFault }) => isFault);
  expect(wrong.length).toBeGreaterThan(60);
  expect(wrong.some(({ rule }) => rule === "MQTT-3.1.2-24")).toBe(true);
}, 60_000);

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
