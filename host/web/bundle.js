/**
 * The web client as one file without references, build/page.html: the markup, and the client with the core in it as a
 * script. What it takes of Node is in node/. Plain JavaScript, as host/build.js.
 */
import { readFile, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";

/** Node's modules that host/client imports, and what a page has instead. */
const MODULES = {
  "node:buffer": "buffer.ts",
  "node:crypto": "crypto.ts",
  "node:events": "events.ts",
  "node:fs": "fs.ts",
  "node:fs/promises": "absent.ts",
  "node:net": "absent.ts",
  "node:path": "absent.ts",
  "node:tls": "absent.ts",
};

/** Writes build/page.html; build/perigee-host.wasm must be there. `root` is the repository's folder, ending in "/". */
export async function bundlePage(root) {
  const folder = `${root}host/web/`;
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["host/web/page.ts"],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    loader: { ".wasm": "binary" },
    alias: Object.fromEntries(Object.entries(MODULES).map(([name, file]) => [name, `${folder}node/${file}`])),
    inject: ["host/web/node/globals.ts"],
    // The core is where the script is: inside.
    define: { "import.meta.url": JSON.stringify("file:///page.js") },
    logLevel: "warning",
  });
  const html = await readFile(`${folder}page.html`, "utf8");
  // A function, because a replacement text gives "$" a meaning.
  await writeFile(
    `${root}build/page.html`,
    html.replace("/* SCRIPT */", () => outputFiles[0].text),
  );
}
