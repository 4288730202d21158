/**
 * One socket, TCP or TLS, under one connection of the broker: an ordered, lossless stream of bytes both ways, which is
 * all that the protocol asks of it (4.2; 5.0: [MQTT-4.2-1]).
 *
 * A subscriber that does not read must not cost memory or anybody else's time. Node keeps what a socket does not take,
 * so the amount is bounded here: above it the broker is told to hand over no more messages (QoS 0 is dropped, QoS 1 and
 * 2 wait in the session, which has limits of its own) until the socket has drained. Acknowledgements still go out; a
 * peer that makes the broker answer without reading the answers is not read any more.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Broker } from "./broker.ts";
import type { Connection, Sink } from "./connection.ts";
import type { RealTime } from "./realtime.ts";

/** How long the peer has to close its side after the broker has closed its own, ms. */
const LINGER_MS = 2000;

/** Puts a socket under the broker. `maxPendingSize` is the most that it may leave unsent before messages wait. */
export function attach(broker: Broker, realTime: RealTime, socket: Socket, maxPendingSize: number): void {
  let isPaused = false;
  /** Bytes of acknowledgements since the pause. */
  let answerSize = 0;

  const sink: Sink = {
    peer: addressText(socket.remoteAddress, socket.remotePort),
    send(bytes: Uint8Array, isLasting: boolean): void {
      socket.write(isLasting ? bytes : Buffer.from(bytes));
      if (isPaused) {
        answerSize += bytes.length;
        if (answerSize > maxPendingSize) socket.pause();
      } else if (socket.writableLength > maxPendingSize) {
        isPaused = true;
        answerSize = 0;
        broker.pause(connection);
      }
    },
    close(): void {
      socket.end();
      // Reading goes on for a moment: to close over unread bytes resets the connection, and the peer would lose the
      // CONNACK that says why.
      socket.resume();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    },
  };
  const connection: Connection = broker.connect(realTime.now(), sink);
  realTime.touch();

  socket.setNoDelay(true);
  socket.on("data", (bytes: Uint8Array) => {
    broker.receive(connection, bytes, realTime.now());
    realTime.touch();
  });
  socket.on("drain", () => {
    if (!isPaused) return;
    isPaused = false;
    socket.resume();
    broker.resume(connection, realTime.now());
    realTime.touch();
  });
  // Every error is followed by "close", which is all that the broker needs to know.
  socket.on("error", () => {});
  socket.on("close", () => {
    broker.closed(connection, realTime.now());
    realTime.touch();
  });
}

/** `127.0.0.1:50412`, `[::1]:50412`. */
export function addressText(address: string | undefined, port: number | undefined): string {
  if (address === undefined) return "unknown";
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
