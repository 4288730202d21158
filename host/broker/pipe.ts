/**
 * What lies under one connection of the broker: an ordered, lossless stream of bytes both ways, which is all that the
 * protocol asks of it (4.2; 5.0: [MQTT-4.2-1]): a TCP, TLS or Unix socket, or a WebSocket (section 6).
 */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

export interface Pipe {
  /** Bytes that were written and that the kernel has not taken. */
  readonly pendingSize: number;
  /** The bytes are not changed any more. */
  write(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Closes this side after what was written. */
  end(): void;
  destroy(): void;
}

/** What happens on it. `onClosed` comes last, whatever went wrong before. */
export interface PipeEvents {
  onBytes(bytes: Uint8Array): void;
  onDrained(): void;
  onClosed(): void;
}

/** A TCP, TLS or Unix socket. */
export function socketPipe(socket: Socket, events: PipeEvents): Pipe {
  socket.on("data", events.onBytes);
  socket.on("drain", events.onDrained);
  // Every error is followed by "close", which is all that the broker needs to know.
  socket.on("error", () => {});
  socket.on("close", events.onClosed);
  return {
    get pendingSize() {
      return socket.writableLength;
    },
    write: bytes => socket.write(bytes),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.end(),
    destroy: () => socket.destroy(),
  };
}

/** RFC 6455, 7.4.1: what an endpoint says that gets a kind of data it cannot accept. */
const UNSUPPORTED_DATA = 1003;

/** A WebSocket, whose frames may cut packets anywhere [MQTT-6.0.0-2]. */
export function webSocketPipe(socket: WebSocket, events: PipeEvents): Pipe {
  socket.on("message", (data, isBinary) => {
    // [MQTT-6.0.0-1] other than binary data frames end the connection. `binaryType` makes each message one Buffer.
    if (isBinary) events.onBytes(data as Buffer);
    else socket.close(UNSUPPORTED_DATA, "[MQTT-6.0.0-1] MQTT travels in binary frames");
  });
  socket.on("error", () => {});
  socket.on("close", events.onClosed);
  const onWritten = () => {
    if (socket.bufferedAmount === 0) events.onDrained();
  };
  return {
    get pendingSize() {
      return socket.bufferedAmount;
    },
    write: bytes => socket.send(bytes, { binary: true }, onWritten),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.close(),
    destroy: () => socket.terminate(),
  };
}
