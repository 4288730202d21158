/**
 * `perigee board`: what the client takes of a board, and the board that QEMU plays, beside a broker of one's own.
 */
import { spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { Command } from "commander";
import { UsageError } from "./exit-codes.ts";
import { fileReason, readBytes } from "./read-file.ts";

const QEMU = "qemu-system-riscv32";
/** The flash that QEMU's machine has, and the erased sectors of it that the store uses. */
const FLASH_SIZE = 32 << 20;
const STORE_SIZE = 3 * 0x40000;
const IMAGE_SIZE_MAX = 64 << 20;

/** The header of an ELF file: its magic, 32 or 64 bits, the machine. */
const ELF_MAGIC = 0x7f454c46;
const ELF_CLASS_AT = 4;
const ELF_32_BITS = 1;
const ELF_MACHINE_AT = 18;
const ELF_RISCV = 243;

const EXAMPLES = `
Examples:
  perigee broker -v &
  perigee board run qemu-rv32 --broker 127.0.0.1:1883 --image rv32.elf --flash rv32.flash
  perigee sub -t 'sensors/#' -v

The image is boards/qemu-rv32, linked as boards/README.md says. Kill it whenever you like: the flash file is what a power cut leaves.`;

/** The sub-command, for the program to add. */
export function boardCommand(): Command {
  const board = new Command("board")
    .description("the client on a microcontroller: its sizes, and an emulated board")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", EXAMPLES);
  board
    .command("sizes")
    .description("flash, RAM, stack and instructions of each engine and profile, as measured on rv32imc")
    .action(() => void process.stdout.write(readTable()));
  board
    .command("run <board>")
    .description("run an image in QEMU, its UART connected to a broker; the board is qemu-rv32")
    .requiredOption("--broker <host:port>", "the broker")
    .requiredOption("--image <file>", "the image, ELF")
    .option("--flash <file>", "the flash; made where it is not", "perigee-rv32.flash")
    .action(run);
  return board;
}

/** The table lies beside the sources, and beside the bundle of a package. */
function readTable(): string {
  const places = ["../bench/boards.md", "../../bench/boards.md", "./boards.md"].map(
    path => new URL(path, import.meta.url),
  );
  const place = places.find(path => existsSync(path));
  if (place === undefined) throw new UsageError("bench/boards.md is not here: npm run bench boards makes it");
  return readFileSync(place, "utf8");
}

interface RunFlags {
  broker: string;
  image: string;
  flash: string;
}

function run(board: string, { broker, image, flash }: RunFlags): void {
  if (board !== "qemu-rv32") throw new UsageError(`there is no board '${board}' to run: qemu-rv32 is the one`);
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(broker) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new UsageError(`--broker: HOST:PORT is wanted, not '${broker}'`);
  }
  if (host.includes(",") || flash.includes(",")) throw new UsageError("QEMU takes no comma in a host or a file name");
  checkImage(image);
  if (spawnSync(QEMU, ["--version"]).error)
    throw new UsageError(`QEMU is not installed: apt-get install qemu-system-misc brings ${QEMU}`);
  checkFlash(flash);
  const args = [
    ...["-M", "virt", "-cpu", "rv32,a=off,f=off,d=off", "-smp", "1", "-m", "16M", "-bios", "none", "-nographic"],
    ...["-monitor", "none", "-semihosting", "-device", `loader,file=${image}`],
    ...["-chardev", `socket,id=broker,host=${host},port=${port},reconnect=1`, "-serial", "chardev:broker"],
    ...["-drive", `if=pflash,unit=1,format=raw,file=${flash}`],
  ];
  const child = spawn(QEMU, args, { stdio: ["ignore", "inherit", "inherit"] });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill("SIGKILL"));
  child.on("close", code => {
    process.exitCode = code ?? 0;
  });
}

/** Anything else QEMU would load as bytes, and then run nothing without a word. */
function checkImage(path: string): void {
  let bytes: Buffer;
  try {
    bytes = readBytes(path, IMAGE_SIZE_MAX);
  } catch (error) {
    throw new UsageError(`--image: cannot read '${path}': ${fileReason(error)}`);
  }
  const isElf = bytes.length > 52 && bytes.readUInt32BE(0) === ELF_MAGIC;
  if (!isElf || bytes[ELF_CLASS_AT] !== ELF_32_BITS || bytes.readUInt16LE(ELF_MACHINE_AT) !== ELF_RISCV) {
    throw new UsageError(`--image: '${path}' is no ELF image for 32-bit RISC-V`);
  }
}

/** Makes an erased flash where there is none; what the store does not use of it is a hole. */
function checkFlash(path: string): void {
  try {
    if (existsSync(path)) {
      const { size } = statSync(path);
      if (size === FLASH_SIZE) return;
      throw new UsageError(`--flash: '${path}' has ${size} bytes, and the board's flash ${FLASH_SIZE}`);
    }
    const file = openSync(path, "wx", 0o600);
    writeSync(file, Buffer.alloc(STORE_SIZE, 0xff));
    ftruncateSync(file, FLASH_SIZE);
    closeSync(file);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--flash: cannot make '${path}': ${fileReason(error)}`);
  }
}
