/**
 * The edge of the broker, where packets are watched (trace.ts) and tampered with (faults.ts).
 *
 * Nothing of it is there unless somebody asks: without a tap packets go from the framer to their handlers and from the
 * output to the transport. With one, each packet is handled by itself, and what it causes goes out before the next, so
 * that a trace shows the state after each.
 */
import { CONTROL_NAMES } from "./codec/control.ts";
import { Framer } from "./codec/framer.ts";
import { decodePacket, encodePacket, type Packet } from "./codec/packet.ts";
import { Violation } from "./codec/violation.ts";
import { type Connection, ENDED } from "./connection.ts";
import { dispatch } from "./dispatch.ts";
import { endOver } from "./failure.ts";
import { type Fault, Faults, type PacketName } from "./faults.ts";
import type { State } from "./state.ts";
import { packetOf, TappedOutlet } from "./tapped-outlet.ts";
import { type Timed, Timers } from "./timers.ts";
import { stateText, type Traced, textOf } from "./trace.ts";

/** A packet that is late. */
class Late implements Timed {
  readonly connection: Connection;
  readonly isReceived: boolean;
  readonly bytes: Uint8Array;
  deadlineMs = 0;
  heapIndex = -1;

  constructor(connection: Connection, isReceived: boolean, bytes: Uint8Array) {
    this.connection = connection;
    this.isReceived = isReceived;
    this.bytes = bytes;
  }
}

export class Tap {
  readonly faults = new Faults();
  readonly #state: State;
  readonly #onTrace: ((traced: Traced) => void) | undefined;
  readonly #late = new Timers<Late>();
  /** What the packet that is being handled has caused, to be told after it; null between packets. */
  #caused: Traced[] | null = null;

  constructor(state: State, onTrace: ((traced: Traced) => void) | undefined) {
    this.#state = state;
    this.#onTrace = onTrace;
  }

  /** From now on what goes to this connection goes through the tap. */
  watch(connection: Connection): void {
    connection.outlet = new TappedOutlet(connection, this);
  }

  /** When a late packet is due, ms; Infinity for never. */
  get nextMs(): number {
    return this.#late.first?.deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  /** Lets go of the packets that are due. */
  advance(): void {
    const { nowMs } = this.#state;
    for (let late = this.#late.first; late !== undefined && late.deadlineMs <= nowMs; late = this.#late.first) {
      this.#late.remove(late);
      this.#arrive(late.connection, late.isReceived, late.bytes);
    }
  }

  /** The packet that `framer` has found: to its handler, unless a fault has it otherwise. */
  receive(connection: Connection, framer: Framer): void {
    this.pass(connection, true, packetOf(framer));
  }

  /** A packet comes past: the broker's own bytes. */
  pass(connection: Connection, isReceived: boolean, bytes: Uint8Array): void {
    const { packet } = read(connection, bytes);
    const fault = this.faults.of(isReceived, packet?.type ?? nameOf(bytes), {
      packet,
      bytes,
      clientId: connection.session?.clientId ?? "",
      peer: connection.peer,
      nowMs: this.#state.nowMs,
    });
    if (fault === undefined) this.#arrive(connection, isReceived, bytes);
    else this.#tamper(connection, isReceived, bytes, fault);
  }

  #tamper(connection: Connection, isReceived: boolean, bytes: Uint8Array, fault: Fault): void {
    const outlet = connection.outlet as TappedOutlet;
    switch (fault.kind) {
      case "drop":
        this.tell(connection, isReceived, bytes, "  (dropped)");
        return;
      case "delay":
        this.tell(connection, isReceived, bytes, `  (delayed by ${fault.ms} ms)`);
        this.#late.set(new Late(connection, isReceived, bytes), this.#state.nowMs + fault.ms);
        return;
      case "duplicate":
        for (let index = 0; index <= fault.count; index++) this.#arrive(connection, isReceived, bytes);
        return;
      case "reorder":
        this.tell(connection, isReceived, bytes, `  (held for ${fault.behind})`);
        outlet.hold(isReceived, bytes, fault.behind);
        return;
      case "replace":
        this.tell(connection, isReceived, bytes, "  (replaced)");
        for (const other of fault.packets) {
          const wire = other instanceof Uint8Array ? other : encodePacket(other, connection.level);
          this.#arrive(connection, isReceived, wire);
        }
        return;
    }
  }

  /** A packet gets where it was going, and then those that were held behind it. */
  #arrive(connection: Connection, isReceived: boolean, bytes: Uint8Array): void {
    const outlet = connection.outlet as TappedOutlet;
    if (isReceived) this.#handle(connection, bytes);
    else if (outlet.isOpen) this.#send(connection, bytes);
    for (const held of outlet.release(isReceived)) this.#arrive(connection, isReceived, held);
  }

  #send(connection: Connection, bytes: Uint8Array): void {
    this.tell(connection, false, bytes, "");
    connection.sink.send(bytes, true);
  }

  #handle(connection: Connection, bytes: Uint8Array): void {
    if (connection.phase === ENDED) return;
    // Told afterwards: first the packet, then what it has caused.
    const caused: Traced[] = [];
    const outer = this.#caused;
    this.#caused = caused;
    // The state may change while the packet is read again: its text is made now.
    const text = this.#text(connection, bytes);
    try {
      const { first, start, end } = framed(bytes);
      dispatch(this.#state, connection, bytes, first, start, end);
    } catch (error) {
      endOver(this.#state, connection, error);
    }
    this.#caused = outer;
    this.#emit(connection, true, text);
    for (const traced of caused) this.#report(traced);
    this.#state.output.flush();
  }

  /** Tells of a packet, or that a fault has it otherwise. */
  tell(connection: Connection, isReceived: boolean, bytes: Uint8Array, note: string): void {
    if (this.#onTrace === undefined) return;
    this.#emit(connection, isReceived, this.#text(connection, bytes) + note);
  }

  /** Tells of the end of a connection. */
  tellEnd(connection: Connection, reason: string): void {
    this.#emit(connection, false, `closed: ${reason}`);
  }

  #text(connection: Connection, bytes: Uint8Array): string {
    if (this.#onTrace === undefined) return "";
    const { packet, reason } = read(connection, bytes);
    return textOf(packet, packet?.type === "CONNECT" ? packet.level : connection.level, bytes, reason);
  }

  #emit(connection: Connection, isReceived: boolean, text: string): void {
    if (this.#onTrace === undefined) return;
    const session = (connection.outlet as TappedOutlet).session;
    this.#report({
      nowMs: this.#state.nowMs,
      isReceived,
      peer: connection.peer,
      clientId: session?.clientId ?? "",
      text,
      state: stateText(this.#state, connection, session),
    });
  }

  #report(traced: Traced): void {
    if (this.#caused !== null) this.#caused.push(traced);
    else this.#onTrace?.(traced);
  }
}

/** The packet, or the rule that it breaks. */
function read(connection: Connection, bytes: Uint8Array): { packet: Packet | null; reason: string } {
  try {
    const { first, start, end } = framed(bytes);
    return { packet: decodePacket(bytes, first, start, end, connection.level), reason: "" };
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    return { packet: null, reason: error.message };
  }
}

/** The places of one packet that is all of `bytes`. Throws a Violation. */
function framed(bytes: Uint8Array): Framer {
  const framer = new Framer(Number.POSITIVE_INFINITY);
  framer.feed(bytes);
  if (!framer.next() || framer.end !== bytes.length) {
    throw new Violation("MQTT 2.2.3", `${bytes.length} bytes are not one packet`);
  }
  return framer;
}

function nameOf(bytes: Uint8Array): PacketName | null {
  const name = CONTROL_NAMES[bytes[0] >> 4];
  return (name as PacketName | undefined) ?? null;
}
