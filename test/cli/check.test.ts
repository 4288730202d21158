// `perigee check` as it is typed: two threads see what one sees, and a command line that cannot be obeyed is refused by name.
import { describe, expect, test } from "vitest";
import { perigee } from "./program.ts";

/** The line of a scenario without its seconds. */
function counts(stdout: string): string {
  return stdout.replace(/, [\d.]+ s$/gm, "").replace(/ in [\d.]+ s/g, "");
}

test("two threads see the same states as one", async () => {
  const args = ["check", "explore", "--scenario", "power cuts", "--depth", "9"];
  const one = await perigee([...args, "--workers", "1"]);
  const two = await perigee([...args, "--workers", "2"]);
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/^power cuts: [\d,]+ states, all up to 9 actions away/);
  expect(counts(two.stdout)).toBe(counts(one.stdout));
});

test("a replay says what becomes of the actions", async () => {
  const args = ["check", "explore", "--scenario", "publishing", "--replay"];
  expect(await perigee([...args, "continue opened"])).toEqual({
    code: 0,
    stdout: "every promise kept: 2 actions\n",
    stderr: "",
  });
});

test("a swarm says how many seeds, and their hash, the same each time", async () => {
  const [one, two] = await Promise.all([1, 2].map(() => perigee(["check", "swarm", "--seeds", "3"])));
  expect(one.code).toBe(0);
  expect(one.stdout).toMatch(/^every promise kept: 3 seeds from 1 in [\d.]+ s, hash [0-9a-f]{16}\n/);
  expect(counts(two.stdout)).toBe(counts(one.stdout));
  const { code, stderr } = await perigee(["check", "swarm", "--seeds", "none"]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'Error: --seeds: a whole number from 1 to 2147483647, not "none"\n',
  });
});

describe("a hostile peer that cannot be had", () => {
  test.each([
    [2, [], "one of --listen and --connect says on which side the hostile peer is"],
    [2, ["--connect", "nowhere"], '--connect: host:port, not "nowhere"'],
    [2, ["--connect", "x:1", "--level", "3"], '--level: a whole number from 4 to 5, not "3"'],
    [2, ["--listen", "0", "--at", "HELLO"], '--at: there is no "HELLO"'],
    [2, ["--connect", ":1883"], '--connect: host:port, not ":1883"'],
    [2, ["--connect", "mqtt://x:1883"], '--connect: host:port, not "mqtt://x:1883"'],
    [2, ["--connect", "x:1", "--at", "CONNECT"], "--at goes with --listen and would change nothing"],
    [2, ["--listen", "0", "--level", "5"], "--level goes with --connect and would change nothing"],
    [2, ["--connect", "x:1", "--pw", "y"], "--pw: MQTT 3.1.1 has no password without a user name"],
    [3, ["--connect", "127.0.0.1:1"], "ECONNREFUSED"],
  ])("exit status %i: %s", async (status, args, text) => {
    const { code, stderr } = await perigee(["check", "hostile", ...args]);
    expect(stderr).toContain(text);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(status);
  });
});

describe("a command line that cannot be obeyed", () => {
  test.each([
    [["--scenario", "flying"], '--scenario: there is no "flying"'],
    [["--states", "0"], '--states: a whole number from 1 to 100000000, not "0"'],
    [["--depth", "deep"], '--depth: a whole number from 1 to 1000, not "deep"'],
    [["--workers", "-1"], '--workers: a whole number from 1 to 64, not "-1"'],
    [["--replay", "continue"], "--replay needs --scenario"],
    [["--scenario", "publishing", "--replay", "x", "--depth", "3"], "--depth would change nothing of a --replay"],
    [["--scenario", "publishing", "--replay", "deliver"], 'action 1, "deliver", cannot happen there'],
  ])("%s", async (args, text) => {
    const { code, stderr } = await perigee(["check", "explore", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});
