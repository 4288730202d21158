/** The ESP-IDF project as the build leaves it: its settings and its sources, as its own files list them. */
import { readFileSync } from "node:fs";
import { ROOT } from "./toolchain.ts";

export const PROJECT = `${ROOT}build/boards/esp32/`;
export const MAIN = `${PROJECT}main/`;
export const read = (file: string) => readFileSync(`${PROJECT}${file}`, "utf8");

/** The defaults of Kconfig.projbuild, as sdkconfig.h would have them: each setting and its value in C. */
export function kconfigDefaults(): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, body] of read("main/Kconfig.projbuild").matchAll(/^config (\w+)\n((?: {4}.*\n|\n)+)/gm)) {
    const [, type] = /^ {4}(string|int|bool)/m.exec(body) ?? [];
    const value = body.match(/^ {4}default (\S+)$/m)?.[1];
    if (type !== "bool") found.set(name, value ?? "");
  }
  return found;
}

/** A choice of Kconfig.projbuild. */
export type Engine = "PERIGEE_ENGINE_WAMR" | "PERIGEE_ENGINE_WASM2C";

/** The sources that main/CMakeLists.txt lists for an engine. */
export function sourcesOf(engine: Engine, profile: string): string[] {
  const text = read("main/CMakeLists.txt");
  const [, common] = /set\(sources (.*)\)/.exec(text) ?? [];
  const [, plain, interpreted] = /APPEND sources (.*)\)\nelse\(\)\n {2}list\(APPEND sources (.*)\)/.exec(text) ?? [];
  const list = `${common} ${engine === "PERIGEE_ENGINE_WASM2C" ? plain : interpreted}`;
  return list.split(" ").map(file => file.replace(`\${profile}`, profile));
}
