/**
 * How a client goes: how long it waits, and in MQTT 5.0 DISCONNECT with a reason and properties, section 3.14.
 */
import type { Core } from "../core/core.ts";
import { checkOptions, integer, object, oneOf, type Rules } from "./check-options.ts";
import type { CloseOptions, Farewell } from "./client-events.ts";
import { check } from "./core-setup.ts";
import { PerigeeError } from "./errors.ts";
import type { Settings } from "./options.ts";
import { encodeProperties } from "./properties.ts";

const DISCONNECT = 14;
const HEADER_MAX = 5;
const NO_PROPERTIES = Uint8Array.of(0);

/** Reason codes of a DISCONNECT that a client may send, section 3.14.2.1 [MQTT-3.14.2-1]. */
const REASONS = [0, 4, 128, 129, 130, 131, 144, 147, 148, 149, 150, 151, 152, 153];

const RULES: Rules & Record<keyof CloseOptions, unknown> = {
  timeoutMs: integer(0, 0x7fff_ffff),
  reasonCode: oneOf(REASONS),
  properties: object("an object"),
};

const TIMEOUT_MS = 10_000;

/** The options over the defaults. Throws MISUSE_OPTION for what cannot be obeyed, before anything has changed. */
export function readClose(
  options: CloseOptions,
  settings: Settings,
): { timeoutMs: number; farewell: Farewell | undefined } {
  checkOptions(options, RULES, "close options");
  const { timeoutMs = TIMEOUT_MS, reasonCode, properties } = options;
  if (settings.protocolVersion !== 5 && (reasonCode ?? properties) !== undefined) {
    const name = reasonCode === undefined ? "properties" : "reasonCode";
    throw new PerigeeError("MISUSE_OPTION", `${name} of close needs protocolVersion: 5`);
  }
  encodeProperties(properties, "disconnect");
  const { clean, properties: said } = settings;
  const expiry = said?.sessionExpirySeconds ?? (clean ? 0 : 1);
  if (expiry === 0 && (properties?.sessionExpirySeconds ?? 0) !== 0) {
    const text =
      "a session that was to end with its connection cannot be kept: sessionExpirySeconds of close is 0 where";
    throw new PerigeeError("MISUSE_OPTION", `${text} that of connect is (section 3.14.2.2.2)`);
  }
  const isPlain = reasonCode === undefined && properties === undefined;
  return { timeoutMs, farewell: isPlain ? undefined : { reasonCode, properties } };
}

/**
 * Composes it; it leaves when the core disconnects. Properties that the server has no room for are left out [MQTT-3.14.2-3],
 * [MQTT-3.14.2-4]; where there is no room at all a plain DISCONNECT leaves.
 */
export function composeFarewell(core: Core, client: number, { reasonCode = 0, properties }: Farewell): void {
  const block = encodeProperties(properties, "disconnect");
  const hasRoom = HEADER_MAX + 1 + block.length <= core.serverPacketSizeMax(client);
  for (const bytes of hasRoom ? [block, NO_PROPERTIES] : [NO_PROPERTIES]) {
    const at = core.compose(client, DISCONNECT, bytes.length + 1);
    if (at < 0) continue;
    core.bytes[at] = reasonCode;
    core.bytes.set(bytes, at + 1);
    check(core.commit(client), `DISCONNECT with reason code ${reasonCode}`);
    return;
  }
}
