// The module that boards get, under libFuzzer: whatever a server sends and a host does, for some minutes (fuzz/client.c has the rules). What
// it has kept, since it led to new branches, is then read by every build of the codec and by mqtt-packet.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { target } from "../fuzz/core-target.ts";
import { CORPUS } from "../fuzz/corpus.ts";
import { havePeers } from "../peers.ts";
import { compile, coreOf, temporary } from "./toolchain.ts";

const RUNS = Number(process.env.PERIGEE_FUZZ_RUNS ?? 850_000);
const SEED = Number(process.env.PERIGEE_FUZZ_SEED ?? 7);
/** On a machine that does something else besides. */
const TIMEOUT_MS = 1_200_000;
const INPUT_SIZE_MAX = 512;
/** Small regions, so that their ends are never far: receive, outbox, CONNECT, identifiers, aliases. */
const SIZES = { RECEIVE_SIZE: 96, OUTBOX_SIZE: 256, CONNECT_SIZE: 64, INBOUND_COUNT: 3, ALIAS_SIZE: 64 };
const MEMORY_SIZE = 1024;

const program = temporary("fuzz-client");
const kept = temporary("fuzz-kept");

/** A step of a script, by which the server sends these bytes: 95 at most. */
const sends = (bytes: readonly number[]): number[] => [((bytes.length & 31) << 3) | (bytes.length >> 5), ...bytes];

/** Where it begins: a client that publishes at QoS 1 and 2, and gets one of the kept inputs of the codec. */
function scripts(): number[][] {
  return CORPUS.core.map(([version, ...bytes]) => {
    const isFive = (version & 1) === 1;
    const connack = isFive ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0];
    return [version | 0x0a, 0x13, 4, 0x23, 4, 0x3c, ...sends(connack), ...sends(bytes)];
  });
}

/** What the server sends in a script, together. */
function serverBytes(script: Uint8Array): number[] {
  const bytes: number[] = [];
  for (let at = 1; at < script.length; ) {
    const [what, operand] = [script[at] & 7, script[at] >> 3];
    at += 1;
    if (what <= 2) {
      bytes.push(...script.subarray(at, at + what * 32 + operand));
      at += what * 32 + operand;
    } else if (what === 3 || (what === 7 && (operand & 7) >= 6)) at += 1;
  }
  return bytes;
}

describe.skipIf(!havePeers("clang", "wasm2c"))(`${RUNS} scripts from seed ${SEED}`, () => {
  beforeAll(() => {
    const sizes = Object.entries(SIZES).map(([name, size]) => `-DBOARD_${name}=${size}`);
    compile("clang", [
      ...["-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-g"],
      ...["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"],
      ...["-Iboards/common", "-Iboards/posix", "-Ibuild/boards/full", ...sizes, `-DPERIGEE_MEMORY_SIZE=${MEMORY_SIZE}`],
      ...["test/boards/fuzz/client.c", coreOf("full"), "-o", program],
    ]);
    mkdirSync(kept);
    for (const [index, script] of scripts().entries()) writeFileSync(`${kept}/${index}`, Uint8Array.from(script));
  });

  it(
    "the client stands, and comes back to a healthy server",
    async () => {
      const flags = [`-runs=${RUNS}`, `-seed=${SEED}`, `-max_len=${INPUT_SIZE_MAX}`, `-artifact_prefix=${kept}-fault-`];
      const { code, stderr } = await run(program, [...flags, "-print_final_stats=1", kept]);
      const fault = /^fault: .*/m.exec(stderr)?.[0] ?? stderr.slice(-2000);
      const input = /^Base64: .*/m.exec(stderr)?.[0];
      expect(code === 0 ? "" : `${fault}\n${input}`).toBe("");
      expect(Number(/number_of_executed_units: (\d+)/.exec(stderr)?.[1])).toBeGreaterThanOrEqual(RUNS);
    },
    TIMEOUT_MS,
  );

  it("what it has kept reads the same in every build, and to mqtt-packet", () => {
    const files = readdirSync(kept);
    expect(files.length).toBeGreaterThan(scripts().length);
    for (const file of files) {
      const script = readFileSync(`${kept}/${file}`);
      if (script.length === 0) continue;
      expect(() => target.run(Uint8Array.from([script[0] & 1, ...serverBytes(script)])), basename(file)).not.toThrow();
    }
  });
});
