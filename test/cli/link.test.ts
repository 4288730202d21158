// `perigee link` and `perigee sim --link FILE` as they are typed.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { EXIT_USAGE, linkCommand } from "../../host/cli/link.ts";
import { runSim, simCommand } from "../../host/cli/sim.ts";
import type { SimFlags } from "../../host/cli/sim-plan.ts";
import { MESSAGE_BEARERS, PRESETS, parseTc, preset, readMahimahi, validateLink } from "../../host/link/index.ts";
import { perigee } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-link-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  process.exitCode = undefined;
});

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What `perigee link` writes and answers for these words. */
function link(...words: string[]): { status: number; out: string; err: string } {
  const written = { out: "", err: "" };
  const sink = (name: "out" | "err") => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  linkCommand({ out: sink("out"), err: sink("err") }).parse(words, { from: "user" });
  const status = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { status, ...written };
}

/** What `perigee sim` writes and answers for these words. */
function sim(...words: string[]): { status: number; out: string; err: string } {
  const written = { out: "", err: "" };
  const flags: SimFlags = simCommand()
    .action(() => {})
    .parse(words, { from: "user" })
    .opts();
  const status = runSim(flags, { write: text => (written.out += text) }, { write: text => (written.err += text) });
  return { status, ...written };
}

const SMALL = ["--sensors", "2", "--duration", "20min", "--qos", "1"];

describe("perigee link", () => {
  test("lists every link and every bearer", () => {
    const { status, out } = link("list");
    expect(status).toBe(0);
    for (const name of [...Object.keys(PRESETS), ...Object.keys(MESSAGE_BEARERS), "starlink-trace"]) {
      expect(out).toMatch(new RegExp(`^${name} +(IP|messages|recording) `, "m"));
    }
  });

  test("explains every figure, marks what is illustrative, and says where MQTT cannot run", () => {
    const { out } = link("explain", "starlink");
    expect(out).toMatch(/^handover\.stepMs +0 to 25 +S +worst step/m);
    expect(out).toMatch(/^up\.rate\.bps +15000000 +F illustrative +depends on the plan$/m);
    expect(out).toMatch(/^Grades: S a primary .*; F an assumption: illustrative\.$/m);
    const bearer = link("explain", "iridium-sbd").out;
    expect(bearer).toContain("MQTT cannot run there.");
    expect(bearer).toMatch(/^bill\.dollarsPerUnit +0\.16 +V +PX4/m);
    expect(link("explain", "none").out).toContain("It has no figures.");
  });

  test("shows a link as JSON that is read again", () => {
    for (const name of Object.keys(PRESETS)) {
      expect(validateLink(JSON.parse(link("show", name).out))).toEqual(preset(name).link);
    }
  });

  test("shows a link in other tools' words, and tells on stderr what they cannot say", () => {
    const tc = link("show", "geo-vsat", "--format", "tc");
    expect(parseTc(tc.out.split("\n")[1]).up.rate).toEqual({ bps: 512e3 });
    expect(tc.err).toContain("Warning: tc cannot say: outages\n");
    const proxy = JSON.parse(link("show", "edge", "--format", "toxiproxy", "--listen", ":9", "--upstream", "h:8").out);
    expect(proxy).toMatchObject({ name: "edge", listen: ":9", upstream: "h:8" });
    expect(readMahimahi(link("show", "2g", "--format", "mahimahi", "--direction", "up").out, "up")).toHaveLength(8);
  });

  test("imports two traces, and the simulator runs over them", () => {
    const [up, down] = [file("up.trace", "10\n20\n45\n"), file("down.trace", "5\n")];
    const { out } = link("import", up, down, "--delay", "30ms");
    const path = file("cell.json", out);
    expect(JSON.parse(out).up).toEqual({ delay: { base: "30ms" }, rate: { trace: [10, 20, 45] } });
    const run = sim("--link", path, ...SMALL);
    expect(run.err).toBe("");
    expect(run.status).toBe(0);
    expect(run.out).toContain("every promise kept");
  });

  test("prints the schema that is in the repository", () => {
    const published = readFileSync(new URL("../../host/link/link.schema.json", import.meta.url), "utf8");
    expect(JSON.parse(link("schema").out)).toEqual(JSON.parse(published));
  });

  test.each<[string[], string]>([
    [["explain", "starlnk"], 'link "starlnk" does not exist; did you mean "starlink"?'],
    [["show", "iridium-sbd"], 'link "iridium-sbd" carries messages, not TCP'],
    [["show", "starlink-trace"], 'link "starlink-trace" is a recording'],
    [["show", "nowhere.json"], "cannot read nowhere.json: no such file or directory"],
    [["show", "lan", "--format", "mahimahi"], "--direction: a trace has one; up or down is needed"],
    [["show", "lan", "--direction", "up"], "--direction: it goes with --format mahimahi"],
    [["show", "lan", "--listen", ":1884"], "--listen: it goes with --format toxiproxy"],
    [["show", "lan", "--format", "tc", "--upstream", "h:1"], "--upstream: it goes with --format toxiproxy"],
    [["show", "lan", "--format", "toxiproxy", "--listen", "here"], '--listen: an address is HOST:PORT, not "here"'],
    [["show", "none", "--format", "mahimahi", "--direction", "up"], "mahimahi: the link has no rate up"],
    [["import", "no.trace", "no.trace"], "cannot read no.trace: no such file or directory"],
    [["import", "a", "b", "--delay", "soon"], "--delay: a time is a number of ms"],
  ])("%j is refused in one line", (words, message) => {
    const { status, out, err } = link(...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(message);
  });
});

describe("perigee link --listen", () => {
  test("beside another command it is refused, for it would be obeyed by nobody", async () => {
    const { code, stdout, stderr } = await perigee(["link", "--listen", "127.0.0.1:0", "list"]);
    expect([code, stdout]).toEqual([EXIT_USAGE, ""]);
    expect(stderr).toMatch(/^Error: --listen: it goes with a link in real time, not with "list"[^\n]+\n$/);
    // `show` has a flag of that name, which is its own.
    expect((await perigee(["link", "show", "lan", "--format", "toxiproxy", "--listen", ":1"])).code).toBe(0);
  });

  const recording = join(folder, "weather.rec");
  const RECORDED =
    '{"kind":"perigee-link-recording","version":1,"link":"x"}\n' +
    '{"connection":1,"direction":"up","sentUs":0,"sizeBytes":60,"tookUs":5}\n';

  test.each<[string[], string]>([
    [["--to", "localhost:0"], '--to: a server has a port, "localhost:0" has none'],
    [["--to", "localhost:1", "--tcp", "constructor"], 'TCP profile "constructor" does not exist; there are linux, '],
    [["--to", "localhost:1", "--replay", recording, "--record", recording], "would be overwritten: --replay reads it"],
  ])("%j is refused in one line, and nothing is lost", async (words, message) => {
    writeFileSync(recording, RECORDED);
    let err = "";
    const sink = { write: (text: string) => (err += text) };
    await linkCommand({ out: sink, err: sink }).parseAsync(["--listen", "127.0.0.1:0", ...words], { from: "user" });
    expect(process.exitCode).toBe(EXIT_USAGE);
    process.exitCode = undefined;
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(message);
    expect(readFileSync(recording, "utf8")).toBe(RECORDED);
  });
});

describe("perigee sim over a link file", () => {
  test("runs, under the file's name or the link's own", () => {
    const path = file("site.json", JSON.stringify({ delay: { orbit: "geo", elevation: 20 }, loss: 0.01 }));
    const { status, out } = sim("--link", path, ...SMALL, "--json", "-");
    expect(status).toBe(0);
    expect(JSON.parse(out).link).toBe("site");
    expect(JSON.parse(out).rows[0].delayMs.p50).toBeGreaterThan(250);
  });

  test.each<[string, string]>([
    ["{", "no JSON: "],
    ['{"delay":{"base":1,"jiter":2}}', '.up.delay: there is no field "jiter"; did you mean "jitter"?'],
  ])("%s is refused in one line that names the file", (text, message) => {
    const path = file("bad.json", text);
    const { status, out, err } = sim("--link", path, ...SMALL);
    expect([status, out]).toEqual([2, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(`${path}`);
    expect(err).toContain(message);
  });

  test("tells which parts of a preset are illustrative, but not of what was asked for", () => {
    const last = (...words: string[]) =>
      sim(...SMALL, ...words)
        .out.trimEnd()
        .split("\n")
        .at(-1);
    expect(last("--link", "geo-vsat")).toBe(
      "illustrative: delay.jitter, rate, outage of geo-vsat; perigee link explain geo-vsat",
    );
    expect(last("--link", "geo-vsat", "--outage", "none")).toBe(
      "illustrative: delay.jitter, rate of geo-vsat; perigee link explain geo-vsat",
    );
    expect(last("--link", "edge")).toMatch(/^checkers: /);
    expect(last("--link", "geo-vsat", "--quiet")).toMatch(/^checkers: /);
    expect(last("--tc", "delay 5ms")).toMatch(/^checkers: /);
  });
});
