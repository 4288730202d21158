/**
 * Bundles test files, with texts of ours in the place of some sources, into files that the worker can load again and again.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { PROFILES, profileSource } from "../../host/profiles.js";

export interface Sources {
  /** The root of the project, with its last slash. */
  readonly root: string;
  /** Texts in the place of what the files at these paths hold. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where the bundles go, below `root`. */
  readonly folder: string;
}

/** Files that stand in for others, below the root. */
const STAND_INS = new Map([
  ["host/core/load.ts", "test/mutation/load.ts"],
  ["test/assembly/builds.ts", "test/mutation/builds.ts"],
]);

const common: esbuild.BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  logLevel: "warning",
  // The source map of a bundle of a megabyte would be read a thousand times.
  sourcemap: false,
};

/** Gives esbuild the texts of `sources`; what a file says of its own place is its place in the tree. */
const textPlugin = ({ root, texts }: Sources): esbuild.Plugin => ({
  name: "texts",
  setup: build =>
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const isOurs = path.startsWith(`${root}test/mutation/`);
      const text = texts.get(path) ?? readFileSync(path, "utf8");
      const place = JSON.stringify(pathToFileURL(path).href);
      return { contents: isOurs ? text : text.replaceAll("import.meta.url", place), loader: "ts" };
    }),
});

/** Leads the imports of the files that others stand in for to those, and "vitest" to vitest.ts. */
const standInPlugin = ({ root }: Sources): esbuild.Plugin => ({
  name: "stand-ins",
  setup(build) {
    build.onResolve({ filter: /^vitest$/ }, () => ({ path: "./vitest.js", external: true }));
    build.onResolve({ filter: /\/(load|builds)\.ts$/ }, ({ path, resolveDir }) => {
      const file = new URL(path, pathToFileURL(`${resolveDir}/`)).pathname;
      const standIn = STAND_INS.get(file.slice(root.length));
      return standIn === undefined ? undefined : { path: `${root}${standIn}` };
    });
  },
});

/** One build as host/build.js makes it: the body of a function of its memory. */
async function bundleBuild(sources: Sources, entry: string, machine: string, name: string): Promise<void> {
  await esbuild.build({
    ...common,
    absWorkingDir: sources.root,
    entryPoints: [entry],
    inject: [machine],
    format: "iife",
    globalName: "core",
    outfile: `${sources.folder}/${name}.js`,
    banner: { js: "export function createCore(bytes, words, guard) {" },
    footer: { js: "return core;\n}" },
    plugins: [textPlugin(sources)],
  });
}

/** The core and the codec, plain and guarded, and the core of a sensor. */
export async function bundleCore(sources: Sources): Promise<void> {
  const plain = "host/core/machine.ts";
  const guarded = "host/core/guarded-machine.ts";
  await bundleBuild(sources, "assembly/index.ts", plain, "core");
  await bundleBuild(sources, "assembly/index.ts", guarded, "core-guarded");
  await bundleBuild(sources, "assembly/wire/index.ts", plain, "codec");
  await bundleBuild(sources, "assembly/wire/index.ts", guarded, "codec-guarded");
  const path = `${sources.root}assembly/profile.ts`;
  const { entry, constants } = PROFILES["perigee-sensor"];
  const texts = new Map([...sources.texts, [path, profileSource(readFileSync(path, "utf8"), constants)]]);
  await bundleBuild({ ...sources, texts }, entry, plain, "sensor");
}

/** The name of a test file's bundle. */
export const bundleName = (file: string): string => `${file.replaceAll("/", "_").slice(0, -3)}.js`;

/** One bundle a test file, and vitest.js and worker.js beside them. */
export async function bundleTests(sources: Sources, files: readonly string[]): Promise<void> {
  const { root, folder } = sources;
  const entryPoints = files.map(file => ({ in: file, out: basename(bundleName(file), ".js") }));
  entryPoints.push({ in: "test/mutation/worker.ts", out: "worker" }, { in: "test/mutation/vitest.ts", out: "vitest" });
  await esbuild.build({
    ...common,
    absWorkingDir: root,
    entryPoints,
    outdir: folder,
    packages: "external",
    plugins: [standInPlugin(sources), textPlugin(sources)],
  });
}
