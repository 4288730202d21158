/**
 * What surrounds an application's bytes on the way: the header of IP, the frame around the packet, and what compression takes off again.
 *
 * Two sizes of one packet are kept apart. The *IP packet* (RFC 791: 20 bytes of header, RFC 8200: 40) is what a network counts and bills. What goes *on the
 * air* is the packet in its frame, its headers compressed where the link does that: by it the transmitter is busy, and bits are lost.
 */

/** A frame by name: see {@link FRAMINGS}. */
export type Framing = "none" | "ppp" | "ppp-compressed" | "slip" | "ethernet";

/** `headers` of a link. What is absent is IPv4, no frame, no compression, and the timestamps that the stacks have by themselves. */
export interface HeadersSpec {
  ip?: 4 | 6;
  framing?: Framing;
  /** RFC 5795: robust header compression, as cellular links have it in PDCP. */
  rohc?: boolean;
  /** RFC 7323 timestamps at both ends, or at neither. */
  timestamps?: boolean;
}

export const IP_VERSIONS = [4, 6] as const;
const IP_BYTES = { 4: 20, 6: 40 } as const;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
/** RFC 7323: kind, length, two stamps, and two no-operations before it. */
export const TIMESTAMP_OPTION_BYTES = 12;
/** RFC 2018: kind and length, two no-operations before it, eight bytes a block. */
const SACK_OPTION_BYTES = 4;
const SACK_BLOCK_BYTES = 8;

/**
 * Bytes of a frame. PPP in HDLC (RFC 1662 3.1): flag, address, control, protocol 2, checksum 2, flag; 5 with address, control and half of the protocol
 * left out (RFC 1661 6.5, 6.6). SLIP (RFC 1055): END before and after. Escapes come on top, by what the bytes are: in a link of
 * octets with an empty map of control characters 2 of 256 values need one. Ethernet: 14 and a checksum of 4, and 46 at least between them.
 */
const FRAMINGS: Readonly<Record<Framing, { readonly bytes: number; readonly leastPacketBytes: number }>> = {
  none: { bytes: 0, leastPacketBytes: 0 },
  ppp: { bytes: 8, leastPacketBytes: 0 },
  "ppp-compressed": { bytes: 5, leastPacketBytes: 0 },
  slip: { bytes: 2, leastPacketBytes: 0 },
  ethernet: { bytes: 18, leastPacketBytes: 46 },
};
export const FRAMING_NAMES = Object.keys(FRAMINGS) as Framing[];

/**
 * What ROHC leaves of headers whose context is known: of TCP 4 bytes (RFC 6846), 4 more for stamps that move, a block of SACK as it is with a byte
 * before it; of UDP 1, and its checksum (RFC 5225). The packet that makes the context has its headers whole and 3 bytes before them: type, profile, checksum
 * (RFC 5795 5.2.2.3).
 */
const ROHC_TCP_BYTES = 4;
const ROHC_STAMP_BYTES = 4;
const ROHC_SACK_BYTES = 1;
const ROHC_UDP_BYTES = 3;
const ROHC_CONTEXT_BYTES = 3;

export class Headers {
  readonly ipBytes: number;
  /** What the air carries is the IP packet and nothing else. */
  readonly bare: boolean;
  readonly timestamps: boolean | undefined;
  private readonly frame: { readonly bytes: number; readonly leastPacketBytes: number };
  private readonly rohc: boolean;

  constructor({ ip = 4, framing = "none", rohc = false, timestamps }: HeadersSpec = {}) {
    this.ipBytes = IP_BYTES[ip];
    this.frame = FRAMINGS[framing];
    this.rohc = rohc;
    this.bare = framing === "none" && !rohc;
    this.timestamps = timestamps;
  }

  /** Bytes of the IP packet of a segment that is no SYN. */
  segmentBytes(payloadSize: number, stamped: boolean, sackBlockCount: number): number {
    return this.ipBytes + TCP_BYTES + optionBytes(stamped, sackBlockCount) + payloadSize;
  }

  /** Payload of a full segment on a path of `mtuBytes`: timestamps take their room from it (RFC 6691). */
  maximumPayload(mtuBytes: number, stamped: boolean): number {
    return mtuBytes - this.ipBytes - TCP_BYTES - optionBytes(stamped, 0);
  }

  /** Bytes on the air of that segment. */
  segmentAirBytes(payloadSize: number, stamped: boolean, sackBlockCount: number): number {
    if (!this.rohc) return this.framed(this.segmentBytes(payloadSize, stamped, sackBlockCount));
    const sackBytes = sackBlockCount > 0 ? ROHC_SACK_BYTES + SACK_BLOCK_BYTES * sackBlockCount : 0;
    return this.framed(ROHC_TCP_BYTES + (stamped ? ROHC_STAMP_BYTES : 0) + sackBytes + payloadSize);
  }

  /** Bytes on the air of a packet of `sizeBytes` that makes the context of a compressor: a SYN, or a reset out of nothing. */
  contextAirBytes(sizeBytes: number): number {
    return this.framed(this.rohc ? sizeBytes + ROHC_CONTEXT_BYTES : sizeBytes);
  }

  /** Bytes of the IP packet of a datagram of UDP, and on the air. */
  datagramBytes(payloadSize: number): number {
    return this.ipBytes + UDP_BYTES + payloadSize;
  }

  datagramAirBytes(payloadSize: number): number {
    return this.framed(this.rohc ? ROHC_UDP_BYTES + payloadSize : this.datagramBytes(payloadSize));
  }

  private framed(bytes: number): number {
    return Math.max(bytes, this.frame.leastPacketBytes) + this.frame.bytes;
  }
}

function optionBytes(stamped: boolean, sackBlockCount: number): number {
  return (
    (stamped ? TIMESTAMP_OPTION_BYTES : 0) +
    (sackBlockCount > 0 ? SACK_OPTION_BYTES + SACK_BLOCK_BYTES * sackBlockCount : 0)
  );
}
