/** The package as others install it: packed, unpacked elsewhere, type-checked with every declaration in view, and run. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const CONSUMER = `
import { connect, type Message, PerigeeError } from "perigee";
import { listen } from "perigee/broker";
const broker = await listen({ port: 0 });
const client = await connect(\`mqtt://localhost:\${broker.port}\`, { clientId: "consumer" });
await client.subscribe("a/+", { qos: 1 });
await client.publish("a/b", "hello", { qos: 2 });
const next: IteratorResult<Message, undefined> = await client[Symbol.asyncIterator]().next();
const text: string = next.done ? "" : next.value.payload.toString();
const code: string = await client.publish("#", "").then(() => "", (error: PerigeeError) => error.code);
await client.close();
await broker.close();
console.log(text, code);
`;

const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    module: "nodenext",
    strict: true,
    skipLibCheck: false,
    types: ["node"],
    outDir: "out",
  },
  files: ["consumer.ts"],
};

function run(directory: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: directory, encoding: "utf8" });
  expect(`${stdout}${status === 0 ? "" : stderr}`, `${command} ${args.join(" ")}`).not.toMatch(/error/i);
  expect(status).toBe(0);
  return stdout;
}

// Two compilers and npm: half a minute on a machine that has other things to do.
it("type-checks without skipLibCheck, and runs", { timeout: 180_000 }, () => {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  run(ROOT, tsc, "-p", "host/tsconfig.types.json");
  const directory = mkdtempSync(join(tmpdir(), "perigee-package-"));
  const modules = join(directory, "node_modules");
  mkdirSync(join(modules, "perigee"), { recursive: true });
  run(ROOT, "npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", directory);
  const tarball = readdirSync(directory).find(name => name.endsWith(".tgz")) ?? "";
  run(directory, "tar", "-xzf", tarball, "--strip-components=1", "-C", join(modules, "perigee"));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const name of ["@types", "undici-types", ...Object.keys(dependencies)]) {
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(TSCONFIG));
  writeFileSync(join(directory, "consumer.ts"), CONSUMER);
  run(directory, tsc, "-p", ".");
  expect(run(directory, process.execPath, "out/consumer.js")).toBe("hello MISUSE_TOPIC\n");
});
