/**
 * A port with a link behind it: every connection to it goes over the simulated TCP and on to a server.
 *
 * Each connection has a link of its own, as terminals of their own have, or all share one.
 */
import { createServer, type Server, type Socket } from "node:net";
import { LINUX, Link, type LinkSpec, type Seed, type TcpProfile, type ToxicSpec } from "../link/index.ts";
import type { RealTime } from "./real-time.ts";
import type { Recorder, Replayer } from "./recording.ts";
import { Relay, type RelayTarget } from "./relay.ts";

export interface ProxyOptions {
  readonly name: string;
  readonly link: LinkSpec;
  readonly listen: RelayTarget;
  readonly target: RelayTarget;
  readonly seed: Seed;
  /** The stack of the clients; the server's is Linux. */
  readonly tcp?: TcpProfile;
  /** One link for all connections. */
  readonly shared?: boolean;
  readonly recorder?: Recorder;
  readonly replayer?: Replayer;
  /** A line about a connection, for whoever looks. */
  readonly onLog?: (line: string) => void;
}

/** Sums over all connections, past and present. Bytes are IP's, retransmissions both ends'. */
export interface ProxyStatistics {
  openCount: number;
  acceptedCount: number;
  upPackets: number;
  upBytes: number;
  downPackets: number;
  downBytes: number;
  retransmissions: number;
  lostPackets: number;
}

export class LinkProxy {
  readonly options: ProxyOptions;
  toxics: ToxicSpec[];
  private readonly clock: RealTime;
  private readonly relays = new Set<Relay>();
  private readonly sharedLink: Link | null;
  private server: Server | null = null;
  private acceptedCount = 0;
  private readonly past = {
    upPackets: 0,
    upBytes: 0,
    downPackets: 0,
    downBytes: 0,
    retransmissions: 0,
    lostPackets: 0,
  };
  private port: number;

  constructor(clock: RealTime, options: ProxyOptions) {
    this.clock = clock;
    this.options = options;
    this.port = options.listen.port;
    this.toxics = [...(options.link.toxics ?? [])];
    this.sharedLink = options.shared ? new Link(clock, options.link, options.seed, options.name) : null;
  }

  get enabled(): boolean {
    return this.server !== null;
  }

  /** HOST:PORT, with the port that was really taken. */
  get listening(): string {
    const { host } = this.options.listen;
    return `${host.includes(":") ? `[${host}]` : host}:${this.port}`;
  }

  get statistics(): ProxyStatistics {
    const sums = { ...this.past };
    for (const relay of this.relays) add(sums, relay);
    if (this.sharedLink !== null) sums.lostPackets = lostOf(this.sharedLink);
    return { openCount: this.relays.size, acceptedCount: this.acceptedCount, ...sums };
  }

  /** Listens. Rejects with what the system says when the address cannot be had. */
  enable(): Promise<void> {
    if (this.server !== null) return Promise.resolve();
    const server = createServer({ allowHalfOpen: true }, socket => this.clock.enter(() => this.accept(socket)));
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once("error", error => {
        this.server = null;
        reject(error);
      });
      server.listen({ host: this.options.listen.host, port: this.port }, () => {
        const address = server.address();
        if (typeof address === "object" && address !== null) this.port = address.port;
        resolve();
      });
    });
  }

  /** Stops listening and resets every connection. */
  disable(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.clock.enter(() => {
      for (const relay of [...this.relays]) relay.abort();
    });
    return new Promise(resolve => (server === null ? resolve() : server.close(() => resolve())));
  }

  /** Other toxics, for the connections there are and those to come. */
  replaceToxics(toxics: ToxicSpec[]): void {
    this.toxics = toxics;
    if (this.sharedLink !== null) this.sharedLink.toxics = toxics;
    this.clock.enter(() => {
      for (const relay of this.relays) {
        relay.link.toxics = toxics;
        relay.replaceToxics(toxics);
      }
    });
  }

  private accept(socket: Socket): void {
    const { options, clock } = this;
    this.acceptedCount += 1;
    const number = this.acceptedCount;
    const link = this.sharedLink ?? new Link(clock, options.link, options.seed, `${options.name}/${number}`);
    link.toxics = this.toxics;
    options.recorder?.watch(link, number);
    options.replayer?.script(link, number);
    const relay: Relay = new Relay(clock, link, socket, {
      client: options.tcp ?? LINUX,
      server: LINUX,
      target: options.target,
      onClosed: (closed, reason) => {
        // Both halves have their last word before the sums are taken.
        setImmediate(() => {
          if (this.relays.delete(closed)) add(this.past, closed);
        });
        options.onLog?.(`connection ${number}: ${reason}`);
      },
    });
    this.relays.add(relay);
    options.onLog?.(`connection ${number} from ${socket.remoteAddress}:${socket.remotePort}`);
  }
}

type Sums = Omit<ProxyStatistics, "openCount" | "acceptedCount">;

function add(sums: Sums, relay: Relay): void {
  const { up, down } = relay.statistics;
  sums.upPackets += up.packetCount;
  sums.upBytes += up.byteCount;
  sums.downPackets += down.packetCount;
  sums.downBytes += down.byteCount;
  sums.retransmissions += up.retransmissionCount + down.retransmissionCount;
  sums.lostPackets += lostOf(relay.link);
}

function lostOf(link: Link): number {
  return [link.up, link.down].reduce(
    (sum, { statistics: { dropped } }) => sum + dropped.loss + dropped.outage + dropped.queue,
    0,
  );
}
