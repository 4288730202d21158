/**
 * What carries the bytes. TCP and TLS are in tcp.ts; anything else with these few methods will do.
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
