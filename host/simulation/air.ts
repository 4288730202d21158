/**
 * The way from a sensor to the broker through the air: one TCP connection after another over the sensor's own link.
 */
import {
  Link,
  type LinkSpec,
  type Scheduler,
  type Seed,
  TcpConnection,
  type TcpProfile,
  type TlsMode,
} from "../link/index.ts";
import type { Station } from "./station.ts";
import { type Stream, TlsStream } from "./tls-stream.ts";
import type { Dialler, Driver, Transport } from "./transport.ts";
import { type SegmentWatch, watched } from "./watch.ts";

/** TLS of a sensor's first connection, and of those that follow. */
export interface TlsChoice {
  readonly first: TlsMode;
  readonly again: TlsMode;
}

export class Air implements Dialler, Transport {
  readonly link: Link;
  private readonly scheduler: Scheduler;
  private readonly station: Station;
  private readonly profile: TcpProfile;
  /** Is shown every segment of every connection; null while nobody looks. */
  watch: SegmentWatch | null = null;
  private readonly tls: TlsChoice | null;
  private hasConnected = false;
  private endpoint: Stream | null = null;
  /** Retransmissions of this end on connections that are over. */
  private endedRetransmissionCount = 0;

  /** `name` sets this link's random streams apart from those of others. */
  constructor(
    scheduler: Scheduler,
    spec: LinkSpec,
    seed: Seed,
    name: string,
    profile: TcpProfile,
    station: Station,
    tls: TlsChoice | null = null,
  ) {
    this.link = new Link(scheduler, spec, seed, name);
    this.scheduler = scheduler;
    this.station = station;
    this.profile = profile;
    this.tls = tls;
  }

  /** Retransmissions of this end, all connections together. */
  get retransmissionCount(): number {
    return this.endedRetransmissionCount + (this.endpoint?.statistics.retransmissionCount ?? 0);
  }

  /** Bytes that TCP has taken and the other end has not acknowledged. */
  get unacknowledgedBytes(): number {
    return this.endpoint?.unacknowledged.size ?? 0;
  }

  open(driver: Driver): Transport {
    const options = { client: this.profile, noDelay: true };
    const { client, server } =
      this.watch === null
        ? new TcpConnection(this.scheduler, this.link, options)
        : watched(this.scheduler, this.link, options, this.watch);
    const mode = this.tls === null ? null : this.hasConnected ? this.tls.again : this.tls.first;
    const near: Stream = mode === null ? client : new TlsStream(client, mode, true);
    this.endpoint = near;
    near.handler = {
      opened: () => {
        this.hasConnected = true;
        driver.opened();
      },
      received: (bytes, offset, size) => driver.received(bytes, offset, size),
      writable: () => driver.writable(),
      ended: () => {
        near.close();
        this.forget(near);
        driver.ended();
      },
      closed: () => {
        this.forget(near);
        driver.ended();
      },
    };
    this.station.accept(mode === null ? server : new TlsStream(server, mode, false));
    client.connect();
    return this;
  }

  write(bytes: Uint8Array, offset: number, size: number, more: boolean): number {
    return this.endpoint === null ? 0 : this.endpoint.write(bytes, offset, size, more);
  }

  end(): void {
    this.endpoint?.close();
  }

  /** The power of this end is cut: nothing more is sent, not even a reset, and nothing more is heard. */
  vanish(): void {
    const { endpoint } = this;
    if (endpoint === null) return;
    endpoint.vanish();
    this.forget(endpoint);
  }

  abort(): void {
    const { endpoint } = this;
    if (endpoint === null) return;
    endpoint.abort();
    this.forget(endpoint);
  }

  private forget(endpoint: Stream): void {
    endpoint.handler = null;
    this.endedRetransmissionCount += endpoint.statistics.retransmissionCount;
    this.endpoint = null;
  }
}
