/**
 * What carries the bytes: TCP, TLS and Unix sockets (tcp.ts), WebSocket (websocket.ts). Anything else with these few methods
 * will do.
 */

export interface TlsOptions {
  /** Authorities that the server's certificate must lead to, PEM. Default: those that Node ships. */
  ca?: string | Uint8Array;
  /** The client's own certificate and its key, PEM. */
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  /** False takes any certificate: the connection is then secret, but nobody knows from whom. Default true. */
  rejectUnauthorized?: boolean;
  /** False takes a certificate of another host name, if it leads to the right authority. Default true. */
  checkServerIdentity?: boolean;
  /** The only version that is spoken. Default: what Node speaks, 1.2 and 1.3. */
  version?: "tlsv1.1" | "tlsv1.2" | "tlsv1.3";
  /** Ciphers in OpenSSL's words. */
  ciphers?: string;
  /** Protocol that is asked for by ALPN (RFC 7301), for ports that serve several. */
  alpn?: string;
  /** A key that both sides know already, instead of certificates (RFC 4279, RFC 8446 section 2.2). */
  psk?: { identity: string; key: Uint8Array };
}

export interface SocketOptions {
  /** Address of this machine to connect from. */
  bindAddress?: string;
  /** Path of a Unix socket to connect to, instead of the URL's host and port. */
  unixPath?: string;
  /** SOCKS5 proxy that looks the host up, `socks5h://[user:password@]host[:port]` (RFC 1928, RFC 1929). */
  proxy?: string;
}

/** What a transport tells. `closed` comes exactly once and last, with the error if there was one. */
export interface TransportEvents {
  opened(): void;
  /** Bytes from the server, the transport's own: they are not kept beyond the call. */
  received(bytes: Uint8Array): void;
  /** There is room for more after `isCongested` was true. */
  drained(): void;
  closed(error?: Error): void;
}

export interface Transport {
  /** True while so much waits to be sent that no more should be given. */
  readonly isCongested: boolean;
  /** Takes the bytes over; they are sent in order. */
  write(bytes: Uint8Array): void;
  /** Stops and resumes `received`. */
  pause(): void;
  resume(): void;
  /** Closes after all that was written has been sent; not at all nicely if that takes too long. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Begins to open a transport; nothing is told before it has returned. */
export type TransportOpener = (events: TransportEvents) => Transport;
