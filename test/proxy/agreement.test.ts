// The same scenario in virtual time and in real time, through real sockets: the delays of its messages are distributed alike (Kolmogorov-Smirnov).
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterEach, expect, it } from "vitest";
import { Link, type LinkSpec, parseTc, TcpConnection } from "../../host/link/index.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";
import { World } from "./world.ts";

const SEED = 5n;
const LINK = parseTc("delay 40ms 15ms loss 8%");
const CONNECTIONS = 100;
const MESSAGES = 20;
const INTERVAL_MS = 200;
const SIZE = 44;
const COUNT = CONNECTIONS * MESSAGES;
/** What chance exceeds once in a thousand times, between two samples of COUNT: 1.95 sqrt(2 / COUNT), Smirnov 1939. */
const CRITICAL = 1.95 * Math.sqrt(2 / COUNT);

let world: World | null = null;
afterEach(async () => {
  await world?.close();
  world = null;
});

/** When message `step` of connection `index` is due. */
const dueMs = (step: number, index: number) => step * INTERVAL_MS + (index * INTERVAL_MS) / CONNECTIONS;

/** Delays in ms, sorted, over a proxy. `lagMs` is the longest that the machine kept the event loop waiting meanwhile. */
async function inRealTime(link: LinkSpec): Promise<{ delays: number[]; lagMs: number }> {
  const delays: number[] = [];
  world = await World.open(socket => {
    let rest = Buffer.alloc(0);
    socket.on("data", chunk => {
      const nowMs = performance.now();
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= SIZE; rest = rest.subarray(SIZE)) delays.push(nowMs - rest.readDoubleLE(0));
    });
  });
  const proxy = world.make(link);
  await proxy.enable();
  const sockets = [];
  // One after the other: the number of a connection names its random streams.
  for (let index = 0; index < CONNECTIONS; index += 1) sockets.push(await world.dial(proxy));
  for (const socket of sockets) socket.setNoDelay(true);
  while (world.served.length < CONNECTIONS) await new Promise(resolve => setImmediate(resolve));
  const lag = monitorEventLoopDelay({ resolution: 1 });
  lag.enable();
  const startMs = performance.now();
  const dues = Array.from({ length: COUNT }, (_, at) => ({
    index: at % CONNECTIONS,
    atMs: dueMs(Math.floor(at / CONNECTIONS), at % CONNECTIONS),
  }));
  for (let sent = 0; sent < COUNT; await new Promise(resolve => setTimeout(resolve, 1))) {
    for (; sent < COUNT && dues[sent].atMs <= performance.now() - startMs; sent += 1) {
      const message = Buffer.alloc(SIZE);
      message.writeDoubleLE(performance.now());
      sockets[dues[sent].index].write(message);
    }
  }
  while (delays.length < COUNT) await new Promise(resolve => setTimeout(resolve, 10));
  lag.disable();
  return { delays: delays.sort((a, b) => a - b), lagMs: lag.max / 1e6 };
}

function inVirtualTime(link: LinkSpec): number[] {
  const time = new VirtualTime();
  const delays: number[] = [];
  for (let index = 0; index < CONNECTIONS; index += 1) {
    const { client, server } = new TcpConnection(time, new Link(time, link, SEED, `test/${index + 1}`), {
      noDelay: true,
    });
    const sentUs: number[] = [];
    let receivedBytes = 0;
    client.handler = { opened() {}, received() {}, closed() {} };
    server.handler = {
      opened() {},
      received(_bytes, _offset, size) {
        receivedBytes += size;
        for (; receivedBytes >= SIZE; receivedBytes -= SIZE) delays.push((time.nowUs - (sentUs.shift() ?? 0)) / 1000);
      },
      closed() {},
    };
    client.connect();
    for (let step = 0; step < MESSAGES; step += 1) {
      const send = () => {
        sentUs.push(time.nowUs);
        client.write(new Uint8Array(SIZE));
      };
      time.at(10_000_000 + Math.round(dueMs(step, index) * 1000), { due: send }, 0);
    }
  }
  time.runToEnd(10_000_000);
  return delays.sort((a, b) => a - b);
}

/** How far the distribution of `a` runs ahead of that of `b`, at most: the one-sided distance. `slackMs` is how much later `b` may be. */
function ahead(a: readonly number[], b: readonly number[], slackMs: number): number {
  let [distance, at] = [0, 0];
  for (const [index, value] of a.entries()) {
    while (at < b.length && b[at] <= value + slackMs) at += 1;
    distance = Math.max(distance, (index + 1) / a.length - at / b.length);
  }
  return distance;
}

it("a scenario in real time has the delays that it has in virtual time", async () => {
  const virtual = inVirtualTime(LINK);
  expect(virtual).toHaveLength(COUNT);
  const { delays: real, lagMs } = await inRealTime(LINK);
  // Nothing comes before its time, whatever the machine does. Clocks are read a moment after what they are read for.
  expect(ahead(real, virtual, 0.5)).toBeLessThan(CRITICAL);
  // And late only by what the machine was late: at the sender, at the alarm, and where the message is read.
  expect(ahead(virtual, real, 1 + 3 * lagMs)).toBeLessThan(CRITICAL);
  // The test would notice: another loss is not the same scenario.
  const other = inVirtualTime(parseTc("delay 40ms 15ms loss 1%"));
  const distance = Math.max(ahead(other, virtual, 0), ahead(virtual, other, 0));
  expect(distance).toBeGreaterThan(CRITICAL);
}, 60_000);
