/**
 * What TLS adds: the flights of a handshake, and what surrounds each record.
 *
 * Measured with OpenSSL 3 by way of Node 20 and a P-256 leaf of 442 bytes: payload of TCP, up and down. Where one flight ends and the next begins
 * counts only for TCP's acknowledgements; the sums are what was measured.
 */
export interface TlsMode {
  readonly name: string;
  /** Flights, in turn, the client's first: bytes. */
  readonly flights: readonly number[];
  /** The server's last flight comes without being waited for (session tickets of 1.3). */
  readonly trailing: number;
  /** Bytes around each record of application data. */
  readonly perRecord: number;
  /** close_notify. */
  readonly closeBytes: number;
}

/** Up and down, as measured, must be the sums of the flights: a test adds them. */
export const TLS_MODES: Readonly<Record<string, TlsMode>> = {
  "tls1.3": { name: "TLS 1.3", flights: [232, 829, 80], trailing: 510, perRecord: 22, closeBytes: 24 },
  "tls1.3-resumed": { name: "TLS 1.3 resumed", flights: [503, 225, 80], trailing: 0, perRecord: 22, closeBytes: 24 },
  "tls1.2": { name: "TLS 1.2", flights: [132, 688, 126, 226], trailing: 0, perRecord: 29, closeBytes: 31 },
  "tls1.2-resumed": { name: "TLS 1.2 resumed", flights: [389, 141, 51], trailing: 0, perRecord: 29, closeBytes: 31 },
  "tls1.2-psk": {
    name: "TLS 1.2 PSK, CCM_8",
    flights: [119, 103, 91, 234],
    trailing: 0,
    perRecord: 21,
    closeBytes: 23,
  },
};

/** Bytes of a handshake, up and down. */
export function handshakeBytes(mode: TlsMode): { up: number; down: number } {
  const sum = (odd: number) =>
    mode.flights.filter((_, index) => index % 2 === odd).reduce((total, size) => total + size, 0);
  return { up: sum(0), down: sum(1) + mode.trailing };
}
