/**
 * What one client is to do, as data: it can be printed, reduced, and put into a test as it stands.
 */
import type { Qos } from "../history/index.ts";

/** Messages again and again, from one moment to another. */
export interface Stream {
  readonly topic: string;
  readonly qos: Qos;
  readonly everyMs: number;
  readonly fromS: number;
  readonly untilS: number;
  readonly retain?: boolean;
  /** MQTT 5.0. */
  readonly expiryS?: number;
  /** Every so many of them is empty, and ends what is retained. */
  readonly emptyEvery?: number;
}

/**
 * `begin`: connect, or switch the power on again. `goodbye`: DISCONNECT; the session stays, as long as it was asked to. `cut`: the transport
 * is reset, and the client connects again by itself. `power`: the power is gone, and with it all but what the store has. `freeze`: the same,
 * but the transport stays open, as that of a program that hangs; of who is far, as with the power.
 */
export interface Act {
  readonly atS: number;
  readonly does: "begin" | "goodbye" | "cut" | "power" | "freeze";
}

export interface Role {
  readonly clientId: string;
  /** `near`: beside the server. `far`: behind the link. */
  readonly place: "near" | "far";
  readonly version: 4 | 5;
  readonly clean: boolean;
  /** Of a session that is not clean, MQTT 5.0; 3.1.1 has none. */
  readonly sessionExpiryS: number;
  readonly keepAliveS: number;
  /** Of MQTT 5.0, how many messages of QoS 1 and 2 it takes at once. */
  readonly receiveMaximum: number;
  /** How many it sends at once. */
  readonly window: number;
  readonly will?: { readonly topic: string; readonly qos: Qos; readonly delayS: number };
  readonly filters: readonly { readonly filter: string; readonly qos: Qos }[];
  readonly streams: readonly Stream[];
  /** In order. */
  readonly acts: readonly Act[];
  /** It comes back at the end, to get what is left for it. */
  readonly stays: boolean;
}

/** The seconds that one has of it: the session of 3.1.1 is clean, or has no end. */
export function sessionExpiryOf({ version, clean, sessionExpiryS }: Role): number {
  if (version === 5) return sessionExpiryS;
  return clean ? 0 : 0xffff_ffff;
}
