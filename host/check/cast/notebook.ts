/**
 * What one actor writes down: events of the history, with its name, its connection and the time, and on the wire what is unacknowledged.
 */
import type { Message } from "../../client/message.ts";
import type { Properties } from "../../client/properties.ts";
import type { Scheduler } from "../../link/index.ts";
import type { Listener } from "../../simulation/index.ts";
import type { Ended, HistoryEvent, Publish, WillOfHistory } from "../history/index.ts";
import { readPayload } from "./payload.ts";
import { type Role, sessionExpiryOf } from "./role.ts";
import { Wire } from "./wire.ts";

/** Receive Maximum where nobody has named another, section 3.2.2.3.3. */
const RECEIVE_MAXIMUM = 0xffff;

/** What all actors share. */
export interface Stage {
  readonly scheduler: Scheduler;
  readonly history: HistoryEvent[];
  /** Where the server wants to know who comes. */
  readonly credentials?: { readonly username?: string; readonly password?: string };
  /** The next connection has this number. */
  nextConnection(): number;
}

type What<Event> = Event extends unknown ? Omit<Event, "atMs" | "client" | "connection"> : never;

export class Notebook {
  private wire = new Wire(0);
  private readonly stage: Stage;
  private readonly role: Role;
  private connection = 0;
  private serverReceiveMaximum = RECEIVE_MAXIMUM;

  constructor(stage: Stage, role: Role) {
    this.stage = stage;
    this.role = role;
  }

  /** How long the history is: a place for `published`. */
  get mark(): number {
    return this.stage.history.length;
  }

  note(event: What<HistoryEvent>): void {
    this.stage.history.push({ ...this.stamp, ...event } as HistoryEvent);
  }

  /** Bytes of this connection have passed. */
  sees(direction: "sent" | "received", bytes: Uint8Array): void {
    this.wire.sees(direction, bytes, this.nowMs);
  }

  connecting(will: WillOfHistory | undefined): void {
    const { role } = this;
    this.connection = this.stage.nextConnection();
    this.wire = new Wire(this.nowMs);
    this.note({
      kind: "connecting",
      version: role.version,
      clean: role.clean,
      sessionExpiryS: sessionExpiryOf(role),
      keepAliveS: role.keepAliveS,
      isNear: role.place === "near",
      ...(will && { will }),
    });
  }

  connected(isPresent: boolean, properties: Properties): void {
    const { receiveMaximum = RECEIVE_MAXIMUM, serverKeepAliveSeconds: keepAliveS } = properties;
    this.serverReceiveMaximum = receiveMaximum;
    this.note({ kind: "connected", isPresent, ...(keepAliveS === undefined ? {} : { keepAliveS }) });
  }

  ended(how: Ended["how"]): void {
    const { version, receiveMaximum, window } = this.role;
    const { flow: meter, quiet } = this.wire;
    const flow = {
      sentMost: meter.sentMost,
      sentLimit: Math.min(window, this.serverReceiveMaximum),
      receivedMost: meter.receivedMost,
      receivedLimit: version === 5 ? receiveMaximum : RECEIVE_MAXIMUM,
    };
    const { reasonCode } = quiet;
    this.note({
      kind: "ended",
      how,
      flow,
      quiet: quiet.at(this.nowMs),
      ...(reasonCode === undefined ? {} : { reasonCode }),
    });
    this.connection = 0;
  }

  /** The client hangs. What is still to be heard on its connection is for the listener that is answered. */
  frozen(): Listener {
    const { wire, connection } = this;
    this.ended("frozen");
    return {
      opened: () => {},
      writable: () => {},
      received: (bytes, offset, size) => wire.sees("received", bytes.slice(offset, offset + size), this.nowMs),
      ended: () => {
        const { reasonCode } = wire.quiet;
        const code = reasonCode === undefined ? {} : { reasonCode };
        this.stage.history.push({ ...this.stamp, connection, kind: "dropped", ...code });
      },
    };
  }

  /** A message was published when the history had reached `mark`: in front of whatever that has caused. */
  publish(mark: number, message: Omit<What<Publish>, "kind">): void {
    this.stage.history.splice(mark, 0, { ...this.stamp, kind: "publish", ...message });
  }

  received({ topic, payload, qos, retain, dup, properties }: Message): void {
    const { id, isDamaged } = readPayload(payload);
    const expiryS = properties?.messageExpirySeconds;
    this.note({
      kind: "received",
      id,
      topic,
      qos,
      retain,
      dup,
      ...(expiryS === undefined ? {} : { expiryS }),
      ...(isDamaged ? { isDamaged } : {}),
    });
  }

  /** No message of a play is so large. */
  oversize(topic: string): void {
    this.note({ kind: "received", id: "", topic, qos: 0, retain: false, dup: false, isDamaged: true });
  }

  private get nowMs(): number {
    return this.stage.scheduler.nowUs / 1000;
  }

  private get stamp() {
    return { atMs: this.nowMs, client: this.role.clientId, connection: this.connection };
  }
}
