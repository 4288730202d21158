/**
 * Projects that are ready to be copied away: build/boards/esp32 for ESP-IDF, build/boards/arduino for PlatformIO and the Arduino IDE. Each is
 * its folder under boards/ with what it takes from here put beside it.
 */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

/** The module's partition in boards/esp32/partitions.csv; blank flash is ones. */
const MODULE_PARTITION_SIZE = 0x20000;

const COMMON = ["common/board.h", "common/client.h", "common/client.c", "common/store.h"];
const UPDATE = ["application", "module_check", "slots", "update"]
  .flatMap(name => [`update/${name}.c`, `update/${name}.h`])
  .concat("update/module_flash.h");
/** The store is the ESP-IDF project's: Arduino on an ESP32 has the same NVS. */
const ARDUINO = [
  ...COMMON,
  "esp32/main/store_nvs.c",
  "esp32/main/store_nvs.h",
  "engines/calls.h",
  "engines/module.h",
  "engines/module_array.c",
  "engines/wasm3.c",
];
const ESP32 = [...COMMON, ...UPDATE, "common/sensor.c", "engines/calls.h", "engines/module.h", "engines/wamr.c"];

/** @param {string} root of the repository, with a slash @param {string} name of the board @returns {string} the folder, with a slash */
function begin(root, name) {
  const target = `${root}build/boards/${name}/`;
  rmSync(target, { recursive: true, force: true });
  cpSync(`${root}boards/${name}`, target, { recursive: true });
  return target;
}

/** @param {string} root @param {readonly string[]} files under boards/ @param {string} target a folder, with a slash */
function bring(root, files, target) {
  mkdirSync(target, { recursive: true });
  for (const file of files) copyFileSync(`${root}boards/${file}`, `${target}${basename(file)}`);
}

/** @param {string} root of the repository, with a slash */
export function esp32Project(root) {
  const target = begin(root, "esp32");
  bring(root, ESP32, `${target}main/client/`);
  for (const profile of ["v311", "full"]) {
    const core = `${target}main/core/${profile}/`;
    mkdirSync(core, { recursive: true });
    for (const file of ["perigee.h", "perigee_core.h", "perigee_core.c", "perigee.wasm"]) {
      copyFileSync(`${root}build/boards/${profile}/${file}`, `${core}${file}`);
    }
    const image = Buffer.alloc(MODULE_PARTITION_SIZE, 0xff);
    image.set(readFileSync(`${core}perigee.wasm`));
    writeFileSync(`${core}module.bin`, image);
  }
}

/** @param {string} root of the repository, with a slash */
export function arduinoLibrary(root) {
  const target = begin(root, "arduino");
  // A folder of its own: Arduino has a Client.h, which many file systems take for client.h.
  bring(root, ARDUINO, `${target}src/perigee/`);
  for (const file of ["perigee.h", "perigee_wasm.h"]) {
    copyFileSync(`${root}build/boards/v311/${file}`, `${target}src/perigee/${file}`);
  }
}
