/**
 * A relayed connection: a client's socket, a simulated TCP connection over a link, and a socket to the server, which is dialled when the
 * simulated handshake is through.
 */
import { connect, type Socket } from "node:net";
import { type Link, TcpConnection, type TcpProfile, type TcpStatistics, type ToxicSpec } from "../link/index.ts";
import { Half } from "./half.ts";
import type { RealTime } from "./real-time.ts";

export interface RelayTarget {
  readonly host: string;
  readonly port: number;
}

export interface RelayOptions {
  readonly client: TcpProfile;
  readonly server: TcpProfile;
  readonly target: RelayTarget;
  /** Called once, with how the connection ended. */
  readonly onClosed: (relay: Relay, reason: string) => void;
}

export class Relay {
  readonly link: Link;
  private readonly connection: TcpConnection;
  private readonly near: Half;
  private readonly far: Half;
  private readonly options: RelayOptions;
  private closed = false;

  constructor(clock: RealTime, link: Link, socket: Socket, options: RelayOptions) {
    this.link = link;
    this.options = options;
    this.connection = new TcpConnection(clock, link, { ...options, noDelay: true, toxic: true });
    const { client, server } = this.connection;
    this.near = new Half(
      clock,
      client,
      () => {},
      reason => this.over(`client ${reason}`),
    );
    this.far = new Half(
      clock,
      server,
      () => this.dial(clock),
      reason => this.over(`server ${reason}`),
    );
    client.handler = this.near;
    server.handler = this.far;
    this.near.attach(socket);
    client.connect();
  }

  /** What each end has sent. */
  get statistics(): { up: Readonly<TcpStatistics>; down: Readonly<TcpStatistics> } {
    return { up: this.connection.client.statistics, down: this.connection.server.statistics };
  }

  replaceToxics(toxics: readonly ToxicSpec[]): void {
    this.connection.replaceToxics(toxics);
  }

  /** Resets both sockets. */
  abort(): void {
    this.near.abort();
    this.far.abort();
  }

  private dial(clock: RealTime): void {
    const { target } = this.options;
    const socket = connect({ ...target, allowHalfOpen: true });
    const failed = (error: Error) =>
      clock.enter(() => {
        this.over(`cannot connect to ${target.host}:${target.port}: ${error.message}`);
        this.far.abort();
      });
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      clock.enter(() => this.far.attach(socket));
    });
  }

  private over(reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.options.onClosed(this, reason);
  }
}
