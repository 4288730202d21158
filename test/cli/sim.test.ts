// `perigee sim` as it is typed: table, verdict, JSON, exit status, and one clear line for everything that cannot be.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { EXIT_USAGE, runSim, simCommand } from "../../host/cli/sim.ts";
import type { SimFlags } from "../../host/cli/sim-plan.ts";

const folder = mkdtempSync(join(tmpdir(), "perigee-sim-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command writes and answers for these words. */
function sim(...words: string[]): { status: number; out: string; err: string } {
  let out = "";
  let err = "";
  const command = simCommand().action(() => {});
  command.exitOverride().configureOutput({ writeErr: text => (err += text) });
  const flags: SimFlags = command.parse(words, { from: "user" }).opts();
  const sink = (take: (text: string) => void) => ({ write: take });
  const status = runSim(
    flags,
    sink(text => {
      out += text;
    }),
    sink(text => {
      err += text;
    }),
  );
  return { status, out, err };
}

const SMALL = ["--sensors", "3", "--duration", "30min", "--loss", "5%"];

describe("a simulation", () => {
  test("prints a table of a row for each QoS, and the verdict with seed and hash", () => {
    const { status, out, err } = sim(...SMALL);
    expect(err).toBe("");
    expect(status).toBe(0);
    for (const qos of [0, 1, 2]) expect(out).toMatch(new RegExp(`^ +${qos} +90 +90 +0 `, "m"));
    expect(out).toMatch(/^checkers: every promise kept; seed 7, hash [0-9a-f]{16}$/m);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(132);
  });

  test("prints the same again, and something else with another seed", () => {
    expect(sim(...SMALL)).toEqual(sim(...SMALL));
    expect(sim(...SMALL, "--seed", "8").out).not.toBe(sim(...SMALL).out);
  });

  test("writes JSON with exactly the fields that are promised", () => {
    const file = join(folder, "result.json");
    const { status } = sim(...SMALL, "--qos", "1", "--json", file);
    expect(status).toBe(0);
    const result = JSON.parse(readFileSync(file, "utf8"));
    expect(Object.keys(result)).toEqual(["seed", "link", "durationMs", "sensors", "hash", "rows"]);
    expect(result).toMatchObject({ seed: 7, link: "geo-vsat", durationMs: 1_800_000, sensors: 3 });
    const [row] = result.rows;
    expect(result.rows).toHaveLength(1);
    expect(Object.keys(row)).toEqual([
      ...["qos", "published", "delivered", "lost", "duplicates", "unknown", "delayMs", "mqtt", "ip"],
      ...["retransmissions", "reconnects", "airtimeMs"],
    ]);
    expect(Object.keys(row.delayMs)).toEqual(["mean", "p50", "p90", "p95", "p99", "max"]);
    expect(Object.keys(row.mqtt)).toEqual(["upBytes", "downBytes"]);
    expect(Object.keys(row.ip)).toEqual(["upBytes", "downBytes", "upPackets", "downPackets"]);
    expect(row).toMatchObject({ qos: 1, published: 90, delivered: 90 });
    expect(row.delayMs.p50).toBeGreaterThan(270);
    expect(row.delayMs.p50).toBeLessThan(330);
    expect(row.ip.upBytes).toBeGreaterThan(row.mqtt.upBytes);
  });

  test("writes JSON alone to standard output for --json -", () => {
    const { out } = sim(...SMALL, "--qos", "0,1", "--json", "-", "--seed", "18446744073709551615");
    expect(JSON.parse(out)).toMatchObject({ seed: "18446744073709551615", rows: [{ qos: 0 }, { qos: 1 }] });
  });

  test("names the version in every row for --mqtt, in the table too, and only then", () => {
    const words = [...SMALL, "--qos", "1", "--mqtt", "3.1.1,5,5-alias"];
    const { rows } = JSON.parse(sim(...words, "--json", "-").out);
    expect(rows.map((row: { version: string }) => row.version)).toEqual(["3.1.1", "5.0", "5.0, aliases"]);
    const { status, out } = sim(...words);
    expect([status, out.match(/^ *(3\.1\.1|5\.0) +1 +90 +90 +0 /gm)?.length]).toEqual([0, 3]);
    for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(132);
    expect(sim(...SMALL, "--mqtt", "3.1.1").out).toBe(sim(...SMALL).out);
  });

  test("prints the verdict only for --quiet", () => {
    expect(sim(...SMALL, "--quiet").out).toMatch(/^checkers: [^\n]+\n$/);
  });

  test("takes a link from a line of netem, and names it tc", () => {
    const { out } = sim(
      "--tc",
      "delay 270ms loss random 5%",
      "--sensors",
      "2",
      "--duration",
      "10min",
      "--qos",
      "1",
      "--json",
      "-",
    );
    const { link, rows } = JSON.parse(out);
    expect(link).toBe("tc");
    expect(rows[0].delayMs.p50).toBe(270);
    expect(rows[0].airtimeMs).toBe(0);
  });

  test("replays a recording for as long as it is", () => {
    const file = join(folder, "weather.csv");
    writeFileSync(file, "at,celsius\n0,20.5\n60,20.25\n120,20\n180,19.5\n");
    const words = ["--replay", file, "--time-column", "at", "--value-columns", "celsius"];
    const { status, out } = sim(...words, "--sensors", "2", "--qos", "1", "--json", "-");
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ durationMs: 240_000, rows: [{ published: 8, delivered: 8 }] });
  });

  test("counts what a full outbox refused as lost, and that breaks no promise", () => {
    const words = [
      "--outage",
      "at 10min for 2h",
      "--duration",
      "3h",
      "--outbox",
      "256",
      "--qos",
      "2",
      "--sensors",
      "2",
    ];
    const { status, out } = sim(...words, "--json", "-");
    const [row] = JSON.parse(out).rows;
    expect(status).toBe(0);
    expect(row.lost).toBeGreaterThan(100);
    expect(row.published).toBe(row.delivered + row.lost + row.unknown);
  });
});

describe("what cannot be is told in one line, with the status for a bad command line", () => {
  const missing = join(folder, "missing.csv");
  const replay = ["--time-column", "at", "--value-columns", "celsius"];
  test.each([
    [["--link", "geo-vsta"], 'link "geo-vsta" does not exist; did you mean "geo-vsat"?'],
    [["--link", "iridium-sbd", "--mqtt", "5"], "carries messages, not TCP"],
    [["--tls", "tls13"], '--tls: there is no "tls13"; did you mean "tls1.3"?'],
    [["--headers", "ipv5"], '--headers: there is no header "ipv5"; did you mean'],
    [["--link", "lan", "--tc", "delay 1ms"], "--tc: it describes a link of its own"],
    [["--tc", "delay -270ms"], "negative"],
    [["--tc", "delay 270ms loss 101%"], "not between 0% and 100%"],
    [["--tc", "dealy 270ms"], 'did you mean "delay"?'],
    [["--loss", "1.01"], "--loss: a probability is 0 to 1, not 1.01"],
    [["--tc", "delay 5ms rate 0"], "--tc: a rate is 1 to 10^12 bits a second, not 0"],
    [["--loss", "-5%"], "not between 0% and 100%"],
    [["--outage", "at 2h for -60s"], "--outage: a time cannot be negative: -60s"],
    [["--outage", "at 2h for 60"], "--outage: 60 of what? A time as text has a unit: 60s, 60min, ..."],
    [["--outage", "at 5h for 1min", "--duration", "1h"], '--outage: "at 5h for 1min" begins after the end of the run'],
    [["--time-unit", "s"], "--time-unit: it needs --replay"],
    [["--outage", "on-off -6h 90s"], "--outage: a time cannot be negative: -6h"],
    [["--outage", "at 5h for 60s, at 2h for 60s"], "--outage: windows are in order and do not overlap"],
    [["--outage", "on-off 6h"], "on-off takes two times"],
    [["--sensors", "0"], '--sensors: a whole number from 1 to 100000, not "0"'],
    [["--sensors", "many"], '--sensors: a whole number from 1 to 100000, not "many"'],
    [["--duration", "24"], "--duration: 24 of what? A time has a unit: 24s, 24min"],
    [["--duration", "0"], '--duration: a time of at least a millisecond, not "0"'],
    [["--interval", "2h", "--duration", "1h"], "--interval: a reading every 2h is none at all in 1h"],
    [["--sensors", "100000", "--outbox", "64", "--interval", "1ms"], "25,920,432,000,000 messages and the like"],
    [
      ["--sensors", "1", "--duration", "36525d", "--interval", "1d"],
      "keep-alives and the like are more than a run takes",
    ],
    [["--duration", "0s"], "--duration: a time of at least a millisecond"],
    [["--interval", "-1s"], "--interval: a time cannot be negative"],
    [["--qos", "0,3"], '--qos: a quality of service is 0, 1 or 2, not "3"'],
    [["--qos", "1,1"], '--qos: 1 stands twice in "1,1"'],
    [["--qos", ""], '--qos: a quality of service is 0, 1 or 2, not ""'],
    [["--mqtt", "3.1"], '--mqtt: a version is 3.1.1, 5 or 5-alias, not "3.1"'],
    [["--mqtt", "5,"], '--mqtt: a version is 3.1.1, 5 or 5-alias, not ""'],
    [["--mqtt", "5,mqttv5"], '--mqtt: 5.0 stands twice in "5,mqttv5"'],
    [["--mqtt", "5", "--payload", "20000"], "--outbox: a message of 20022 bytes does not fit into 16384"],
    [["--seed", "-1"], 'a seed is an integer from 0 to 18446744073709551615, not "-1"'],
    [["--seed", "0x7"], "a seed is an integer"],
    [["--payload", "7"], '--payload: a whole number from 8 to 65535, not "7"'],
    [["--payload", "20000"], "--outbox: a message of 20021 bytes does not fit into 16384"],
    [["--topic", "sensors/#"], "[MQTT-3.3.2-2]"],
    [["--topic", "$SYS/{sensor}"], "[MQTT-4.7.2-1]"],
    [["--keep-alive", "65536"], "--keep-alive: a whole number from 0 to 65535"],
    [["--tcp", "linx"], 'TCP profile "linx" does not exist; did you mean "linux"?'],
    [["--window", "0"], "--window: a whole number from 1"],
    [["--sensors", "100000", "--outbox", "65536"], "more than 4 GB"],
    [["--replay", missing], "--replay: it needs --time-column and --value-columns"],
    [["--replay", missing, ...replay], `--replay: cannot read ${missing}: no such file`],
    [["--time-column", "at"], "--time-column: it needs --replay"],
    [["--json", folder], `--json: cannot write ${folder}: is a directory`],
  ])("%j", (words, message) => {
    const { status, out, err } = sim(...words);
    expect(err).toContain(message);
    expect(err).toMatch(/^Error: [^\n]+\n$/);
    expect(out).toBe("");
    expect(status).toBe(EXIT_USAGE);
  });

  test("a column that the recording has not, with the nearest that it has", () => {
    const file = join(folder, "columns.csv");
    writeFileSync(file, "at,celsius\n0,20.5\n60,20.25\n");
    const { status, err } = sim("--replay", file, "--time-column", "at", "--value-columns", "celcius");
    expect(err).toContain('there is no column "celcius"; did you mean "celsius"?');
    expect(status).toBe(EXIT_USAGE);
  });
});

describe("a recording", () => {
  const replay = (text: string | Buffer, ...words: string[]) => {
    const file = join(folder, "recording.csv");
    writeFileSync(file, text);
    return sim(
      "--replay",
      file,
      "--time-column",
      "at",
      "--value-columns",
      "c",
      "--sensors",
      "1",
      "--qos",
      "1",
      ...words,
    );
  };

  test.each([
    ["at,c,c\n0,1,2\n60,1,2\n", 'there are two columns "c"'],
    ["at,c\n\x1b[31m,1\n60,2\n", '"\\u{1b}[31m" is neither a time of ISO 8601 nor a number'],
    ["at,\x07c\n0,1\n60,2\n", 'there is no column "c"; did you mean "\\u{7}c"?'],
    ["at,c\n0,\x07\n\x9b,1\n", 'row 2, column "at": "\\u{9b}" is neither'],
    [Buffer.from([0x61, 0x74, 0x2c, 0x63, 10, 0, 0x9b, 0xff, 0x2c, 1, 10]), "recording.csv: is not UTF-8 text"],
    ["at,c\n1900-01-01,1\n1990-01-01,2\n", "keep-alives and the like are more than a run takes"],
  ] as [string | Buffer, string][])("%j is refused, and no terminal is told what to do", (text, message) => {
    const { status, out, err } = replay(text, "--sensors", "10");
    expect(err).toContain(message);
    expect(err).toMatch(/^Error: [\x20-\x7e\ufffd]+\n$/);
    expect([status, out]).toEqual([EXIT_USAGE, ""]);
  });

  test.each([
    [["--interval", "5s"], "--interval: with --replay the recording has the times"],
    [["--payload", "40"], "--payload: with --replay the recording has the payloads"],
    [["--value-columns", "c,c"], '--value-columns: c stands twice in "c,c"'],
    [["--value-columns", "c,"], '--value-columns: a name is missing in "c,"'],
    [["--time-column", " "], "--time-column: the name of a column, not nothing"],
    [["--time-unit", "h"], '--time-unit: s, ms, us, ns, not "h"'],
  ])("refuses %j", (words, message) => {
    const { status, err } = replay("at,c\n0,1\n60,2\n", ...words);
    expect(err).toBe(`Error: ${message}\n`);
    expect(status).toBe(EXIT_USAGE);
  });

  test("without an end is refused at a bound", () => {
    const { status, err } = sim("--replay", "/dev/zero", "--time-column", "at", "--value-columns", "c");
    expect(err).toBe("Error: --replay: cannot read /dev/zero: has more than 268435456 bytes\n");
    expect(status).toBe(EXIT_USAGE);
  });

  test("of milliseconds since the start is told from one of seconds, and a guess is said", () => {
    const rows = "at,c\n0,1\n60000,2\n";
    const told = replay(rows, "--time-unit", "ms");
    expect(told.out).toMatch(/^replayed: .*recording\.csv: 2 rows over 120 s$/m);
    const guessed = replay(rows);
    expect(guessed.out).toMatch(/^replayed: .*: 2 rows over 2000 min; times taken for s, --time-unit tells$/m);
  });

  test("is in UTC where it names no zone, on a machine of any other", () => {
    const zone = process.env.TZ;
    try {
      process.env.TZ = "America/New_York";
      // The clocks of that zone go forward in between.
      const local = replay("at,c\n2026-03-08T01:00:00,1\n2026-03-08T03:00:00,2\n", "--json", "-");
      expect(JSON.parse(local.out).durationMs).toBe(4 * 3_600_000);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });
});

test("the help teaches the spellings of links, losses and outages, and the exit statuses", () => {
  let help = "";
  const command = simCommand().exitOverride();
  command.configureOutput({
    writeOut: text => {
      help += text;
    },
  });
  expect(() => command.parse(["--help"], { from: "user" })).toThrow();
  for (const word of ["geo-vsat", "gemodel 1% 25%", "on-off 6h 90s", "at 2h for 60s", "Exit status: 0"])
    expect(help).toContain(word);
});
