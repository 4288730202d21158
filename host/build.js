/**
 * `npm run build`: everything under build/.
 *
 *     perigee.wasm         the core as a board runs it, one page of memory of its own, no imports: MQTT 3.1.1 and 5.0
 *     perigee-v311.wasm    the same for 3.1.1 alone
 *     perigee-sensor.wasm  for a publisher: 3.1.1, QoS 0 and 1, nothing stored
 *     perigee_wasm.h, perigee_v311_wasm.h, perigee_sensor_wasm.h   the same bytes as a C array, and where the fields stand that a board reads
 *     perigee.h, perigee_v311.h   the calls, answers, events and fields of the first two, as C
 *     perigee-host.wasm    the same source, compiled for speed instead of size, over a memory that the host brings, as large as it likes
 *     codec.wasm           assembly/wire alone, for tests and measurements
 *     core.js, codec.js    the same sources as JavaScript
 *     core-guarded.js, codec-guarded.js   the same once more, over a machine that checks every access (tests)
 *     page.html            the web client that the broker serves, in one file
 *     report.html          what a report is made of, without its data
 *     perigee.js           the command; client.js, broker.js: the libraries
 *     explore-worker.js    a thread of `perigee check explore`; sweep-worker.js: of `perigee sweep`; alarm-thread.js: of links in real time
 *
 * Plain JavaScript, because Node 20 runs no TypeScript.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import binaryen from "assemblyscript/binaryen";
import * as esbuild from "esbuild";
import { cHeader } from "./boards/c-header.js";
import { PROFILES, profileSource } from "./profiles.js";
import { bundleReport } from "./report/bundle.js";
import { bundlePage } from "./web/bundle.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const pkg = JSON.parse(await readFile(`${root}package.json`, "utf8"));

/** @param {Record<string, number>} constants @param {...string} args */
async function compile(constants, ...args) {
  const options = {
    baseDir: root,
    async readFile(name, baseDir) {
      const text = await readFile(join(baseDir, name), "utf8").catch(() => null);
      return name.endsWith("assembly/profile.ts") && text !== null ? profileSource(text, constants) : text;
    },
  };
  const { error, stderr } = await asc.main(args, options);
  if (error) {
    process.stderr.write(stderr.toString());
    throw error;
  }
}

/**
 * Binaryen once more, over what asc made of it: told that what is compiled for a computer may not be used, that no offset
 * wraps, and that nothing traps, it makes the board's module some two hundredths smaller.
 */
async function shrink(file) {
  const path = `${root}build/${file}`;
  const module = binaryen.readBinary(await readFile(path));
  module.setFeatures(binaryen.Features.BulkMemory | binaryen.Features.BulkMemoryOpt);
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  binaryen.setLowMemoryUnused(true);
  binaryen.setTrapsNeverHappen(true);
  binaryen.setAlwaysInlineMaxSize(2);
  binaryen.setFlexibleInlineMaxSize(20);
  binaryen.setOneCallerInlineMaxSize(-1);
  binaryen.setGenerateStackIR(true);
  binaryen.setOptimizeStackIR(true);
  let bytes = module.emitBinary();
  let size = 0;
  do {
    size = bytes.length;
    module.optimize();
    bytes = module.emitBinary();
  } while (bytes.length < size);
  await writeFile(path, bytes);
  module.dispose();
}

/** The fields of a client's record that a host may read, as host/core/getters.ts does. */
const FIELDS = {
  STATE: "byte: the state of the connection",
  REFUSAL: "byte: the CONNACK return code of the last refusal",
  REASON: "why the connection was closed last, below zero, or 0",
  OUTBOX: "address of the outbox",
  CONNECT_PACKET: "address behind the outbox, and behind the session",
  HEAD: "offset of what the outbox holds first, and ...",
  TAIL: "... of what stands behind the last",
  COMPOSED_END: "address behind the packet being composed, or 0",
  DIRTY_START: "address of the unstored part of the outbox",
  SESSION: "the session itself: fields, then the outbox",
  RECEIVED_END: "where bytes from the server go",
  LEAVING: "where the bytes stand that transmit offered last",
  IN_FLIGHT: "messages that are sent and not acknowledged",
  VIEW: "of the last event: DUP, QoS, RETAIN; or 256 for a session that is present",
  VIEW_ID: "packet identifier",
  VIEW_TOPIC: "address of the topic",
  VIEW_TOPIC_SIZE: "bytes of the topic",
  VIEW_PAYLOAD: "address of the payload, or of this piece of it",
  VIEW_PAYLOAD_SIZE: "bytes of the whole payload",
  PIECE_SIZE: "bytes of this piece, or of the codes of SUBACK",
  STREAM_LEFT: "bytes of the payload behind this piece",
  EVENT_PROPERTIES: "MQTT 5.0: address of the property block, its length first; or 0",
  EVENT_CODE: "MQTT 5.0: the reason code",
};

/** A line of C for each of FIELDS: its offset in the record. */
async function fieldLines(constants) {
  const contents = `export * from "./assembly/layout.ts"; export * from "./assembly/wire/publish.ts";`;
  const { outputFiles } = await esbuild.build({
    ...common,
    stdin: { contents, resolveDir: root },
    plugins: [profilePlugin(constants)],
    write: false,
  });
  const offsets = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  const isFive = constants.V5 !== 0;
  const fields = Object.entries(FIELDS).filter(([, what]) => isFive || !what.startsWith("MQTT 5.0"));
  return fields.map(([name, what]) => {
    const offset = offsets[name] + (name.startsWith("VIEW_") ? offsets.VIEW : 0);
    return `#define PERIGEE_${name} ${offset}u /* ${what} */`;
  });
}

/** The module as a C array that a board includes, const, so that it stays in flash; and its calls. */
async function writeHeader(profile, constants) {
  const bytes = await readFile(`${root}build/${profile}.wasm`);
  const name = `${profile.replace("-", "_")}_wasm`;
  const fields = await fieldLines(constants);
  // The C client keeps its session, which the smallest profile does not.
  if (constants.STORE !== 0) {
    const header = cHeader(bytes, fields, root, pkg.version);
    await writeFile(`${root}build/${profile.replace("-", "_")}.h`, header);
  }
  const lines = [];
  for (let at = 0; at < bytes.length; at += 12) {
    lines.push(
      `    ${Array.from(bytes.subarray(at, at + 12), byte => `0x${byte.toString(16).padStart(2, "0")}`).join(", ")},`,
    );
  }
  const text = `/* ${profile}.wasm ${pkg.version}, made by "npm run build": do not edit. */
#ifndef PERIGEE_WASM_H /* one profile a program: they have the same names */
#define PERIGEE_WASM_H

#define PERIGEE_WASM_SIZE ${bytes.length}u

/* Fields of a client, in bytes from its address: little-endian words but for the bytes, to be read and never written. */
${fields.join("\n")}

/* Four-byte aligned: some engines read the module in place. */
static const unsigned char perigee_wasm[PERIGEE_WASM_SIZE] __attribute__((aligned(4))) = {
${lines.join("\n")}
};

#endif
`;
  await writeFile(`${root}build/${name}.h`, text);
}

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "es2022",
  logLevel: "warning",
};

/** Gives esbuild assembly/profile.ts as `compile` gives it to asc. @returns {import("esbuild").Plugin} */
const profilePlugin = constants => ({
  name: "profile",
  setup: build =>
    build.onLoad({ filter: /\/assembly\/profile\.ts$/ }, async ({ path }) => ({
      contents: profileSource(await readFile(path, "utf8"), constants),
      loader: "ts",
    })),
});

/**
 * The core as JavaScript: the bundle becomes the body of a function of its memory.
 * @param {string} entry @param {string} machine @param {string} outfile
 */
async function bundleCore(entry, machine, outfile) {
  await esbuild.build({
    ...common,
    entryPoints: [entry],
    inject: [machine],
    format: "iife",
    globalName: "core",
    outfile: `build/${outfile}`,
    banner: { js: "export function createCore(bytes, words, guard) {" },
    footer: { js: "return core;\n}" },
  });
}

await mkdir(`${root}build`, { recursive: true });
for (const [profile, { entry, constants }] of Object.entries(PROFILES)) {
  await compile(constants, entry, "--target", "board", "--outFile", `build/${profile}.wasm`);
  await shrink(`${profile}.wasm`);
  await writeHeader(profile, constants);
}
await Promise.all([
  compile({}, "assembly/index.ts", "--target", "host"),
  compile({}, "assembly/wire/index.ts", "--target", "codec"),
  bundleCore("assembly/index.ts", "host/core/machine.ts", "core.js"),
  bundleCore("assembly/wire/index.ts", "host/core/machine.ts", "codec.js"),
  bundleCore("assembly/index.ts", "host/core/guarded-machine.ts", "core-guarded.js"),
  bundleCore("assembly/wire/index.ts", "host/core/guarded-machine.ts", "codec-guarded.js"),
]);
await esbuild.build({
  ...common,
  entryPoints: {
    client: "host/client/index.ts",
    broker: "host/broker/index.ts",
    "explore-worker": "host/check/explore/worker.ts",
    "sweep-worker": "host/cli/sweep-worker.ts",
    "alarm-thread": "host/proxy/alarm-thread.js",
  },
  outdir: "build",
  packages: "external",
  define: { PERIGEE_VERSION: JSON.stringify(pkg.version) },
});
// The command in parts: whoever publishes a reading does not wait for the database, the charts and the orbits of the others.
for (const name of await readdir(`${root}build`)) {
  if (/^perigee-[A-Z0-9]{8}\.js$/.test(name)) await rm(`${root}build/${name}`);
}
await esbuild.build({
  ...common,
  entryPoints: { perigee: "host/cli/main.ts" },
  outdir: "build",
  splitting: true,
  // Beside perigee.js: what the parts read from build/ they name relative to themselves.
  chunkNames: "perigee-[hash]",
  packages: "external",
  define: { PERIGEE_VERSION: JSON.stringify(pkg.version) },
});
await Promise.all([bundlePage(root), bundleReport(root)]);
