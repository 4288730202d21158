/**
 * The targets over sources with istanbul's counters in them.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bundleCore, bundleName, bundleTests } from "../mutation/bundle.ts";
import { counted } from "../mutation/counted.ts";
import { PARTS } from "../mutation/parts.ts";
import type { Target } from "./guided.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FOLDER = "build/fuzz";

/** The target of each name, over sources with counters. */
export async function loadTargets(names: readonly string[]): Promise<Map<string, Target>> {
  mkdirSync(`${ROOT}${FOLDER}`, { recursive: true });
  const files = [...PARTS.assembly(ROOT).sources, ...PARTS.broker(ROOT).sources];
  const sources = { root: ROOT, texts: counted(ROOT, files), folder: FOLDER };
  await bundleCore(sources);
  const entries = names.map(name => `test/fuzz/${name}-target.ts`);
  await bundleTests(sources, entries);
  const targets = new Map<string, Target>();
  for (const [index, name] of names.entries()) {
    const bundle = new URL(`../../${FOLDER}/${bundleName(entries[index])}`, import.meta.url);
    targets.set(name, ((await import(/* @vite-ignore */ bundle.href)) as { target: Target }).target);
  }
  return targets;
}
