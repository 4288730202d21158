/**
 * A WebSocket as the transport of a client (MQTT 3.1.1, section 6): binary frames, whose ends mean nothing, under the
 * sub-protocol `mqtt` [MQTT-6.0.0-3].
 */
import type { Transport, TransportEvents, TransportOpener } from "../client/transport.ts";

/** Unsent bytes above which a transport is congested. */
const CONGESTED_SIZE = 1 << 20;
/** A browser does not say when it has sent something: how often to look, ms. */
const LOOK_MS = 50;

export interface Traffic {
  /** Bytes of MQTT, all connections together. */
  sentSize: number;
  receivedSize: number;
}

export function webSocketOpener(url: string, traffic: Traffic): TransportOpener {
  return events => new WebSocketTransport(url, traffic, events);
}

class WebSocketTransport implements Transport {
  readonly #socket: WebSocket;
  readonly #traffic: Traffic;
  readonly #events: TransportEvents;
  #isPaused = false;
  #waiting: Uint8Array[] = [];
  #isClosed = false;

  constructor(url: string, traffic: Traffic, events: TransportEvents) {
    this.#traffic = traffic;
    this.#events = events;
    this.#socket = new WebSocket(url, "mqtt");
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => events.opened();
    this.#socket.onmessage = ({ data }) => this.#receive(new Uint8Array(data as ArrayBuffer));
    this.#socket.onclose = ({ code, reason, wasClean }) => {
      this.#isClosed = true;
      const words = reason === "" ? `code ${code}` : reason;
      events.closed(wasClean ? undefined : new Error(`the WebSocket was closed: ${words}`));
    };
  }

  get isCongested(): boolean {
    return this.#socket.bufferedAmount > CONGESTED_SIZE;
  }

  write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#traffic.sentSize += bytes.length;
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>);
    if (this.isCongested) this.#look();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) this.#receive(bytes, false);
  }

  end(): void {
    this.#socket.close();
  }

  destroy(): void {
    this.#socket.close();
  }

  #receive(bytes: Uint8Array, isNew = true): void {
    if (isNew) this.#traffic.receivedSize += bytes.length;
    // A browser cannot stop reading: what comes meanwhile waits here.
    if (this.#isPaused) this.#waiting.push(bytes);
    else this.#events.received(bytes);
  }

  #look(): void {
    setTimeout(() => {
      if (this.#isClosed) return;
      if (this.isCongested) this.#look();
      else this.#events.drained();
    }, LOOK_MS);
  }
}
