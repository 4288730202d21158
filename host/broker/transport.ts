/**
 * One pipe under one connection of the broker.
 *
 * A subscriber that does not read must not cost memory or anybody else's time. Node keeps what a socket does not take,
 * so the amount is bounded here: above it the broker is told to hand over no more messages (QoS 0 is dropped, QoS 1 and
 * 2 wait in the session, which has limits of its own) until the socket has drained. Acknowledgements still go out; a
 * peer that makes the broker answer without reading the answers is not read any more. Nor is one, for a while, that
 * publishes faster than it may.
 */
import type { Broker } from "./broker.ts";
import type { Connection, Sink } from "./connection.ts";
import type { Entrance } from "./entrance.ts";
import type { Pipe, PipeEvents } from "./pipe.ts";
import { RateLimit } from "./rate-limit.ts";
import type { RealTime } from "./realtime.ts";

/** How long the peer has to close its side after the broker has closed its own, ms. */
const LINGER_MS = 2000;

export interface TransportOptions {
  readonly entrance: Entrance;
  /** The most that a peer may leave unsent before messages for it wait. */
  readonly maxPendingSize: number;
  /** PUBLISH packets a second; 0 for no limit. */
  readonly maxPublishRate: number;
}

export interface Peer {
  /** How the log names it. */
  readonly name: string;
  readonly identity?: Sink["identity"];
}

/** Puts a pipe under the broker. `open` makes it. */
export function attach(
  broker: Broker,
  realTime: RealTime,
  peer: Peer,
  options: TransportOptions,
  open: (events: PipeEvents) => Pipe,
): void {
  new Transport(broker, realTime, peer, options, open);
}

class Transport implements Sink, PipeEvents {
  readonly peer: string;
  readonly identity: Sink["identity"];
  readonly #broker: Broker;
  readonly #realTime: RealTime;
  readonly #maxPendingSize: number;
  readonly #rateLimit: RateLimit | null;
  readonly #pipe: Pipe;
  readonly #connection: Connection;
  #isPaused = false;
  /** Reasons for not reading: an undecided CONNECT, unread answers, too many messages. */
  #holdCount = 0;
  #isHeldForAnswers = false;
  #isClosed = false;
  /** Bytes of acknowledgements since the pause. */
  #answerSize = 0;

  constructor(
    broker: Broker,
    realTime: RealTime,
    peer: Peer,
    options: TransportOptions,
    open: (events: PipeEvents) => Pipe,
  ) {
    const nowMs = realTime.now();
    this.peer = peer.name;
    this.identity = peer.identity;
    this.#broker = broker;
    this.#realTime = realTime;
    this.#maxPendingSize = options.maxPendingSize;
    this.#rateLimit = options.maxPublishRate > 0 ? new RateLimit(options.maxPublishRate, nowMs) : null;
    this.#pipe = open(this);
    this.#connection = broker.connect(nowMs, this, options.entrance);
    realTime.touch();
  }

  send(bytes: Uint8Array, isLasting: boolean): void {
    const pipe = this.#pipe;
    pipe.write(bytes, isLasting);
    if (this.#isPaused) {
      this.#answerSize += bytes.length;
      if (this.#answerSize > this.#maxPendingSize && !this.#isHeldForAnswers) {
        this.#isHeldForAnswers = true;
        this.hold(true);
      }
    } else if (pipe.pendingSize > this.#maxPendingSize) {
      this.#isPaused = true;
      this.#answerSize = 0;
      this.#broker.pause(this.#connection);
    }
  }

  hold(isHeld: boolean): void {
    if (isHeld) {
      if (this.#holdCount++ === 0) this.#pipe.pause();
    } else if (--this.#holdCount === 0 && !this.#isClosed) this.#pipe.resume();
  }

  close(): void {
    const pipe = this.#pipe;
    this.#isClosed = true;
    pipe.end();
    // Reading goes on for a moment: to close over unread bytes resets the connection, and the peer would lose the
    // CONNACK that says why.
    pipe.resume();
    setTimeout(() => pipe.destroy(), LINGER_MS).unref();
  }

  onBytes(bytes: Uint8Array): void {
    const connection = this.#connection;
    const realTime = this.#realTime;
    const before = connection.publishCount;
    this.#broker.receive(connection, bytes, realTime.now());
    realTime.touch();
    if (this.#rateLimit === null) return;
    const waitMs = this.#rateLimit.take(connection.publishCount - before, realTime.now());
    if (waitMs === 0 || this.#isClosed) return;
    this.hold(true);
    setTimeout(() => this.hold(false), waitMs).unref();
  }

  onDrained(): void {
    if (!this.#isPaused || this.#isClosed) return;
    this.#isPaused = false;
    if (this.#isHeldForAnswers) this.hold(false);
    this.#isHeldForAnswers = false;
    this.#broker.resume(this.#connection, this.#realTime.now());
    this.#realTime.touch();
  }

  onClosed(): void {
    this.#isClosed = true;
    this.#broker.closed(this.#connection, this.#realTime.now());
    this.#realTime.touch();
  }
}

/** `127.0.0.1:50412`, `[::1]:50412`. */
export function addressText(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
