/**
 * The broker on one address, for programs and tests that need no more: TCP, TLS or WebSocket.
 */
import type { Broker } from "./broker.ts";
import { Entrance } from "./entrance.ts";
import { ListenError, type SocketOptions } from "./listener-socket.ts";
import type { TlsOptions } from "./listener-tls.ts";
import { Server, type ServerOptions } from "./server.ts";
import type { Store } from "./storage/records.ts";

export interface ListenOptions extends ServerOptions {
  /** 0 takes a free port. Default: 1883, with TLS 8883. */
  port?: number;
  /** The address to bind. Default: the loopback addresses only, as mosquitto without a configuration. */
  host?: string;
  tls?: TlsOptions;
  /** Default `mqtt`. */
  protocol?: "mqtt" | "websockets";
  /** Keeps what outlives the broker. Default: nothing does. */
  store?: Store;
}

export interface Listener {
  readonly broker: Broker;
  /** The port that is bound. */
  readonly port: number;
  /** What is bound, as `127.0.0.1:1883`. */
  readonly addresses: readonly string[];
  /** Ends every connection, stops listening, and resolves when the last socket is closed. */
  close(): Promise<void>;
}

/** Opens a broker. Rejects with a ListenError, or a RangeError when an option is out of its range. */
export async function listen(options: ListenOptions = {}): Promise<Listener> {
  const server = new Server(options);
  const { tls, protocol, host } = options;
  const port = options.port ?? (tls ? 8883 : 1883);
  const entrance = new Entrance();
  if (options.store !== undefined) server.restore(options.store, () => entrance);
  if (host === undefined) await openLoopback(server, { entrance, port, tls, protocol });
  else await openOrClose(server, { entrance, port, host, tls, protocol });
  const { listeners } = server;
  return {
    broker: server.broker,
    port: listeners[0].port,
    addresses: listeners.map(({ address }) => address),
    close: () => server.close(),
  };
}

const LOOPBACK = ["127.0.0.1", "::1"];

/** Both families where there are two; on the same port. Rejects with a ListenError, and then nothing is open. */
export async function openLoopback(server: Server, options: SocketOptions): Promise<void> {
  let { port } = options;
  for (const host of LOOPBACK) {
    try {
      port = (await server.open({ ...options, port, host })).port;
    } catch (error) {
      if (server.listeners.length > 0 && error instanceof ListenError && error.isOfMissingFamily) continue;
      await server.close();
      throw error;
    }
  }
}

async function openOrClose(server: Server, options: SocketOptions): Promise<void> {
  try {
    await server.open(options);
  } catch (error) {
    await server.close();
    throw error;
  }
}
