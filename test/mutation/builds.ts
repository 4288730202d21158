/**
 * Stands in for test/assembly/builds.ts: of the three builds the two that are JavaScript, with the mutants in them.
 */
import type * as wire from "../../assembly/wire/index.ts";
import { Guard } from "../../host/core/guard.ts";
import type { BoardModule, Build, Codec, CodecBuild, CoreBuild } from "../assembly/builds.ts";
import { type Create, creator, loadGuarded, loadJavaScript } from "./load.ts";

interface Memory {
  readonly bytes: Uint8Array;
}

const plain = <Calls extends Memory>(core: Calls): Build<Calls> => ({
  name: "JavaScript",
  core,
  isGuarded: false,
  declare() {},
  write: (at, bytes) => core.bytes.set(bytes, at),
  forget() {},
  forgetAll() {},
});

const guarded = <Calls extends Memory>(core: Calls, guard: Guard): Build<Calls> => ({
  name: "guarded JavaScript",
  core,
  isGuarded: true,
  declare: (at, size) => guard.declare(at, size),
  write(at, bytes) {
    guard.hostWrote(at, bytes.length);
    core.bytes.set(bytes, at);
  },
  forget: (at, size) => guard.forget(at, size),
  forgetAll: () => guard.reset(),
});

export async function coreBuilds(size = 65536): Promise<CoreBuild[]> {
  const checked = await loadGuarded(size);
  return [plain(await loadJavaScript(size)), guarded(checked.core, checked.guard)];
}

function codec(create: Create<typeof wire>, size: number, guard?: Guard): Codec {
  const bytes = new Uint8Array(size);
  return { ...create(bytes, new DataView(bytes.buffer), guard), bytes };
}

const codecCreator = await creator<typeof wire>("codec.js");
const guardedCreator = await creator<typeof wire>("codec-guarded.js");

export async function codecBuilds(size = 65536): Promise<CodecBuild[]> {
  const guard = new Guard(size);
  return [plain(codec(codecCreator, size)), guarded(codec(guardedCreator, size, guard), guard)];
}

const sensorCreator = await creator<BoardModule["calls"]>("sensor.js");

export function sensorModule(): BoardModule {
  const bytes = new Uint8Array(65536);
  return { calls: sensorCreator(bytes, new DataView(bytes.buffer)), bytes };
}
