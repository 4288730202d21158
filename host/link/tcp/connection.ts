/**
 * A TCP connection over a link: a client end that sends up and a server end that sends down.
 *
 *     const connection = new TcpConnection(time, link, { client: "lwip", server: "linux" });
 *     connection.client.handler = sensor;
 *     connection.server.handler = broker;
 *     connection.client.connect();
 *
 * Any number of connections may share a link. A connection lives once: whoever reconnects makes another.
 */
import { LinkError } from "../error.ts";
import type { Link } from "../link.ts";
import { suggestion } from "../nearest.ts";
import type { Packet, PacketSink } from "../packet.ts";
import type { Scheduler } from "../scheduler.ts";
import { ToxicChain } from "../toxics/toxic-chain.ts";
import type { ToxicSpec, ToxicStream } from "../toxics/toxic-spec.ts";
import { TcpEndpoint } from "./endpoint.ts";
import { NatMapping } from "./nat.ts";
import { stampedProfile, TCP_PROFILES, type TcpProfile } from "./profile.ts";
import { SegmentPool } from "./segment.ts";

export interface TcpOptions {
  /** The stack at each end, by name or as data; `linux` when absent. */
  client?: string | TcpProfile;
  server?: string | TcpProfile;
  /** TCP_NODELAY at both ends: small segments go at once. */
  noDelay?: boolean;
  /** Toxics may come later, by {@link TcpConnection.replaceToxics}. */
  toxic?: boolean;
  /** Stands before a direction of the link, where every segment passes: whoever wants to see them. It passes on what it is given. */
  through?: (direction: PacketSink, isUp: boolean) => PacketSink;
}

export class TcpConnection {
  readonly client: TcpEndpoint;
  readonly server: TcpEndpoint;
  private readonly chains: [ToxicStream, ToxicChain][] = [];

  /** Throws LinkError, with the nearest name, for a profile that does not exist. */
  constructor(scheduler: Scheduler, link: Link, options: TcpOptions = {}) {
    const pool = new SegmentPool(link.headers);
    const { timestamps } = link.headers;
    const [clientProfile, serverProfile] = [options.client, options.server].map(profile =>
      stampedProfile(tcpProfile(profile), timestamps),
    );
    const linkUp = options.through?.(link.up, true) ?? link.up;
    const linkDown = options.through?.(link.down, false) ?? link.down;
    this.client = new TcpEndpoint(scheduler, clientProfile, linkUp, pool, link.mtuBytes);
    // The translator is made when both ends are there: until then nothing is sent.
    let nat: NatMapping | null = null;
    const watched = link.nat !== null || link.halfOpenAfterUs !== null;
    const down = !watched ? linkDown : { send: (packet: Packet) => (nat as NatMapping).send(packet) };
    this.server = new TcpEndpoint(scheduler, serverProfile, down, pool, link.mtuBytes);
    if (watched) {
      nat = new NatMapping(scheduler, link.nat, link.halfOpenAfterUs, linkDown, pool, this.client, this.server);
    }
    this.client.attach(this.server, false, nat ?? this.server);
    this.server.attach(this.client, link.enabled);
    if (!link.enabled) this.server.abort();
    if (link.toxics.length > 0 || options.toxic) {
      this.poison(scheduler, link, "downstream", this.client);
      this.poison(scheduler, link, "upstream", this.server);
    }
    this.client.nagle = !options.noDelay;
    this.server.nagle = !options.noDelay;
  }

  /** Other toxics from now on; of a link that had some when the connection was made. */
  replaceToxics(toxics: readonly ToxicSpec[]): void {
    for (const [stream, chain] of this.chains) chain.replace(toxics.filter(toxic => toxic.stream === stream));
  }

  /** Puts the toxics of one stream between the endpoint that receives it and whatever application it is given. */
  private poison(scheduler: Scheduler, link: Link, stream: ToxicStream, endpoint: TcpEndpoint): void {
    endpoint.application.interpose = handler => {
      const toxics = link.toxics.filter(toxic => toxic.stream === stream);
      const chain = new ToxicChain(scheduler, endpoint, handler, link.toxicRandom, toxics);
      this.chains.push([stream, chain]);
      return chain;
    };
  }
}

/** The profile of that name (`linux`, `lwip`, `rfc6298`), or the one given. */
export function tcpProfile(profile: string | TcpProfile = "linux"): TcpProfile {
  if (typeof profile !== "string") return profile;
  const names = Object.keys(TCP_PROFILES);
  if (!names.includes(profile)) {
    const near = suggestion(profile, names) || `; there are ${names.join(", ")}`;
    throw new LinkError(`TCP profile "${profile}" does not exist${near}`);
  }
  return TCP_PROFILES[profile];
}
