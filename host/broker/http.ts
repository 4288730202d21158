/**
 * The broker's HTTP port: the web client, MQTT over WebSocket for it (section 6), `/metrics` for Prometheus and `/healthz`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WebSocket } from "ws";
import type { Broker } from "./broker.ts";
import { Entrance } from "./entrance.ts";
import { ListenError } from "./listener-socket.ts";
import { metricsOf } from "./metrics.ts";
import { WebSocketPipe } from "./pipe.ts";
import { RealTime } from "./realtime.ts";
import { addressText, attach } from "./transport.ts";

export interface HttpOptions {
  /** 0 takes a free port. */
  port: number;
  /** The address to bind. Default: 127.0.0.1. */
  host?: string;
  /** The page at `/`. Default: none, and `/` is not found. */
  page?: string;
  /** Who may come in by its WebSocket, and do what. Default: what the broker's options say. */
  entrance?: Entrance;
  /** Bytes that a WebSocket may leave unsent before messages wait or, at QoS 0, are dropped. Default 1 MiB. */
  maxPendingSize?: number;
}

export interface HttpPort {
  readonly port: number;
  /** What is bound, as `127.0.0.1:8080`. */
  readonly address: string;
  /** Stops listening and ends what is open. */
  close(): Promise<void>;
}

/** What the page may do: run its own script and style, and speak to where it came from. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; img-src data:; " +
  "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Rejects with a ListenError. */
export async function serveHttp(broker: Broker, options: HttpOptions): Promise<HttpPort> {
  const { port: wantedPort, host = "127.0.0.1", page, maxPendingSize = 1024 * 1024 } = options;
  const transport = { entrance: options.entrance ?? new Entrance(), maxPendingSize, maxPublishRate: 0 };
  const registry = await metricsOf(broker);
  const { WebSocketServer } = await import("ws");
  const realTime = new RealTime(broker);
  const server = createServer((request, response) => {
    answer(request, response).catch(error => {
      response.writeHead(500, { "content-type": "text/plain" }).end(`${(error as Error).message}\n`);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://broker");
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
    } else if (pathname === "/" && page !== undefined) {
      const headers = { "content-security-policy": PAGE_POLICY, "x-content-type-options": "nosniff" };
      response.writeHead(200, { "content-type": "text/html; charset=utf-8", ...headers }).end(page);
    } else if (pathname === "/metrics") {
      response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
    } else if (pathname === "/healthz") {
      const { clientsConnected } = broker.counters;
      const body = { status: "ok", clientsConnected, sessionCount: broker.sessionCount };
      response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    } else {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found: /, /metrics and /healthz are\n");
    }
  }

  const webSockets = new WebSocketServer({
    server,
    perMessageDeflate: false,
    // [MQTT-6.0.0-4] the sub-protocol is mqtt; 3.1 called it mqttv3.1. Others are refused below.
    handleProtocols: protocols => ["mqtt", "mqttv3.1"].find(name => protocols.has(name)) ?? false,
    verifyClient: ({ req }, answerWith) => {
      const names = (req.headers["sec-websocket-protocol"] ?? "").split(",").map(name => name.trim());
      const isMqtt = names.includes("mqtt") || names.includes("mqttv3.1");
      answerWith(isMqtt, 400, "the sub-protocol of MQTT is mqtt");
    },
  });
  // Errors of the port are the server's, below.
  webSockets.on("error", () => {});
  webSockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
    const name = addressText(request.socket.remoteAddress, request.socket.remotePort);
    attach(broker, realTime, { name }, transport, events => new WebSocketPipe(socket, events));
  });
  await bind(server, wantedPort, host);
  const { port, address } = server.address() as AddressInfo;
  return {
    port,
    address: addressText(address, port),
    async close(): Promise<void> {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of webSockets.clients) socket.terminate();
      server.closeAllConnections();
      realTime.stop();
      await closed;
    },
  };
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", error => {
      reject(new ListenError(`cannot serve HTTP on ${addressText(host, port)}: ${error.message}`, false));
    });
    server.listen({ port, host }, resolve);
  });
}
