/** Every vector of vectors.ts: refused with its rule, alone, whatever way the bytes are cut. */
import { describe, expect, it } from "vitest";
import { World } from "../endpoint.ts";
import { ALLOWED, REFUSALS } from "./vectors.ts";

describe("a packet that breaks a rule", () => {
  it("has at least 40 vectors, each different", () => {
    expect(REFUSALS.length).toBeGreaterThan(40);
    expect(new Set(REFUSALS.map(({ state, bytes }) => `${state} ${bytes}`)).size).toBe(REFUSALS.length);
  });

  it.each(REFUSALS)("$what: [$rule]", ({ rule, state, bytes }) => {
    const world = new World();
    const witness = world.connect("witness");
    const offender = state === "open" ? world.connect("offender") : world.open();
    offender.sendBytes(Uint8Array.from(bytes));
    expect(offender.closeReason).toMatch(new RegExp(`^\\[${rule.replaceAll(".", "\\.")}\\] .`));
    expect([...(offender.closeReason ?? "")].every(character => character >= " ")).toBe(true);
    // It ends that connection and no other.
    witness.send({ type: "PINGREQ" });
    expect(witness.takeAll()).toEqual([{ type: "PINGRESP" }]);
    expect(world.broker.connectionCount).toBe(1);
  });

  it.each(REFUSALS)("$what: byte by byte", ({ rule, state, bytes }) => {
    const world = new World();
    const offender = state === "open" ? world.connect("offender") : world.open();
    for (const byte of bytes) offender.sendBytes(Uint8Array.of(byte));
    expect(offender.closeReason?.startsWith(`[${rule}] `)).toBe(true);
  });
});

describe("a packet that breaks none", () => {
  it.each(ALLOWED)("$what", ({ bytes }) => {
    const world = new World();
    const client = world.connect("client");
    client.sendBytes(Uint8Array.from(bytes));
    client.send({ type: "PINGREQ" });
    expect(client.closeReason).toBeUndefined();
    expect(client.takeAll().at(-1)).toEqual({ type: "PINGRESP" });
  });
});
