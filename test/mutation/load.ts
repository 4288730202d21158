/**
 * Stands in for host/core/load.ts: every build is the JavaScript build with the mutants in it. The bundles lie beside
 * this file's (bundle.ts).
 */
import type { Core, CoreCalls } from "../../host/core/core.ts";
import { gettersOf } from "../../host/core/getters.ts";
import { Guard } from "../../host/core/guard.ts";

export type Create<Calls> = (bytes: Uint8Array, words: DataView, guard?: Guard) => Calls;

/** The function that makes a core or a codec, of a bundle. */
export async function creator<Calls>(file: string): Promise<Create<Calls>> {
  const { createCore } = (await import(new URL(file, import.meta.url).href)) as { createCore: Create<Calls> };
  return createCore;
}

const plain = await creator<CoreCalls>("core.js");
const guarded = await creator<CoreCalls>("core-guarded.js");

function load(create: Create<CoreCalls>, size: number, guard?: Guard): Core {
  const bytes = new Uint8Array(size);
  return { ...create(bytes, new DataView(bytes.buffer), guard), ...gettersOf(bytes), bytes };
}

export const loadWasm = (size: number): Core => load(plain, size);

export const loadJavaScript = async (size: number): Promise<Core> => load(plain, size);

export async function loadGuarded(size: number): Promise<{ core: Core; guard: Guard }> {
  const guard = new Guard(size);
  return { core: load(guarded, size, guard), guard };
}
