/**
 * `perigee board`: what the client takes of a board, and the board that QEMU plays, beside a broker of one's own.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { Command } from "commander";
import { UsageError } from "./exit-codes.ts";

const QEMU = "qemu-system-riscv32";
/** The flash that QEMU's machine has, and the erased sectors of it that the store uses. */
const FLASH_SIZE = 32 << 20;
const STORE_SIZE = 3 * 0x40000;

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
  if (!existsSync(image)) throw new UsageError(`--image: there is no file '${image}'`);
  if (spawnSync(QEMU, ["--version"]).error)
    throw new UsageError(`${QEMU} is not installed: apt-get install qemu-system-misc`);
  if (!existsSync(flash)) makeFlash(flash);
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

/** An erased flash; what the store does not use is a hole. */
function makeFlash(path: string): void {
  const file = openSync(path, "wx", 0o600);
  writeSync(file, Buffer.alloc(STORE_SIZE, 0xff));
  ftruncateSync(file, FLASH_SIZE);
}
