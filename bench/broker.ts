/**
 * The broker beside mosquitto and aedes: throughput, connections, memory, and what a million subscriptions cost.
 *
 * The load comes from a program in C (bench/broker/load.c), so that the brokers are what is measured. Every case starts a
 * new process of each broker. Processor time a message says the same as the rate, without the other work on the machine.
 *
 * `npm run bench broker -- --only fan-in` measures one part, prints it and leaves the table as it was.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { measureMatching } from "./broker/matching.ts";
import { HELD_COUNT, IDLE_COUNT, MEMORY_ROUND_COUNT, measureMemory } from "./broker/memory.ts";
import { type ServerName, versionOf } from "./broker/servers.ts";
import { type Best, CASES, type Case, measureCase, ROUND_COUNT, RUN_MS, WARM_MS } from "./broker/throughput.ts";

const SERVERS: readonly ServerName[] = ["perigee", "mosquitto", "aedes"];
const KEYS = [...CASES.map(({ key }) => key), "memory", "matching"];

const only = onlyOf(process.argv.slice(2));
const versions = new Map(SERVERS.map(name => [name, versionOf(name)]));
const present = SERVERS.filter(name => versions.get(name) !== null);

function onlyOf(args: string[]): string | null {
  if (args.length === 0) return null;
  if (args.length === 2 && args[0] === "--only" && KEYS.includes(args[1])) return args[1];
  console.error(`usage: npm run bench broker [-- --only ${KEYS.join("|")}]`);
  process.exit(2);
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

const INTRODUCTION = [
  "# Broker",
  "",
  `\`npm run bench broker\`: ${present.map(name => `${name} ${versions.get(name)}`).join(", ")}, each as it comes, side by side`,
  `in one run; best of ${ROUND_COUNT} rounds of ${RUN_MS / 1000} s after ${WARM_MS / 1000} s of warming up, a new process each time. Payloads of 64 bytes; the generator is`,
  "a program in C with packets encoded beforehand (`bench/broker/load.c`), which has at most 500 messages under way (50 in the",
  "fan-out) that no subscriber has received, so that no queue overflows and what is counted is what was delivered.",
  "",
  `Node ${process.versions.node}, ${cpus()[0]?.model.trim() || "unknown processor"}: a machine of ${availableParallelism()} cores, which the generator, the broker and`,
  "other work share.",
  "",
];

async function throughputOf(cases: readonly Case[]): Promise<string[]> {
  const lines = [
    "Deliveries (or connections) a second, and processor time of the broker for each:",
    "",
    `| case | ${present.join(" | ")} | of mosquitto | of aedes | bar |`,
    `|---|${present.map(() => "--:|").join("")}--:|--:|---|`,
  ];
  const stalls: string[] = [];
  for (const each of cases) {
    const best = await measureCase(each, present);
    const cells = present.map(name => {
      const { perSecond, cpuUs, stallCount, stalledAt } = best.get(name) as Best;
      if (stallCount > 0) {
        stalls.push(
          `- ${name}, ${each.name}: stopped delivering in ${stallCount} of ${ROUND_COUNT} rounds, after ${count(stalledAt)} messages.`,
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
  return [
    ...lines,
    "",
    ...stalls,
    ...(stalls.length > 0 ? [""] : []),
    "mosquitto 2.0.11, which Debian 12 ships, can stop for good under QoS 1 from many publishers after tens of thousands of messages",
    "(mended in 2.0.13). A round in which a broker stops counts up to there.",
    "",
  ];
}

async function memory(): Promise<string[]> {
  const lines = [
    `Memory of the process for each of ${count(IDLE_COUNT)} idle connections (median of ${MEMORY_ROUND_COUNT} processes), and whether ${count(HELD_COUNT)} are held:`,
    "",
    "| broker | bytes a connection | held | bar |",
    "|---|--:|--:|---|",
  ];
  for (const name of present) {
    const { sizePerConnection, heldCount } = await measureMemory(name);
    const bar = name === "perigee" ? "16,384 bytes, 10,000" : "";
    lines.push(`| ${name} | ${count(sizePerConnection)} | ${count(heldCount)} | ${bar} |`);
  }
  return [...lines, ""];
}

function matching(): string[] {
  const lines = [
    "One PUBLISH that matches ten subscriptions, among how many (the machine alone, without sockets; topics that it does not",
    "remember):",
    "",
    "| subscriptions | µs a publish | of 1,000 | bar |",
    "|--:|--:|--:|---|",
  ];
  const matchings = [1000, 100_000, 1_000_000].map(measureMatching);
  for (const { subscriptionCount, microsecondsPerPublish } of matchings) {
    const ratio = microsecondsPerPublish / matchings[0].microsecondsPerPublish;
    const bar = subscriptionCount === 1_000_000 ? "3" : "";
    lines.push(`| ${count(subscriptionCount)} | ${microsecondsPerPublish.toFixed(2)} | ${ratio.toFixed(2)} | ${bar} |`);
  }
  return [...lines, ""];
}

if (only === null) {
  const lines = [...INTRODUCTION, ...(await throughputOf(CASES)), ...(await memory()), ...matching()];
  writeFileSync(fileURLToPath(new URL("../bench/broker.md", import.meta.url)), lines.join("\n"));
  console.log(lines.join("\n"));
} else if (only === "memory") {
  console.log((await memory()).join("\n"));
} else if (only === "matching") {
  console.log(matching().join("\n"));
} else {
  console.log((await throughputOf(CASES.filter(({ key }) => key === only))).join("\n"));
}
