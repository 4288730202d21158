/**
 * One listener: a server on an address, and for each connection that comes the pipe that it is. From the wire upwards:
 * PROXY header, TLS, WebSocket, each only where it was asked for.
 */
import { lstatSync, unlinkSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import { type WebSocket, WebSocketServer } from "ws";
import type { Broker } from "./broker.ts";
import type { Entrance } from "./entrance.ts";
import { type IdentitySource, identityOf, serverOptions, type TlsOptions, watchHandshakes } from "./listener-tls.ts";
import type { LogLevel } from "./options.ts";
import { SocketPipe, WebSocketPipe } from "./pipe.ts";
import { type ProxiedPeer, readProxyHeader } from "./proxy-protocol.ts";
import type { RealTime } from "./realtime.ts";
import { addressText, attach, type TransportOptions } from "./transport.ts";

/** What keeps a listener from opening: an address that cannot be bound, a certificate that cannot be used. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  /** True when it is the certificate, its key or the authorities; false when it is the address. */
  readonly isOfCertificate: boolean;
  readonly #code: string | undefined;

  constructor(message: string, isOfCertificate: boolean, code?: string) {
    super(message);
    this.isOfCertificate = isOfCertificate;
    this.#code = code;
  }

  /** This machine has no addresses of that family. */
  get isOfMissingFamily(): boolean {
    return this.#code === "EADDRNOTAVAIL" || this.#code === "EAFNOSUPPORT";
  }
}

/** What every listener of a broker needs of it. */
export interface Host {
  readonly broker: Broker;
  readonly realTime: RealTime;
  readonly log: (level: LogLevel, line: string) => void;
  readonly connectTimeoutMs: number;
  readonly maxPendingSize: number;
  readonly maxPublishRate: number;
  /** The largest WebSocket message, bytes. */
  readonly maxFrameSize: number;
}

export interface SocketOptions {
  readonly entrance: Entrance;
  readonly port: number;
  /** The address or name to bind. Default: all addresses. */
  readonly host?: string;
  /** A Unix socket instead of a port. */
  readonly path?: string;
  readonly socketDomain?: "ipv4" | "ipv6";
  readonly protocol?: "mqtt" | "websockets";
  readonly tls?: TlsOptions;
  readonly identity?: IdentitySource;
  /** Every connection begins with a header of the PROXY protocol, version 2. */
  readonly isProxied?: boolean;
  /** Default true. */
  readonly isWithoutDelay?: boolean;
}

/** Sub-protocols: `mqtt` [MQTT-6.0.0-3] [MQTT-6.0.0-4], and what 3.1 called itself. */
const SUB_PROTOCOLS = ["mqtt", "mqttv3.1"];

export class ListenerSocket {
  readonly #host: Host;
  readonly #options: SocketOptions;
  /** Of each connection that comes. */
  readonly #transport: TransportOptions;
  /** Accepts connections. */
  readonly #server: net.Server;
  /** Takes them over behind a PROXY header; the same as #server when there is none. */
  readonly #inner: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** Who a proxy says is at the far end of a socket, by the socket below TLS and WebSocket. */
  readonly #proxied = new WeakMap<net.Socket, ProxiedPeer>();
  #address = "";

  private constructor(host: Host, options: SocketOptions) {
    this.#host = host;
    this.#options = options;
    const { maxPendingSize, maxPublishRate } = host;
    this.#transport = { entrance: options.entrance, maxPendingSize, maxPublishRate };
    this.#inner = this.#createServer();
    this.#server = options.isProxied ? net.createServer({ pauseOnConnect: false }, this.#unwrap) : this.#inner;
    const sockets = this.#sockets;
    function forget(this: net.Socket): void {
      sockets.delete(this);
    }
    // The sockets below TLS and WebSocket: one that never finishes its handshake is in no connection of the broker.
    this.#server.on("connection", (socket: net.Socket) => {
      this.#sockets.add(socket);
      socket.on("close", forget);
    });
  }

  /** Rejects with a ListenError. */
  static async open(host: Host, options: SocketOptions): Promise<ListenerSocket> {
    const listener = new ListenerSocket(host, options);
    await listener.#bind();
    return listener;
  }

  /** The port that is bound; 0 for a Unix socket. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === "object" ? address.port : 0;
  }

  /** What is bound, as `127.0.0.1:1883` or the path of a Unix socket. */
  get address(): string {
    return this.#address;
  }

  get entrance(): Entrance {
    return this.#options.entrance;
  }

  /** New certificates, for the connections to come. Throws a ListenError when they cannot be used. */
  renewTls(options: TlsOptions): void {
    try {
      (this.#inner as tls.Server).setSecureContext(serverOptions(options, this.#host.connectTimeoutMs));
    } catch (error) {
      throw certificateError(error);
    }
  }

  /** Stops listening; resolves when the last connection is closed. */
  close(): Promise<unknown> {
    return new Promise(resolve => this.#server.close(resolve));
  }

  destroyConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #createServer(): net.Server {
    const { tls: secure, protocol } = this.#options;
    const options = secure === undefined ? null : serverOptions(secure, this.#host.connectTimeoutMs);
    const onSocket = (socket: net.Socket) => this.#welcome(socket);
    try {
      let server: net.Server;
      if (protocol === "websockets") server = this.#createWebServer(options);
      else if (options !== null) server = tls.createServer(options, onSocket);
      else server = net.createServer(onSocket);
      if (options !== null) {
        watchHandshakes(server as tls.Server, (peer, reason) => {
          this.#host.log("notice", `TLS handshake with ${peer} failed: ${reason}`);
        });
      }
      return server;
    } catch (error) {
      throw certificateError(error);
    }
  }

  #createWebServer(options: tls.TlsOptions | null): net.Server {
    const refuse: http.RequestListener = (_request, response) => {
      response.writeHead(426, { "content-type": "text/plain" }).end("This port speaks MQTT over WebSocket.\n");
    };
    const timeouts = { headersTimeout: this.#host.connectTimeoutMs, requestTimeout: this.#host.connectTimeoutMs };
    const server =
      options === null ? http.createServer(timeouts, refuse) : https.createServer({ ...options, ...timeouts }, refuse);
    const webSockets = new WebSocketServer({
      server,
      perMessageDeflate: false,
      maxPayload: this.#host.maxFrameSize,
      // A client that asks for others only gets none of them, and by RFC 6455, 4.1 closes.
      handleProtocols: asked => SUB_PROTOCOLS.find(name => asked.has(name)) ?? false,
    });
    // Bound here: faults of the server itself are the listener's.
    webSockets.on("error", () => {});
    webSockets.on("connection", (socket: WebSocket, request: http.IncomingMessage) => {
      this.#welcome(request.socket, socket);
    });
    return server;
  }

  /** Behind the PROXY header the connection goes on as if it had come without. */
  readonly #unwrap = (socket: net.Socket): void => {
    readProxyHeader(
      socket,
      this.#host.connectTimeoutMs,
      peer => {
        if (peer !== null) this.#proxied.set(socket, peer);
        this.#inner.emit("connection", socket);
        if (this.#options.tls === undefined) socket.resume();
      },
      reason => {
        this.#host.log(
          "notice",
          `Client ${addressText(socket.remoteAddress, socket.remotePort)} disconnected: [proxy] ${reason}`,
        );
      },
    );
  };

  #welcome(socket: net.Socket, webSocket?: WebSocket): void {
    const { broker, realTime, log } = this.#host;
    const { path, identity = "none", isWithoutDelay = true } = this.#options;
    const name = path === undefined ? this.#peerName(socket) : "unix";
    const place = path === undefined ? `port ${this.port}` : path;
    log("notice", `New connection from ${name} on ${place}.`);
    socket.setNoDelay(isWithoutDelay);
    const isSecure = socket instanceof tls.TLSSocket;
    const peer = { name, identity: isSecure ? identityOf(socket, identity) : undefined };
    attach(broker, realTime, peer, this.#transport, events =>
      webSocket === undefined ? new SocketPipe(socket, events) : new WebSocketPipe(webSocket, events),
    );
  }

  #peerName(socket: net.Socket): string {
    // Node keeps no way from a TLS socket to the one below; their addresses are the same.
    const proxied = this.#proxied.get(socket) ?? this.#proxiedBelow(socket);
    if (proxied !== undefined) return addressText(proxied.address, proxied.port);
    return addressText(socket.remoteAddress, socket.remotePort);
  }

  #proxiedBelow(socket: net.Socket): ProxiedPeer | undefined {
    if (!this.#options.isProxied) return undefined;
    for (const below of this.#sockets) {
      if (below.remotePort === socket.remotePort && below.remoteAddress === socket.remoteAddress) {
        return this.#proxied.get(below);
      }
    }
    return undefined;
  }

  async #bind(): Promise<void> {
    const { port, host, path, socketDomain } = this.#options;
    const wanted = path ?? addressText(host ?? "*", port);
    const domain = socketDomain === "ipv4" ? "0.0.0.0" : socketDomain === "ipv6" ? "::" : undefined;
    try {
      if (path !== undefined) await removeStale(path);
      await listenOn(
        this.#server,
        path === undefined ? { port, host: host ?? domain, ipv6Only: socketDomain === "ipv6" } : { path },
      );
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ListenError(`cannot listen on ${wanted}: ${bindReason(error)}`, false, code);
    }
    // A failed accept (no file descriptor left) is no reason to stop.
    this.#server.on("error", error => this.#host.log("error", `accepting a connection failed: ${error.message}`));
    const address = this.#server.address();
    this.#address =
      address !== null && typeof address === "object" ? addressText(address.address, address.port) : String(address);
  }
}

function certificateError(error: unknown): ListenError {
  return new ListenError(`the certificate or its key cannot be used: ${(error as Error).message}`, true);
}

function listenOn(server: net.Server, options: net.ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A socket that nobody listens on any more is in the way of the next who wants to. Anything else stays. */
async function removeStale(path: string): Promise<void> {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket()) return;
  const isServed = await new Promise<boolean>(resolve => {
    const probe = net.connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
  if (!isServed) unlinkSync(path);
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
