/**
 * Events and packets as a test compares them.
 */
import type { Packet } from "mqtt-packet";
import * as event from "../../../assembly/session/events.ts";
import type { Core } from "../../../host/core/core.ts";

export type Event =
  | { type: "open" }
  | { type: "connected"; sessionPresent: boolean }
  | { type: "close"; reason: number }
  | {
      type: "message";
      topic: string;
      text: string;
      qos: number;
      dup: boolean;
      retain: boolean;
      offset: number;
      total: number;
    }
  | { type: "published" | "unsubscribed" | "oversize"; id: number }
  | { type: "subscribed"; id: number; codes: number[] };

/** What `nextEvent` has answered, with the details that its getters give. */
export function describeEvent(core: Core, client: number, type: number): Event {
  const id = core.eventId(client);
  const bytesAt = (at: number, size: number) => Buffer.from(core.bytes.subarray(at, at + size));
  const payload = () => bytesAt(core.payloadAddress(client), core.payloadSize(client));
  switch (type) {
    case event.OPEN:
      return { type: "open" };
    case event.CONNECTED:
      return { type: "connected", sessionPresent: core.eventFlags(client) === 0x100 };
    case event.CLOSE:
      return { type: "close", reason: core.reason(client) };
    case event.MESSAGE: {
      const flags = core.eventFlags(client);
      return {
        type: "message",
        topic: bytesAt(core.topicAddress(client), core.topicSize(client)).toString(),
        text: payload().toString("latin1"),
        qos: (flags >> 1) & 3,
        dup: (flags & 8) !== 0,
        retain: (flags & 1) !== 0,
        offset: core.payloadOffset(client),
        total: core.payloadTotal(client),
      };
    }
    case event.PUBLISHED:
      return { type: "published", id };
    case event.UNSUBSCRIBED:
      return { type: "unsubscribed", id };
    case event.OVERSIZE:
      return { type: "oversize", id };
    case event.SUBSCRIBED:
      return { type: "subscribed", id, codes: [...payload()] };
    default:
      throw new Error(`nextEvent answered ${type}`);
  }
}

/** One packet as one line. */
export function line(packet: Packet): string {
  if (packet.cmd !== "publish") return packet.messageId ? `${packet.cmd} ${packet.messageId}` : packet.cmd;
  const flags = `${packet.dup ? " dup" : ""}${packet.retain ? " retain" : ""}`;
  const id = packet.qos > 0 ? ` ${packet.messageId}` : "";
  return `publish${id}${flags} ${packet.topic}=${packet.payload}`;
}
