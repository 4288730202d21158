/** A broker as mosquitto.conf says, with the programs of mosquitto as its clients. */
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hashPassword } from "../../../host/broker/access/password-hash.ts";
import { ConfiguredServer } from "../../../host/broker/configuration/configured-server.ts";
import { havePeers } from "../../peers.ts";
import { run, start } from "../real.ts";
import { Site } from "../site.ts";

const over = (socket: string, ...args: string[]) => ["--unix", socket, ...args];

describe.runIf(havePeers("mosquitto_pub"))("a configured broker", () => {
  it("lets in whom the password file names, and slows down those who guess", async () => {
    const site = new Site();
    const passwords = site.write("pw", `ann:${hashPassword("sesame")}\nbob:${hashPassword("open", 0)}\neve:plain\n`);
    const socket = await site.start(
      `listener 0 ${site.folder}/s`,
      `password_file ${passwords}`,
      "failed_login_delay 0",
    );
    const codes = await Promise.all(
      [
        ["ann", "sesame"],
        ["bob", "open"],
        ["ann", "open"],
        ["eve", "plain"],
        ["nobody", "x"],
        ["ann", ""],
      ].map(async ([user, password]) => {
        const args = over(socket, "-u", user, "-P", password, "-t", "t", "-m", "x", "-q", "1");
        return (await run("mosquitto_pub", args)).code;
      }),
    );
    expect(codes).toEqual([0, 0, 5, 5, 5, 5]);
    const anonymous = await run("mosquitto_pub", over(socket, "-t", "t", "-m", "x", "-V", "5", "-q", "1"));
    expect(anonymous.code).toBe(0x87);
  });

  it("keeps to the ACL: at delivery, and in the answer to PUBLISH", async () => {
    const site = new Site();
    const acl = site.write("acl", "topic read out/#\nuser ann\ntopic out/#\npattern c/%c/#\n");
    const socket = await site.start(`listener 0 ${site.folder}/s`, "allow_anonymous true", `acl_file ${acl}`);
    const reader = start("mosquitto_sub", over(socket, "-i", "reader", "-t", "#", "-v", "-C", "2"));
    await site.log.until(/Sending SUBACK to reader/);
    const published = [];
    for (const [user, topic] of [
      ["ann", "in/1"],
      ["ann", "out/1"],
      ["bob", "out/2"],
      ["ann", "c/reader/1"],
    ]) {
      const args = over(socket, "-i", "reader2", "-u", user, "-t", topic, "-m", "x", "-q", "1", "-V", "5");
      published.push((await run("mosquitto_pub", args)).stderr.includes("Not authorized"));
    }
    expect(published).toEqual([true, false, true, true]);
    await run("mosquitto_pub", over(socket, "-i", "reader3", "-u", "ann", "-t", "out/3", "-m", "x", "-q", "1"));
    const { stdout } = await reader.finished;
    expect(stdout.split("\n").filter(line => /^\S+ x$/.test(line))).toEqual(["out/1 x", "out/3 x"]);
  });

  it("reads access again, and ends those who are not welcome any more", async () => {
    const site = new Site();
    const passwords = site.write("pw", `ann:${hashPassword("a")}\nbob:${hashPassword("b")}\n`);
    const acl = site.write("acl", "pattern read #\n");
    const lines = [
      `listener 0 ${site.folder}/s`,
      `password_file ${passwords}`,
      `acl_file ${acl}`,
      "failed_login_delay 0",
    ];
    const socket = await site.start(...lines);
    const watch = (user: string) => {
      start("mosquitto_sub", over(socket, "-u", user, "-P", user[0], "-t", "#", "-i", user));
      return site.log.until(new RegExp(`Sending SUBACK to ${user}`));
    };
    await Promise.all([watch("ann"), watch("bob")]);
    const bobLine = hashPassword("new");
    writeFileSync(passwords, `ann:${hashPassword("a")}\nbob:${bobLine}\n`);
    // A line that cannot be read changes nothing at all.
    writeFileSync(acl, "usr x\n");
    expect(() => site.configured.reload(site.settings(...lines))).toThrow("acl:1: 'usr' is not known");
    expect(site.configured.server.broker.counters.clientsConnected).toBe(2);
    writeFileSync(acl, "pattern write w/%u\n");
    site.configured.reload(site.settings(...lines));
    // Both lines have changed, for a hash has new salt each time.
    expect(site.configured.server.broker.counters.clientsConnected).toBe(0);
    const pub = (topic: string) =>
      run("mosquitto_pub", over(socket, "-u", "bob", "-P", "new", "-t", topic, "-m", "x", "-q", "1", "-V", "5"));
    expect((await pub("w/bob")).stderr).toBe("");
    expect((await pub("w/ann")).stderr).toContain("Not authorized");
  });

  it("has listeners of its own kinds side by side, each with its access", async () => {
    const site = new Site();
    const passwords = site.write("pw", `ann:${hashPassword("a")}\n`);
    await site.start(
      "per_listener_settings true",
      `listener 0 ${site.folder}/open`,
      "allow_anonymous true",
      "mount_point guests/",
      `listener 0 ${site.folder}/members`,
      `password_file ${passwords}`,
    );
    const [open, members] = site.configured.server.listeners.map(({ address }) => address);
    const args = over(members, "-u", "ann", "-P", "a", "-t", "guests/#", "-v", "-C", "1", "-i", "member");
    const member = start("mosquitto_sub", args);
    await site.log.until(/Sending SUBACK to member/);
    expect((await run("mosquitto_pub", over(members, "-t", "t", "-m", "x"))).code).toBe(5);
    expect((await run("mosquitto_pub", over(open, "-t", "hello", "-m", "x"))).code).toBe(0);
    expect((await member.finished).stdout).toContain("guests/hello x");
  });

  it("says what it cannot start with, and then nothing is open", async () => {
    const site = new Site();
    const first = `listener 0 ${site.folder}/s`;
    for (const [lines, message] of [
      [["password_file /no/such"], "password_file /no/such cannot be read: no such file"],
      [["acl_file /"], "acl_file / cannot be read: it is a folder"],
      [["certfile /no/such", "keyfile /no/such"], "certfile /no/such cannot be read: no such file"],
      [["require_certificate true"], "require_certificate needs certfile and keyfile on its listener"],
      [["cafile /no/such"], "cafile needs certfile and keyfile on the same listener"],
      [["psk_hint h"], "psk_hint needs psk_file"],
      [["enable_proxy_protocol 1"], "enable_proxy_protocol 1 is not offered here, 2 is"],
      [["listener 0 /no/such/folder/s"], "cannot listen on /no/such/folder/s: "],
    ] as const) {
      await expect(ConfiguredServer.start(site.settings(first, ...lines), site.log)).rejects.toThrow(message);
    }
    await site.start(first);
  });
});
