// The module's two slots under power cuts at every byte of an update: firmware/torn_module.c, with the address and alignment checks on.
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { CHECKED, compileHost } from "./toolchain.ts";

describe.skipIf(!havePeers("gcc", "openssl_library", "wasm2c"))("the module's slots", () => {
  it("hold a whole module through a cut at any byte, and never run one that was refused or has forgotten a bit", async () => {
    const sources = ["slots", "update", "module_check"].map(name => `boards/update/${name}.c`);
    const sizes = ["-DMODULE_SLOT_SIZE=2048u", "-DMODULE_SECTOR_SIZE=256u", "-Iboards/update", "-Iboards/engines"];
    const program = compileHost(
      "torn-module",
      ["test/boards/firmware/torn_module.c", ...sources],
      [...CHECKED, ...sizes, "-Wl,--no-as-needed", "-lcrypto"],
    );
    const { code, stdout, stderr } = await run(program, []);
    expect([code, stderr]).toEqual([0, ""]);
    const [cuts, bits, refused] = stdout.trim().split("\n");
    expect(Number(cuts.replace("cuts ", ""))).toBeGreaterThan(5000);
    expect([bits, refused]).toEqual(["bits 700", "refused"]);
  });
});
