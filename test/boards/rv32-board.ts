/** The rv32 board as a process that can lose its power. */
import { Board } from "./board.ts";
import { MACHINE, QEMU } from "./rv32.ts";
import type { Image } from "./toolchain.ts";

/** Starts an image whose UART is a connection to a broker, and whose flash is a file. */
// Beside a flash QEMU takes a "kernel" for something that firmware in the flash would start.
export function startRv32({ file }: Image, port: number, flash: string): Board {
  const serial = ["-chardev", `socket,id=broker,host=127.0.0.1,port=${port},reconnect=1`, "-serial", "chardev:broker"];
  const nor = ["-drive", `if=pflash,unit=1,format=raw,file=${flash}`];
  return new Board(QEMU, [...MACHINE, ...serial, ...nor, "-device", `loader,file=${file}`]);
}
