/**
 * Where the output of a tapped connection goes: cut into packets again, each of which then passes the tap (tap.ts).
 */
import { Framer } from "./codec/framer.ts";
import { lengthSize, MAX_REMAINING_LENGTH, writeLength } from "./codec/length.ts";
import type { Connection, Outlet } from "./connection.ts";
import type { Session } from "./session.ts";
import type { Tap } from "./tap.ts";

interface Held {
  readonly bytes: Uint8Array;
  behind: number;
}

export class TappedOutlet implements Outlet {
  /** The broker has not closed the connection. */
  isOpen = true;
  readonly #connection: Connection;
  readonly #tap: Tap;
  readonly #framer = new Framer(MAX_REMAINING_LENGTH + 5);
  readonly #held: Record<"received" | "sent", Held[]> = { received: [], sent: [] };
  #session: Session | null = null;

  constructor(connection: Connection, tap: Tap) {
    this.#connection = connection;
    this.#tap = tap;
  }

  /** The session that the connection has, or had last. */
  get session(): Session | null {
    this.#session = this.#connection.session ?? this.#session;
    return this.#session;
  }

  send(bytes: Uint8Array): void {
    this.#framer.feed(bytes);
    while (this.#framer.next()) this.#tap.pass(this.#connection, false, packetOf(this.#framer));
  }

  close(reason: string): void {
    this.isOpen = false;
    this.#tap.tellEnd(this.#connection, reason);
    this.#connection.sink.close(reason);
  }

  /** Keeps a packet until `behind` more have arrived. */
  hold(isReceived: boolean, bytes: Uint8Array, behind: number): void {
    this.#held[isReceived ? "received" : "sent"].push({ bytes, behind });
  }

  /** One packet has arrived: those that waited for it alone. */
  release(isReceived: boolean): Uint8Array[] {
    const direction = isReceived ? "received" : "sent";
    const held = this.#held[direction];
    if (held.length === 0) return [];
    for (const each of held) each.behind--;
    this.#held[direction] = held.filter(({ behind }) => behind > 0);
    return held.filter(({ behind }) => behind <= 0).map(({ bytes }) => bytes);
  }
}

/** A copy of the whole packet that a framer has found. */
export function packetOf({ bytes, first, start, end }: Framer): Uint8Array {
  const length = end - start;
  const packet = new Uint8Array(1 + lengthSize(length) + length);
  packet[0] = first;
  packet.set(bytes.subarray(start, end), writeLength(packet, 1, length));
  return packet;
}
