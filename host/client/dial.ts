/**
 * A connected stream to a server, made in steps: TCP or a Unix socket, through a proxy where there is one, then TLS where the address
 * asks for it. WebSocket goes on from there (websocket.ts); plain MQTT begins at once (tcp.ts).
 */
import net from "node:net";
import { PerigeeError } from "./errors.ts";
import { negotiate, parseProxy } from "./socks.ts";
import { securer } from "./tls.ts";
import type { SocketOptions, TlsOptions } from "./transport.ts";
import { type Address, placeOf } from "./url.ts";

/** Begins to connect. Calls `opened` once with the stream, or `failed` once; what it returns gives up. */
export type Dialer = (opened: (stream: net.Socket) => void, failed: (error: PerigeeError) => void) => () => void;

/** A dialer for `address` that gives up after `timeoutMs`. Throws TLS and MISUSE_OPTION for what cannot be used at all. */
export function dialer(
  address: Address,
  options: SocketOptions = {},
  tlsOptions: TlsOptions | undefined,
  timeoutMs: number,
): Dialer {
  const { host, port, isSecure } = address;
  const { bindAddress, unixPath } = options;
  const secure = isSecure ? securer(host, tlsOptions) : undefined;
  const proxy = options.proxy === undefined ? undefined : parseProxy(options.proxy);
  const where = unixPath ?? (proxy === undefined ? placeOf(address) : `${proxy.host}:${proxy.port}`);

  return (opened, failed) => {
    let isOver = false;
    const raw = unixPath === undefined ? connectTcp() : net.connect({ path: unixPath });
    raw.setNoDelay(true);
    const timer = setTimeout(() => {
      fail(new PerigeeError("UNREACHABLE", `${REASONS.ETIMEDOUT}: ${where}: nothing within ${timeoutMs} ms`));
    }, timeoutMs);
    let isSecuring = false;
    raw.on("error", error => fail(isSecuring ? describeTls(error, placeOf(address)) : describe(error, where)));
    // Who closes without a word has ended it too; but where TLS has a word to say, it comes with the next turn.
    raw.once("close", () => {
      const error = new Error("the connection was closed");
      setImmediate(() => fail(isSecuring ? describeTls(error, placeOf(address)) : describe(error, where)));
    });
    raw.once("connect", () => {
      if (proxy === undefined) carryOn();
      else negotiate(raw, proxy, host, port, error => (error === undefined ? carryOn() : fail(error as PerigeeError)));
    });
    return () => finish() && raw.destroy();

    function connectTcp(): net.Socket {
      return net.connect({ host: proxy?.host ?? host, port: proxy?.port ?? port, localAddress: bindAddress });
    }

    function carryOn(): void {
      // Who has negotiated with a proxy has paused it; nothing flows before this has returned.
      raw.resume();
      if (secure === undefined) {
        if (finish()) opened(raw);
        return;
      }
      isSecuring = true;
      const secured = secure(raw);
      secured.on("error", error => fail(describeTls(error, placeOf(address))));
      secured.once("secureConnect", () => finish() && opened(secured));
    }

    function fail(error: PerigeeError): void {
      if (!finish()) return;
      raw.destroy();
      failed(error);
    }

    function finish(): boolean {
      clearTimeout(timer);
      const wasOver = isOver;
      isOver = true;
      return !wasOver;
    }
  };
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: "Connection refused",
  ENOTFOUND: "Lookup error: no such host",
  EAI_AGAIN: "Lookup error: no name server answers",
  ECONNRESET: "The connection was reset",
  EPIPE: "The connection was lost",
  ETIMEDOUT: "Connection timed out",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EADDRNOTAVAIL: "Cannot assign requested address",
};

/** What became of a stream, in words, and of which. */
export function describe(error: Error, where: string): PerigeeError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // Several addresses were tried: the first failure tells enough.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  const reason = REASONS[code] ?? REASONS[(first as NodeJS.ErrnoException).code ?? ""] ?? message;
  return new PerigeeError("UNREACHABLE", `${reason}: ${where}`, { cause: error });
}

function describeTls(error: Error, where: string): PerigeeError {
  return new PerigeeError("TLS", `TLS with ${where} failed: ${error.message.trim()}`, { cause: error });
}
