/**
 * A broker that breaks a rule at one point of a conversation, and is the reference broker everywhere else: so a client shows what
 * it makes of the fault, and then whether it finds its way back. No I/O and no clock: bytes and times go in and out.
 */

import { Framer } from "../../broker/codec/framer.ts";
import { Violation } from "../../broker/codec/violation.ts";
import { Broker, type Connection } from "../../broker/index.ts";
import { FROM_BROKER, type Level, type WrongPacket } from "./wrong-packets.ts";

/** The client's packet that the fault answers. */
export const POINTS = {
  CONNECT: 1,
  PUBLISH: 3,
  PUBACK: 4,
  PUBREC: 5,
  PUBREL: 6,
  PUBCOMP: 7,
  SUBSCRIBE: 8,
  UNSUBSCRIBE: 10,
  PINGREQ: 12,
} as const;

export type Point = keyof typeof POINTS;

/** One fault. */
export interface Plan {
  readonly point: Point;
  readonly wrong: WrongPacket;
}

/** A fault at every point. */
export function plans(points: readonly Point[]): Plan[] {
  return points.flatMap(point => FROM_BROKER.map(wrong => ({ point, wrong })));
}

export interface HostileSink {
  send(bytes: Uint8Array): void;
  close(reason: string): void;
}

/** The largest packet that is read: what a client sends here is small. */
const PACKET_SIZE_MAX = 1 << 20;

/** One transport of a client, with a fault of `plan` or, with null, none. */
export class HostileConnection {
  readonly plan: Plan | null;
  /** Whether the point was reached, and the fault sent. */
  isStruck = false;
  level: Level = 4;
  readonly #broker: Broker;
  readonly #connection: Connection;
  readonly #sink: HostileSink;
  readonly #framer = new Framer(PACKET_SIZE_MAX);

  constructor(broker: Broker, plan: Plan | null, sink: HostileSink, nowMs: number) {
    this.#broker = broker;
    this.plan = plan;
    this.#sink = sink;
    this.#connection = broker.connect(nowMs, { send: bytes => sink.send(bytes), close: reason => sink.close(reason) });
  }

  /** Bytes of the client. The fault comes behind the honest answer to CONNECT, and in front of that to any other packet. */
  received(bytes: Uint8Array, nowMs: number): void {
    if (this.plan !== null && !this.isStruck && this.#reaches(bytes, this.plan)) {
      if (this.plan.point === "CONNECT") this.#broker.receive(this.#connection, bytes, nowMs);
      this.isStruck = true;
      this.#sink.send(Uint8Array.from(this.plan.wrong.bytes(this.level)));
      if (this.plan.point === "CONNECT") return;
    }
    this.#broker.receive(this.#connection, bytes, nowMs);
  }

  closed(nowMs: number): void {
    this.#broker.closed(this.#connection, nowMs);
  }

  /** Whether these bytes complete a packet of the kind that the fault answers. */
  #reaches(bytes: Uint8Array, plan: Plan): boolean {
    let isReached = false;
    this.#framer.feed(Uint8Array.from(bytes));
    try {
      while (this.#framer.next()) {
        const { first, bytes: packet, start } = this.#framer;
        // Protocol name of four bytes, then the level.
        if (first >> 4 === POINTS.CONNECT) this.level = packet[start + 6] === 5 ? 5 : 4;
        if (first >> 4 === POINTS[plan.point]) isReached = true;
      }
    } catch (error) {
      // The broker says what is wrong with it, and closes.
      if (!(error instanceof Violation)) throw error;
    }
    return isReached;
  }
}

/** A reference broker for hostile connections: $SYS would be noise. */
export function honestBroker(): Broker {
  return new Broker({ sysIntervalMs: 0 });
}
