/**
 * The three builds of the core, and of the codec alone, behind one interface, so that a test is written once and runs on
 * WebAssembly, on JavaScript, and on the JavaScript machine that checks every access.
 *
 * The plain builds take `declare` and `forget` for nothing; the guarded one throws where the core touches a byte that is in no
 * declared region, or reads one that nobody wrote. So `write` is the only way in which a test puts bytes into a memory.
 */
import { existsSync, readFileSync } from "node:fs";
import type * as wire from "../../assembly/wire/index.ts";
import type { Core } from "../../host/core/core.ts";
import { Guard } from "../../host/core/guard.ts";
import { instantiate, loadGuarded, loadJavaScript, loadWasm } from "../../host/core/load.ts";
import { type Build, guarded, plain } from "./build.ts";

export type { Build };

export type Codec = typeof wire & { readonly bytes: Uint8Array };

export type CoreBuild = Build<Core>;
export type CodecBuild = Build<Codec>;

/** The file `name` of the build; throws a line that says what to do where there is none. */
export function built(name: string): URL {
  const url = new URL(`../../build/${name}`, import.meta.url);
  if (!existsSync(url)) throw new Error(`build/${name} is missing: run "npm run build"`);
  return url;
}

/** The core in its three builds, each over a memory of at least `size` bytes. */
export async function coreBuilds(size = 65536): Promise<CoreBuild[]> {
  for (const name of ["perigee-host.wasm", "core.js", "core-guarded.js"]) built(name);
  const checked = await loadGuarded(size);
  return [
    plain("wasm", loadWasm(size)),
    plain("JavaScript", await loadJavaScript(size)),
    guarded("guarded JavaScript", checked.core, checked.guard),
  ];
}

type CreateCodec = (bytes: Uint8Array, words: DataView, guard?: Guard) => typeof wire;

async function createCodec(file: string, size: number, guard?: Guard): Promise<Codec> {
  const { createCore } = (await import(built(file).href)) as { createCore: CreateCodec };
  const bytes = new Uint8Array(size);
  return { ...createCore(bytes, new DataView(bytes.buffer), guard), bytes };
}

/** The codec alone in its three builds. */
export async function codecBuilds(size = 65536): Promise<CodecBuild[]> {
  const module = new WebAssembly.Module(readFileSync(built("codec.wasm")));
  const guard = new Guard(size);
  return [
    plain("wasm", instantiate<typeof wire>(module, size)),
    plain("JavaScript", await createCodec("codec.js", size)),
    guarded("guarded JavaScript", await createCodec("codec-guarded.js", size, guard), guard),
  ];
}

/** A module of boards in an engine, with the page of memory that it brings. */
export interface BoardModule {
  readonly calls: Record<string, (...args: number[]) => number>;
  readonly bytes: Uint8Array;
}

const sensor = new WebAssembly.Module(readFileSync(built("perigee-sensor.wasm")));

/** The profile of a sensor, new. */
export function sensorModule(): BoardModule {
  const { memory, ...calls } = new WebAssembly.Instance(sensor).exports;
  return { calls: calls as BoardModule["calls"], bytes: new Uint8Array((memory as WebAssembly.Memory).buffer) };
}
