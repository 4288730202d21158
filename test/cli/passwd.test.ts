/** `perigee passwd`, and mosquitto_passwd on the same files. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { Site } from "../broker/site.ts";
import { havePeers } from "../peers.ts";
import { perigee } from "./program.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));
const passwd = (args: readonly string[], input = "") => perigee(["passwd", ...args], input);
let count = 0;

function newFile(text?: string): string {
  const path = join(directory, `pw${count++}`);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

describe("perigee passwd", () => {
  it("creates, adds, changes and deletes, and leaves other lines alone", async () => {
    const file = newFile();
    expect(await passwd(["-c", "-b", file, "ann", "one"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeFileSync(file, `# people\n\nbroken\n${readFileSync(file, "utf8")}`);
    expect((await passwd(["-b", "-H", "sha512", file, "bob", "two"])).code).toBe(0);
    const before = readFileSync(file, "utf8").split("\n");
    expect(before.slice(0, 3)).toEqual(["# people", "", "broken"]);
    expect(before[3]).toMatch(/^ann:\$7\$101\$/);
    expect(before[4]).toMatch(/^bob:\$6\$/);
    expect((await passwd(["-I", "500", file, "ann"], "three\nthree\n")).code).toBe(0);
    const after = readFileSync(file, "utf8").split("\n");
    expect(after[3]).toMatch(/^ann:\$7\$500\$/);
    expect(after[4]).toBe(before[4]);
    expect((await passwd(["-D", file, "ann"])).code).toBe(0);
    expect(readFileSync(file, "utf8").split("\n")).toEqual([...before.slice(0, 3), before[4], ""]);
  });

  it("hashes plain text", async () => {
    const file = newFile("# x\nann:one\nbob:$7$101$c2FsdA==$aGFzaA==\n");
    expect((await passwd(["-U", file])).code).toBe(0);
    expect(readFileSync(file, "utf8")).toMatch(/^# x\nann:\$7\$101\$\S+\nbob:\$7\$101\$c2FsdA==\$aGFzaA==\n$/);
  });

  it.each([
    ["no file", ["/no/such/folder/file", "ann"], "/no/such/folder/file cannot be read: no such file or directory"],
    ["a name with a colon", ["-c", "-b", "f", "a:b", "x"], "a user's name is not empty, has no ':'"],
    ["a name that would be a comment", ["-c", "-b", "f", "#a", "x"], "does not begin with '#'"],
    ["an empty password", ["-c", "-b", "f", "ann", ""], "the password is empty"],
    ["no name", ["f"], "the user's name is missing"],
    ["-b without a password", ["-b", "f", "ann"], "-b needs the password behind the user's name"],
    ["a password without -b", ["f", "ann", "x"], "a password on the command line needs -b"],
    ["two deeds", ["-c", "-D", "f", "ann"], "-c, -D and -U exclude each other"],
  ])("refuses %s", async (_what, args, message) => {
    const { code, stderr, stdout } = await passwd(args, "x\n");
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.split("\n")).toHaveLength(2);
  });

  it("refuses passwords that differ, and a user who is not there", async () => {
    const file = newFile("ann:$7$101$c2FsdA==$aGFzaA==\n");
    expect((await passwd([file, "ann"], "one\ntwo\n")).stderr).toBe("Error: the passwords do not match\n");
    expect((await passwd(["-D", file, "bob"])).stderr).toBe(`Error: there is no user 'bob' in ${file}\n`);
    expect(readFileSync(file, "utf8")).toBe("ann:$7$101$c2FsdA==$aGFzaA==\n");
  });

  it.runIf(havePeers("mosquitto", "mosquitto_pub"))(
    "writes what mosquitto reads, and changes what mosquitto wrote",
    async () => {
      const site = new Site();
      const file = site.write("pw", "");
      await passwd(["-b", file, "ann", "one"]);
      await passwd(["-b", "-H", "sha512", file, "bob", "two"]);
      await passwd(["-b", "-I", "2000", file, "cat", "three"]);
      // mosquitto_passwd accepts the file as its own.
      expect((await run("mosquitto_passwd", ["-b", file, "dan", "four"])).code).toBe(0);
      await passwd(["-b", file, "dan", "five"]);
      const user = process.getuid?.() === 0 ? "user root\n" : "";
      const conf = site.write("conf", `${user}listener 0 ${site.folder}/s\npassword_file ${file}\n`);
      const { start } = await import("../broker/real.ts");
      const broker = start("mosquitto", ["-c", conf, "-v"]);
      await new Promise<void>(resolve => {
        broker.process.stderr?.on("data", data => String(data).includes("running") && resolve());
      });
      const codes = [];
      for (const [name, password] of [
        ["ann", "one"],
        ["bob", "two"],
        ["cat", "three"],
        ["dan", "five"],
        ["dan", "four"],
      ]) {
        const args = ["--unix", `${site.folder}/s`, "-u", name, "-P", password, "-t", "t", "-m", "x"];
        codes.push((await run("mosquitto_pub", args)).code);
      }
      expect(codes).toEqual([0, 0, 0, 0, 5]);
    },
  );
});
