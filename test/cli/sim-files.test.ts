// The files of `perigee sim`: a row a message, a report, the command that makes it again, and one clear line for what cannot be.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, test } from "vitest";
import { commandOf } from "../../host/cli/report-page.ts";
import { EXIT_USAGE, runSim, simCommand } from "../../host/cli/sim.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-sim-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

function sim(...words: string[]): { status: number; out: string; err: string; command: string } {
  let [out, err] = ["", ""];
  const command = simCommand().action(() => {});
  command.parse(words, { from: "user" });
  const write = { out: (text: string) => (out += text), err: (text: string) => (err += text) };
  const status = runSim(command.opts(), { write: write.out }, { write: write.err });
  return { status, out, err, command: commandOf(simCommand(), command.opts()) };
}

const SMALL = [
  "--sensors",
  "3",
  "--duration",
  "2h",
  "--loss",
  "5%",
  "--outage",
  "at 30min for 20min",
  "--outbox",
  "256",
];

describe("--csv", () => {
  test("has a row for every message, which add up to the table", () => {
    const [csv, json] = [join(folder, "a.csv"), join(folder, "a.json")];
    expect(sim(...SMALL, "--csv", csv, "--json", json)).toMatchObject({ status: 0, err: "" });
    const rows: Record<string, string>[] = parse(readFileSync(csv), { columns: true });
    const result = JSON.parse(readFileSync(json, "utf8"));
    for (const { qos, published, delivered, lost, unknown, duplicates, delayMs } of result.rows) {
      const mine = rows.filter(row => row.qos === String(qos));
      const fates = (...names: string[]) => mine.filter(({ fate }) => names.includes(fate)).length;
      expect([mine.length, fates("delivered"), fates("lost", "refused"), fates("unknown")]).toEqual([
        ...[published, delivered, lost, unknown],
      ]);
      const extra = mine.reduce((sum, row) => sum + Math.max(0, Number(row.delivered_count) - 1), 0);
      expect(extra).toBe(duplicates);
      expect(Math.max(...mine.map(row => Number(row.delay_ms)))).toBeCloseTo(delayMs.max, 3);
      expect(fates("refused")).toBeGreaterThan(0);
      const first = mine[0];
      expect(Number(first.delivered_s) - Number(first.published_s)).toBeCloseTo(Number(first.delay_ms) / 1000, 6);
      expect(first.acknowledged_s === "").toBe(qos === 0);
    }
  });

  test("changes nothing of the result", () => {
    expect(sim(...SMALL, "--csv", join(folder, "b.csv")).out).toBe(sim(...SMALL).out);
  });
});

describe("--power", () => {
  const profile = join(folder, "radio.json");
  const fields = { name: "modem", source: "data sheet 3.2", transmitW: 2, receiveW: 0.5, idleW: 0.01, connectJ: 4 };
  writeFileSync(profile, JSON.stringify(fields));

  test("adds what the radios took, from the airtime of the run", () => {
    const [json, html] = [join(folder, "p.json"), join(folder, "p.html")];
    const words = [
      "--link",
      "iridium-certus-100",
      "--sensors",
      "2",
      "--duration",
      "2h",
      "--qos",
      "1",
      "--power",
      profile,
    ];
    const { out } = sim(...words, "--json", json, "--html", html);
    const [{ energyJ, airtimeMs, delivered, reconnects }] = JSON.parse(readFileSync(json, "utf8")).rows;
    expect(energyJ.transmit / 2 + energyJ.receive / 0.5).toBeCloseTo(airtimeMs / 1000, 3);
    expect(energyJ.connect).toBe(4 * (2 + reconnects));
    // Two hours of two sensors, and the minutes in which the link healed.
    expect(energyJ.idle).toBeGreaterThan(0.01 * 2 * 7200 - 1);
    expect(energyJ.total).toBeCloseTo(energyJ.transmit + energyJ.receive + energyJ.idle + energyJ.connect, 2);
    expect(energyJ.perMessage).toBeCloseTo(energyJ.total / delivered, 3);
    expect(out).toMatch(
      /^energy: QoS 1, \d+(\.\d+)? J, [\d.]+ m?J a message; transmitting .* idle .* connecting 8 J$/m,
    );
    expect(readFileSync(html, "utf8")).toContain('["radio","modem: data sheet 3.2"]');
  });

  test.each([
    [["--power", "/nowhere/radio.json"], "cannot read /nowhere/radio.json: no such file or directory"],
    [
      ["--power", profile, "--tc", "delay 5ms"],
      "radio.json.transmitW: it counts time on the air, and tc has no rate up",
    ],
  ])("%j is refused in one line", (words, message) => {
    const { status, out, err } = sim(...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(message);
  });
});

describe("--html", () => {
  test("writes a report, whose command makes the same one again", () => {
    const first = join(folder, "one.html");
    const { status, command } = sim(...SMALL, "--qos", "1", "--html", first, "--quiet");
    expect([status, command]).toEqual([
      0,
      `perigee sim --loss 5% --outage 'at 30min for 20min' --sensors 3 --duration 2h --qos 1 --outbox 256 --html ${first}`,
    ]);
    const before = readFileSync(first, "utf8");
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(match => match[1] ?? match[2]);
    sim(...words.slice(2));
    expect(readFileSync(first, "utf8")).toBe(before);
  });

  test.each([
    [["--message", "1/2"], "--message: it needs --html"],
    [["--html", join(folder, "c.html"), "--message", "12"], "--message: a message is SENSOR/NUMBER, such as 12/345"],
    [["--html", "/nowhere/x.html"], "--html: cannot write /nowhere/x.html: no such file or directory"],
    [["--html", join(folder, "c.html"), "--message", "50/1"], "--message: the sensors are 0 to 49, there is no 50"],
    [
      ["--html", join(folder, "c.html"), "--duration", "10min", "--message", "1/2,1/10"],
      "--message: the messages of a sensor are 0 to 9, there is no 1/10",
    ],
    [["--html", "-"], "--html: it writes a file, not standard output; one of that name is ./-"],
    [["--csv", folder], `--csv: cannot write ${folder}: is a directory`],
    [
      ["--csv", join(folder, "d.csv"), "--sensors", "1000", "--interval", "1s"],
      "--csv: 86400000 messages are more than",
    ],
  ])("%j is refused in one line", (words, message) => {
    const { status, out, err } = sim("--qos", "1", ...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(message);
  });
});

describe("a file that another flag has", () => {
  const table = join(folder, "weather.csv");
  const READINGS = "time,t\n2020-01-01T00:00:00Z,1\n2020-01-01T00:01:00Z,2\n";
  writeFileSync(table, READINGS);
  symlinkSync(table, join(folder, "link.csv"));
  const site = join(folder, "site.json");
  writeFileSync(site, "{}");
  const replay = ["--replay", table, "--time-column", "time", "--value-columns", "t"];

  test.each([
    [["--csv", join(folder, "x"), "--html", join(folder, ".", "x")], "--html", "--csv writes it"],
    [[...replay, "--csv", table], "--csv", "--replay reads it"],
    [[...replay, "--json", join(folder, "link.csv")], "--json", "--replay reads it"],
    [["--link", site, "--json", site], "--json", "--link reads it"],
    [["--link", "iridium-sbd", ...replay, "--json", table], "--json", "--replay reads it"],
  ])("%j is refused before it is lost", (words, flag, why) => {
    const { status, out, err } = sim("--duration", "10min", ...words);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(err).toContain(`${flag}: `);
    expect(err).toContain(` would be overwritten: ${why}`);
    expect([readFileSync(table, "utf8"), readFileSync(site, "utf8")]).toEqual([READINGS, "{}"]);
  });

  test("of which no reading falls into the run has no delays", () => {
    for (const link of ["geo-vsat", "iridium-sbd"]) {
      const { status, out } = sim("--link", link, ...replay, "--sensors", "1", "--duration", "1ms", "--qos", "0");
      expect(status).toBe(0);
      expect(out).toMatch(/ 0 +0 +0 +0 +0 +- +- +- +- /);
    }
  });

  test("a device is nobody's", () => {
    expect(sim("--sensors", "1", "--duration", "2min", "--csv", "/dev/null", "--json", "/dev/null").status).toBe(0);
  });
});
