/**
 * What is broken on purpose, and the tests that ought to see it.
 */
import { readdirSync } from "node:fs";

export interface Part {
  /** Sources, below the root. */
  readonly sources: readonly string[];
  /** Test files, below the root. */
  readonly tests: readonly string[];
}

/** Every TypeScript source below `folder`, but declarations. */
function below(root: string, folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map(name => `${folder}/${name}`)
    .sort();
}

const testFile = (file: string): boolean => file.endsWith(".test.ts");

/** profile.ts chooses a build; the others list what a build exports. */
const NO_RULES = /\/(profile|least|sensor|v311|index)\.ts$/;
/** These look at the WebAssembly module itself or at the sources, in which no mutant is. */
const OTHER_BUILDS = /\/(board|size|style|instructions)\.test\.ts$/;

/** Of the broker: its machine and its codec. What stands between it and sockets, files and the system is tested with those. */
const MACHINE =
  /\/broker\/(codec\/.*|admission|aliases|authentication|broker|connection|departure|dispatch|entrance|inbound|message|negotiation|outbound|output|retained|sending|session|shared-subscription|subscribing|subscriptions|terms|timers|topics|trace)\.ts$/;
/** These start processes, open sockets or read what the build made. */
const SLOW =
  /\/(authority|command|differences|http|listener|listeners|normative|page|peers|peers5|quick-socket|slow-peers|system-peer|chaos|clock|tap|tapped)\.test\.ts$/;

export const PARTS: Readonly<Record<string, (root: string) => Part>> = {
  assembly: root => ({
    sources: below(root, "assembly").filter(file => !NO_RULES.test(file)),
    tests: [
      ...below(root, "test/assembly").filter(
        file => testFile(file) && !OTHER_BUILDS.test(file) && !/session\/durability/.test(file),
      ),
      "test/check/explore/explore.test.ts",
    ],
  }),
  broker: root => ({
    sources: below(root, "host/broker").filter(file => MACHINE.test(file)),
    tests: below(root, "test/broker").filter(
      file => testFile(file) && !SLOW.test(file) && !/\/(configuration|access)\/|lmdb|kill\.test/.test(file),
    ),
  }),
};
