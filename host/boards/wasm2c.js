/**
 * Plain C from a module: wasm2c's output as one source and one header, with the memory access and the runtime of boards/engines/.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Later ones name their output otherwise, and ask more of a runtime. */
const WASM2C = "1.0.32";
/** Where packages put the header of wasm2c's runtime. */
const RUNTIME_HEADERS = ["/usr/include/wasm-rt.h", "/usr/share/wabt/wasm2c/wasm-rt.h", "/usr/local/include/wasm-rt.h"];

/** Where the generated code has defined how memory is read, and uses it for the first time. */
const FIRST_USE = "DEFINE_LOAD(i32_load, u32, u32, u32)\n";
/** An access as wasm2c writes it; base and offset go apart. */
const ACCESS = /\b(i32_(?:load|store)\w*)\(&instance->w2c_memory, \(u64\)\((\w+)\)(?: \+ (\d+)u)?/g;
const LOCAL_INCLUDE = /^#include "(?:wasm-rt|core)\.h"\n/gm;

/** Generated code defines more than it uses. */
const QUIET = ["unused-value", "unused-function", "unused-parameter", "type-limits"]
  .map(warning => `#pragma GCC diagnostic ignored "-W${warning}"\n`)
  .join("");

/**
 * Throws an Error of one line where wasm2c is absent or another version.
 * @param {string} module path of the module @param {string} name the prefix of its names
 * @param {string} root of the repository, with a slash @returns {{ header: string, source: string }}
 */
export function plainC(module, name, root) {
  const read = file => readFileSync(`${root}boards/engines/${file}`, "utf8");
  const version = spawnSync("wasm2c", ["--version"], { encoding: "utf8" });
  if (version.error) throw new Error("wasm2c is not installed: apt-get install wabt");
  if (version.stdout.trim() !== WASM2C) {
    throw new Error(`wasm2c ${version.stdout.trim()} names its output otherwise: install ${WASM2C}`);
  }
  const runtimeHeader = RUNTIME_HEADERS.find(existsSync);
  if (runtimeHeader === undefined)
    throw new Error(`wasm-rt.h of wabt ${WASM2C} is in none of ${RUNTIME_HEADERS.join(", ")}`);
  const folder = mkdtempSync(join(tmpdir(), "perigee-wasm2c-"));
  try {
    const made = spawnSync("wasm2c", ["-n", name, "-o", join(folder, "core.c"), module], { encoding: "utf8" });
    if (made.status !== 0) throw new Error(`wasm2c: ${made.stderr.trim()}`);
    const source = readFileSync(join(folder, "core.c"), "utf8");
    const split = source.replace(ACCESS, (_, call, base, offset = "0") => `${call}(${base}, ${offset}u`);
    if (!source.includes(FIRST_USE) || split.includes("(&instance->w2c_memory, (u64)")) {
      throw new Error(`wasm2c ${WASM2C} wrote an access to memory that nobody expected`);
    }
    const declared = readFileSync(join(folder, "core.h"), "utf8").replace(LOCAL_INCLUDE, "");
    return {
      // Bounds are checked in the code, and no function calls itself.
      header: `${QUIET}#define WASM_RT_MEMCHECK_SIGNAL_HANDLER 0\n#define WASM_RT_USE_STACK_DEPTH_COUNT 0\n${readFileSync(runtimeHeader, "utf8")}\n${declared}`,
      source: `#include "board.h"\n${split.replace(LOCAL_INCLUDE, "").replace(FIRST_USE, read("wasm2c_memory.h") + FIRST_USE)}\n${read("wasm2c_runtime.c")}`,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
