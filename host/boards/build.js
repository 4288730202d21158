/**
 * `npm run build:boards`: build/boards/full/ and build/boards/v311/, each all that a firmware project takes from here.
 *
 *     perigee.h                        every call of the core, as C
 *     perigee_core.c, perigee_core.h   the core as plain C, for boards/common/client.c to be linked with
 *     perigee_wasm.h                   the module as an array, for an interpreter on the board
 *     perigee.wasm                     the module as a file, its ABI number behind it: for a board that takes a new one
 *
 * And of those build/boards/esp32/ and build/boards/arduino/, a project and a library ready to be copied away.
 *
 * wasm2c is of Debian's package wabt. Plain JavaScript, because Node 20 runs no TypeScript.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withInterface } from "./interface-section.js";
import { arduinoLibrary, esp32Project } from "./projects.js";
import { plainC } from "./wasm2c.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const note = '/* Made by "npm run build:boards": do not edit. */\n';
const engine = readFileSync(`${root}boards/engines/wasm2c.c`, "utf8");

/** @param {string} profile a folder @param {string} name of its files under build/ */
function build(profile, name) {
  const target = `${root}build/boards/${profile}/`;
  const cName = name.replace("-", "_");
  const { header, source } = plainC(`${root}build/${name}.wasm`, "perigee", root);
  mkdirSync(target, { recursive: true });
  copyFileSync(`${root}build/${cName}_wasm.h`, `${target}perigee_wasm.h`);
  copyFileSync(`${root}build/${cName}.h`, `${target}perigee.h`);
  const cHeader = readFileSync(`${root}build/${cName}.h`, "utf8");
  writeFileSync(`${target}perigee.wasm`, withInterface(readFileSync(`${root}build/${name}.wasm`), cHeader));
  writeFileSync(`${target}perigee_core.h`, note + header);
  const text = `${note}#include "perigee_core.h"\n#include "perigee.h"\n${source}\n${engine}`;
  writeFileSync(`${target}perigee_core.c`, text);
}

try {
  build("full", "perigee");
  build("v311", "perigee-v311");
  esp32Project(root);
  arduinoLibrary(root);
} catch (error) {
  process.stderr.write(`build:boards: ${error.message}\n`);
  process.exitCode = 1;
}
