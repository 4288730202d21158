/**
 * The page of a report as one file without references, build/report.html: the markup, and echarts with what draws by it as a script. The command
 * puts the data in. Plain JavaScript, as host/build.js.
 */
import { readFile, writeFile } from "node:fs/promises";
import * as esbuild from "esbuild";

/** Writes build/report.html. `root` is the repository's folder, ending in "/". */
export async function bundleReport(root) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["host/report/page/main.ts"],
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  const html = await readFile(`${root}host/report/page.html`, "utf8");
  // Inside of a script the end of one must not appear; a function, because a replacement text gives "$" a meaning.
  const script = outputFiles[0].text.replaceAll("</script", "<\\/script");
  await writeFile(
    `${root}build/report.html`,
    html.replace("/* SCRIPT */", () => script),
  );
}
