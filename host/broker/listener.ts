/**
 * The broker on real sockets: TCP and TLS.
 */
import { randomUUID } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import { Broker } from "./broker.ts";
import { type BrokerOptions, checkInteger } from "./options.ts";
import { RealTime } from "./realtime.ts";
import { addressText, attach } from "./transport.ts";

export interface TlsOptions {
  /** PEM. */
  cert: string | Uint8Array;
  /** PEM. */
  key: string | Uint8Array;
  /** PEM of the authorities that sign client certificates. With it every client must show one. */
  ca?: string | Uint8Array;
}

export interface ListenOptions extends Omit<BrokerOptions, "flushing"> {
  /** 0 takes a free port. Default: 1883, with TLS 8883. */
  port?: number;
  /** The address to bind. Default: the loopback addresses only, as mosquitto without a configuration. */
  host?: string;
  tls?: TlsOptions;
  /**
   * Bytes that a socket may leave unsent, beyond what the kernel takes, before messages for it wait (QoS 1 and 2) or are
   * dropped (QoS 0). Default 1 MiB: a burst to a reader that keeps up loses nothing.
   */
  maxPendingSize?: number;
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

/** What keeps a listener from opening: an address that cannot be bound, a certificate that cannot be used. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** True when it is the certificate, its key or the authorities; false when it is the address. */
  readonly isOfCertificate: boolean;

  constructor(message: string, isOfCertificate: boolean) {
    super(message);
    this.isOfCertificate = isOfCertificate;
  }
}

/** How long `close` waits for the other sides, ms. */
const CLOSE_MS = 1000;

const LOOPBACK = ["127.0.0.1", "::1"];

/** Opens a broker. Rejects with a ListenError, or a RangeError when an option is out of its range. */
export async function listen(options: ListenOptions = {}): Promise<Listener> {
  const broker = new Broker({
    assignClientId: () => `auto-${randomUUID()}`,
    heapSize: () => process.memoryUsage().heapUsed,
    ...options,
    flushing: "manual",
  });
  const realTime = new RealTime(broker);
  const sockets = new Set<net.Socket>();
  const maxPendingSize = checkInteger("maxPendingSize", options.maxPendingSize ?? 1024 * 1024, 1024, 0x7fff_ffff);
  const log = options.onLog ?? (() => {});
  const wantedPort = options.port ?? (options.tls ? 8883 : 1883);
  const servers: net.Server[] = [];
  let port = wantedPort;
  for (const host of options.host === undefined ? LOOPBACK : [options.host]) {
    const server = createServer(options, (socket: net.Socket) => {
      log("notice", `New connection from ${addressText(socket.remoteAddress, socket.remotePort)} on port ${port}.`);
      attach(broker, realTime, socket, maxPendingSize);
    });
    // The sockets below TLS too: one that never finishes its handshake is in no connection of the broker.
    server.on("connection", (socket: net.Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    server.on("tlsClientError", (error: Error) => log("notice", `TLS handshake failed: ${error.message}`));
    try {
      await bind(server, host, port);
    } catch (error) {
      // Loopback means both families where there are two.
      if (servers.length > 0 && isMissingFamily(error)) continue;
      for (const opened of servers) opened.close();
      throw new ListenError(`cannot listen on ${addressText(host, port)}: ${bindReason(error)}`, false);
    }
    // A failed accept (no file descriptor left) is no reason to stop.
    server.on("error", error => log("error", `accepting a connection failed: ${error.message}`));
    servers.push(server);
    port = (server.address() as net.AddressInfo).port;
  }
  realTime.touch();
  return {
    broker,
    port,
    addresses: servers.map(server => {
      const { address } = server.address() as net.AddressInfo;
      return addressText(address, port);
    }),
    async close(): Promise<void> {
      const closed = servers.map(server => new Promise(resolve => server.close(resolve)));
      broker.close(realTime.now());
      realTime.stop();
      setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, CLOSE_MS).unref();
      await Promise.all(closed);
    },
  };
}

function createServer(options: ListenOptions, onSocket: (socket: net.Socket) => void): net.Server {
  if (options.tls === undefined) return net.createServer(onSocket);
  const { cert, key, ca } = options.tls;
  try {
    return tls.createServer(
      {
        cert: cert as string,
        key: key as string,
        ca: ca as string | undefined,
        requestCert: ca !== undefined,
        rejectUnauthorized: ca !== undefined,
        handshakeTimeout: options.connectTimeoutMs ?? 60_000,
      },
      onSocket,
    );
  } catch (error) {
    throw new ListenError(`the certificate or its key cannot be used: ${(error as Error).message}`, true);
  }
}

function bind(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function isMissingFamily(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT";
}

function bindReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return "the port is in use";
    case "EACCES":
      return "not permitted (ports below 1024 need a privilege)";
    case "EADDRNOTAVAIL":
      return "the address is not one of this machine";
    case "ENOTFOUND":
      return "the host name is not known";
    default:
      return message;
  }
}
