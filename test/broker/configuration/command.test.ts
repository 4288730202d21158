/** `perigee broker -c`: exit codes, signals, what it says. */
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { perigee, printed, startPerigee } from "../../cli/program.ts";
import { havePeers } from "../../peers.ts";
import { run } from "../real.ts";
import { Site } from "../site.ts";

/** The lines of a program so far, without their times. */
const withoutTimes = (text: string) => text.replace(/^\d{10}: /gm, "");

describe("perigee broker -c", () => {
  it.each([
    ["a bad line", "listener 0 s\nmax_qos 5\n", /^perigee broker: \S+conf:2: max_qos is '5'; expected a whole number/],
    [
      "a bridge",
      "connection x\n",
      /^perigee broker: \S+conf:1: connection is not offered here: there are no bridges\n$/,
    ],
    ["a missing file", "listener 0 s\npassword_file /no\n", /^perigee broker: password_file \/no cannot be read/],
  ])("refuses %s with status 2", async (_what, text, message) => {
    const site = new Site();
    const { code, stderr } = await perigee(["broker", "-c", site.write("conf", text)]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("logs to stderr when no place that the file names is offered", async () => {
    const site = new Site();
    const broker = startPerigee(["broker", "-c", site.write("conf", `listener 0 ${site.folder}/s\nlog_dest syslog\n`)]);
    await printed(broker, /running on/);
    broker.process.kill("SIGTERM");
    const { code, stderr } = await broker.finished;
    expect(code).toBe(0);
    expect(stderr).toContain("warning: log_dest syslog is ignored: it is not offered here, the log goes to stderr");
  });

  it("answers SIGUSR1 and SIGUSR2, and goes on", async () => {
    const site = new Site();
    const broker = startPerigee(["broker", "-c", site.write("conf", `listener 0 ${site.folder}/s\nsys_interval 0\n`)]);
    await printed(broker, /running on/);
    broker.process.kill("SIGUSR1");
    await printed(broker, /SIGUSR1: nothing to save/);
    broker.process.kill("SIGUSR2");
    await printed(broker, /SIGUSR2: 0 connections, 0 sessions, 0 subscriptions, 0 retained messages/);
    broker.process.kill("SIGTERM");
    const { code, stderr } = await broker.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain("Debugger");
  });

  it.runIf(process.getuid?.() === 0)("becomes a user whose group has another name", async () => {
    const site = new Site();
    const conf = (name: string) => site.write("conf", `listener 0 ${site.folder}/s\nuser ${name}\n`);
    const broker = startPerigee(["broker", "-c", conf("nobody")]);
    await printed(broker, /running on/);
    const status = readFileSync(`/proc/${broker.process.pid}/status`, "utf8");
    broker.process.kill("SIGTERM");
    expect((await broker.finished).code).toBe(0);
    expect(status).toMatch(/^Uid:\s+([1-9]\d*)\s+\1\s+\1/m);
    expect(status).toMatch(/^Gid:\s+([1-9]\d*)\s+\1\s+\1/m);
    const refused = await perigee(["broker", "-c", conf("no-such-user")]);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no user 'no-such-user'") });
  });

  it("refuses flags that belong into the file", async () => {
    const conf = new Site().write("conf", "");
    for (const flags of [
      ["-b", "0.0.0.0"],
      ["--user", "a:b"],
    ]) {
      const { code, stderr } = await perigee(["broker", "-c", conf, ...flags]);
      expect(code).toBe(1);
      expect(stderr.split("\n")).toHaveLength(2);
    }
    expect((await perigee(["broker", "-c", "/no/such"])).stderr).toContain("/no/such cannot be read: no such file");
  });

  it("goes into the background with -d once it serves, and fails in the foreground", async () => {
    const site = new Site();
    const pidPath = join(site.folder, "pid");
    const conf = site.write("conf", `listener 0 ${site.folder}/s\npid_file ${pidPath}\n`);
    expect(await perigee(["broker", "-d", "-c", conf])).toEqual({ code: 0, stdout: "", stderr: "" });
    const pid = Number(readFileSync(pidPath, "utf8"));
    try {
      const socket = connect(join(site.folder, "s"));
      await once(socket, "connect");
      const taken = await perigee(["broker", "-d", "-c", conf]);
      expect(taken.code).toBe(3);
      expect(taken.stderr).toMatch(/^perigee broker: [^\n]+\n$/);
      process.kill(pid, "SIGTERM");
      await once(socket, "close");
    } finally {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has ended, as it should.
      }
    }
  });

  it.runIf(havePeers("mosquitto_pub"))("reads again on SIGHUP and ends on SIGTERM", async () => {
    const site = new Site();
    const pidPath = join(site.folder, "pid");
    const lines = `listener 0 ${site.folder}/s\npid_file ${pidPath}\nfailed_login_delay 0\n`;
    const conf = site.write("conf", `${lines}allow_anonymous true\nmemory_limit 3\n`);
    const broker = startPerigee(["broker", "-c", conf]);
    await printed(broker, /running on/);
    expect(existsSync(pidPath)).toBe(true);
    const pub = () => run("mosquitto_pub", ["--unix", `${site.folder}/s`, "-t", "t", "-m", "x", "-q", "1"]);
    expect((await pub()).code).toBe(0);
    writeFileSync(conf, `${lines}allow_anonymous false\nmax_queued_messages 5\n`);
    const reloaded = printed(broker, /is read again/);
    broker.process.kill("SIGHUP");
    await reloaded;
    expect((await pub()).code).toBe(5);
    writeFileSync(conf, `${lines}allow_anonymous maybe\n`);
    const refused = printed(broker, /nothing has changed/);
    broker.process.kill("SIGHUP");
    await refused;
    expect((await pub()).code).toBe(5);
    broker.process.kill("SIGTERM");
    const { code, stderr } = await broker.finished;
    expect(code).toBe(0);
    expect(existsSync(pidPath)).toBe(false);
    const said = withoutTimes(stderr);
    expect(said).toContain(`warning: ${conf}:5: memory_limit is ignored: queues are limited one by one`);
    expect(said).toContain("warning: changed, and read again only at the next start: max_queued_messages");
    expect(said).toContain(
      `error: SIGHUP: nothing has changed: ${conf}:4: allow_anonymous is 'maybe'; expected true or`,
    );
  });
});
