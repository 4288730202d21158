// `perigee sim` over a bearer of messages: that MQTT cannot run there, what can, and one line for everything that cannot be.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { EXIT_USAGE, runSim, simCommand } from "../../host/cli/sim.ts";
import type { SimFlags } from "../../host/cli/sim-plan.ts";

function sim(...words: string[]): { status: number; out: string; err: string } {
  const said = { out: "", err: "" };
  const flags: SimFlags = simCommand()
    .action(() => {})
    .parse(words, { from: "user" })
    .opts();
  const sink = (name: "out" | "err") => ({ write: (text: string) => (said[name] += text) });
  return { status: runSim(flags, sink("out"), sink("err")), ...said };
}

const SMALL = ["--sensors", "2", "--duration", "6h", "--interval", "30min"];

it("says in one line that MQTT cannot run there, and shows the same telemetry as messages", () => {
  const { status, out, err } = sim("--link", "iridium-sbd", ...SMALL);
  expect([status, err]).toEqual([0, ""]);
  const lines = out.split("\n");
  expect(lines[0]).toMatch(/^iridium-sbd carries messages, not TCP, so MQTT cannot run over it: .*340 bytes.*\.$/);
  for (const way of ["bare payload", "MQTT-SN, QoS -1", "MQTT-SN, QoS 0", "MQTT-SN, QoS 1"])
    expect(out).toMatch(new RegExp(`^${way} +\\d+ +24 +24 `, "m"));
  expect(out).toMatch(/^checkers: every promise kept; seed 7, hash [0-9a-f]{16}$/m);
  expect(out).toMatch(/^illustrative: attemptSuccess of iridium-sbd; /m);
  for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(132);
  expect(sim("--link", "iridium-sbd", ...SMALL)).toEqual({ status, out, err });
  expect(sim("--link", "iridium-sbd", "--seed", "8", ...SMALL).out).not.toBe(out);
});

it("says what no figure says, and what does not fit", () => {
  const { out } = sim("--link", "kineis", ...SMALL, "--payload", "20");
  expect(out).toMatch(
    /^assumed, where no figure says: a satellite in view at all times \(--outage says when\); no message lost/m,
  );
  expect(out).toMatch(/^bare payload +20 +24 +24 /m);
  expect(out).toMatch(/^MQTT-SN, QoS 1 +27 +does not fit$/m);
  const { out: other } = sim(
    "--link",
    "kineis",
    ...SMALL,
    "--payload",
    "12",
    "--loss",
    "5%",
    "--outage",
    "periodic 12min 8min",
  );
  expect(other).not.toMatch(/in view|no message lost/);
});

it("as data, in the order of --qos", () => {
  const folder = mkdtempSync(join(tmpdir(), "perigee-bearer-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "result.json");
  const { status, out } = sim("--link", "ntn-geo-nbiot", ...SMALL, "--qos", "1,bare,-1", "--json", file, "--quiet");
  expect(status).toBe(0);
  expect(out).toMatch(/^ntn-geo-nbiot carries messages.*\ncheckers: every promise kept; .*\n$/);
  const result = JSON.parse(readFileSync(file, "utf8"));
  expect(Object.keys(result)).toEqual(["seed", "bearer", "durationMs", "sensors", "hash", "rows"]);
  expect(result.rows.map(({ mode }: { mode: unknown }) => mode)).toEqual([1, "bare", -1]);
  expect(result.rows[1]).toMatchObject({ messageBytes: 32, published: 24, up: { messages: 24, bytes: 24 * 60 } });
  expect(JSON.parse(sim("--link", "ntn-geo-nbiot", ...SMALL, "--qos", "1,bare,-1", "--json", "-").out)).toEqual(result);
});

it.each([
  [["--qos", "2"], /--qos: over iridium-sbd it is -1, 0 or 1 of MQTT-SN, or bare, not "2"/],
  [["--qos", "1,1"], /--qos: 1 stands twice/],
  [["--mqtt", "5"], /--mqtt: iridium-sbd carries messages, not TCP/],
  [["--tcp", "linux"], /--tcp: iridium-sbd carries messages/],
  [["--window", "4"], /--window: iridium-sbd carries messages/],
  [["--payload", "3000"], /--payload: a message of 3000 bytes does not fit into iridium-sbd, which takes 340/],
  [["--headers", "ppp"], /--headers: iridium-sbd carries messages/],
  [["--tc", "delay 1ms"], /--tc: iridium-sbd carries messages/],
  [["--loss", "200%"], /--loss: loss 200% is not between/],
  [["--json", "/nowhere/at/all.json"], /--json: cannot write/],
])("%j is refused", (words, message) => {
  const { status, out, err } = sim("--link", "iridium-sbd", ...SMALL, ...words);
  expect([status, out]).toEqual([EXIT_USAGE, ""]);
  expect(err).toMatch(message);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});
