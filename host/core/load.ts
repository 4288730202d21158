/**
 * Loads the core in any of its builds over a memory of the size asked for. All answer the same type, and every test of
 * the core runs on all three.
 */
import { readFileSync } from "node:fs";
import type { Core, CoreCalls } from "./core.ts";
import { gettersOf } from "./getters.ts";
import { Guard } from "./guard.ts";

const PAGE_SIZE = 65536;

/** The largest memory that the module may be given, 65,535 pages. */
const MEMORY_MAX = 65535 * PAGE_SIZE;

let compiled: WebAssembly.Module | undefined;

/** Where the build has put a module: beside the bundle that this file is part of, or, run from the sources, in build/. */
function builtFile(name: string): URL {
  const fromSources = import.meta.url.endsWith("/host/core/load.ts");
  return new URL(fromSources ? `../../build/${name}` : `./${name}`, import.meta.url);
}

function checkSize(size: number): void {
  if (!Number.isInteger(size) || size < 1 || size > MEMORY_MAX) {
    throw new RangeError(`a core's memory has 1 to ${MEMORY_MAX} bytes, not ${size}`);
  }
}

/** A WebAssembly module of the build over a memory that is brought to it. */
export function instantiate<Calls>(module: WebAssembly.Module, size: number): Calls & { readonly bytes: Uint8Array } {
  checkSize(size);
  const pages = Math.ceil(size / PAGE_SIZE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { ...(instance.exports as unknown as Calls), bytes: new Uint8Array(memory.buffer) };
}

function withGetters(core: CoreCalls & { readonly bytes: Uint8Array }): Core {
  return { ...core, ...gettersOf(core.bytes) };
}

/** The WebAssembly build over at least `size` bytes. Throws where the build is missing or `size` is out of range. */
export function loadWasm(size: number): Core {
  compiled ??= new WebAssembly.Module(readFileSync(builtFile("perigee-host.wasm")));
  return withGetters(instantiate<CoreCalls>(compiled, size));
}

type CreateCore = (bytes: Uint8Array, words: DataView, guard?: Guard) => CoreCalls;

async function createFrom(file: string, size: number, guard?: Guard): Promise<Core> {
  checkSize(size);
  const { createCore } = (await import(builtFile(file).href)) as { createCore: CreateCore };
  const bytes = new Uint8Array(size);
  return withGetters({ ...createCore(bytes, new DataView(bytes.buffer), guard), bytes });
}

/** The JavaScript build, over exactly `size` bytes. */
export function loadJavaScript(size: number): Promise<Core> {
  return createFrom("core.js", size);
}

/** The JavaScript build over the machine that checks every access, and the guard that it asks. */
export async function loadGuarded(size: number): Promise<{ core: Core; guard: Guard }> {
  const guard = new Guard(size);
  return { core: await createFrom("core-guarded.js", size, guard), guard };
}
