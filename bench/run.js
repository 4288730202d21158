/**
 * `npm run bench NAME`: bundles bench/NAME.ts into build/ and runs it; without a name it lists what there is.
 *
 * Each measurement writes its table to bench/NAME.md, to be committed. Figures are ratios to a peer in the same
 * run, because machines differ and are noisy.
 */
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));
const names = readdirSync(folder)
  .filter(file => file.endsWith(".ts"))
  .map(file => file.slice(0, -3));
const [name, ...rest] = process.argv.slice(2);

if (name === undefined || !existsSync(`${folder}${name}.ts`)) {
  console.error(
    `${name === undefined ? "" : `no measurement "${name}"; `}usage: npm run bench NAME, one of: ${names.join(", ")}`,
  );
  process.exit(name === undefined ? 0 : 2);
}
const outfile = fileURLToPath(new URL(`../build/bench-${name}.js`, import.meta.url));
await esbuild.build({
  entryPoints: [`${folder}${name}.ts`],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  packages: "external",
  logLevel: "warning",
});
process.argv = [process.argv[0], outfile, ...rest];
await import(pathToFileURL(outfile).href);
