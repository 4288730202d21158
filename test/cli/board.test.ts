/** `perigee board`: the table, and what it says to what it cannot run. An image that runs is test/boards/command.boards.ts's. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROGRAM, perigee } from "./program.ts";

const directory = mkdtempSync(join(tmpdir(), "perigee-"));

/** An ELF header and nothing more, of a machine. */
function header(name: string, machine: number, bits = 1): string {
  const bytes = Buffer.alloc(64);
  bytes.write("\x7fELF", "latin1");
  bytes[4] = bits;
  bytes.writeUInt16LE(machine, 18);
  writeFileSync(join(directory, name), bytes);
  return join(directory, name);
}

const image = header("rv32.elf", 243);
const arm = header("arm.elf", 40);
const wide = header("rv64.elf", 243, 2);
const text = join(directory, "text.elf");
writeFileSync(text, "nothing of the kind, but long enough to be a header of fifty-two bytes");

describe("perigee board sizes", () => {
  it("prints the committed table, which the boards' own suite compares with what is built", async () => {
    const table = readFileSync(new URL("../../bench/boards.md", import.meta.url), "utf8");
    expect(table).toContain("| wasm2c, v311 |");
    expect(await perigee(["board", "sizes"])).toEqual({ code: 0, stdout: table, stderr: "" });
  });
});

describe("perigee board, bad input", () => {
  const run = (flags: string) => `run qemu-rv32 --broker 127.0.0.1:1883 ${flags}`;
  it.each([
    ["run qemu-rv32 --image x", "Required option '--broker <host:port>' not specified"],
    ["run qemu-rv32 --broker a:1", "Required option '--image <file>' not specified"],
    [`run esp32 --broker a:1 --image ${image}`, "There is no board 'esp32' to run: qemu-rv32 is the one"],
    [`run qemu-rv32 --broker a --image ${image}`, "--broker: HOST:PORT is wanted, not 'a'"],
    [`run qemu-rv32 --broker a:65536 --image ${image}`, "--broker: HOST:PORT is wanted, not 'a:65536'"],
    [`run qemu-rv32 --broker a,b:1 --image ${image}`, "QEMU takes no comma in a host or a file name"],
    [run("--image /nowhere.elf"), "--image: cannot read '/nowhere.elf': no such file or directory"],
    [run(`--image ${directory}`), `--image: cannot read '${directory}': is a directory`],
    [run(`--image ${text}`), `--image: '${text}' is no ELF image for 32-bit RISC-V`],
    [run(`--image ${arm}`), `--image: '${arm}' is no ELF image for 32-bit RISC-V`],
    [run(`--image ${wide}`), `--image: '${wide}' is no ELF image for 32-bit RISC-V`],
  ])("%s", async (line, said) => {
    const { code, stdout, stderr } = await perigee(["board", ...line.split(" ")]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^Error: [^\n]+\n$/);
    expect(stderr).toContain(said);
  });

  it("says how to get QEMU where it is not, and makes no flash then", () => {
    const flash = join(directory, "never.flash");
    const args = ["board", "run", "qemu-rv32", "--broker", "127.0.0.1:1883", "--image", image, "--flash", flash];
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { env: { PATH: "" }, encoding: "utf8" });
    expect([status, stderr]).toEqual([
      1,
      "Error: QEMU is not installed: apt-get install qemu-system-misc brings qemu-system-riscv32. Use 'perigee board --help' to see usage.\n",
    ]);
    expect(existsSync(flash)).toBe(false);
  });
});
