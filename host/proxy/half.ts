/**
 * One half of a relayed connection: a socket of the computer's on one side, an end of the simulated TCP on the other.
 *
 * What the socket brings is written to the endpoint, which closes the socket's window when it has no room; what the endpoint brings is
 * written to the socket, whose slowness closes the endpoint's window. An end goes through as an end, a reset as a reset.
 */
import type { Socket } from "node:net";
import type { TcpCloseReason, TcpEndpoint, TcpHandler } from "../link/index.ts";
import type { RealTime } from "./real-time.ts";

export class Half implements TcpHandler {
  private readonly clock: RealTime;
  private readonly endpoint: TcpEndpoint;
  private readonly onOpened: () => void;
  private readonly onClosed: (reason: TcpCloseReason | "aborted") => void;
  private socket: Socket | null = null;
  /** What the socket brought and the endpoint has not taken. */
  private readonly incoming: Buffer[] = [];
  /** What the endpoint brought before there was a socket. */
  private outgoing: Buffer[] = [];
  private heldBytes = 0;
  private isOpen = false;
  private inputEnded = false;
  private outputEnded = false;
  private over = false;

  constructor(
    clock: RealTime,
    endpoint: TcpEndpoint,
    onOpened: () => void,
    onClosed: (reason: TcpCloseReason | "aborted") => void,
  ) {
    this.clock = clock;
    this.endpoint = endpoint;
    this.onOpened = onOpened;
    this.onClosed = onClosed;
  }

  /** Joins the socket, which is connected. */
  attach(socket: Socket): void {
    const { clock } = this;
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => clock.enter(() => this.fromSocket(chunk)));
    socket.on("end", () => clock.enter(() => this.socketEnded()));
    socket.on("drain", () => clock.enter(() => this.hold(0)));
    socket.on("error", () => {});
    socket.on("close", hadError => clock.enter(() => this.socketClosed(hadError)));
    for (const bytes of this.outgoing) socket.write(bytes);
    this.outgoing = [];
    this.hold(socket.writableNeedDrain ? socket.writableLength : 0);
    if (this.outputEnded) socket.end();
  }

  /** Gives the connection up: a reset both ways. */
  abort(): void {
    if (this.over) return;
    this.over = true;
    this.endpoint.abort();
    this.socket?.resetAndDestroy();
    this.onClosed("aborted");
  }

  opened(): void {
    this.isOpen = true;
    this.onOpened();
    this.pump();
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    const copy = Buffer.from(bytes.subarray(offset, offset + size));
    const { socket } = this;
    if (socket === null) {
      this.outgoing.push(copy);
      this.hold(this.heldBytes + size);
    } else if (!socket.destroyed && !socket.write(copy)) {
      this.hold(socket.writableLength);
    }
  }

  ended(): void {
    this.outputEnded = true;
    this.socket?.end();
  }

  writable(): void {
    this.pump();
  }

  closed(reason: TcpCloseReason): void {
    if (this.over) return;
    this.over = true;
    if (reason === "finished") this.socket?.end();
    else this.socket?.resetAndDestroy();
    this.onClosed(reason);
  }

  private fromSocket(chunk: Buffer): void {
    if (this.over) return;
    this.incoming.push(chunk);
    this.pump();
  }

  private socketEnded(): void {
    this.inputEnded = true;
    this.pump();
  }

  /** A socket that closes with an error, or before its end was heard, was reset or its machine is gone. */
  private socketClosed(hadError: boolean): void {
    if (this.over || (!hadError && this.inputEnded)) return;
    this.over = true;
    this.endpoint.abort();
    this.onClosed("aborted");
  }

  private pump(): void {
    const { incoming, endpoint, socket } = this;
    while (incoming.length > 0) {
      const chunk = incoming[0];
      const taken = endpoint.write(chunk, 0, chunk.length);
      if (taken < chunk.length) {
        incoming[0] = chunk.subarray(taken);
        socket?.pause();
        return;
      }
      incoming.shift();
    }
    if (socket?.isPaused()) socket.resume();
    if (this.inputEnded && this.isOpen) endpoint.shutdown();
  }

  /** Notes what the socket holds back, for the endpoint's window. */
  private hold(count: number): void {
    if (count === this.heldBytes) return;
    this.endpoint.waitingBytes += count - this.heldBytes;
    this.heldBytes = count;
  }
}
