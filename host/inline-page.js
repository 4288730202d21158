/**
 * A page as one file without references: its markup, with a script and all that the script imports in the place of the words
 * SCRIPT in a comment. Plain JavaScript, as host/build.js.
 */
import { readFile, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";

/**
 * Writes `to`, of the markup `html` and the script `entry`; all below `root`, the repository's folder, ending in "/". `options` are esbuild's.
 * @param {string} root @param {{html: string, entry: string, to: string}} files @param {import("esbuild").BuildOptions} options
 */
export async function inlinePage(root, { html, entry, to }, options = {}) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    logLevel: "warning",
    ...options,
  });
  // Inside of a script the end of one must not appear; a function, because a replacement text gives "$" a meaning.
  const script = outputFiles[0].text.replaceAll("</script", "<\\/script");
  const markup = await readFile(`${root}${html}`, "utf8");
  await writeFile(
    `${root}${to}`,
    markup.replace("/* SCRIPT */", () => script),
  );
}
