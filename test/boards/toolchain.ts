/**
 * Images of the boards, made by the compilers that people have, into a directory of this process. Warnings are errors.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

// A measurement is this file too, bundled into build/.
export const ROOT = fileURLToPath(
  new URL(import.meta.url.includes("/test/boards/") ? "../../" : "../", import.meta.url),
);
export const CLIENT = ["boards/common/client.c", "boards/common/store.c"];
const INCLUDES = ["-Iboards/common"];
/** Folders of build/boards/: MQTT 3.1.1 alone, and with 5.0. */
export type Profile = "v311" | "full";
export const CORE = "build/boards/v311/perigee_core.c";
export const coreOf = (profile: Profile) => `build/boards/${profile}/perigee_core.c`;
/** The headers are those of the core that is linked, 3.1.1 where none is. */
const headersOf = (sources: readonly string[]) =>
  `-Ibuild/boards/${sources.includes(coreOf("full")) ? "full" : "v311"}`;
const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Werror"];

/** Every hand-written access is checked for alignment, and a fault ends the program. */
export const CHECKED = ["-fsanitize=address,undefined,alignment", "-fno-sanitize-recover=all", "-g"];

const directory = mkdtempSync(join(tmpdir(), "perigee-boards-"));

export function temporary(name: string): string {
  return join(directory, name);
}

/** Runs a compiler; throws with what it said. */
export function compile(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { cwd: ROOT, encoding: "utf8" });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command}: ${stderr.slice(0, 4000)}`);
}

export interface Image {
  readonly file: string;
  /** Bytes, of the whole image: code and constants and initial values; initial values and zeros. */
  readonly flashBytes: number;
  readonly ramBytes: number;
}

/** A program for this computer. */
export function compileHost(name: string, sources: readonly string[], flags: readonly string[] = []): string {
  const file = temporary(name);
  compile("gcc", [
    ...WARNINGS,
    "-O1",
    ...INCLUDES,
    headersOf(sources),
    "-Iboards/posix",
    ...flags,
    ...sources,
    "-o",
    file,
    ...libraries(sources),
  ]);
  return file;
}

function libraries(sources: readonly string[]): string[] {
  return sources.some(source => source.includes("network_posix")) ? ["-lssl", "-lcrypto"] : [];
}

export const POSIX = ["main.c", "network_posix.c", "flash_file.c"].map(file => `boards/posix/${file}`);

const SECTIONS = ["-O2", "-DNDEBUG", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", "-nostartfiles"];

interface Target {
  readonly prefix: string;
  readonly flags: readonly string[];
}

const RV32: Target = {
  prefix: "riscv64-unknown-elf-",
  flags: ["-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs", "-Iboards/qemu-rv32"],
};
const MEMORY = "boards/freestanding/memory.c";
export const RV32_MACHINE = [MEMORY, ...["start.S", "machine.c"].map(file => `boards/qemu-rv32/${file}`)];
export const RV32_BOARD = [...RV32_MACHINE, ...["main.c", "uart.c", "nor.c"].map(file => `boards/qemu-rv32/${file}`)];

const RP2040: Target = {
  prefix: "arm-none-eabi-",
  flags: [
    "-mcpu=cortex-m0plus",
    "-mthumb",
    "--specs=nano.specs",
    "--specs=nosys.specs",
    "-Iboards/rp2040",
    "-Tboards/rp2040/link.ld",
  ],
};
export const RP2040_BOARD = [
  MEMORY,
  ...["start.c", "main.c", "uart.c", "flash.c"].map(file => `boards/rp2040/${file}`),
];

function compileBoard(target: Target, name: string, sources: readonly string[], flags: readonly string[]): Image {
  const file = temporary(`${name}.elf`);
  // One turn of the loop in memory.c is not to be taken for the memcpy that it is.
  const own = ["-fno-tree-loop-distribute-patterns"];
  compile(`${target.prefix}gcc`, [
    ...[...WARNINGS, ...SECTIONS, ...own, ...INCLUDES, headersOf(sources)],
    ...[...target.flags, ...flags, ...sources, "-o", file],
  ]);
  const [, row] = execFileSync(`${target.prefix}size`, [file], { encoding: "utf8" }).split("\n");
  const [text, data, bss] = row.trim().split(/\s+/).map(Number);
  return { file, flashBytes: text + data, ramBytes: data + bss };
}

let imageCount = 0;
const nextName = (sources: readonly string[]) => `${basename(sources[0])}-${++imageCount}`;

/** `map` is the linker's: what the image may use. */
export function compileRv32(
  sources: readonly string[],
  flags: readonly string[] = [],
  map = "boards/qemu-rv32/link.ld",
): Image {
  return compileBoard(RV32, nextName(sources), sources, [...flags, `-T${map}`]);
}

export function compileRp2040(sources: readonly string[], flags: readonly string[] = []): Image {
  return compileBoard(RP2040, nextName(sources), sources, flags);
}
