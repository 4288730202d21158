/**
 * What the proxy adds to a link: the delay of messages through a link of 10 ms, beyond those 10 ms, beside the same messages without a proxy; and whether
 * stalls come as often and as long as in virtual time (two-sample Kolmogorov-Smirnov, Smirnov 1939).
 *
 * Clients and server are one process, the proxy is another, as it would be. A busy machine only ever makes it worse, so that each is
 * measured several times in turn, and the best of each percentile counts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Link, parseTc, TcpConnection } from "../host/link/index.ts";
import { VirtualTime } from "../host/simulation/virtual-time.ts";

const CONNECTIONS = 200;
const RATE = 2000;
const SECONDS = 5;
const ROUNDS = 6;
/** Draws the lossy link, in both times. */
const SEED = 8n;
const SIZE = 44;
const PROGRAM = fileURLToPath(new URL("../build/perigee.js", import.meta.url));

/** Delays in ms of messages from `connections` clients to a server, through `port` or straight to it. */
async function delaysOf(link: string | null, connections: number, rate: number, seconds: number): Promise<number[]> {
  const delays: number[] = [];
  const server = createServer(socket => {
    let rest = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", chunk => {
      const now = performance.now();
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      let at = 0;
      for (; at + SIZE <= bytes.length; at += SIZE) delays.push(now - bytes.readDoubleLE(at));
      rest = bytes.subarray(at);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  let { port } = server.address() as { port: number };
  const proxy =
    link === null
      ? null
      : spawn(
          process.execPath,
          [PROGRAM, "link", "--listen", "0", "--to", String(port), "--tc", link, "--seed", String(SEED)],
          {
            stdio: ["ignore", "ignore", "pipe"],
          },
        );
  if (proxy?.stderr) {
    const [line] = await once(proxy.stderr, "data");
    port = Number(/:(\d+) goes to/.exec(String(line))?.[1]);
  }
  const sockets: Socket[] = [];
  for (let index = 0; index < connections; index += 1) {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    await once(socket, "connect");
    sockets.push(socket);
  }
  await new Promise(resolve => setTimeout(resolve, 1000));
  const total = rate * seconds;
  const startMs = performance.now();
  for (let sent = 0; sent < total; ) {
    const dueCount = Math.min(total, Math.floor(((performance.now() - startMs) / 1000) * rate) + 1);
    for (; sent < dueCount; sent += 1) {
      const message = Buffer.alloc(SIZE);
      message.writeDoubleLE(performance.now());
      sockets[sent % connections].write(message);
    }
    // A sender that never sleeps would take the processor from what is measured.
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  while (delays.length < total) await new Promise(resolve => setTimeout(resolve, 20));
  for (const socket of sockets) socket.destroy();
  proxy?.kill();
  server.close();
  return delays;
}

/** The same messages in virtual time. */
function simulated(tc: string, connections: number, rate: number, seconds: number): number[] {
  const time = new VirtualTime();
  const delays: number[] = [];
  const perConnection = (rate * seconds) / connections;
  for (let index = 0; index < connections; index += 1) {
    const { client, server } = new TcpConnection(time, new Link(time, parseTc(tc), SEED, `tc/${index + 1}`), {
      noDelay: true,
    });
    const sentUs: number[] = [];
    let received = 0;
    client.handler = { opened() {}, received() {}, closed() {} };
    server.handler = {
      opened() {},
      received(_bytes, _offset, size) {
        received += size;
        for (; received >= SIZE; received -= SIZE) delays.push((time.nowUs - (sentUs.shift() as number)) / 1000);
      },
      closed() {},
    };
    client.connect();
    for (let step = 0; step < perConnection; step += 1) {
      const atUs = 1_000_000 + Math.floor(((step * connections + index) * 1e6) / rate);
      time.at(atUs, { due: () => sentUs.push(time.nowUs) && client.write(new Uint8Array(SIZE)) }, 0);
    }
  }
  time.runToEnd(100_000_000);
  return delays.sort((a, b) => a - b);
}

const at = (sorted: number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/** The largest distance between two empirical distributions, and the distance that chance exceeds once in a thousand times. */
function kolmogorovSmirnov(a: number[], b: number[]): { distance: number; critical: number } {
  let [i, j, distance] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i], b[j]);
    while (a[i] === value) i += 1;
    while (b[j] === value) j += 1;
    distance = Math.max(distance, Math.abs(i / a.length - j / b.length));
  }
  return { distance, critical: 1.95 * Math.sqrt((a.length + b.length) / (a.length * b.length)) };
}

/** Percentiles of what comes after the first quarter, in which the machine compiles. */
const SHARES = [0.5, 0.9, 0.99, 0.999];
const percentilesOf = (delays: number[]) => {
  const sorted = delays.slice(delays.length >> 2).sort((a, b) => a - b);
  return SHARES.map(share => at(sorted, share));
};

/** The least of each percentile. */
const bestOf = (rounds: number[][]) => SHARES.map((_, index) => Math.min(...rounds.map(round => round[index])));

const TC = "delay 10ms";
const LOSSY = "delay 50ms 20ms loss 3%";
const rounds: { direct: number[]; through: number[] }[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const direct = percentilesOf(await delaysOf(null, CONNECTIONS, RATE, SECONDS));
  const through = percentilesOf(await delaysOf(TC, CONNECTIONS, RATE, SECONDS));
  rounds.push({ direct, through });
  console.error(rounds.at(-1));
}
const direct = bestOf(rounds.map(each => each.direct));
const through = bestOf(rounds.map(each => each.through));
// Thin streams of a hundred connections, with the same seed in both times.
const real = (await delaysOf(LOSSY, 100, 200, 20)).sort((a, b) => a - b);
const virtual = simulated(LOSSY, 100, 200, 20);
const { distance, critical } = kolmogorovSmirnov(real, virtual);

const row = (name: string, percentiles: number[], lessMs: number) =>
  `| ${name} | ${percentiles.map(ms => (ms - lessMs).toFixed(2)).join(" | ")} |`;
const lines = [
  "# The proxy",
  "",
  `\`npm run bench proxy\`: ${CONNECTIONS} connections, ${RATE} messages a second of ${SIZE} bytes together, ${SECONDS} s of which the first quarter is left out, the best of ${ROUNDS} rounds, through \`perigee link --tc '${TC}'\`.`,
  `Milliseconds from the write to the read, in another process; through the proxy less the link's 10 ms. Node ${process.versions.node}, ${cpus()[0]?.model.trim()},`,
  `${availableParallelism()} cores shared with other work.`,
  "",
  "| | p50 | p90 | p99 | p99.9 |",
  "|---|---|---|---|---|",
  row("without a proxy", direct, 0),
  row("through the proxy, less 10 ms", through, 10),
  "",
  `The proxy adds ${(through[2] - 10 - direct[2]).toFixed(2)} ms at the 99th percentile; the bar is 2 ms.`,
  "",
  "## Virtual and real time",
  "",
  `\`${LOSSY}\`, 100 connections, 4,000 messages, the same seed: the delays in real time and in virtual time are at most ${distance.toFixed(4)} apart`,
  `(Kolmogorov-Smirnov); with other seeds chance alone would exceed ${critical.toFixed(4)} once in a thousand times. What is left is what the machine was late by.`,
  "`test/proxy/agreement.test.ts` makes it a test.",
  "",
];
writeFileSync(new URL("../bench/proxy.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
