/**
 * The transports of a computer: TCP, and TLS over TCP.
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import tls from "node:tls";
import { PerigeeError } from "./errors.ts";
import type { TlsOptions, Transport, TransportEvents, TransportOpener } from "./transport.ts";
import { type Address, placeOf } from "./url.ts";

/** How long the server has to close its side after `end`, ms. */
const LINGER_MS = 1_000;

/**
 * An opener for `address`. Throws TLS at once where the certificates given cannot be used.
 * A transport that is not open within `openTimeoutMs` is closed.
 */
export function socketOpener(address: Address, tlsOptions: TlsOptions | undefined, timeoutMs: number): TransportOpener {
  const { host, port, isSecure } = address;
  if (!isSecure) return events => attach(net.connect({ host, port }), "connect", events, address, timeoutMs);
  const { ca, cert, key, rejectUnauthorized = true, checkServerIdentity = true } = tlsOptions ?? {};
  const contextOptions = { ca: pem(ca), cert: pem(cert), key: pem(key) };
  let secureContext: tls.SecureContext;
  try {
    secureContext = tls.createSecureContext(contextOptions);
  } catch (error) {
    throw new PerigeeError("TLS", `the certificate or its key cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return events => {
    const socket = tls.connect({
      host,
      port,
      secureContext,
      rejectUnauthorized,
      // An IP address is no server name (RFC 6066, section 3).
      servername: net.isIP(host) ? "" : host,
      ...(checkServerIdentity ? {} : { checkServerIdentity: () => undefined }),
    });
    return attach(socket, "secureConnect", events, address, timeoutMs);
  };
}

function pem(value: string | Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value as Uint8Array).toString("latin1");
}

function attach(
  socket: net.Socket,
  openEvent: "connect" | "secureConnect",
  events: TransportEvents,
  address: Address,
  timeoutMs: number,
): Transport {
  let failure: Error | undefined;
  let isOpen = false;
  let lingerTimer: NodeJS.Timeout | undefined;
  const openTimer = setTimeout(() => {
    socket.destroy(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: "ETIMEDOUT" }));
  }, timeoutMs);

  socket.setNoDelay(true);
  socket.once(openEvent, () => {
    clearTimeout(openTimer);
    isOpen = true;
    events.opened();
  });
  socket.on("data", bytes => events.received(bytes));
  socket.on("drain", () => events.drained());
  socket.on("error", error => {
    failure = error;
  });
  socket.once("close", () => {
    clearTimeout(openTimer);
    clearTimeout(lingerTimer);
    events.closed(failure && describe(failure, address, isOpen));
  });

  return {
    get isCongested() {
      return socket.writableNeedDrain;
    },
    write: bytes => void socket.write(bytes),
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    end() {
      socket.end();
      // What still comes is read and passed over: a close over unread bytes would reset the connection.
      socket.resume();
      lingerTimer = setTimeout(() => socket.destroy(), LINGER_MS);
    },
    destroy: () => void socket.destroy(),
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
};

function describe(error: Error, address: Address, isOpen: boolean): PerigeeError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  // Several addresses were tried: the first failure tells enough.
  const first = error instanceof AggregateError ? (error.errors[0] as NodeJS.ErrnoException) : error;
  const where = placeOf(address);
  const reason = REASONS[code] ?? REASONS[(first as NodeJS.ErrnoException).code ?? ""];
  if (address.isSecure && !isOpen && (reason === undefined || code === "ECONNRESET")) {
    return new PerigeeError("TLS", `TLS with ${where} failed: ${message.trim()}`, { cause: error });
  }
  const text = `${reason ?? message}: ${where}`;
  return new PerigeeError(isOpen ? "ENDED_TRANSPORT" : "UNREACHABLE", text, { cause: error });
}
