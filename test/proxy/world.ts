/** A server, a proxy with a link before it, and clients, all on this machine's loopback. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { LinkSpec } from "../../host/link/index.ts";
import { LinkProxy, type ProxyOptions } from "../../host/proxy/proxy.ts";
import { RealTime } from "../../host/proxy/real-time.ts";

export class World {
  readonly clock = new RealTime();
  readonly log: string[] = [];
  /** The connections that the server has accepted. */
  readonly served: Socket[] = [];
  private readonly server: Server;
  private readonly proxies: LinkProxy[] = [];
  private readonly clients: Socket[] = [];

  private constructor(server: Server) {
    this.server = server;
  }

  /** `serve` is given each connection of the server. */
  static async open(serve: (socket: Socket) => void): Promise<World> {
    const server = createServer({ allowHalfOpen: true });
    const world = new World(server);
    server.on("connection", socket => {
      world.served.push(socket);
      socket.on("error", () => {});
      serve(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return world;
  }

  get serverPort(): number {
    const address = this.server.address();
    if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
    return address.port;
  }

  /** A proxy that is made and not yet enabled. */
  make(link: LinkSpec, rest: Partial<ProxyOptions> = {}): LinkProxy {
    const proxy = new LinkProxy(this.clock, {
      name: "test",
      link,
      listen: { host: "127.0.0.1", port: 0 },
      target: { host: "127.0.0.1", port: this.serverPort },
      seed: 5n,
      onLog: line => this.log.push(line),
      ...rest,
    });
    this.proxies.push(proxy);
    return proxy;
  }

  /** A client of that proxy, connected. */
  async dial(proxy: LinkProxy): Promise<Socket> {
    const port = Number(proxy.listening.split(":").at(-1));
    const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    socket.on("error", () => {});
    this.clients.push(socket);
    await once(socket, "connect");
    return socket;
  }

  async close(): Promise<void> {
    for (const socket of [...this.clients, ...this.served]) socket.destroy();
    await Promise.all(this.proxies.map(proxy => proxy.disable()));
    this.clock.stop();
    this.server.close();
  }
}

/** Everything that a socket brings until its end. */
export async function drained(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
