/**
 * DISCONNECT of MQTT 5.0 with a reason and properties, section 3.14.
 */
import type { Core } from "../core/core.ts";
import type { Farewell } from "./client-events.ts";
import { check } from "./core-setup.ts";
import { encodeProperties } from "./properties.ts";

const DISCONNECT = 14;

/** Composes it; it leaves when the core disconnects. Throws MISUSE_RANGE and MISUSE_PROPERTIES. */
export function composeFarewell(core: Core, client: number, { reasonCode = 0, properties }: Farewell): void {
  const block = encodeProperties(properties, "disconnect");
  const at = check(core.compose(client, DISCONNECT, block.length + 1), "DISCONNECT");
  core.bytes[at] = reasonCode;
  core.bytes.set(block, at + 1);
  check(core.commit(client), `DISCONNECT with reason code ${reasonCode}`);
}
