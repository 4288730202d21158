/**
 * What TLS adds: the flights of a handshake, and what surrounds each record.
 *
 * Measured with OpenSSL 3 by way of Node, and verified against captures (bench/wire.md): one cipher suite of TLS 1.3 (TLS_AES_128_GCM_SHA256) or two of 1.2
 * (ECDHE, AES-128-GCM), key exchange on X25519, a P-256 leaf of 442 bytes, a server name of 18 characters, an identity of 11. An ECDSA signature
 * is 70 to 72 bytes (RFC 3279 2.2.3 in DER); 71 is what half of them are, and what stands here.
 */
export interface TlsMode {
  readonly name: string;
  /** Flights that are waited for, in turn, the client's first: bytes. */
  readonly flights: readonly number[];
  /** What each side's first record of data has before it in the same write: the client's Finished, the server's session tickets. */
  readonly lead: { readonly client: number; readonly server: number };
  /** Bytes around each record of application data. */
  readonly perRecord: number;
  /** close_notify, from each side. */
  readonly closeBytes: number;
}

/** Up and down, as measured, must be the sums of the flights: a test adds them. */
export const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  "tls1.3": {
    name: "TLS 1.3",
    flights: [248, 797],
    lead: { client: 64, server: 542 },
    perRecord: 22,
    closeBytes: 24,
  },
  "tls1.3-resumed": {
    name: "TLS 1.3 resumed",
    flights: [519, 225],
    lead: { client: 64, server: 0 },
    perRecord: 22,
    closeBytes: 24,
  },
  "tls1.2": {
    name: "TLS 1.2",
    flights: [165, 656, 93, 258],
    lead: { client: 0, server: 0 },
    perRecord: 29,
    closeBytes: 31,
  },
  "tls1.2-resumed": {
    name: "TLS 1.2 resumed",
    flights: [389, 141],
    lead: { client: 51, server: 0 },
    perRecord: 29,
    closeBytes: 31,
  },
  "tls1.2-psk": {
    name: "TLS 1.2 PSK, GCM",
    flights: [139, 71, 73, 274],
    lead: { client: 0, server: 0 },
    perRecord: 29,
    closeBytes: 31,
  },
  "tls1.2-psk-ccm8": {
    name: "TLS 1.2 PSK, CCM_8",
    flights: [145, 71, 65, 266],
    lead: { client: 0, server: 0 },
    perRecord: 21,
    closeBytes: 23,
  },
};

/** Bytes of a handshake, up and down. */
export function handshakeBytes({ flights, lead }: TlsMode): { up: number; down: number } {
  const sum = (odd: number) => flights.filter((_, index) => index % 2 === odd).reduce((total, size) => total + size, 0);
  return { up: sum(0) + lead.client, down: sum(1) + lead.server };
}
