/**
 * How long a sweep takes: a thousand runs of fifty sensors for an hour, as `perigee sweep` does them, the start of the program and the
 * threads included. There is no peer that does the same, so the figures are absolute.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../build/perigee.js", import.meta.url));
const LISTS = "--loss 0,1%,2%,5%,10% --delay 20ms,300ms --qos 0,1 --seeds 1..50";
const RUN_COUNT = 1000;
const BAR_SECONDS = 300;

function secondsOf(interval: string, workers: number): number {
  const words = `sweep ${LISTS} --interval ${interval} --workers ${workers} --quiet`.split(" ");
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { encoding: "utf8" });
  const seconds = (performance.now() - startMs) / 1000;
  if (status !== 0 || !stdout.startsWith(`${RUN_COUNT} of ${RUN_COUNT} runs`)) throw new Error(stdout + stderr);
  return seconds;
}

const lines = [
  "# Sweep",
  "",
  `\`npm run bench sweep\`: \`perigee sweep ${LISTS}\`, which is ${RUN_COUNT} runs of 50 sensors for an hour each over`,
  `\`geo-vsat\`. Node ${process.versions.node}, ${cpus()[0]?.model.trim()}; other work had the processors too.`,
  "",
  "| a reading every | threads | seconds | runs a second |",
  "|---|---|---|---|",
];
for (const [interval, workers] of [
  ["60s", 2],
  ["60s", 1],
] as const) {
  const seconds = secondsOf(interval, workers);
  lines.push(`| ${interval} | ${workers} | ${seconds.toFixed(0)} | ${(RUN_COUNT / seconds).toFixed(1)} |`);
  console.error(lines.at(-1));
}
lines.push("", `The bar is ${BAR_SECONDS} s with two threads.`, "");
writeFileSync(new URL("../bench/sweep.md", import.meta.url), lines.join("\n"));
console.log(lines.join("\n"));
