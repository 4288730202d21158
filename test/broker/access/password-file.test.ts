/** Hashes and files of passwords, and mosquitto_passwd as the other end of both. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsePasswordFile } from "../../../host/broker/access/password-file.ts";
import { hashPassword, isPassword, parsePasswordHash } from "../../../host/broker/access/password-hash.ts";
import { havePeers } from "../../peers.ts";
import { run } from "../real.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));

async function matches(text: string, password: string): Promise<boolean> {
  const hash = parsePasswordHash(text);
  if ("fault" in hash) throw new Error(hash.fault);
  return isPassword(hash, Buffer.from(password));
}

describe("a hash", () => {
  it.each([0, 1, 101, 5000])("of %i iterations is good for its password only", async iterations => {
    const text = hashPassword("sesame", iterations);
    expect(text).toMatch(iterations === 0 ? /^\$6\$[^$]{16}\$[^$]{88}$/ : /^\$7\$\d+\$[^$]{16}\$[^$]{88}$/);
    expect(await matches(text, "sesame")).toBe(true);
    for (const wrong of ["", "Sesame", "sesame ", "sesam"]) expect(await matches(text, wrong)).toBe(false);
    expect(hashPassword("sesame", iterations)).not.toBe(text);
  });

  it("of the empty password is good for nothing", async () => {
    for (const iterations of [0, 101]) expect(await matches(hashPassword("", iterations), "")).toBe(false);
  });

  it.each([
    ["secret", "the password is plain text"],
    ["", "the password is plain text"],
    ["$5$a$b", "the hash type $5$ is not known"],
    ["$7$0$c2FsdA==$aGFzaA==", "the iterations of the hash are no number from 1 on"],
    ["$7$many$c2FsdA==$aGFzaA==", "the iterations of the hash are no number from 1 on"],
    ["$7$101$!$aGFzaA==", "the salt of the hash is not Base64"],
    ["$6$c2FsdA==", "the hash is not the Base64 of 64 bytes"],
    ["$7$101$c2FsdA==$aGFzaA==", "the hash is not the Base64 of 64 bytes"],
    [`${hashPassword("x", 0)}$more`, "the hash is not the Base64 of 64 bytes"],
  ])("%s is none", (text, fault) => {
    expect(parsePasswordHash(text)).toEqual({ fault });
  });
});

describe("a password file", () => {
  it("skips what it cannot read, and says so without the secret", () => {
    const good = hashPassword("x");
    const text = `# comment\n\nann:${good}\r\nbroken\n:nameless\nbob:hunter2\ncat:$5$x$y\n  dan :${good}\nann:${good}`;
    const { users, faults } = parsePasswordFile(text, "pw");
    expect([...users.keys()]).toEqual(["ann", "dan"]);
    expect(faults).toEqual([
      "pw:4: skipped, expected NAME:HASH",
      "pw:5: skipped, expected NAME:HASH",
      "pw:6: user 'bob' cannot log in: the password is plain text; hash it with: perigee passwd -U pw",
      "pw:7: user 'cat' cannot log in: the hash type $5$ is not known",
    ]);
    expect(faults.join()).not.toContain("hunter2");
  });

  it.runIf(havePeers("mosquitto"))("of mosquitto_passwd is read", async () => {
    const file = join(directory, "theirs");
    writeFileSync(file, "");
    expect((await run("mosquitto_passwd", ["-b", file, "ann", "sesame"])).code).toBe(0);
    expect((await run("mosquitto_passwd", ["-H", "sha512", "-b", file, "bob", "open"])).code).toBe(0);
    const { users, faults } = parsePasswordFile(readFileSync(file, "utf8"), file);
    expect(faults).toEqual([]);
    expect(await matches(users.get("ann")?.text ?? "", "sesame")).toBe(true);
    expect(await matches(users.get("bob")?.text ?? "", "open")).toBe(true);
    expect(await matches(users.get("bob")?.text ?? "", "sesame")).toBe(false);
  });
});
