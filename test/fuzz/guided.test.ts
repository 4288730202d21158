// The loop itself: counters lead it to a fault that chance would not find, it reduces what it found, and does the same for the same seed.
import { createInstrumenter } from "istanbul-lib-instrument";
import { expect, it } from "vitest";
import { fuzz, type Target } from "./guided.ts";

const SOURCE = `
  if (input[0] === 0x10 && input[1] === 0x7f)
    if (input[2] === 0xc0)
      if (input[3] === 0x82) throw new Error("found");
`;

function targetOf(source: string): Target {
  const run = new Function("input", source) as Target["run"];
  // The counters come into being with the first call.
  run(new Uint8Array(0));
  return {
    run,
    fresh: seed => Uint8Array.of(seed & 0xff, (seed >> 8) & 0xff, (seed >> 16) & 0xff, (seed >> 24) & 0xff, 1, 2),
  };
}

const counted = createInstrumenter({ compact: false }).instrumentSync(`(input => {${SOURCE}})`, "nested.js");

it("finds by coverage what chance does not, and reduces it", async () => {
  const limits = { seed: 3, inputCount: 20_000 };
  const led = await fuzz(targetOf(`(0, eval)(${JSON.stringify(counted)})(input)`), [], limits);
  expect(led.fault?.text).toBe("Error: found");
  expect([...(led.fault?.input ?? [])]).toEqual([0x10, 0x7f, 0xc0, 0x82]);
  const blind = await fuzz(targetOf(SOURCE), [], { ...limits, inputCount: led.inputCount });
  expect(blind.fault).toBeUndefined();
});

it("does the same for the same seed", async () => {
  const once = () => fuzz(targetOf(`(0, eval)(${JSON.stringify(counted)})(input)`), [], { seed: 3, inputCount: 3000 });
  expect(await once()).toEqual(await once());
});
