/** Every vector of vectors5.ts: refused with its rule, alone, and the client is told the standard's reason code. */
import { describe, expect, it } from "vitest";
import type { Client } from "../endpoint.ts";
import { World } from "../endpoint.ts";
import { ALLOWED_5, REFUSALS_5, type Refusal5 } from "./vectors5.ts";

function offenderOf(world: World, { state }: Refusal5): Client {
  return state === "open" ? world.connect5("offender") : world.open(5);
}

describe("a packet of 5.0 that breaks a rule", () => {
  it("has at least 90 vectors, each different", () => {
    expect(REFUSALS_5.length).toBeGreaterThanOrEqual(90);
    expect(new Set(REFUSALS_5.map(({ state, bytes }) => `${state} ${bytes}`)).size).toBe(REFUSALS_5.length);
  });

  it.each(REFUSALS_5)("$what: [$rule]", vector => {
    const { rule, reasonCode, state, bytes } = vector;
    const world = new World();
    const witness = world.connect5("witness");
    const offender = offenderOf(world, vector);
    offender.sendBytes(Uint8Array.from(bytes));
    const reason = offender.closeReason ?? "";
    expect(reason.startsWith(`[${rule}] `), reason).toBe(true);
    // [MQTT-4.13.1-1] the reason code, and in words the same as in the log.
    const answers = offender.takeAll();
    if (reasonCode < 0) expect(answers).toEqual([]);
    else if (state === "open")
      expect(answers).toEqual([{ type: "DISCONNECT", reasonCode, properties: { reasonString: reason } }]);
    else
      expect(answers).toEqual([
        { type: "CONNACK", sessionPresent: false, returnCode: reasonCode, properties: { reasonString: reason } },
      ]);
    // It ends that connection and no other.
    witness.send({ type: "PINGREQ" });
    expect(witness.takeAll()).toEqual([{ type: "PINGRESP" }]);
    expect(world.broker.connectionCount).toBe(1);
  });

  it.each(REFUSALS_5)("$what: byte by byte", vector => {
    const world = new World();
    const offender = offenderOf(world, vector);
    for (const byte of vector.bytes) offender.sendBytes(Uint8Array.of(byte));
    expect(offender.closeReason?.startsWith(`[${vector.rule}] `), offender.closeReason).toBe(true);
  });
});

describe("a packet of 5.0 that breaks none", () => {
  it.each(ALLOWED_5)("$what", ({ bytes }) => {
    const world = new World();
    const client = world.connect5("client");
    client.sendBytes(Uint8Array.from(bytes));
    client.send({ type: "PINGREQ" });
    expect(client.closeReason).toBeUndefined();
    expect(client.takeAll().at(-1)).toEqual({ type: "PINGRESP" });
  });
});
