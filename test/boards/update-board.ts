/** The posix board whose module can be replaced, with wasm3 as its engine; and modules for it. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { withInterface } from "../../host/boards/interface-section.js";
import { CHECKED, CLIENT, compile, compileHost, POSIX, ROOT } from "./toolchain.ts";
import { fetchWasm3, WASM3_SOURCES } from "./wasm3.ts";

export const UPDATE = ["application", "module_check", "slots", "update"].map(name => `boards/update/${name}.c`);
const PROFILE = `${ROOT}build/boards/v311/`;

/** wasm3 for this computer, compiled once. */
export function wasm3Objects(source: string): string[] {
  const folder = `${ROOT}build/boards/wasm3/host/`;
  mkdirSync(folder, { recursive: true });
  return ["compile", ...WASM3_SOURCES].map(name => {
    const object = `${folder}${name}.o`;
    const flags = ["-std=gnu99", "-w", "-O2", "-DNDEBUG", "-Dd_m3HasFloat=0", "-Dd_m3LogOutput=0"];
    if (!existsSync(object)) compile("gcc", [...flags, `-I${source}`, "-c", `${source}m3_${name}.c`, "-o", object]);
    return object;
  });
}

/** perigee-posix with --module; the environment's CUT is the flash operation on the slots that the power fails in. */
export function compileUpdateBoard(name: string): string {
  const source = fetchWasm3();
  const own = [...POSIX, "boards/posix/module_file.c", ...CLIENT, ...UPDATE, "boards/engines/wasm3.c"];
  const wrap = ["program", "erase"].map(operation => `-Wl,--wrap=module_flash_${operation}`);
  // 496 bytes are all the RAM that a message has.
  const flags = [...CHECKED, "-DPOSIX_UPDATE", "-DBOARD_RECEIVE_SIZE=496", "-Iboards/update", "-Iboards/engines"];
  return compileHost(
    name,
    [...own, "test/boards/firmware/module_cut.c", ...wasm3Objects(source)],
    [...flags, ...wrap, "-isystem", source, "-Dd_m3HasFloat=0", "-lm"],
  );
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** What the build leaves for boards. */
export const shipped = () => readFileSync(`${PROFILE}perigee.wasm`);

/** A LEB128 number of five bytes. */
const wide = (value: number) => [0, 7, 14, 21, 28].map(shift => ((value >>> shift) & 0x7f) | (shift < 28 ? 0x80 : 0));

/**
 * Another module that does the same: a custom section of `fill` makes it as large as wanted.
 * @param size bytes @param patch of the module, before its interface is written behind it
 */
export function makeModule(
  size: number,
  fill: number,
  patch: (module: Buffer) => void = () => {},
  header = readFileSync(`${PROFILE}perigee.h`, "utf8"),
): Buffer {
  const module = readFileSync(`${ROOT}build/perigee-v311.wasm`);
  patch(module);
  const bodySize = size - withInterface(module, header).length - 6;
  const body = Buffer.alloc(bodySize, fill);
  body.set([3, 0x70, 0x61, 0x64]);
  return withInterface(Buffer.concat([module, Buffer.from([0, ...wide(bodySize)]), body]), header);
}
