/** mosquitto.conf: its grammar, where keys belong, and what is said of a line that cannot be obeyed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { KEYS, nearestKey } from "../../../host/broker/configuration/keys.ts";
import { Log } from "../../../host/broker/configuration/log.ts";
import { parseConfiguration, readConfiguration } from "../../../host/broker/configuration/parse.ts";
import { planOf } from "../../../host/broker/configuration/plan.ts";
import { formatTime } from "../../../host/broker/configuration/timestamp.ts";
import { havePeers } from "../../peers.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));
const plan = (...lines: string[]) => planOf(parseConfiguration(lines.join("\n")));

describe("a line", () => {
  it.each([
    [
      "max_inflght_messages 20",
      "'max_inflght_messages' is not a key of mosquitto.conf; did you mean max_inflight_messages?",
    ],
    ["Listener 1883", "'Listener' is not a key of mosquitto.conf; did you mean listener?"],
    ["zzzzzz 1", "'zzzzzz' is not a key of mosquitto.conf"],
    ["max_inflight_messages 20x", "max_inflight_messages is '20x'; expected a whole number from 0 to 65535"],
    ["allow_anonymous yes", "allow_anonymous is 'yes'; expected true or false"],
    ["password_file", "password_file is nothing; expected a text"],
    ["listener mqtt", "listener is 'mqtt'; expected PORT [HOST], a port from 1 to 65535, or 0 PATH for a Unix socket"],
    ["listener 0", "listener is '0'; expected PORT [HOST]"],
    ["listener 70000", "listener is '70000'; expected PORT [HOST]"],
    ["protocol mqttsn", "protocol is 'mqttsn'; expected mqtt, mqttv31 or websockets"],
    [
      "persistent_client_expiration 2x",
      "persistent_client_expiration is '2x'; expected a number and one of h, d, w, m, y, for instance 14d",
    ],
    ["max_packet_size 20", "max_packet_size is '20'; expected 0 for no limit, or a whole number from 32 to 268435460"],
    ["connection bridge-01", "connection is not offered here: there are no bridges"],
    ["auth_opt_path /x", "auth_opt_path is not offered here: mosquitto's plugins are compiled for mosquitto"],
    ["log_dest nowhere", "log_dest is 'nowhere'; expected none, stdout, stderr, syslog, topic, or file PATH"],
    ["mount_point a/", "mount_point needs a listener above it"],
    ["include_dir /no/such", "include_dir /no/such cannot be read: no such file or folder"],
  ])("%s is refused by file, line and key", (line, message) => {
    expect(() => parseConfiguration(`# first\n\n${line}`, "m.conf")).toThrow(`m.conf:3: ${message}`.slice(0, 400));
  });

  it("may have a comment behind a number or a word, which a text would swallow", () => {
    const { general, security } = parseConfiguration("sys_interval 5 # s\nallow_anonymous true\t#\npassword_file a #b");
    expect([general.get("sys_interval"), security.get("allow_anonymous")]).toEqual([5, true]);
    expect(security.get("password_file")).toBe("a #b");
    expect(() => parseConfiguration("sys_interval 5s # s", "c")).toThrow("c:1: sys_interval is '5s # s'; expected");
  });

  it("counts when it stands again, with a warning, if it is a number or a word; a text stands once", () => {
    const again = parseConfiguration(
      "allow_anonymous false\nsys_interval 5\nallow_anonymous true\nsys_interval 6",
      "c",
    );
    expect([again.general.get("sys_interval"), again.security.all("allow_anonymous")]).toEqual([6, [true]]);
    expect(again.warnings).toEqual([
      "c:3: allow_anonymous stands here again: this line counts",
      "c:4: sys_interval stands here again: this line counts",
    ]);
    expect(() => parseConfiguration("password_file a\npassword_file b", "c")).toThrow(
      "c:2: password_file stands here for the second time",
    );
  });

  it("stands where it belongs, and repeats if its key does", () => {
    expect(() => parseConfiguration("allow_anonymous true\nper_listener_settings true", "c")).toThrow(
      "c:2: per_listener_settings must stand before every key of access",
    );
    const twice = parseConfiguration("listener 1\nmax_qos 1\nlistener 2\nmax_qos 0\nlog_type error\nlog_type debug");
    expect(twice.listeners.map(({ listener }) => listener.get("max_qos"))).toEqual([1, 0]);
    expect(twice.general.all("log_type")).toEqual(["error", "debug"]);
  });

  it("that means nothing here is named once more, and ignored", () => {
    expect(parseConfiguration("autosave_interval 5\n  memory_limit 3", "c").warnings).toEqual([
      "c:1: autosave_interval is ignored: with persistence every change is on disk before it is acknowledged",
      "c:2: memory_limit is ignored: queues are limited one by one: max_queued_bytes",
    ]);
  });
});

describe("what it adds up to", () => {
  it("is this machine only, for anybody, when nothing is said", () => {
    const { isLocalOnly, listeners, persistence } = plan("");
    expect({ isLocalOnly, persistence }).toEqual({ isLocalOnly: true, persistence: null });
    expect(listeners).toMatchObject([{ port: 1883, access: { allowAnonymous: true } }]);
  });

  it("lets nobody in without a name once a listener is named", () => {
    for (const line of ["listener 1884", "port 1884"]) {
      expect(plan(line)).toMatchObject({
        isLocalOnly: false,
        listeners: [{ port: 1884, access: { allowAnonymous: false } }],
      });
    }
    expect(plan("listener 1884", "allow_anonymous true").listeners[0].access.allowAnonymous).toBe(true);
  });

  it("has a default listener beside the others when its keys are given", () => {
    const { listeners } = plan(
      "max_connections 5",
      "listener 2000 10.0.0.1",
      "protocol websockets",
      "port 1900",
      "bind_address ::1",
    );
    expect(listeners).toMatchObject([
      { port: 1900, host: "::1", protocol: "mqtt", entrance: { name: "1900", maxConnections: 5 } },
      { port: 2000, host: "10.0.0.1", protocol: "websockets" },
    ]);
    expect(plan("listener 0 /run/a b").listeners).toMatchObject([{ path: "/run/a b", entrance: { name: "/run/a b" } }]);
  });

  it("gives every listener the same access, or each its own", () => {
    const lines = ["listener 1", "password_file a", "listener 2", "acl_file b", "auto_id_prefix x-"];
    const shared = { passwordPath: "a", aclPath: "b" };
    expect(plan(...lines).listeners.map(({ access }) => access)).toMatchObject([shared, shared]);
    const own = plan("per_listener_settings true", ...lines).listeners;
    expect(own.map(({ access }) => [access.passwordPath, access.aclPath])).toEqual([
      ["a", undefined],
      [undefined, "b"],
    ]);
    expect(own.map(({ entrance }) => entrance.autoIdPrefix)).toEqual([undefined, "x-"]);
  });

  it("turns mosquitto's 0 into no limit", () => {
    const zero = plan("max_inflight_messages 0", "max_queued_messages 0", "max_packet_size 0", "max_keepalive 0");
    expect(zero.options).toMatchObject({ maxInflight: 65535, maxQueued: Number.MAX_SAFE_INTEGER });
    expect([zero.options.maxPacketSize, zero.options.maxKeepAliveS]).toEqual([undefined, undefined]);
    expect(plan("persistent_client_expiration 2d", "sys_interval 0", "connect_timeout 5").options).toMatchObject({
      maxSessionExpiryS: 172_800,
      sysIntervalMs: 0,
      connectTimeoutMs: 5000,
    });
    expect(plan("persistence true", "persistence_location /var/lib/p").persistence).toEqual({
      folder: "/var/lib/p",
      file: "perigee.db",
    });
  });

  it("takes more files from a folder, in their order", () => {
    const folder = join(directory, "conf.d");
    mkdirSync(folder);
    writeFileSync(join(folder, "b.conf"), "max_qos 1\n");
    writeFileSync(join(folder, "a.conf"), "listener 4000\n");
    writeFileSync(join(folder, "notes.txt"), "nonsense");
    const main = join(directory, "main.conf");
    writeFileSync(main, `include_dir ${folder}\n`);
    expect(planOf(readConfiguration(main)).listeners).toMatchObject([{ port: 4000, entrance: { maxQos: 1 } }]);
    writeFileSync(join(folder, "b.conf"), "max_qos 3\n");
    expect(() => readConfiguration(main)).toThrow(
      `${folder}/b.conf:1: max_qos is '3'; expected a whole number from 0 to 2`,
    );
    expect(() => readConfiguration(join(directory, "none"))).toThrow("none cannot be read: no such file or folder");
  });
});

describe("the keys", () => {
  it("are all in the README, but those of bridges and plugins", () => {
    const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
    const listed = [...KEYS.values()].filter(({ note }) => !/bridges|plugins/.test(note)).map(({ name }) => name);
    expect(listed.filter(name => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  it("know their neighbours", () => {
    expect(nearestKey("pasword_file")).toBe("password_file");
    expect(nearestKey("lsitener")).toBe("listener");
    expect(nearestKey("qqqqqqqqqqq")).toBeUndefined();
  });

  it.runIf(havePeers("mosquitto"))("are all that mosquitto knows", () => {
    // Its example names every key, commented out.
    const example = spawnSync("cat", ["/usr/share/doc/mosquitto/examples/mosquitto.conf"], { encoding: "utf8" }).stdout;
    const names = [...example.matchAll(/^#([a-z_]+[a-z0-9_.]*)( |$)/gm)].map(match => match[1]);
    expect(names.filter(name => !KEYS.has(name))).toEqual([]);
  });
});

describe("the log", () => {
  it("writes times as strftime does", () => {
    const time = new Date(2026, 2, 4, 5, 6, 7);
    expect(formatTime("%Y-%m-%dT%H:%M:%S %j %a %b %e %y %p %I %% %q", time)).toBe(
      "2026-03-04T05:06:07 063 Wed Mar  4 26 AM 05 % %q",
    );
    expect(formatTime("%F %T", time)).toBe("2026-03-04 05:06:07");
    expect(formatTime("%z", time)).toMatch(/^[+-]\d{4}$/);
  });

  it("goes where it is sent, at the levels that are wanted", () => {
    const file = join(directory, "log");
    const log = new Log(false);
    const lines = [
      `log_dest file ${file}`,
      "log_type error",
      "log_type notice",
      "log_timestamp_format T",
      "connection_messages false",
    ];
    expect(log.configure(parseConfiguration(`${lines.join("\n")}\nlog_dest syslog`))).toEqual([
      "log_dest syslog is ignored: it is not offered here",
    ]);
    log.write("error", "bad");
    log.write("warning", "not wanted");
    log.write("notice", "New client connected from 1.2.3.4 as x");
    log.write("notice", "Client x disconnected.");
    log.write("notice", "other");
    expect(readFileSync(file, "utf8")).toBe("T: error: bad\nT: other\n");
  });
});
