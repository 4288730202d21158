/**
 * One pipe under one connection of the broker.
 *
 * A subscriber that does not read must not cost memory or anybody else's time. Node keeps what a socket does not take,
 * so the amount is bounded here: above it the broker is told to hand over no more messages (QoS 0 is dropped, QoS 1 and
 * 2 wait in the session, which has limits of its own) until the socket has drained. Acknowledgements still go out; a
 * peer that makes the broker answer without reading the answers is not read any more. Nor is one, for a while, that
 * publishes faster than it may.
 */
import { Buffer } from "node:buffer";
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
  const { entrance, maxPendingSize, maxPublishRate } = options;
  const rateLimit = maxPublishRate > 0 ? new RateLimit(maxPublishRate, realTime.now()) : null;
  let isPaused = false;
  /** Reasons for not reading: an undecided CONNECT, unread answers, too many messages. */
  let holdCount = 0;
  let isHeldForAnswers = false;
  let isClosed = false;
  /** Bytes of acknowledgements since the pause. */
  let answerSize = 0;

  const hold = (): void => {
    if (holdCount++ === 0) pipe.pause();
  };
  const letGo = (): void => {
    if (--holdCount === 0 && !isClosed) pipe.resume();
  };

  const sink: Sink = {
    peer: peer.name,
    identity: peer.identity,
    send(bytes: Uint8Array, isLasting: boolean): void {
      pipe.write(isLasting ? bytes : Buffer.from(bytes));
      if (isPaused) {
        answerSize += bytes.length;
        if (answerSize > maxPendingSize && !isHeldForAnswers) {
          isHeldForAnswers = true;
          hold();
        }
      } else if (pipe.pendingSize > maxPendingSize) {
        isPaused = true;
        answerSize = 0;
        broker.pause(connection);
      }
    },
    hold(isHeld: boolean): void {
      if (isHeld) hold();
      else letGo();
    },
    close(): void {
      isClosed = true;
      pipe.end();
      // Reading goes on for a moment: to close over unread bytes resets the connection, and the peer would lose the
      // CONNACK that says why.
      pipe.resume();
      setTimeout(() => pipe.destroy(), LINGER_MS).unref();
    },
  };
  const pipe = open({
    onBytes(bytes: Uint8Array): void {
      const before = connection.publishCount;
      broker.receive(connection, bytes, realTime.now());
      realTime.touch();
      if (rateLimit === null) return;
      const waitMs = rateLimit.take(connection.publishCount - before, realTime.now());
      if (waitMs === 0 || isClosed) return;
      hold();
      setTimeout(letGo, waitMs).unref();
    },
    onDrained(): void {
      if (!isPaused) return;
      isPaused = false;
      if (isHeldForAnswers) letGo();
      isHeldForAnswers = false;
      broker.resume(connection, realTime.now());
      realTime.touch();
    },
    onClosed(): void {
      isClosed = true;
      broker.closed(connection, realTime.now());
      realTime.touch();
    },
  });
  const connection: Connection = broker.connect(realTime.now(), sink, entrance);
  realTime.touch();
}

/** `127.0.0.1:50412`, `[::1]:50412`. */
export function addressText(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
