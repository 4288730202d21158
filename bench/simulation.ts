/**
 * How fast a fleet is simulated, and what its history costs.
 *
 * One thread, every message published by the core in WebAssembly through a TCP over a lossy link into the broker and on to a subscriber, seen by
 * the checkers. There is no peer that does the same, so the figures are absolute; they are the best of a few runs, because a busy machine only ever
 * makes a run slower. Memory is what the process holds after a collection, half-way through a run and at its end, by the messages between.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseTc, tcpProfile } from "../host/link/index.ts";
import { group, type Qos, type RunOptions, run, SyntheticReadings } from "../host/simulation/index.ts";

const RUN_COUNT = 5;
const MESSAGE_COUNT = 300_000;
/** A longer run for the memory, so that what a process gains and loses by itself counts for little. */
const MEMORY_MESSAGE_COUNT = 1_200_000;
const SEED = 7n;
const LINK = "delay 300ms loss random 1%";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Case {
  sensorCount: number;
  intervalS: number;
  qos: Qos;
  tcp: string;
}

const CASES: Case[] = [
  { sensorCount: 50, intervalS: 10, qos: 1, tcp: "lwip" },
  { sensorCount: 50, intervalS: 10, qos: 1, tcp: "linux" },
  { sensorCount: 50, intervalS: 1, qos: 1, tcp: "lwip" },
  { sensorCount: 50, intervalS: 60, qos: 1, tcp: "lwip" },
  { sensorCount: 50, intervalS: 10, qos: 0, tcp: "lwip" },
  { sensorCount: 50, intervalS: 10, qos: 2, tcp: "lwip" },
  { sensorCount: 1000, intervalS: 10, qos: 1, tcp: "lwip" },
];

function optionsOf({ sensorCount, intervalS, tcp }: Case, messageCount: number): RunOptions {
  return {
    link: parseTc(LINK),
    sensorCount,
    durationUs: (messageCount / sensorCount) * intervalS * 1e6,
    seed: SEED,
    readings: new SyntheticReadings(intervalS * 1e6, 32, SEED),
    topicOf: sensor => `sensors/${String(sensor).padStart(4, "0")}`,
    tcp: tcpProfile(tcp),
    keepAliveSeconds: 60,
    window: 8,
    outboxBytes: 16_384,
  };
}

interface Figures {
  messagesPerSecond: number;
  /** By the processor time that the process took: what other work on the machine cannot take away. */
  messagesPerCpuSecond: number;
  eventsPerMessage: number;
  bytesPerThousand: number;
}

function measure(each: Case): Figures {
  const options = optionsOf(each, MESSAGE_COUNT);
  let best = 0;
  let bestOfCpu = 0;
  let eventsPerMessage = 0;
  for (let index = 0; index < RUN_COUNT; index += 1) {
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    const { history, finding, pendingCount, eventCount } = run(options, each.qos);
    const seconds = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(startCpu);
    if (finding.count > 0 || pendingCount > 0 || history.invokedCount !== MESSAGE_COUNT) {
      throw new Error(`a run that is no measurement: ${JSON.stringify({ finding, pendingCount, each })}`);
    }
    best = Math.max(best, MESSAGE_COUNT / seconds);
    bestOfCpu = Math.max(bestOfCpu, MESSAGE_COUNT / ((cpu.user + cpu.system) / 1e6));
    eventsPerMessage = eventCount / MESSAGE_COUNT;
  }
  return { messagesPerSecond: best, messagesPerCpuSecond: bestOfCpu, eventsPerMessage, bytesPerThousand: growth(each) };
}

/** Bytes held more at the end than half-way, for each thousand messages between. */
function growth(each: Case): number {
  const held: number[] = [];
  run(optionsOf(each, MEMORY_MESSAGE_COUNT), each.qos, share => {
    if (share !== 0.5 && share !== 1) return;
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    held.push(heapUsed + external);
  });
  return (held[1] - held[0]) / (MEMORY_MESSAGE_COUNT / 2 / 1000);
}

const lines = [
  "# Simulation",
  "",
  `\`npm run bench simulation\`: ${group(MESSAGE_COUNT)} messages of 32 bytes from a fleet of sensors through the whole of it (core in`,
  "WebAssembly, TCP, link, broker, subscriber, checkers), in one thread; best of " +
    `${RUN_COUNT} runs. Link: \`${LINK}\`.`,
  "",
  `Node ${process.versions.node}, ${cpus()[0]?.model.trim() || "unknown processor"}, ${availableParallelism()} cores shared with other work.`,
  "",
  "| QoS | sensors | reading every | TCP of the sensors | published messages/s | the same by processor time | events/message | memory growth, B/1,000 messages |",
  "|---|---|---|---|---|---|---|---|",
];
for (const each of CASES) {
  const { messagesPerSecond, messagesPerCpuSecond, eventsPerMessage, bytesPerThousand } = measure(each);
  const row = [
    each.qos,
    group(each.sensorCount),
    `${each.intervalS} s`,
    each.tcp,
    group(Math.round(messagesPerSecond / 1000) * 1000),
    group(Math.round(messagesPerCpuSecond / 1000) * 1000),
    eventsPerMessage.toFixed(1),
    Math.round(bytesPerThousand),
  ];
  lines.push(`| ${row.join(" | ")} |`);
  console.error(lines[lines.length - 1]);
}
lines.push(
  "",
  "The bars are 100,000 messages/s at QoS 1 and less than 1,024 B/1,000 messages. With a reading a minute every message also pays for",
  "keep-alive; with a thousand sensors the fleet no longer fits the processor's caches. Where the two speeds differ, other work had the",
  "processor in the meantime.",
  "",
);
writeFileSync(new URL("../bench/simulation.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
