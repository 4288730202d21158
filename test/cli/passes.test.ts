// `perigee passes` as it is typed, and `perigee sim --outage 'passes FILE'` over what it writes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { EXIT_USAGE, passesCommand } from "../../host/cli/passes.ts";
import { runSim, simCommand } from "../../host/cli/sim.ts";
import type { SimFlags } from "../../host/cli/sim-plan.ts";
import { FROZEN_ELEMENTS } from "../../host/link/elements/frozen.ts";
import { validateOutage } from "../../host/link/index.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-passes-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What `perigee passes` writes and answers for these words. */
function passes(...words: string[]): { status: number; out: string; err: string } {
  const written = { out: "", err: "" };
  const sink = (name: "out" | "err") => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  process.exitCode = undefined;
  passesCommand({ out: sink("out"), err: sink("err") }).parse(words, { from: "user" });
  const status = Number(process.exitCode ?? 0);
  process.exitCode = undefined;
  return { status, ...written };
}

const ISS = ["--frozen", "iss-2019", "--station", "47.3769,8.5417,408"];

describe("perigee passes", () => {
  test("prints a week of passes, and what they come to", () => {
    const { status, out, err } = passes(...ISS, "--from", "2019-06-05");
    expect([status, err]).toEqual([0, ""]);
    expect(out).toMatch(/^ISS \(ZARYA\) {2}2019-06-05T13:58:30\.[0-9]{3}Z .* 394\.8 s +67\.2° +447 km$/m);
    expect(out).toMatch(/^[0-9]{2} passes; service [0-9.]+ % of the time, longest silence [0-9.]+ h\n$/m);
  });

  test("reads two lines and messages from files, to the same end", () => {
    const tle = file("iss.tle", FROZEN_ELEMENTS["iss-2019"]);
    expect(passes("--tle", tle, ...ISS.slice(2)).out).toBe(passes(...ISS).out);
    const omm = file("helios.json", FROZEN_ELEMENTS["helios-2a-2025"]);
    expect(passes("--omm", omm, "--station", "0,0,0", "--days", "1").out).toContain("HELIOS 2A");
  });

  test("warns of elements that are older than two weeks, and of no others", () => {
    expect(passes(...ISS, "--from", "2019-07-01").err).toBe(
      "Warning: the elements of ISS (ZARYA) are of 2019-06-05T12:12:58.000Z, up to 32 days away\n",
    );
    expect(passes(...ISS, "--from", "2019-06-11").err).toBe("");
  });

  test("writes windows over which the simulator runs: nothing comes between passes", () => {
    const path = join(folder, "passes.json");
    expect(passes(...ISS, "--from", "2019-06-05T12:00", "--days", "1", "--json", path).status).toBe(0);
    const json = JSON.parse(readFileSync(path, "utf8"));
    expect(validateOutage(json.outage, "outage")).toEqual(json.outage);
    expect(json).toMatchObject({ from: "2019-06-05T12:00:00.000Z", minimumElevation: 10 });
    const flags: SimFlags = simCommand()
      .action(() => {})
      .parse(
        [
          "--link",
          "edge",
          "--outage",
          `passes ${path}`,
          "--sensors",
          "2",
          "--interval",
          "10min",
          "--qos",
          "1",
          "--json",
          "-",
        ],
        { from: "user" },
      )
      .opts();
    let out = "";
    const sink = {
      write: (text: string) => {
        out += text;
      },
    };
    expect(runSim(flags, sink, sink)).toBe(0);
    const [row] = JSON.parse(out).rows;
    expect(row.delivered).toBe(row.published);
    // Readings wait for the next pass: hours, some of them.
    expect(row.delayMs.p50).toBeGreaterThan(600_000);
  });

  test.each<[string[], string]>([
    [["--frozen", "iss", "--station", "0,0,0"], '--frozen: there are no elements "iss"'],
    [["--frozen", "iss-2018", "--station", "0,0,0"], 'did you mean "iss-2019"?'],
    [["--station", "0,0,0"], "elements come from one of --omm, --tle and --frozen"],
    [[...ISS, "--tle", "x"], "elements come from one of --omm, --tle and --frozen"],
    [["--tle", "nowhere.tle", "--station", "0,0,0"], "cannot read nowhere.tle: no such file or directory"],
    [["--frozen", "iss-2019", "--station", "0,0"], 'latitude, longitude and altitude are needed, not "0,0"'],
    [["--frozen", "iss-2019", "--station", "91,0,0"], '--station: latitude: a number from -90 to 90, not "91"'],
    [[...ISS, "--min-elevation", "high"], '--min-elevation: a number from 0 to 90, not "high"'],
    [[...ISS, "--days", "0"], '--days: a number from 0.001 to 366, not "0"'],
    [[...ISS, "--from", "yesterday"], '--from: a time such as 2026-11-20T06:00Z, not "yesterday"'],
    [[...ISS, "--from", "2040-01-01"], "ISS (ZARYA) has decayed by 2040-01-01T00:00:00.000Z"],
    [[...ISS, "--json", "/nowhere/x.json"], "--json: cannot write /nowhere/x.json: no such file or directory"],
  ])("%j is refused in one line", (words, message) => {
    const { status, out, err } = passes(...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(message);
  });
});
