// The store under power cuts at every byte, wear and worn sectors: firmware/torn.c, with the address and alignment checks on.
import { describe, expect, it } from "vitest";
import { run } from "../broker/real.ts";
import { havePeers } from "../peers.ts";
import { CHECKED, compileHost } from "./toolchain.ts";

describe.skipIf(!havePeers("gcc"))("the store", () => {
  it.each([2, 3, 5])(
    "of %d sectors loses nothing to a cut at any byte, wears evenly, and outlives its flash",
    async count => {
      const sources = ["test/boards/firmware/torn.c", "boards/common/store.c"];
      const flags = [...CHECKED, "-DFLASH_SECTOR_SIZE=512", `-DFLASH_SECTOR_COUNT=${count}`];
      const { code, stdout, stderr } = await run(compileHost(`torn-${count}`, sources, flags), []);
      expect([code, stderr]).toEqual([0, ""]);
      const [cuts, wear, end] = stdout.trim().split("\n");
      expect(Number(cuts.replace("cuts ", ""))).toBeGreaterThan(5000);
      expect(wear).toMatch(/^erases \d+ to \d+ a sector$/);
      expect(end).toBe("worn out, kept");
    },
  );
});
