/**
 * The way to a server over real TCP, as the actors have it in a simulation. A power cut is silence: the socket stays open, and nobody
 * reads or writes any more; that of a frozen client is still listened to.
 */
import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import type { RealTime } from "../../proxy/real-time.ts";
import type { Listener, Transport } from "../../simulation/index.ts";
import type { Line } from "./line.ts";

/** What may wait in the process before the actor is told to wait, bytes. */
const CONGESTED_BYTES = 65_536;

export class TcpLine implements Line, Transport {
  private readonly time: RealTime;
  private readonly host: string;
  private readonly port: number;
  private readonly silent = new Set<Socket>();
  private readonly frozen = new Set<Socket>();
  private socket: Socket | null = null;

  constructor(time: RealTime, host: string, port: number) {
    this.time = time;
    this.host = host;
    this.port = port;
  }

  open(listener: Listener): Transport {
    const socket = connect({ host: this.host, port: this.port, noDelay: true });
    this.socket = socket;
    // What happens to a socket that was given up is nobody's business any more.
    const heard = (what: () => void) => {
      if (this.socket === socket || this.frozen.has(socket)) this.time.enter(what);
    };
    socket.on("connect", () => heard(() => listener.opened()));
    socket.on("data", bytes => heard(() => listener.received(Buffer.from(bytes), 0, bytes.length)));
    socket.on("drain", () => heard(() => listener.writable()));
    socket.on("error", () => {});
    socket.on("close", () =>
      heard(() => {
        if (this.socket === socket) this.socket = null;
        listener.ended();
      }),
    );
    return this;
  }

  write(bytes: Uint8Array, offset: number, size: number): number {
    const { socket } = this;
    if (socket === null || !socket.writable || socket.writableLength > CONGESTED_BYTES) return 0;
    socket.write(Buffer.from(bytes.slice(offset, offset + size)));
    return size;
  }

  end(): void {
    this.socket?.end();
  }

  abort(): void {
    const { socket } = this;
    this.socket = null;
    socket?.resetAndDestroy();
  }

  vanish(): void {
    const { socket } = this;
    if (socket === null) return;
    this.socket = null;
    socket.pause();
    this.silent.add(socket);
  }

  freeze(): void {
    if (this.socket !== null) this.frozen.add(this.socket);
    this.socket = null;
  }

  /** Gives up every socket, those of whom nobody hears any more too. */
  close(): void {
    this.abort();
    const left = [...this.silent, ...this.frozen];
    this.frozen.clear();
    for (const socket of left) socket.destroy();
  }
}
