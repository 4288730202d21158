/**
 * A message out of the core's memory. Apart from message.ts, so that the declarations of a message stand without the core's.
 */
import { Buffer } from "node:buffer";
import type { Core } from "../core/core.ts";
import type { Message } from "./message.ts";
import type { Qos } from "./options.ts";
import type { Properties } from "./properties.ts";

/** The message, or piece, of the core's last event, copied out of its memory; with its `properties` in MQTT 5.0. */
export function readMessage(core: Core, client: number, properties: Properties | undefined): Message {
  const flags = core.eventFlags(client);
  return {
    topic: copyOf(core, core.topicAddress(client), core.topicSize(client)).toString(),
    payload: copyOf(core, core.payloadAddress(client), core.payloadSize(client)),
    qos: ((flags >> 1) & 3) as Qos,
    retain: (flags & 1) !== 0,
    dup: (flags & 8) !== 0,
    packetId: (flags & 6) === 0 ? 0 : core.eventId(client),
    ...(properties === undefined ? {} : { properties }),
    offset: core.payloadOffset(client),
    total: core.payloadTotal(client),
  };
}

function copyOf(core: Core, at: number, size: number): Buffer {
  return Buffer.from(core.bytes.subarray(at, at + size));
}

/** The payload of the core's last event, where it stands in its memory; of SUBSCRIBED the return codes. */
export function payloadOf(core: Core, client: number): Uint8Array {
  const at = core.payloadAddress(client);
  return core.bytes.subarray(at, at + core.payloadSize(client));
}
