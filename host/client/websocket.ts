/**
 * MQTT over WebSocket, section 6: binary frames of any size, of which MQTT's packets need not respect the ends, under the
 * subprotocol "mqtt" [MQTT-6.0.0-1] to [MQTT-6.0.0-4].
 */
import { Buffer } from "node:buffer";
import type net from "node:net";
import WebSocket from "ws";
import type { Dialer } from "./dial.ts";
import { PerigeeError } from "./errors.ts";
import type { Transport, TransportEvents, TransportOpener } from "./transport.ts";
import { type Address, placeOf } from "./url.ts";

/** Bytes that may wait in the socket before no more is given to it. */
const BUFFER_SIZE_MAX = 256 * 1024;

/** A close frame is answered; who does not is cut off after this, ms. */
const LINGER_MS = 1_000;

/** Transports over what `dial` makes. */
export function webSocketOpener(dial: Dialer, address: Address): TransportOpener {
  return events => new WebSocketTransport(dial, address, events);
}

class WebSocketTransport implements Transport {
  readonly #events: TransportEvents;
  readonly #socket: WebSocket;
  readonly #server: string;
  #giveUp: () => void = () => {};
  #failure: PerigeeError | undefined;
  #isOpen = false;

  constructor(dial: Dialer, address: Address, events: TransportEvents) {
    this.#events = events;
    this.#server = placeOf(address);
    const socket = new WebSocket(`ws://${this.#server}${address.path ?? "/mqtt"}`, "mqtt", {
      perMessageDeflate: false,
      // TLS has been begun below, so that proxies, shared keys and errors are what they are without WebSocket.
      createConnection: ((_options: unknown, done: (error: Error | null, stream?: net.Socket) => void) => {
        this.#giveUp = dial(
          stream => done(null, stream),
          error => {
            this.#failure = error;
            done(error);
          },
        );
      }) as never,
    });
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("open", () => {
      this.#isOpen = true;
      events.opened();
    });
    socket.on("message", (data, isBinary) => this.#received(data as Buffer, isBinary));
    socket.on("error", error => {
      const code = this.#isOpen ? "ENDED_TRANSPORT" : "UNREACHABLE";
      this.#failure ??= new PerigeeError(code, `No WebSocket with ${this.#server}: ${error.message}`, { cause: error });
    });
    socket.once("close", () => events.closed(this.#failure));
  }

  get isCongested(): boolean {
    return this.#socket.bufferedAmount > BUFFER_SIZE_MAX;
  }

  write(bytes: Uint8Array): void {
    this.#socket.send(bytes, { binary: true }, () => this.#events.drained());
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.close();
    const timer = setTimeout(() => this.#socket.terminate(), LINGER_MS);
    this.#socket.once("close", () => clearTimeout(timer));
  }

  destroy(): void {
    this.#giveUp();
    this.#socket.terminate();
  }

  #received(data: Buffer, isBinary: boolean): void {
    // [MQTT-6.0.0-1]
    if (!isBinary) {
      this.#failure = new PerigeeError("ENDED_TRANSPORT", `The server sent text [MQTT-6.0.0-1]: ${this.#server}`);
      this.#socket.terminate();
      return;
    }
    this.#events.received(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  }
}
