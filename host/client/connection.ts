/**
 * The driver in real time: on a transport that it opens and closes as the core asks, with a timer for its deadlines, and
 * with the store that its session is kept in.
 */
import { Buffer } from "node:buffer";
import type { Farewell } from "./client-events.ts";
import { Driver } from "./driver.ts";
import type { DriverHandler } from "./driver-handler.ts";
import { PerigeeError } from "./errors.ts";
import type { Message } from "./message.ts";
import type { Settings } from "./options.ts";
import { PacketSplitter } from "./packet-splitter.ts";
import type { Properties } from "./properties.ts";
import type { Transport, TransportOpener } from "./transport.ts";

export interface ConnectionEvents {
  connected(isSessionPresent: boolean, properties: Properties): void;
  message(message: Message): void;
  oversize(topic: string, size: number): void;
  /** The server speaks 3.1.1 only, and so does the driver from now on: another connection is being made. */
  fellBack(): void;
  /** The connection is gone, or was never made. The driver tells whether it wants another. */
  closed(error: PerigeeError): void;
  /** Something was done: there may be room, and there may be nothing left to do. */
  progressed(): void;
  storeFailed(error: PerigeeError): void;
}

/** Bytes that are gathered before they are given to the transport in one piece. */
const GATHER_SIZE = 64 * 1024;

/** The longest that a timer of Node can run, ms. */
const TIMER_MAX_MS = 0x7fff_ffff;

export class Connection implements DriverHandler {
  readonly driver: Driver;
  readonly #settings: Settings;
  readonly #openTransport: TransportOpener;
  readonly #server: string;
  readonly #events: ConnectionEvents;
  #transport: Transport | undefined;
  #isOpen = false;
  #isPaused = false;
  #outgoing: Uint8Array[] = [];
  #outgoingSize = 0;
  #isRunning = false;
  #saving: Promise<void> | undefined;
  #isTouched = false;
  #timer: NodeJS.Timeout | undefined;
  #timerDue = 0;
  #sentPackets = new PacketSplitter();
  #receivedPackets = new PacketSplitter();

  /** `server` is its name in errors. Throws as `setUpCore`. */
  constructor(
    settings: Settings,
    opener: TransportOpener,
    server: string,
    events: ConnectionEvents,
    savedSession?: Uint8Array,
  ) {
    this.#settings = settings;
    this.#openTransport = opener;
    this.#server = server;
    this.#events = events;
    this.driver = new Driver(settings, this, savedSession, clock());
  }

  connect(): void {
    this.#run(now => this.driver.connect(now));
  }

  /** A command was given to the driver: what follows is done when the event loop comes round, for all commands until then. */
  touch(): void {
    if (this.#isRunning || this.#isTouched) return;
    this.#isTouched = true;
    setImmediate(() => {
      this.#isTouched = false;
      this.#run(now => this.driver.proceed(now));
    });
  }

  /** Ends the connection with DISCONNECT and makes no other. May be called from a handler. */
  disconnect(farewell?: Farewell): void {
    this.driver.disconnect(clock(), farewell);
    if (!this.#isRunning) this.#run(now => this.driver.proceed(now));
  }

  /** Closes the transport at once, if there is one. */
  abort(): void {
    this.#transport?.destroy();
  }

  /** Whether bytes of the server are read. */
  set isPaused(isPaused: boolean) {
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#transport?.pause();
    else this.#transport?.resume();
  }

  /** No timer keeps the process alive any more. */
  stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  open(): void {
    this.#sentPackets = new PacketSplitter();
    this.#receivedPackets = new PacketSplitter();
    this.#transport = this.#openTransport({
      opened: () => {
        this.#isOpen = true;
        if (this.#isPaused) this.#transport?.pause();
        this.#run(now => this.driver.opened(now));
      },
      received: bytes => this.#run(now => this.#received(bytes, now)),
      drained: () => this.#run(now => this.driver.proceed(now)),
      closed: error => this.#closed(error),
    });
  }

  close(isDone: boolean): void {
    this.#flush();
    if (isDone && this.#isOpen) this.#transport?.end();
    else this.#transport?.destroy();
  }

  write(bytes: Uint8Array): number {
    if (!this.#isOpen || this.#transport === undefined || this.#transport.isCongested) return 0;
    // The core changes these bytes as soon as it knows that they have been taken.
    this.#outgoing.push(Uint8Array.from(bytes));
    this.#outgoingSize += bytes.length;
    const { onPacket } = this.#settings;
    if (onPacket !== undefined) {
      for (const { packet } of this.#sentPackets.split(bytes)) {
        if (packet !== undefined) onPacket("sent", packet.head, packet.size);
      }
    }
    if (this.#outgoingSize >= GATHER_SIZE) this.#flush();
    return bytes.length;
  }

  connected(isSessionPresent: boolean, properties: Properties): void {
    this.#events.connected(isSessionPresent, properties);
  }

  message(message: Message): void {
    this.#events.message(message);
  }

  oversize(topic: string, size: number): void {
    this.#events.oversize(topic, size);
  }

  save(record: Uint8Array): void {
    this.#saving = this.#settings.store?.save(record).then(
      () => {
        this.#saving = undefined;
        // What has changed meanwhile is saved next.
        this.#run(now => this.driver.saved(now));
      },
      error => {
        this.#saving = undefined;
        this.#events.storeFailed(asStoreError(error));
      },
    );
  }

  /** Resolves when the store has kept everything that it was given. */
  async saved(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
  }

  #received(bytes: Uint8Array, now: number): void {
    const { onPacket } = this.#settings;
    if (onPacket === undefined || this.driver.isEnding) {
      this.driver.received(bytes, now);
      return;
    }
    // Packet by packet, so that each is seen before what follows from it.
    for (const slice of this.#receivedPackets.split(bytes)) {
      if (slice.packet !== undefined) onPacket("received", slice.packet.head, slice.packet.size);
      this.driver.received(slice.bytes, now);
    }
  }

  #closed(error: Error | undefined): void {
    this.#transport = undefined;
    this.#isOpen = false;
    this.#outgoing = [];
    this.#outgoingSize = 0;
    const { protocolVersion } = this.driver;
    this.#run(now => this.driver.closed(now));
    if (this.driver.protocolVersion !== protocolVersion && !this.driver.isIdle) {
      this.#events.fellBack();
      return;
    }
    const reason = this.driver.reason ?? new PerigeeError("ENDED_TRANSPORT", "the connection was lost");
    // Where nothing but the transport was at fault, it knows best what happened.
    this.#events.closed(
      reason.code === "ENDED_TRANSPORT" && error instanceof PerigeeError ? error : withServer(reason, this.#server),
    );
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const bytes = this.#outgoing.length === 1 ? this.#outgoing[0] : Buffer.concat(this.#outgoing);
    this.#outgoing = [];
    this.#outgoingSize = 0;
    this.#transport?.write(bytes);
  }

  #run(input: (now: number) => void): void {
    this.#isRunning = true;
    try {
      input(clock());
    } finally {
      this.#flush();
      this.#isRunning = false;
    }
    this.#events.progressed();
    this.#setTimer();
  }

  #setTimer(): void {
    const wait = this.driver.nextTimeout(clock());
    if (wait === undefined) {
      this.stopTimer();
      return;
    }
    const due = performance.now() + wait;
    // A timer that comes too early only asks again, and costs less than one for every packet.
    if (this.#timer !== undefined && this.#timerDue <= due) return;
    clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#run(now => this.driver.timedOut(now));
      },
      Math.min(wait, TIMER_MAX_MS),
    );
  }
}

/** Which server it was, for whoever talks to several; a refusal is in mosquitto's words, which have no place for it. */
function withServer(error: PerigeeError, server: string): PerigeeError {
  if (error.code === "ENDED_REFUSED" || error.code === "ENDED_DISCONNECT") return error;
  const { cause, refusal, properties } = error;
  return new PerigeeError(error.code, `${error.message}: ${server}`, { cause, refusal, properties });
}

/** Milliseconds, which wrap at 32 bits, as the core wants them. */
export function clock(): number {
  return Math.trunc(performance.now()) | 0;
}

function asStoreError(error: unknown): PerigeeError {
  if (error instanceof PerigeeError) return error;
  return new PerigeeError("STORE", `the session cannot be saved: ${(error as Error).message}`, { cause: error });
}
