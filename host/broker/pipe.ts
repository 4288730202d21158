/**
 * What lies under one connection of the broker: an ordered, lossless stream of bytes both ways, which is all that the
 * protocol asks of it (4.2; 5.0: [MQTT-4.2-1]): a TCP, TLS or Unix socket, or a WebSocket (section 6).
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import { isPlain, readQuickly, writeQuickly } from "./quick-socket.ts";

export interface Pipe {
  /** Bytes that were written and that the kernel has not taken. */
  readonly pendingSize: number;
  /** Unless they are lasting, the bytes are lent until the call returns. */
  write(bytes: Uint8Array, isLasting: boolean): void;
  pause(): void;
  resume(): void;
  /** Closes this side after what was written. */
  end(): void;
  destroy(): void;
}

/** What happens on it. `onClosed` comes last, whatever went wrong before. */
export interface PipeEvents {
  /** The bytes are lent until the call returns. */
  onBytes(bytes: Uint8Array): void;
  /** Nothing is pending any more. May come when nothing was. */
  onDrained(): void;
  onClosed(): void;
}

/** A TCP, TLS or Unix socket. */
export class SocketPipe implements Pipe {
  readonly #socket: Socket;
  readonly #events: PipeEvents;
  readonly #isPlain: boolean;
  /** Made when the kernel first leaves something. */
  #onWritten: ((error?: Error | null) => void) | null = null;

  constructor(socket: Socket, events: PipeEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#isPlain = isPlain(socket);
    const onBytes = (bytes: Uint8Array) => events.onBytes(bytes);
    if (!this.#isPlain || !readQuickly(socket, onBytes)) socket.on("data", onBytes);
    // Every error is followed by "close", which is all that the broker needs to know.
    socket.on("error", ignore);
    socket.on("close", () => events.onClosed());
  }

  get pendingSize(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array, isLasting: boolean): void {
    const socket = this.#socket;
    const takenSize = this.#isPlain && socket.writableLength === 0 ? writeQuickly(socket, bytes) : 0;
    if (takenSize === bytes.length) return;
    const rest = bytes.subarray(takenSize);
    // Not "drain", which a socket emits only after more than its own measure of much was pending.
    this.#onWritten ??= error => {
      if (!error && socket.writableLength === 0) this.#events.onDrained();
    };
    socket.write(isLasting ? rest : Buffer.from(rest), this.#onWritten);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function ignore(): void {}

/** RFC 6455, 7.4.1: what an endpoint says that gets a kind of data it cannot accept. */
const UNSUPPORTED_DATA = 1003;

/** A WebSocket, whose frames may cut packets anywhere [MQTT-6.0.0-2]. */
export class WebSocketPipe implements Pipe {
  readonly #socket: WebSocket;
  readonly #onWritten: () => void;

  constructor(socket: WebSocket, events: PipeEvents) {
    this.#socket = socket;
    this.#onWritten = () => {
      if (socket.bufferedAmount === 0) events.onDrained();
    };
    socket.on("message", (data, isBinary) => {
      // [MQTT-6.0.0-1] other than binary data frames end the connection. `binaryType` makes each message one Buffer.
      if (isBinary) events.onBytes(data as Buffer);
      else socket.close(UNSUPPORTED_DATA, "[MQTT-6.0.0-1] MQTT travels in binary frames");
    });
    socket.on("error", ignore);
    socket.on("close", () => events.onClosed());
  }

  get pendingSize(): number {
    return this.#socket.bufferedAmount;
  }

  write(bytes: Uint8Array, isLasting: boolean): void {
    this.#socket.send(isLasting ? bytes : Buffer.from(bytes), { binary: true }, this.#onWritten);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.close();
  }

  destroy(): void {
    this.#socket.terminate();
  }
}
