/** Two applications over a simulated connection, and what each has heard. */
import {
  Link,
  type LinkSpec,
  TcpConnection,
  type TcpEndpoint,
  type TcpHandler,
  type TcpOptions,
} from "../../../host/link/index.ts";
import { VirtualTime } from "../../../host/simulation/virtual-time.ts";

/** An application that keeps what it hears. */
export class Application implements TcpHandler {
  readonly bytes: number[] = [];
  readonly events: string[] = [];
  private readonly time: VirtualTime;
  private readonly endpoint: TcpEndpoint;
  private pending: Uint8Array = new Uint8Array(0);

  constructor(time: VirtualTime, endpoint: TcpEndpoint) {
    this.time = time;
    this.endpoint = endpoint;
    endpoint.handler = this;
  }

  /** Writes all of `bytes`, the rest when there is room. */
  write(bytes: Uint8Array): void {
    const all = new Uint8Array(this.pending.length + bytes.length);
    all.set(this.pending);
    all.set(bytes, this.pending.length);
    this.pending = all.subarray(this.endpoint.write(all));
  }

  opened(): void {
    this.note("opened");
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    for (let at = offset; at < offset + size; at += 1) this.bytes.push(bytes[at]);
  }

  writable(): void {
    const rest = this.pending;
    this.pending = rest.subarray(this.endpoint.write(rest));
  }

  ended(): void {
    this.note("ended");
    this.endpoint.close();
  }

  closed(reason: string): void {
    this.note(reason);
  }

  private note(event: string): void {
    this.events.push(`${event} ${this.time.nowUs / 1e6}`);
  }
}

export interface Pair {
  time: VirtualTime;
  link: Link;
  connection: TcpConnection;
  client: Application;
  server: Application;
}

export function pair(spec: Partial<LinkSpec>, seed = 1n, options: TcpOptions = {}): Pair {
  const time = new VirtualTime();
  const link = new Link(time, { up: {}, down: {}, ...spec }, seed);
  const connection = new TcpConnection(time, link, options);
  const client = new Application(time, connection.client);
  const server = new Application(time, connection.server);
  return { time, link, connection, client, server };
}

export const bytesOf = (size: number, salt: number) =>
  Uint8Array.from({ length: size }, (_, index) => (index * 31 + salt + (index >> 8)) & 0xff);
export const GEO = { delay: { base: 270 } };

/** Calls `action` at `timeUs`. */
export function at(time: VirtualTime, timeUs: number, action: () => void): void {
  time.at(timeUs, { due: action }, 0);
}
