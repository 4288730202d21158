/** QEMU's rv32imc as a board, and its figures: instructions, which QEMU counts exactly, and bytes. */
import { spawnSync } from "node:child_process";
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from "node:fs";
import { plainC } from "../../host/boards/wasm2c.js";
import {
  CLIENT,
  CORE,
  compile,
  compileRv32,
  coreOf,
  type Image,
  type Profile,
  ROOT,
  RV32_BOARD,
  RV32_MACHINE,
  temporary,
} from "./toolchain.ts";

export const QEMU = "qemu-system-riscv32";
export const MACHINE = [
  ...["-M", "virt", "-cpu", "rv32,a=off,f=off,d=off", "-smp", "1", "-m", "16M", "-bios", "none"],
  ...["-nographic", "-monitor", "none", "-semihosting"],
];
/** More room than the board has: to measure what does not fit. */
export const WIDE_MAP = "boards/qemu-rv32/link-wasm3.ld";
/** What QEMU's flash has, and what the store uses of it. */
const FLASH_SIZE = 32 << 20;
const STORE_SIZE = 3 * 0x40000;

/** Runs an image to its end, each instruction a nanosecond; answers the figures that it told. */
export function figuresOf({ file }: Image): ReadonlyMap<string, number> {
  const args = [...MACHINE, "-serial", "none", "-icount", "shift=0", "-kernel", file];
  const { status, stderr } = spawnSync(QEMU, args, { encoding: "utf8", timeout: 60_000 });
  if (status !== 0) throw new Error(`the image ended with ${status}: ${stderr}`);
  return new Map(Array.from(stderr.matchAll(/^perigee: (\w+): (\d+)$/gm), ([, name, count]) => [name, Number(count)]));
}

/** An erased flash as a file, most of it a hole. */
export function makeFlash(name: string): string {
  const file = temporary(name);
  writeFileSync(file, Buffer.alloc(STORE_SIZE, 0xff));
  const handle = openSync(file, "r+");
  ftruncateSync(handle, FLASH_SIZE);
  writeSync(handle, Buffer.alloc(0));
  closeSync(handle);
  return file;
}

export function compileCount(flags: readonly string[]): Image {
  return compileRv32(["test/boards/firmware/count.c", ...RV32_BOARD, ...CLIENT, CORE], flags);
}

/** The whole image as a developer would flash it. `map` is the linker's. */
export function compileSensor(profile: Profile = "v311", map?: string): Image {
  return compileRv32(
    ["boards/common/sensor.c", ...RV32_BOARD, ...CLIENT, coreOf(profile)],
    [`-DPROFILE=${profile}`],
    map,
  );
}

/** The codec by itself, compiled as the core is, and made into C. */
export function compileCodec(): Image {
  const module = temporary("codec.wasm");
  const flags = ["--runtime", "stub", "--noAssert", "--use", "abort=", "-O3", "--shrinkLevel", "2", "--converge"];
  const memory = ["--initialMemory", "1", "--maximumMemory", "1"];
  const sources = ["assembly/wire/index.ts", "--config", "none"];
  compile("node_modules/.bin/asc", [...sources, ...flags, ...memory, "--outFile", module]);
  const { header, source } = plainC(module, "codec", ROOT);
  writeFileSync(temporary("codec_core.h"), header);
  writeFileSync(temporary("codec_core.c"), source);
  return compileRv32(
    ["test/boards/firmware/codec.c", ...RV32_MACHINE],
    [`-I${temporary("")}`, "-DPERIGEE_MEMORY_SIZE=2048"],
  );
}

/** An image that calls the core for a client at `address`, where none is. */
export function compileAstray(address: string): Image {
  const sources = ["test/boards/firmware/astray.c", ...RV32_MACHINE, CORE];
  return compileRv32(sources, [`-DASTRAY=${address}`]);
}

/** The client before a network that floods it, at MQTT 5.0, and no store. */
export function compileFlood(): Image {
  return compileRv32(["test/boards/firmware/flood.c", ...RV32_MACHINE, CLIENT[0], coreOf("full")]);
}

export function compileBudget(profile: Profile = "v311"): Image {
  const sources = ["test/boards/firmware/budget.c", ...RV32_MACHINE, coreOf(profile)];
  return compileRv32(sources, [], WIDE_MAP);
}
