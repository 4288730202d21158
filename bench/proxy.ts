/**
 * What the proxy adds to a link: the delay of messages through a link of 10 ms, beyond those 10 ms, beside the same messages without a proxy; and whether
 * stalls come as often and as long as in virtual time (two-sample Kolmogorov-Smirnov, Smirnov 1939).
 *
 * Clients and server are one process, the proxy is another, as it would be. A busy machine only ever makes it worse.
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
const SECONDS = 10;
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
      : spawn(process.execPath, [PROGRAM, "link", "--listen", "0", "--to", String(port), "--tc", link], {
          stdio: ["ignore", "ignore", "pipe"],
        });
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
  // The first quarter is what the machine needs to compile.
  return delays.slice(delays.length >> 2).sort((a, b) => a - b);
}

/** The same messages in virtual time. */
function simulated(tc: string, connections: number, rate: number, seconds: number): number[] {
  const time = new VirtualTime();
  const delays: number[] = [];
  const perConnection = (rate * seconds) / connections;
  for (let index = 0; index < connections; index += 1) {
    const { client, server } = new TcpConnection(time, new Link(time, parseTc(tc), 8n, `l/${index}`), {
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

const TC = "delay 10ms";
const LOSSY = "delay 50ms 20ms loss 3%";
const direct = await delaysOf(null, CONNECTIONS, RATE, SECONDS);
const through = await delaysOf(TC, CONNECTIONS, RATE, SECONDS);
// Thin streams of a hundred connections.
const real = await delaysOf(LOSSY, 100, 200, 20);
const virtual = simulated(LOSSY, 100, 200, 20);
const { distance, critical } = kolmogorovSmirnov(real, virtual);

const row = (name: string, delays: number[], lessMs: number) =>
  `| ${name} | ${[0.5, 0.9, 0.99, 0.999].map(share => (at(delays, share) - lessMs).toFixed(2)).join(" | ")} |`;
const lines = [
  "# The proxy",
  "",
  `\`npm run bench proxy\`: ${CONNECTIONS} connections, ${RATE} messages a second of ${SIZE} bytes together, ${SECONDS} s of which the first quarter is left out, through \`perigee link --tc '${TC}'\`.`,
  `Milliseconds from the write to the read, in another process; through the proxy less the link's 10 ms. Node ${process.versions.node}, ${cpus()[0]?.model.trim()},`,
  `${availableParallelism()} cores shared with other work.`,
  "",
  "| | p50 | p90 | p99 | p99.9 |",
  "|---|---|---|---|---|",
  row("without a proxy", direct, 0),
  row("through the proxy, less 10 ms", through, 10),
  "",
  `The proxy adds ${(at(through, 0.99) - 10 - at(direct, 0.99)).toFixed(2)} ms at the 99th percentile; the bar is 2 ms.`,
  "",
  "## Virtual and real time",
  "",
  `\`${LOSSY}\`, 100 connections, 4,000 messages: the delays in real time and in virtual time are at most ${distance.toFixed(4)} apart`,
  `(Kolmogorov-Smirnov); chance alone exceeds ${critical.toFixed(4)} once in a thousand times. \`test/proxy/\` shows that the same seed is the same history to the`,
  "microsecond.",
  "",
];
writeFileSync(new URL("../bench/proxy.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
