/**
 * A stream as a transport: MQTT over TCP, TLS or a Unix socket, section 4.2.
 */
import type net from "node:net";
import { type Dialer, describe } from "./dial.ts";
import { PerigeeError } from "./errors.ts";
import type { Transport, TransportEvents, TransportOpener } from "./transport.ts";

/** How long the server has to close its side after `end`, ms. */
const LINGER_MS = 1_000;

/** Transports over what `dial` makes; `server` is its name in errors. */
export function streamOpener(dial: Dialer, server: string): TransportOpener {
  return events => new StreamTransport(dial, server, events);
}

class StreamTransport implements Transport {
  readonly #events: TransportEvents;
  readonly #giveUp: () => void;
  #stream: net.Socket | undefined;
  #failure: Error | undefined;
  #isClosed = false;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(dial: Dialer, server: string, events: TransportEvents) {
    this.#events = events;
    this.#giveUp = dial(
      stream => this.#opened(stream, server),
      error => this.#closed(error),
    );
  }

  get isCongested(): boolean {
    return this.#stream?.writableNeedDrain ?? false;
  }

  write(bytes: Uint8Array): void {
    this.#stream?.write(bytes);
  }

  pause(): void {
    this.#stream?.pause();
  }

  resume(): void {
    this.#stream?.resume();
  }

  end(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.end();
    // What still comes is read and passed over: a close over unread bytes would reset the connection.
    stream.resume();
    this.#lingerTimer = setTimeout(() => stream.destroy(), LINGER_MS);
  }

  destroy(): void {
    if (this.#stream !== undefined) {
      this.#stream.destroy();
      return;
    }
    this.#giveUp();
    // Never before `destroy` has returned.
    setImmediate(() => this.#closed(undefined));
  }

  #opened(stream: net.Socket, server: string): void {
    this.#stream = stream;
    stream.on("data", bytes => this.#events.received(bytes));
    stream.on("drain", () => this.#events.drained());
    stream.on("error", error => {
      this.#failure = error;
    });
    stream.once("close", () => {
      clearTimeout(this.#lingerTimer);
      const failure = this.#failure && describe(this.#failure, server);
      this.#closed(failure && new PerigeeError("ENDED_TRANSPORT", failure.message, { cause: failure.cause }));
    });
    this.#events.opened();
  }

  #closed(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#events.closed(error);
  }
}
