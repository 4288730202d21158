// The ESP-IDF project as the build leaves it: compiled against declarations of what it calls, its settings, its partitions; and
// its store over NVS, run.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { kconfigDefaults, MAIN, PROJECT, read, sourcesOf } from "./esp32-project.ts";
import { CHECKED, compile, compileHost, ROOT, temporary } from "./toolchain.ts";

const TLS = {
  none: ["PERIGEE_TLS_NONE"],
  bundle: ["PERIGEE_TLS_BUNDLE"],
  "own authority and certificate": ["PERIGEE_TLS_CA", "PERIGEE_TLS_CLIENT"],
};
const ENGINES = { WAMR: "PERIGEE_ENGINE_WAMR", wasm2c: "PERIGEE_ENGINE_WASM2C" } as const;
const COMPILERS = {
  gcc: ["gcc"],
  rv32: ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs"],
};

function check(compiler: readonly string[], settings: readonly string[], sources: readonly string[], profile: string) {
  const values = [...kconfigDefaults()].map(([name, value]) => `-DCONFIG_${name}=${value}`);
  const [command, ...target] = compiler;
  const own = [`-I${MAIN}`, `-I${MAIN}client`, `-I${MAIN}core/${profile}`];
  const declared = ["esp-idf", "wamr"].map(name => `-I${ROOT}test/boards/declarations/${name}`);
  const warnings = ["-std=gnu99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"];
  const chosen = [...settings, ...(profile === "full" ? ["PERIGEE_PROFILE_FULL"] : [])].map(
    name => `-DCONFIG_${name}=1`,
  );
  compile(command, [...target, ...warnings, ...declared, ...own, ...values, ...chosen, ...sources]);
}

describe.skipIf(!havePeers("gcc", "rv32", "wasm2c"))("the ESP-IDF project", () => {
  it.each([
    ["none", "WAMR", "v311"],
    ["none", "WAMR", "full"],
    ["bundle", "WAMR", "v311"],
    ["own authority and certificate", "WAMR", "v311"],
    ["none", "wasm2c", "v311"],
    ["none", "wasm2c", "full"],
  ] as const)(
    "with TLS: %s, engine: %s, profile: %s calls nothing otherwise than it is declared",
    (tls, engine, profile) => {
      const sources = sourcesOf(ENGINES[engine], profile);
      expect(sources.length).toBeGreaterThan(7);
      for (const compiler of Object.values(COMPILERS)) {
        check(
          compiler,
          [...TLS[tls], ENGINES[engine]],
          sources.map(file => `${MAIN}${file}`),
          profile,
        );
      }
    },
  );

  it.each([
    ["network_esp.c", "esp_transport_close(transport)", "esp_transport_close(transport, 0)"],
    ["module_flash.c", "esp_partition_write(", "esp_partition_wrlte("],
    ["store_nvs.c", "nvs_get_blob(store, key, &value, &size)", "nvs_get_blob(store, key, &value, size)"],
    ["client/wamr.c", "wasm_runtime_get_exception(instance)", "wasm_runtime_get_exception(&environment)"],
  ])("would be refused with a mistake in %s", (file, right, wrong) => {
    const folder = temporary(`mistake-${file.replace("/", "-")}`);
    mkdirSync(folder);
    const text = read(`main/${file}`);
    expect(text).toContain(right);
    writeFileSync(`${folder}/mistake.c`, text.replace(right, wrong));
    const settings = [...TLS.none, ENGINES.WAMR];
    expect(() => check(COMPILERS.gcc, settings, [`${folder}/mistake.c`], "v311")).toThrow(/mistake\.c:\d+/);
  });

  it("has every setting that its sources ask for, and asks for every setting that it has", () => {
    const sources = [...new Set([...sourcesOf(ENGINES.WAMR, "v311"), "board_config.h", "CMakeLists.txt"])];
    const asked = sources.flatMap(file => read(`main/${file}`).match(/\bCONFIG_PERIGEE_\w+/g) ?? []);
    const had = read("main/Kconfig.projbuild").match(/(?<=^config )PERIGEE_\w+/gm) ?? [];
    const known = new Set(had.map(name => `CONFIG_${name}`));
    expect(known.size).toBeGreaterThan(15);
    expect([...new Set(asked)].filter(name => !known.has(name))).toEqual([]);
    // The default of each choice needs no name in a source.
    const silent = ["CONFIG_PERIGEE_PROFILE_V311"];
    expect([...known].filter(name => !asked.includes(name) && !silent.includes(name))).toEqual([]);
  });

  it("has partitions that fit in 4 MB without a gap or an overlap, and a module as large as its own", () => {
    const rows = read("partitions.csv")
      .split("\n")
      .filter(line => line !== "" && !line.startsWith("#"))
      .map(line => line.split(",").map(cell => cell.trim()));
    let end = 0x9000;
    for (const [name, type, , offset, size] of rows) {
      expect([name, Number(offset)]).toEqual([name, end]);
      end += Number(size);
      if (type === "app") expect(Number(offset) % 0x10000).toBe(0);
    }
    expect(end).toBeLessThanOrEqual(0x400000);
    const size = Number(rows.find(([name]) => name === "module")?.[4]);
    for (const profile of ["v311", "full"]) {
      const image = readFileSync(`${MAIN}core/${profile}/module.bin`);
      const module = readFileSync(`${ROOT}build/boards/${profile}/perigee.wasm`);
      expect(image.length).toBe(size);
      expect(image.subarray(0, module.length)).toEqual(module);
      expect(image.subarray(module.length).every(byte => byte === 0xff)).toBe(true);
    }
    expect(rows.map(([name]) => name)).toEqual(expect.arrayContaining(["session", "module", "ota_0", "ota_1"]));
  });

  it("can be copied away: none of its sources includes what is not there", () => {
    const away = temporary("esp32-away");
    cpSync(PROJECT, away, { recursive: true });
    for (const file of sourcesOf(ENGINES.WAMR, "full")) expect(existsSync(`${away}/main/${file}`)).toBe(true);
    const names = sourcesOf(ENGINES.WAMR, "full").flatMap(file => {
      const text = readFileSync(`${away}/main/${file}`, "utf8");
      return Array.from(text.matchAll(/^#include "(.*)"/gm), ([, name]) => name);
    });
    const folders = ["main", "main/client", "main/core/full"].map(name => `${away}/${name}`);
    const declared = ["esp-idf", "wamr"].map(name => `${ROOT}test/boards/declarations/${name}`);
    const absent = names.filter(name => ![...folders, ...declared].some(folder => existsSync(`${folder}/${name}`)));
    expect(absent).toEqual([]);
  });
});

describe.skipIf(!havePeers("gcc", "wasm2c"))("the store over NVS", () => {
  it("loses nothing to a cut at any operation, and stays within the entries that it may have", async () => {
    const sources = ["test/boards/firmware/torn_nvs.c", "boards/esp32/main/store_nvs.c"];
    const folders = ["-iquote", "boards/posix", "-Itest/boards/declarations/esp-idf", "-Iboards/esp32/main"];
    const program = compileHost("torn-nvs", sources, [...CHECKED, ...folders, "-DBOARD_OUTBOX_SIZE=200"]);
    const { code, stdout, stderr } = await run(program, []);
    expect([code, stderr]).toEqual([0, ""]);
    const [cuts, entries, failures] = stdout.trim().split("\n");
    expect(Number(cuts.replace("cuts ", ""))).toBeGreaterThan(200);
    expect(Number(entries.replace("entries ", ""))).toBeLessThanOrEqual(130);
    expect(failures).toBe("failures passed");
  });
});
