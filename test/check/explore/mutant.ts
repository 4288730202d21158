/**
 * The core with a bug put in: one piece of its source replaced, and the JavaScript build made of that. A piece that is not there any
 * more is an error, so that a bug cannot silently cease to be one.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { Core, CoreCalls } from "../../../host/core/core.ts";
import { gettersOf } from "../../../host/core/getters.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface Mutation {
  /** Below assembly/. */
  readonly file: string;
  readonly from: string | RegExp;
  readonly to: string;
}

/** The JavaScript build of the core with `mutation`, over `size` bytes. */
export async function mutantCore({ file, from, to }: Mutation, size: number): Promise<Core> {
  const path = `${ROOT}assembly/${file}`;
  const source = readFileSync(path, "utf8");
  const changed = source.replace(from, to);
  if (changed === source) throw new Error(`${file} has no ${String(from)} any more: put the bug where its code is now`);
  const { outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ["assembly/index.ts"],
    inject: ["host/core/machine.ts"],
    bundle: true,
    write: false,
    format: "iife",
    globalName: "core",
    platform: "node",
    target: "es2022",
    plugins: [
      {
        name: "mutation",
        setup: build => {
          build.onLoad({ filter: /\.ts$/ }, args =>
            args.path === path ? { contents: changed, loader: "ts" } : undefined,
          );
        },
      },
    ],
  });
  const create = new Function("bytes", "words", `${outputFiles[0].text}\nreturn core;`);
  const bytes = new Uint8Array(size);
  const calls = create(bytes, new DataView(bytes.buffer)) as CoreCalls;
  return { ...calls, ...gettersOf(bytes), bytes };
}
