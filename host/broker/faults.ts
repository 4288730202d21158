/**
 * Faults at named points, for tests of clients: a packet is lost, late, sent twice, out of order, or another one.
 *
 * A point is a packet's way past the broker's edge: `received PUBLISH` before the broker reads it, `sent PUBACK` before
 * the transport gets it, `received any` and `sent any` for every packet. TCP does none of this to a stream; a broker that
 * is wrong does, and so does a network that ends a connection at a bad moment. What a client must survive can be seen.
 */
import type { Packet } from "./codec/packet.ts";

export type PacketName = Packet["type"];

/** `received` is from the client to the broker. */
export type Point = `${"received" | "sent"} ${PacketName | "any"}`;

/** A packet on its way past a point. */
export interface Passage {
  readonly point: Point;
  /** Null when the packet is malformed. */
  readonly packet: Packet | null;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** "" before CONNECT was accepted. */
  readonly clientId: string;
  readonly peer: string;
  /** How many packets this hook has seen before. */
  readonly index: number;
  readonly nowMs: number;
}

export type Fault =
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "duplicate"; readonly count: number }
  | { readonly kind: "reorder"; readonly behind: number }
  | { readonly kind: "replace"; readonly packets: readonly (Packet | Uint8Array)[] };

/** What can be done to a packet. */
export const fault = {
  /** It never arrives. */
  drop: { kind: "drop" } as Fault,
  /** It arrives `ms` later, 0 or more; what comes after it overtakes it. */
  delay: (ms: number): Fault => ({ kind: "delay", ms: checked("a delay", ms) }),
  /** It arrives, and `count` times more. */
  duplicate: (count = 1): Fault => ({ kind: "duplicate", count: checked("a number of duplicates", count) }),
  /** It arrives after the next `behind` packets of the same connection and direction. */
  reorder: (behind = 1): Fault => ({ kind: "reorder", behind: checked("a number of packets", behind) }),
  /** Others arrive in its place: packets, or bytes as they are, malformed ones too. */
  replace: (...packets: (Packet | Uint8Array)[]): Fault => ({ kind: "replace", packets }),
} as const;

/** Decides for one packet; undefined lets it pass. Must not call the broker. */
export type FaultHook = (passage: Passage) => Fault | undefined;

interface Registration {
  readonly point: Point;
  readonly hook: FaultHook;
  index: number;
}

export class Faults {
  readonly #registrations: Registration[] = [];

  /** Returns how to take the hook away again. */
  add(point: Point, hook: FaultHook | Fault): () => void {
    const registration = { point, hook: typeof hook === "function" ? hook : () => hook, index: 0 };
    this.#registrations.push(registration);
    return () => {
      const index = this.#registrations.indexOf(registration);
      if (index >= 0) this.#registrations.splice(index, 1);
    };
  }

  /** The first fault that a hook of the packet's points asks for. */
  of(isReceived: boolean, name: PacketName | null, passage: Omit<Passage, "point" | "index">): Fault | undefined {
    const direction = isReceived ? "received" : "sent";
    for (const registration of this.#registrations) {
      const { point } = registration;
      if (point !== `${direction} ${name}` && point !== `${direction} any`) continue;
      const found = registration.hook({ ...passage, point, index: registration.index++ });
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

function checked(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${name} is a whole number from 0, not ${value}`);
  return value;
}
