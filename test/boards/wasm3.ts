/** wasm3's source as the npm package react-native-webassembly carries it (MIT), fetched when it is wanted: no dependency. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { compileRv32, type Image, ROOT, RV32_MACHINE } from "./toolchain.ts";

const PACKAGE = "react-native-webassembly@0.3.3";
const FOLDER = `${ROOT}build/boards/wasm3/`;
/** Files of the source, without m3_ and .c; boards/engines/wasm3_compile.c stands for one more. */
export const WASM3_SOURCES = ["bind", "code", "core", "env", "exec", "function", "info", "module", "parse"];

/** What a microcontroller's build sets: no floating point, small pages of code, functions of at most 128 slots and 64 constants. */
const FLAGS = [
  ...["-Dd_m3HasFloat=0", "-Dd_m3LogOutput=0", "-Dd_m3VerboseErrorMessages=0", "-Dd_m3CodePageAlignSize=1024"],
  ...[
    "-Dd_m3MaxFunctionStackHeight=128",
    "-Dd_m3MaxConstantTableSize=64",
    "-Os",
    "-fno-inline",
    "-fno-builtin-malloc",
    "-std=gnu99",
    "-w",
  ],
];

/** The folder of the source, with a slash. */
export function fetchWasm3(): string {
  if (!existsSync(`${FOLDER}package/cpp/m3_env.c`)) {
    mkdirSync(FOLDER, { recursive: true });
    execFileSync("npm", ["pack", PACKAGE, "--silent"], { cwd: FOLDER });
    execFileSync("tar", ["xzf", "react-native-webassembly-0.3.3.tgz"], { cwd: FOLDER });
  }
  return `${FOLDER}package/cpp/`;
}

/** The measurement of firmware/wasm3.c, over the shipped bytes or other ones. */
export function compileWasm3(module = "boards/engines/module_array.c"): Image {
  const source = fetchWasm3();
  const own = ["test/boards/firmware/wasm3.c", "boards/engines/wasm3.c", "boards/engines/wasm3_compile.c", module];
  return compileRv32(
    [...own, ...RV32_MACHINE, ...WASM3_SOURCES.map(name => `${source}m3_${name}.c`)],
    [...FLAGS, `-I${source}`, "-Iboards/engines", "-DBOARD_RECEIVE_SIZE=256"],
    "boards/qemu-rv32/link-wasm3.ld",
  );
}
