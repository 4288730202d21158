/**
 * From MQTT 5.0 back to 3.1.1, for a server that knows no other and a host that allows it: nothing that is queued is lost, and
 * what 3.1.1 has no words for is left out.
 *
 * The outbox holds packets of 5.0; here they are read back, to be composed anew in the words of 3.1.1 (sections 3.3, 3.8 and
 * 3.10 of both). A PUBLISH that was sent before the server changed its mind is sent as a new one: there is no session that
 * could know its identifier.
 */
import { Buffer } from "node:buffer";
import { FREE, RELEASED } from "../../assembly/session/outbox.ts";
import type { Core } from "../core/core.ts";
import type { Composer } from "./composer.ts";
import { expiredError, type PerigeeError } from "./errors.ts";
import type { Qos, Settings } from "./options.ts";
import { decodeProperties } from "./properties.ts";
import type { Requests } from "./requests.ts";

export const FALLBACK_WARNING =
  "the server does not speak MQTT 5.0: 3.1.1 from now on, without properties and subscription options";

/** Unsupported protocol version: in the words of 3.1.1 (table 3.1), and in those of 5.0 (section 2.4). */
const REFUSALS = [0x01, 0x84];

const PUBLISH = 3;
const SUBSCRIBE = 8;
const DUP = 0x08;
const QOS_OF_OPTIONS = 0x03;

/** Whether the server has refused the version, and the settings allow another. */
export function mayFallBack({ fallback, protocolVersion }: Settings, reason: PerigeeError | undefined): boolean {
  return fallback && protocolVersion === 5 && reason?.code === "ENDED_REFUSED" && REFUSALS.includes(reason.refusal);
}

export function hasFallenBack({ fallback, protocolVersion }: Settings): boolean {
  return fallback && protocolVersion !== 5;
}

/** The settings without what 3.1.1 has no words for. */
export function settingsOf311(settings: Settings): Settings {
  const { will } = settings;
  return {
    ...settings,
    protocolVersion: 4,
    properties: undefined,
    authentication: undefined,
    will: will && { ...will, properties: undefined },
  };
}

/** The list of a SUBSCRIBE with nothing but the QoS in each options byte. */
export function plainFilters(list: Uint8Array): Uint8Array {
  const plain = Uint8Array.from(list);
  for (let at = 0; at < plain.length; ) {
    at += 2 + ((plain[at] << 8) | plain[at + 1]);
    plain[at++] &= QOS_OF_OPTIONS;
  }
  return plain;
}

/** Moves all that waits in the outbox of `core`, which has no connection and speaks 5.0, to that of `target`. */
export function moveOutbox(core: Core, client: number, requests: Requests, target: Composer): void {
  const start = core.cursorAddress(client);
  const outbox = Buffer.from(core.bytes.subarray(start, start + core.outboxUsed(client)));
  for (const { first, body } of packetsIn(outbox)) {
    if (first === FREE) continue;
    const hasId = (first & 0x06) !== 0;
    const type = first >> 4;
    let at = type === PUBLISH || first === RELEASED ? 2 + body.readUInt16BE(0) : 0;
    const topic = body.toString("utf8", 2, at);
    const completion = requests.take(hasId ? body.readUInt16BE(at) : 0);
    if (first === RELEASED) {
      // The server that it was for has it; this one would not know what to make of PUBREL.
      completion.done(new Uint8Array(0), { reasonCode: 0, properties: {} });
      continue;
    }
    if (hasId) at += 2;
    const block = varintAt(body, at);
    const properties = decodeProperties(body.subarray(block.end, block.end + block.value));
    const rest = body.subarray(block.end + block.value);
    if (type !== PUBLISH) {
      target.request(type === SUBSCRIBE ? "subscribe" : "unsubscribe", rest, completion);
    } else if (properties.messageExpirySeconds === 0 && (first & DUP) === 0) {
      completion.failed(expiredError());
    } else {
      target.publish(topic, rest, ((first >> 1) & 3) as Qos, (first & 1) !== 0, completion);
    }
  }
}

/** Packets one behind the other, each without its fixed header. */
function* packetsIn(bytes: Buffer): Generator<{ first: number; body: Buffer }> {
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = varintAt(bytes, at + 1);
    yield { first: bytes[at], body: bytes.subarray(end, end + value) };
    at = end + value;
  }
}

/** The variable byte integer at `at`, section 1.5.5, which the core has written or checked. */
function varintAt(bytes: Buffer, at: number): { value: number; end: number } {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return { value, end: at };
  }
}
