/**
 * Stands in for test/assembly/builds.ts: of the three builds the two that are JavaScript, with the mutants in them.
 */
import type * as wire from "../../assembly/wire/index.ts";
import { Guard } from "../../host/core/guard.ts";
import { guarded, plain } from "../assembly/build.ts";
import type { BoardModule, Codec, CodecBuild, CoreBuild } from "../assembly/builds.ts";
import { type Create, creator, loadGuarded, loadJavaScript } from "./load.ts";

export async function coreBuilds(size = 65536): Promise<CoreBuild[]> {
  const checked = await loadGuarded(size);
  return [plain("JavaScript", await loadJavaScript(size)), guarded("guarded JavaScript", checked.core, checked.guard)];
}

function codec(create: Create<typeof wire>, size: number, guard?: Guard): Codec {
  const bytes = new Uint8Array(size);
  return { ...create(bytes, new DataView(bytes.buffer), guard), bytes };
}

const codecCreator = await creator<typeof wire>("codec.js");
const guardedCreator = await creator<typeof wire>("codec-guarded.js");

export async function codecBuilds(size = 65536): Promise<CodecBuild[]> {
  const guard = new Guard(size);
  return [
    plain("JavaScript", codec(codecCreator, size)),
    guarded("guarded JavaScript", codec(guardedCreator, size, guard), guard),
  ];
}

const sensorCreator = await creator<BoardModule["calls"]>("sensor.js");

export function sensorModule(): BoardModule {
  const bytes = new Uint8Array(65536);
  return { calls: sensorCreator(bytes, new DataView(bytes.buffer)), bytes };
}
