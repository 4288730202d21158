/**
 * The three builds of the core as a host gets them, and the guard that the third one asks.
 */
import { describe, expect, it } from "vitest";
import { FIRST_ADDRESS } from "../../host/core/core.ts";
import { Guard } from "../../host/core/guard.ts";
import { loadGuarded, loadJavaScript, loadWasm } from "../../host/core/load.ts";

const GEOMETRY = [256, 496, 64, 8] as const;

describe("loading the core", () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 65536 * 65536])(
    "refuses a memory of %d bytes",
    async size => {
      expect(() => loadWasm(size)).toThrow(RangeError);
      await expect(loadJavaScript(size)).rejects.toThrow("a core's memory has 1 to 4294901760 bytes");
      await expect(loadGuarded(size)).rejects.toThrow(RangeError);
    },
  );

  it("gives each core a memory of its own, as large as was asked for", async () => {
    const [first, second] = [loadWasm(100_000), loadWasm(100_000)];
    expect(first.bytes.length).toBe(131_072);
    first.initialize(FIRST_ADDRESS, ...GEOMETRY);
    expect(first.bytes.some(byte => byte !== 0)).toBe(true);
    expect(second.bytes.some(byte => byte !== 0)).toBe(false);
    const [third, fourth] = [await loadJavaScript(4096), await loadJavaScript(4096)];
    expect(third.bytes.length).toBe(4096);
    third.initialize(FIRST_ADDRESS, ...GEOMETRY);
    expect(fourth.bytes.some(byte => byte !== 0)).toBe(false);
  });

  it("gives the same calls in every build", async () => {
    const names = (core: object) =>
      Object.entries(core)
        .filter(([, value]) => typeof value === "function")
        .map(([name]) => name)
        .sort();
    const wasm = names(loadWasm(4096));
    expect(wasm.length).toBeGreaterThan(30);
    expect(names(await loadJavaScript(4096))).toEqual(wasm);
    expect(names((await loadGuarded(4096)).core)).toEqual(wasm);
  });

  it("runs many clients in one memory", () => {
    const core = loadWasm(1 << 21);
    const size = core.initialize(0, ...GEOMETRY);
    const clients = Array.from({ length: 1000 }, (_, index) => FIRST_ADDRESS + index * size);
    for (const client of clients) expect(core.initialize(client, ...GEOMETRY)).toBe(size);
    expect(core.publish(clients[500], 1, 1, 0)).toBeGreaterThan(clients[500]);
    expect(core.composedEnd(clients[499])).toBe(0);
  });
});

describe("the guarded build", () => {
  it("throws on an access outside what was declared, and on a read of what nobody wrote", async () => {
    const { core, guard } = await loadGuarded(4096);
    expect(() => core.initialize(FIRST_ADDRESS, ...GEOMETRY)).toThrow("outside the declared regions");
    const size = core.initialize(0, ...GEOMETRY);
    guard.declare(FIRST_ADDRESS, size - 1);
    expect(() => core.resend(FIRST_ADDRESS)).toThrow("never written");
    guard.declare(FIRST_ADDRESS, size);
    core.initialize(FIRST_ADDRESS, ...GEOMETRY);
    expect(core.state(FIRST_ADDRESS)).toBe(0);
    expect(() => core.resend(FIRST_ADDRESS + size)).toThrow("outside the declared regions");
    expect(() => core.resend(-1)).toThrow("outside the memory");
    expect(() => core.resend(4096)).toThrow("outside the memory");
  });

  it("throws on a value that is no 32-bit integer", async () => {
    const { core, guard } = await loadGuarded(4096);
    guard.declare(FIRST_ADDRESS, 2048);
    core.initialize(FIRST_ADDRESS, ...GEOMETRY);
    expect(() => core.configure(FIRST_ADDRESS, 4, 0.5)).toThrow("not a 32-bit integer: 0.5");
    expect(() => core.configure(FIRST_ADDRESS, 4, 2 ** 32)).toThrow("not a 32-bit integer");
  });
});

describe("the guard", () => {
  it("moves what it knows of bytes along with them", () => {
    const guard = new Guard(64);
    guard.declare(0, 64);
    guard.hostWrote(0, 4);
    guard.copy(2, 0, 8);
    expect(() => guard.read(2, 4)).not.toThrow();
    expect(() => guard.read(6, 1)).toThrow("byte 6 is never written");
  });

  it("forgets what it is told to", () => {
    const guard = new Guard(64);
    guard.declare(0, 16);
    guard.write(0, 16);
    guard.forget(4, 4);
    expect(() => guard.read(0, 4)).not.toThrow();
    expect(() => guard.read(3, 2)).toThrow("byte 4 is never written");
    guard.reset();
    expect(() => guard.write(0, 1)).toThrow("outside the declared regions");
  });

  it("lets a host write only where the core may read", () => {
    const guard = new Guard(64);
    guard.declare(0, 16);
    expect(() => guard.hostWrote(8, 9)).toThrow("host write of 9 bytes at 8: byte 16");
    expect(() => guard.read(0, -1)).toThrow("outside the memory");
    expect(() => guard.copy(60, 0, 8)).toThrow("outside the memory");
  });
});
