// `perigee sweep` as it is typed: every combination once, the same as `perigee sim` alone, resumed where it stopped.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runSim, simCommand } from "../../host/cli/sim.ts";
import type { SimFlags } from "../../host/cli/sim-plan.ts";
import { sweepCommand } from "../../host/cli/sweep.ts";
import { perigee, startPerigee } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SMALL = ["--sensors", "3", "--duration", "10min", "--workers", "2"];
const LISTS = ["--loss", "0,5%", "--delay", "20ms,200ms", "--qos", "0,1", "--seeds", "1..2"];

interface Run {
  case: Record<string, string>;
  row: { published: number; delayMs: { p95: number } };
}

function runsIn(path: string): Run[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(line => line !== "")
    .map(line => JSON.parse(line));
}

describe("perigee sweep", () => {
  const results = join(folder, "results.jsonl");
  const csv = join(folder, "runs.csv");
  const html = join(folder, "sweep.html");

  it("runs every combination, and shows a row and a cell for each", async () => {
    const { code, stdout, stderr } = await perigee([
      "sweep",
      ...SMALL,
      ...LISTS,
      "--results",
      results,
      "--csv",
      csv,
      "--html",
      html,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    const data = JSON.parse(/id="data">(.*?)<\/script>/.exec(readFileSync(html, "utf8"))?.[1] ?? "");
    expect(data).toMatchObject({ kind: "sweep", dimensions: ["loss", "delay", "qos"], figure: "p95" });
    expect(data.points).toHaveLength(8);
    for (const { runs } of data.points) expect(runs).toBe(2);
    expect(stdout).toMatch(/16 of 16 runs, 16 of them now/);
    expect(stdout).toMatch(/loss \\ delay/);
    const cases = runsIn(results).map(run => JSON.stringify(run.case));
    expect(new Set(cases).size).toBe(16);
    const lines = readFileSync(csv, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(17);
    expect(lines[0]).toMatch(/^link,loss,delay,qos,keepAlive,payload,interval,tcp,seed,published,/);
    expect(new Set(lines.map(line => line.split(",").length)).size).toBe(1);
  });

  it("goes on where it stopped, a line that was cut off included", async () => {
    const before = runsIn(results);
    const text = readFileSync(results, "utf8").split("\n").slice(0, 10).join("\n");
    writeFileSync(results, text.slice(0, -20));
    const { code, stdout } = await perigee(["sweep", ...SMALL, ...LISTS, "--results", results]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/16 of 16 runs, 7 of them now/);
    const key = (run: Run) => JSON.stringify(run.case);
    const whole = readFileSync(results, "utf8")
      .split("\n")
      .filter(line => line.endsWith("}"));
    const after = whole.map(line => JSON.parse(line) as Run);
    expect(new Map(after.map(run => [key(run), run.row]))).toEqual(new Map(before.map(run => [key(run), run.row])));
  });

  it("begins a line of its own where only the end of the last line was cut off", async () => {
    const file = join(folder, "unended.jsonl");
    const words = ["sweep", ...SMALL, "--qos", "0", "--results", file, "--quiet"];
    expect((await perigee([...words, "--loss", "0"])).code).toBe(0);
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    expect((await perigee([...words, "--loss", "0,5%"])).stdout).toMatch(/^2 of 2 runs, 1 of them now/);
    expect(runsIn(file)).toHaveLength(2);
  });

  it("runs again what a link file that was changed since says otherwise", async () => {
    const [file, site] = [join(folder, "site.jsonl"), join(folder, "site.json")];
    const words = ["sweep", ...SMALL, "--qos", "0", "--link", site, "--results", file, "--quiet"];
    const run = async (link: object) => {
      writeFileSync(site, JSON.stringify(link));
      return (await perigee(words)).stdout;
    };
    expect(await run({ delay: { base: 20 } })).toMatch(/^1 of 1 runs, 1 of them now/);
    expect(await run({ delay: { base: 20 } })).toMatch(/^1 of 1 runs, 0 of them now/);
    expect(await run({ delay: { base: 400 } })).toMatch(/^1 of 1 runs, 1 of them now/);
    expect(runsIn(file).map(({ row }) => row.delayMs.p95 >= 400)).toEqual([false, true]);
  });

  it("says when it is interrupted how many runs there were, and keeps them", async () => {
    const file = join(folder, "interrupted.jsonl");
    const running = startPerigee(["sweep", ...SMALL, "--seeds", "1..9000", "--qos", "1", "--results", file, "--quiet"]);
    const watcher = setInterval(() => {
      if (!existsSync(file) || statSync(file).size === 0) return;
      clearInterval(watcher);
      running.process.kill("SIGINT");
    }, 20);
    const { code, stdout, stderr } = await running.finished.finally(() => clearInterval(watcher));
    expect([code, stderr]).toEqual([3, "Error: interrupted; the same command goes on from here\n"]);
    const count = runsIn(file).length;
    expect(count).toBeGreaterThan(0);
    expect(stdout).toContain(`${count} of 9000 runs, ${count} of them now`);
  });

  it("says which of its lists is not varied", async () => {
    expect((await perigee(["sweep", "--help"])).stdout).toMatch(/--headers, which no run\nvaries, is one list for all/);
  });

  it("is what `perigee sim` says of the same case", async () => {
    const path = join(folder, "sim.json");
    const words = [
      "--sensors",
      "3",
      "--duration",
      "10min",
      "--loss",
      "5%",
      "--qos",
      "1",
      "--seed",
      "2",
      "--json",
      path,
      "--quiet",
    ];
    const command = simCommand();
    command.parseOptions(words);
    const sink = { write: () => true };
    expect(runSim({ ...command.opts<SimFlags>(), link: "geo-vsat" }, sink, sink)).toBe(0);
    const alone = JSON.parse(readFileSync(path, "utf8")).rows[0];
    const file = join(folder, "one.jsonl");
    await perigee(["sweep", ...SMALL, "--loss", "5%", "--qos", "1", "--seeds", "2", "--results", file]);
    expect(runsIn(file)[0].row).toEqual(alone);
  });

  it.each([
    [["--loss", "0,x"], /--loss/],
    [["--qos", "3"], /--qos: a quality of service is 0, 1 or 2/],
    [["--link", "starlnk"], /did you mean "starlink"/],
    [["--delay", "fast"], /--delay/],
    [["--seeds", "9..2"], /--seeds: "9\.\.2" is no range/],
    [["--seeds", "1,,2"], /--seeds: an empty value/],
    [["--figure", "speed"], /--figure: there is no "speed"/],
    [["--workers", "0"], /--workers/],
    [["--tcp", "lwip,bsd"], /TCP profile "bsd"/],
    [["--seeds", "0..999999", "--qos", "0,1"], /more than a million/],
    [["--csv", "/nowhere/x.csv"], /--csv: cannot write/],
    [["--html", "/nowhere/x.html"], /--html: cannot write/],
    [
      ["--results", join(folder, "same"), "--csv", `${folder}/./same`],
      /--csv: .* would be overwritten: --results writes it/,
    ],
    [["--csv", "-"], /--csv: it writes a file, not standard output/],
    [["--results", folder], /cannot read|cannot write/],
  ])("%j is refused in one line", async (words, message) => {
    let [stdout, stderr] = ["", ""];
    const out = { write: (text: string) => (stdout += text) };
    const err = { write: (text: string) => (stderr += text) };
    process.exitCode = undefined;
    await sweepCommand(out, err).parseAsync([...SMALL, ...words], { from: "user" });
    expect(process.exitCode).toBe(2);
    process.exitCode = undefined;
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
