/**
 * A history: what clients of one server did and saw, in the order in which it happened. It is all that the checkers of this folder
 * are shown, so it may come from a simulation, from real clients over TCP, or from a file: one event a line, as JSON.
 *
 *     {"atMs":12,"client":"roof","kind":"connecting","connection":1,"version":5,"clean":false,"sessionExpiryS":60,"keepAliveS":10,"isNear":true}
 *     {"atMs":12,"client":"roof","kind":"connected","connection":1,"isPresent":false}
 *     {"atMs":20,"client":"roof","kind":"publish","connection":1,"id":"roof/1","topic":"a/b","qos":1,"retain":false}
 *     {"atMs":21,"client":"roof","kind":"published","connection":1,"id":"roof/1","reasonCode":0}
 *
 * Every message has an `id` that no other has: it stands at the front of the payload, so that a message is known wherever it is seen. A will
 * that a client says again with its next CONNECT keeps its own.
 *
 * Who is connected when the history ends, without `ended`, should have got everything by then: let it go on for as long as that takes. What the
 * others miss may still wait for them, and is not judged.
 */
import type { Qos } from "../../client/options.ts";

export type { Qos };

interface Common {
  /** When the client did or saw it: milliseconds from the start, by one clock for all. */
  readonly atMs: number;
  /** Client identifier; empty for the server. */
  readonly client: string;
  /** Connections are numbered over the whole history, from 1; 0 while the client has none. */
  readonly connection: number;
}

/** Retained or not. */
export interface WillOfHistory {
  readonly id: string;
  readonly topic: string;
  readonly qos: Qos;
  readonly delayS: number;
}

export interface Connecting extends Common {
  readonly kind: "connecting";
  readonly version: 4 | 5;
  /** Clean Start; in 3.1.1 the clean session, and then `sessionExpiryS` is 0 with it and 0xFFFFFFFF without. */
  readonly clean: boolean;
  /** 0xFFFFFFFF: never. */
  readonly sessionExpiryS: number;
  /** 0: none. */
  readonly keepAliveS: number;
  readonly will?: WillOfHistory;
  /** Nothing on the way delays or loses what the two say. */
  readonly isNear: boolean;
}

export interface Connected extends Common {
  readonly kind: "connected";
  readonly isPresent: boolean;
  /** Server Keep Alive, which then holds in the place of the client's (MQTT 5.0, section 3.2.2.3.14). */
  readonly keepAliveS?: number;
}

/** How a connection can end. */
export const ENDINGS = ["goodbye", "unsure", "lost", "vanished", "frozen"] as const;

/**
 * The connection is over, as the client knows it. `goodbye`: with DISCONNECT, which the server has certainly had; `unsure`: with DISCONNECT,
 * which may have been lost; `lost`: without; `vanished`: without, and the server cannot have noticed (the power was cut); `frozen`: the
 * same, but the transport stays open, and `dropped` says when the server closes it.
 */
export interface Ended extends Common {
  readonly kind: "ended";
  readonly how: (typeof ENDINGS)[number];
  /** The reason code of the server's DISCONNECT, where one came. */
  readonly reasonCode?: number;
  /** Without it keep-alive is not judged. What the client heard and said, in ms: the longest that it said nothing, since when it had, and how long a PINGREQ was without answer. */
  readonly quiet?: { readonly longestMs: number; readonly lastMs: number; readonly unansweredMs: number };
  /** Most messages of QoS 1 and 2 that were unacknowledged at once, each way, and the Receive Maximum that held for them. */
  readonly flow?: {
    readonly sentMost: number;
    readonly sentLimit: number;
    readonly receivedMost: number;
    readonly receivedLimit: number;
  };
}

/** Behind `ended`, with its connection: the server has closed the transport of a connection on which the client was frozen. */
export interface Dropped extends Common {
  readonly kind: "dropped";
  readonly reasonCode?: number;
}

export interface Subscribe extends Common {
  readonly kind: "subscribe";
  readonly filter: string;
  readonly qos: Qos;
}

export interface Subscribed extends Common {
  readonly kind: "subscribed";
  readonly filter: string;
  /** The code of SUBACK: 0x80 and above are refusals. */
  readonly granted: number;
}

export interface Unsubscribe extends Common {
  readonly kind: "unsubscribe";
  readonly filter: string;
}

export interface Publish extends Common {
  readonly kind: "publish";
  readonly id: string;
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly expiryS?: number;
  /** No payload: with `retain` it ends what the topic has. */
  readonly isEmpty?: boolean;
}

/** PUBACK or PUBCOMP; of QoS 0 nothing comes. */
export interface Published extends Common {
  readonly kind: "published";
  readonly id: string;
  readonly reasonCode: number;
}

export interface Received extends Common {
  readonly kind: "received";
  /** Empty where the payload is. */
  readonly id: string;
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** What is left of it. */
  readonly expiryS?: number;
  /** The payload is not the one that was published. */
  readonly isDamaged?: boolean;
}

/** The server stops without a word, and begins again with what it had stored. */
export interface ServerDown extends Common {
  readonly kind: "server down";
}
export interface ServerUp extends Common {
  readonly kind: "server up";
}

export type HistoryEvent =
  | Connecting
  | Connected
  | Ended
  | Dropped
  | Subscribe
  | Subscribed
  | Unsubscribe
  | Publish
  | Published
  | Received
  | ServerDown
  | ServerUp;

/** A promise that was broken. */
export interface Broken {
  /** Which, with the statement of MQTT 5.0 that makes it. */
  readonly promise: string;
  /** One line for people. */
  readonly text: string;
}

/** A session that does not expire, section 3.1.2.11.2. */
export const NEVER_S = 0xffff_ffff;
