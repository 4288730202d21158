/**
 * The broker beside mosquitto and aedes: throughput, connections, memory, and what a million subscriptions cost.
 *
 * The load comes from a program in C (bench/broker/load.c), so that the brokers are what is measured. Every case starts a
 * new process of each broker, and the brokers take turns within a round, so that other work on the machine meets all of
 * them alike. The best of all rounds counts: other work only ever makes a run slower. Processor time a message says the
 * same without it.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measureMatching } from "./broker/matching.ts";
import { type Server, type ServerName, startServer, versionOf } from "./broker/servers.ts";

const ROUND_COUNT = 3;
const WARM_MS = 1000;
const RUN_MS = 2000;
const IDLE_COUNT = 1000;
const HELD_COUNT = 10_000;
const SERVERS: readonly ServerName[] = ["perigee", "mosquitto", "aedes"];

interface Case {
  name: string;
  /** What load.c is told before the times. */
  args: (string | number)[];
  /** Of mosquitto, and of aedes: perigee reaches both. */
  bars: { mosquitto: number; aedes: number };
}

const CASES: Case[] = [
  { name: "1 to 1, QoS 0", args: ["flow", 1, 1, 0, 0, 500], bars: { mosquitto: 1, aedes: 2 } },
  { name: "1 to 1, QoS 1, window 20", args: ["flow", 1, 1, 1, 20, 500], bars: { mosquitto: 1, aedes: 2 } },
  { name: "1 to 1, QoS 2, window 20", args: ["flow", 1, 1, 2, 20, 500], bars: { mosquitto: 0.8, aedes: 2 } },
  { name: "100 to 1, QoS 1", args: ["flow", 100, 1, 1, 20, 500], bars: { mosquitto: 1, aedes: 2 } },
  { name: "1 to 100, QoS 0", args: ["flow", 1, 100, 0, 0, 50], bars: { mosquitto: 1, aedes: 2 } },
  { name: "connects", args: ["connects", 50, 0, 0, 0, 0], bars: { mosquitto: 0, aedes: 2 } },
];

/** What load.c prints. */
interface Result {
  perSecond: number;
  cpuUs: number;
  isStalled: boolean;
  count: number;
}

const folder = fileURLToPath(new URL("../bench/", import.meta.url));
const load = join(mkdtempSync(join(tmpdir(), "perigee-bench-")), "load");
const compiled = spawnSync("cc", ["-O2", "-o", load, `${folder}broker/load.c`], { encoding: "utf8" });
if (compiled.status !== 0) {
  throw new Error(`the generator needs a C compiler: ${compiled.error?.message ?? compiled.stderr}`);
}
const versions = new Map(SERVERS.map(name => [name, versionOf(name)]));
const present = SERVERS.filter(name => versions.get(name) !== null);

async function measureOnce(name: ServerName, args: Case["args"]): Promise<Result> {
  const server = await startServer(name);
  try {
    return await runLoad(server, [...args, WARM_MS, RUN_MS]);
  } finally {
    await server.stop();
  }
}

function runLoad(server: Server, args: (string | number)[]): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(load, [String(server.port), String(server.pid), ...args.map(String)]);
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", data => {
      stdout += data;
    });
    child.stderr.on("data", data => {
      stderr += data;
    });
    child.on("close", code =>
      code === 0 ? resolve(JSON.parse(stdout)) : reject(new Error(`load ${args.join(" ")}: ${stderr}`)),
    );
  });
}

interface Best extends Result {
  stallCount: number;
  /** Deliveries before the first stall. */
  stalledAt: number;
}

async function measureCase({ name, args }: Case): Promise<Map<ServerName, Best>> {
  const best = new Map<ServerName, Best>();
  for (let round = 0; round < ROUND_COUNT; round++) {
    for (const server of present) {
      const result = await measureOnce(server, args);
      console.error(`${name}, ${server}: ${Math.round(result.perSecond)}/s, ${result.cpuUs} us`);
      const before = best.get(server);
      best.set(server, {
        perSecond: Math.max(result.perSecond, before?.perSecond ?? 0),
        cpuUs: Math.min(result.cpuUs, before?.cpuUs ?? Number.POSITIVE_INFINITY),
        count: result.count,
        isStalled: result.isStalled,
        stallCount: (before?.stallCount ?? 0) + Number(result.isStalled),
        stalledAt: before?.stalledAt || (result.isStalled ? result.count : 0),
      });
    }
  }
  return best;
}

interface Memory {
  sizePerConnection: number;
  heldCount: number;
}

/** Resident memory before and after a thousand idle connections; then as many more as make ten thousand. */
async function measureMemory(name: ServerName): Promise<Memory> {
  const server = await startServer(name);
  const holders: Holder[] = [];
  try {
    const before = server.memorySize();
    holders.push(await hold(server, IDLE_COUNT));
    const sizePerConnection = (server.memorySize() - before) / IDLE_COUNT;
    holders.push(await hold(server, HELD_COUNT - IDLE_COUNT));
    return { sizePerConnection, heldCount: holders.reduce((sum, { held }) => sum + held, 0) };
  } finally {
    for (const { end } of holders) end();
    await server.stop();
  }
}

interface Holder {
  held: number;
  end(): void;
}

function hold(server: Server, count: number): Promise<Holder> {
  return new Promise((resolve, reject) => {
    const child = spawn(load, [String(server.port), String(server.pid), "hold", String(count)]);
    child.once("close", code => reject(new Error(`load hold ${count} ended with ${code}`)));
    child.stdout.once("data", data => resolve({ ...JSON.parse(String(data)), end: () => child.stdin.end() }));
  });
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

const lines = [
  "# Broker",
  "",
  `\`npm run bench broker\`: ${present.map(name => `${name} ${versions.get(name)}`).join(", ")}, each as it comes, side by side`,
  `in one run; best of ${ROUND_COUNT} rounds of ${RUN_MS / 1000} s after ${WARM_MS / 1000} s of warming up, a new process each time. Payloads of 64 bytes; the generator is`,
  "a program in C with packets encoded beforehand (`bench/broker/load.c`), which has at most 500 messages under way (50 in the",
  "fan-out) that no subscriber has received, so that no queue overflows and what is counted is what was delivered.",
  "",
  `Node ${process.versions.node}, ${cpus()[0]?.model.trim() || "unknown processor"}, ${availableParallelism()} cores shared with other work.`,
  "",
  "Deliveries (or connections) a second, and processor time of the broker for each:",
  "",
  `| case | ${present.join(" | ")} | of mosquitto | of aedes | bar |`,
  `|---|${present.map(() => "--:|").join("")}--:|--:|---|`,
];
const stalls: string[] = [];
for (const each of CASES) {
  const best = await measureCase(each);
  const cells = present.map(name => {
    const { perSecond, cpuUs, stallCount, stalledAt } = best.get(name) as Best;
    if (stallCount > 0) {
      stalls.push(
        `${name}, ${each.name}: stopped delivering in ${stallCount} of ${ROUND_COUNT} rounds, after ${count(stalledAt)} messages`,
      );
    }
    return `${count(perSecond)}${stallCount > 0 ? " (stopped)" : ""}, ${cpuUs.toFixed(1)} µs`;
  });
  const ratio = (name: ServerName) => {
    const other = best.get(name);
    return other === undefined ? "–" : ((best.get("perigee") as Best).perSecond / other.perSecond).toFixed(2);
  };
  const { mosquitto, aedes } = each.bars;
  const bar = mosquitto > 0 ? `${mosquitto} of mosquitto, ${aedes} of aedes` : `${aedes} of aedes`;
  lines.push(`| ${each.name} | ${cells.join(" | ")} | ${ratio("mosquitto")} | ${ratio("aedes")} | ${bar} |`);
}
lines.push("", ...stalls.map(line => `- ${line}.`), ...(stalls.length > 0 ? [""] : []));
lines.push(
  "mosquitto 2.0.11, which Debian 12 ships, can stop for good under QoS 1 from many publishers after tens of thousands of messages",
  "(mended in 2.0.13). A round in which a broker stops counts up to there.",
  "",
  `Memory of the process for each of ${count(IDLE_COUNT)} idle connections, and whether ${count(HELD_COUNT)} are held:`,
  "",
  "| broker | bytes a connection | held | bar |",
  "|---|--:|--:|---|",
);
for (const name of present) {
  const { sizePerConnection, heldCount } = await measureMemory(name);
  const bar = name === "perigee" ? "16,384 bytes, 10,000" : "";
  lines.push(`| ${name} | ${count(sizePerConnection)} | ${count(heldCount)} | ${bar} |`);
}
lines.push(
  "",
  "One PUBLISH that matches ten subscriptions, among how many (the machine alone, without sockets; topics that it does not",
  "remember):",
  "",
  "| subscriptions | µs a publish | of 1,000 | bar |",
  "|--:|--:|--:|---|",
);
const matchings = [1000, 100_000, 1_000_000].map(measureMatching);
for (const { subscriptionCount, microsecondsPerPublish } of matchings) {
  const ratio = microsecondsPerPublish / matchings[0].microsecondsPerPublish;
  const bar = subscriptionCount === 1_000_000 ? "3" : "";
  lines.push(`| ${count(subscriptionCount)} | ${microsecondsPerPublish.toFixed(2)} | ${ratio.toFixed(2)} | ${bar} |`);
}
lines.push("");
writeFileSync(`${folder}broker.md`, lines.join("\n"));
console.log(lines.join("\n"));
