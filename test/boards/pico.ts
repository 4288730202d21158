/**
 * A Raspberry Pi Pico in rp2040js, one instruction at a time: its flash outlives the power, its UART is a byte stream to whoever
 * is given, and its console is read out of board_say's arguments.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Simulator } from "rp2040js";
import { CLIENT, CORE, compile, compileRp2040, RP2040_BOARD, temporary } from "./toolchain.ts";

const FLASH_IMAGE_AT = 0x100;
const STORE_SIZE = 4 * 4096;
const STORE_AT = 0x200000 - STORE_SIZE;
const SIO_OUTPUT = 0xd0000010;
const SIO_OUTPUT_ENABLE = 0xd0000020;
const UART_DATA = 0x40034000;
const UART_FLAGS = 0x40034018;
const RECEIVE_EMPTY = 0x10;
const RECEIVE_FULL = 0x40;
const RAM_USED = 8192;
/** One cycle of 12 MHz. */
const CYCLE_NS = 1000 / 12;
const ROM_AT = 0x100;
const ROM_TABLE_AT = 0x40;
/** GPIO 2 asks for a connection, GPIO 3 tells of one. */
const TERMINAL_READY = 2;
const CARRIER = 3;

export interface Firmware {
  readonly flash: Uint8Array;
  readonly rom: Uint8Array;
  /** Address of board_say. */
  readonly say: number;
}

function symbolsOf(file: string): Map<string, number> {
  const text = execFileSync("arm-none-eabi-nm", [file], { encoding: "utf8" });
  return new Map(
    Array.from(text.matchAll(/^([0-9a-f]+) \w (\w+)$/gm), ([, at, name]) => [name, Number.parseInt(at, 16)]),
  );
}

function binaryOf(file: string): Uint8Array {
  compile("arm-none-eabi-objcopy", ["-O", "binary", file, `${file}.bin`]);
  return readFileSync(`${file}.bin`);
}

/** The functions of the boot ROM that the board calls, with their table, as the datasheet has it in section 2.8.2. */
function compileRom(): Uint8Array {
  const file = temporary("rom.elf");
  const flags = [
    "-mcpu=cortex-m0plus",
    "-mthumb",
    "-O2",
    "-nostdlib",
    "-Wl,-e,look_up",
    "-Ttest/boards/firmware/rom.ld",
  ];
  compile("arm-none-eabi-gcc", [
    ...flags,
    "-fno-tree-loop-distribute-patterns",
    "test/boards/firmware/rom.c",
    "-o",
    file,
  ]);
  const symbols = symbolsOf(file);
  const rom = new Uint8Array(16_384);
  const words = new DataView(rom.buffer);
  rom.set(binaryOf(file), ROM_AT);
  const thumb = (name: string) => (symbols.get(name) ?? 0) | 1;
  const table = { IF: "nothing", EX: "nothing", FC: "nothing", CX: "nothing", RE: "erase", RP: "program" };
  for (const [index, [code, name]] of Object.entries(table).entries()) {
    words.setUint16(ROM_TABLE_AT + 4 * index, code.charCodeAt(0) | (code.charCodeAt(1) << 8), true);
    words.setUint16(ROM_TABLE_AT + 4 * index + 2, thumb(name), true);
  }
  words.setUint16(0x14, ROM_TABLE_AT, true);
  words.setUint16(0x18, thumb("look_up"), true);
  return rom;
}

export function compilePico(
  application: string,
  flags: readonly string[],
): Firmware & { flashBytes: number; ramBytes: number } {
  const image = compileRp2040([application, ...RP2040_BOARD, ...CLIENT, CORE], flags);
  const { flashBytes, ramBytes, file } = image;
  return {
    flash: binaryOf(file),
    rom: compileRom(),
    say: (symbolsOf(file).get("board_say") ?? 0) & ~1,
    flashBytes,
    ramBytes,
  };
}

/** What the UART is connected to. */
export interface Line {
  open(): void;
  close(): void;
  byte(value: number): void;
}

export class Pico {
  readonly #simulator = new Simulator();
  readonly #mcu = this.#simulator.rp2040;
  readonly #firmware: Firmware;
  readonly #waiting: number[] = [];
  line: Line | undefined;
  readonly said: string[] = [];
  instructions = 0;

  constructor(firmware: Firmware) {
    this.#firmware = firmware;
    const mcu = this.#mcu;
    mcu.logger.error = (_name: string, text: string) => {
      throw new Error(text);
    };
    mcu.logger.warn = () => {};
    mcu.logger.info = () => {};
    mcu.flash.set(firmware.flash, FLASH_IMAGE_AT);
    new Uint8Array(mcu.bootrom.buffer).set(firmware.rom);
    mcu.uart[0].onByte = (value: number) => this.line?.byte(value);
    mcu.gpio[TERMINAL_READY].addListener(() => {
      const wants = mcu.gpio[TERMINAL_READY].outputValue && mcu.gpio[TERMINAL_READY].outputEnable;
      mcu.gpio[CARRIER].setInputValue(wants);
      if (wants) this.line?.open();
      else this.line?.close();
    });
  }

  /** The sectors of the store, as they are now. */
  get store(): Uint8Array {
    return this.#mcu.flash.subarray(STORE_AT, STORE_AT + STORE_SIZE);
  }

  /** Power on: all but the flash is forgotten, of which the store is as given. */
  powerOn(store: Uint8Array): void {
    const mcu = this.#mcu;
    mcu.flash.set(store, STORE_AT);
    // RAM holds noise at power-on.
    mcu.sram.fill(0xa5, 0, RAM_USED);
    const { core } = mcu;
    core.registers.fill(0);
    mcu.writeUint32(SIO_OUTPUT_ENABLE, 0);
    mcu.writeUint32(SIO_OUTPUT, 0);
    for (const pin of mcu.gpio) pin.ctrl = 0x1f;
    while ((mcu.readUint32(UART_FLAGS) & RECEIVE_EMPTY) === 0) mcu.readUint32(UART_DATA);
    mcu.gpio[CARRIER].setInputValue(false);
    this.#waiting.length = 0;
    this.said.length = 0;
    core.VTOR = 0x10000000 + FLASH_IMAGE_AT;
    core.SP = mcu.readUint32(core.VTOR);
    core.PC = mcu.readUint32(core.VTOR + 4) & ~1;
  }

  /** Bytes for the UART, which takes them as it has room. */
  feed(bytes: Uint8Array): void {
    this.#waiting.push(...bytes);
  }

  step(): void {
    const mcu = this.#mcu;
    const { core } = mcu;
    if (this.#waiting.length > 0 && (mcu.readUint32(UART_FLAGS) & RECEIVE_FULL) === 0)
      mcu.uart[0].feedByte(this.#waiting.shift() ?? 0);
    if (core.PC === this.#firmware.say)
      this.said.push(`${this.#text(core.registers[0])}${this.#text(core.registers[1])}`);
    this.#simulator.clock.tick(core.executeInstruction() * CYCLE_NS);
    this.instructions++;
  }

  #text(at: number): string {
    let text = "";
    for (let byte = this.#mcu.readUint8(at); byte !== 0; byte = this.#mcu.readUint8(++at))
      text += String.fromCharCode(byte);
    return text;
  }
}
