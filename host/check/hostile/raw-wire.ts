/** TCP to a broker without a client: bytes out, and of what comes in only which packets. Nothing is kept back, so that every rule can be broken. */
import { connect, type Socket } from "node:net";
import { type Packet, PacketSplitter } from "../../client/packet-splitter.ts";

const CONNACK_TYPE = 0x2;

/** A transport, and the types of packets that have come on it. */
export class Wire {
  readonly types: number[] = [];
  /** The code of the first CONNACK; null until it comes. */
  connackCode: number | null = null;
  /** Somebody has taken the connection. */
  isOpen = false;
  isClosed = false;
  /** Why it could not be had, or was lost. */
  error: Error | null = null;
  readonly #socket: Socket;
  readonly #packets = new PacketSplitter();
  #wake = () => {};

  constructor(host: string, port: number) {
    this.#socket = connect(port, host);
    this.#socket.on("data", bytes => {
      for (const { packet } of this.#packets.split(bytes)) if (packet !== undefined) this.#came(packet);
      this.#wake();
    });
    this.#socket.on("connect", () => {
      this.isOpen = true;
      this.#wake();
    });
    this.#socket.on("error", error => {
      this.error = error;
    });
    this.#socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  write(bytes: Uint8Array | readonly number[]): void {
    this.#socket.write(Uint8Array.from(bytes));
  }

  /** Nothing more is read, so that what the broker sends fills its buffers. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Resolves when `condition` holds, true, or when the time is over, false. */
  async until(condition: () => boolean, waitMs: number): Promise<boolean> {
    const endMs = performance.now() + waitMs;
    while (!condition()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }

  end(): void {
    this.#socket.destroy();
  }

  #came({ head, bodyAt }: Packet): void {
    const type = head[0] >> 4;
    this.types.push(type);
    // Behind its flags, section 3.2.2.
    if (type === CONNACK_TYPE) this.connackCode ??= head[bodyAt + 1] ?? null;
  }
}
