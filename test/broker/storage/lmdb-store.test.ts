/** The file itself: what cannot be used is said in one line, and never ends the process otherwise. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { open } from "lmdb";
import { describe, expect, it, vi } from "vitest";
import { LmdbStore, MemoryStore, StoreError } from "../../../host/broker/index.ts";
import { perigee } from "../../cli/program.ts";
import { onEnd } from "../real.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "perigee-"));
const owner = (clientId: string, will: Uint8Array) => ({
  clientId,
  username: null,
  entrance: "1883",
  will: { topic: "t", payload: will, qos: 1 as const, retain: false },
});

/** A store with `count` records in it, closed. */
async function filled(count = 300): Promise<string> {
  const path = join(newFolder(), "deep", "store.db");
  const store = await LmdbStore.open(path);
  const batch = new Map(
    Array.from({ length: count }, (_, index) => [`w${index}`, owner(`c${index}`, Buffer.alloc(200))]),
  );
  await store.write(batch);
  await store.close();
  return path;
}

async function readAll(path: string): Promise<number> {
  const store = await LmdbStore.open(path);
  try {
    return [...store.load()].length;
  } finally {
    await store.close();
  }
}

describe("the store on disk", () => {
  it("gives back what it was given, as one in memory does", async () => {
    const path = join(newFolder(), "s.db");
    const memory = new MemoryStore();
    for (const batch of [
      new Map([
        ["w1", owner("one", Uint8Array.of(0, 255, 7))],
        ["w2", owner("zwei \u{1f680}", Buffer.alloc(100_000, 1))],
      ]),
      new Map([
        ["w1", null],
        ["w3", owner("", new Uint8Array(0))],
      ]),
    ]) {
      const store = await LmdbStore.open(path);
      await store.write(batch);
      memory.writeNow(batch);
      await store.close();
    }
    const store = await LmdbStore.open(path);
    onEnd(() => store.close());
    const found = new Map(store.load());
    expect([...found.keys()]).toEqual(["w2", "w3"]);
    for (const [key, record] of memory.load()) {
      const plain = (value: unknown) =>
        JSON.parse(
          JSON.stringify(value, (_key, part) =>
            ArrayBuffer.isView(part) ? [...(part as Uint8Array)] : part?.type === "Buffer" ? part.data : part,
          ),
        );
      expect(plain(found.get(key))).toEqual(plain(record));
    }
  });

  it("is one broker's at a time", async () => {
    const path = await filled();
    const first = await LmdbStore.open(path);
    if (process.platform === "linux") {
      await expect(LmdbStore.open(path)).rejects.toThrow(`the store ${path} is in use by another broker`);
    }
    await first.close();
    expect(await readAll(path)).toBe(300);
  });

  it.each([
    ["a text", "hello, this is no store\n"],
    ["nothing but noise", Buffer.alloc(40_000, 0x5a)],
  ])("refuses %s", async (_what, content) => {
    const path = join(newFolder(), "s.db");
    writeFileSync(path, content);
    await expect(LmdbStore.open(path)).rejects.toThrow(`the store ${path} is damaged, or is no store`);
    expect(readFileSync(path).equals(Buffer.from(content))).toBe(true);
  });

  it.each([100, 5000, 30_000, 100_000])("refuses one that was cut off at %i bytes", async size => {
    const path = await filled(2000);
    expect(statSync(path).size).toBeGreaterThan(200_000);
    truncateSync(path, size);
    await expect(readAll(path)).rejects.toThrow(StoreError);
  });

  it("refuses one that was scribbled over", async () => {
    const path = await filled(2000);
    const bytes = readFileSync(path);
    bytes.fill(0xa7, 3 * 4096, bytes.length - 4096);
    writeFileSync(path, bytes);
    await expect(readAll(path)).rejects.toThrow(StoreError);
  });

  it("refuses one of another version, and another program's", async () => {
    for (const [format, found] of [
      [{ name: "perigee broker", version: 7 }, "perigee broker 7"],
      [undefined, "another program"],
    ] as const) {
      const path = join(newFolder(), "s.db");
      const other = open({ path, noSubdir: true });
      await other.put(format === undefined ? "x" : "format", format ?? 1);
      await other.close();
      await expect(LmdbStore.open(path)).rejects.toThrow(`was written by ${found}, and this is perigee broker 1`);
    }
  });

  it("that cannot be used keeps the broker from starting, with status 4", async () => {
    const folder = newFolder();
    const conf = join(folder, "conf");
    writeFileSync(
      conf,
      `listener 0 ${folder}/s\npersistence true\npersistence_location ${folder}\npersistence_file f\n`,
    );
    writeFileSync(join(folder, "f"), "no store");
    const { code, stderr } = await perigee(["broker", "-c", conf]);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: `perigee broker: the store ${folder}/f is damaged, or is no store\n`,
    });
  });

  const small = join(newFolder(), "small");
  mkdirSync(small);
  const isMounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=400k", "tmpfs", small]).status === 0;

  it.runIf(isMounted)("that is full says so, keeps what it had, and works again with more room", async () => {
    onEnd(() => spawnSync("umount", [small]));
    const path = join(small, "s.db");
    const store = await LmdbStore.open(path);
    onEnd(() => store.close());
    await store.write(new Map([["w1", owner("kept", Buffer.alloc(10))]]));
    const large = new Map([["w2", owner("large", Buffer.alloc(1_000_000))]]);
    // lmdb prints the fault as well as it throws it, and has no setting for that.
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    onEnd(() => printed.mockRestore());
    await expect(store.write(large)).rejects.toThrow();
    expect(printed).toHaveBeenCalledOnce();
    printed.mockRestore();
    expect([...store.load()].map(([key]) => key)).toEqual(["w1"]);
    spawnSync("mount", ["-o", "remount,size=8m", small]);
    await store.write(large);
    expect([...store.load()].map(([key]) => key)).toEqual(["w1", "w2"]);
  });
});
