/**
 * A trace: every packet both ways, decoded, one line each, with the session's state after it.
 *
 *     12.345 s  sensor-1  ->  PUBLISH 'a/b' q1 id 7 'on' (2 bytes)  |  open, 1 subscription, 0 queued, 0 of 20 in flight
 *
 * `->` is from the client to the broker. What a malformed packet says cannot be told: its first bytes are shown, and the
 * rule that it breaks.
 */
import { Buffer } from "node:buffer";
import type { Packet } from "./codec/packet.ts";
import { printable } from "./codec/violation.ts";
import { AWAITING, type Connection, ENDED } from "./connection.ts";
import { packetText } from "./packet-text.ts";
import type { Session } from "./session.ts";
import type { State } from "./state.ts";

/** One packet, or the end of a connection. */
export interface Traced {
  readonly nowMs: number;
  /** From the client to the broker. */
  readonly isReceived: boolean;
  readonly peer: string;
  /** "" before CONNECT was accepted. */
  readonly clientId: string;
  /** The packet in words, or why the connection ended. */
  readonly text: string;
  /** The state of connection and session after it. */
  readonly state: string;
}

/** The event as a line. */
export function traceLine(traced: Traced): string {
  const { nowMs, isReceived, peer, clientId, text, state } = traced;
  const who = clientId === "" ? peer : printable(clientId);
  return `${(nowMs / 1000).toFixed(3)} s  ${who}  ${isReceived ? "->" : "<-"}  ${text}  |  ${state}`;
}

/** A packet's text, or the first bytes of what is none. `reason` says which rule it breaks. */
export function textOf(packet: Packet | null, level: number, bytes: Uint8Array, reason: string): string {
  if (packet !== null) return packetText(packet, level);
  const more = bytes.length > SHOWN_SIZE ? "..." : "";
  return `MALFORMED ${Buffer.from(bytes.subarray(0, SHOWN_SIZE)).toString("hex")}${more} (${bytes.length} bytes) ${reason}`;
}

const SHOWN_SIZE = 16;

/** In what state a connection is, and the session that it has or had last. */
export function stateText(state: State, connection: Connection, session: Session | null): string {
  if (connection.phase === AWAITING) return connection.authentication === null ? "awaiting" : "authenticating";
  const isEnded = connection.phase === ENDED;
  if (session === null) return "closed";
  const isKept = state.sessions.get(session.clientId) === session;
  if (isEnded && !isKept) return "closed, session ended";
  const { queue, inflight, released, received, subscriptions } = session;
  const texts = [
    isEnded ? "closed, session kept" : "open",
    `${subscriptions.size} ${subscriptions.size === 1 ? "subscription" : "subscriptions"}`,
    `${queue.count} queued`,
    `${inflight.count + released.count} of ${isEnded ? state.settings.maxInflight : connection.windowSize} in flight`,
  ];
  if (released.count > 0) texts.push(`${released.count} released`);
  if (received !== null && received.size > 0) texts.push(`${received.size} held for PUBREL`);
  if (connection.isPaused) texts.push("transport congested");
  return texts.join(", ");
}
