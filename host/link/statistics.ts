/** What one direction has done so far. Sizes are IP bytes; a packet counts when it is offered, whatever becomes of it. */
export interface DirectionStatistics {
  /** Packets and bytes offered to the direction. */
  packetCount: number;
  byteCount: number;
  /** What went on the air of it, as far as it was sent at all: framed and compressed, without the overhead of the rate. */
  airByteCount: number;
  /** Packets and bytes that came out at the other end, copies included. */
  deliveredPacketCount: number;
  deliveredByteCount: number;
  /** Packets dropped, by cause. */
  dropped: { queue: number; outage: number; loss: number };
  /** Packets that arrived with flipped bits, and copies made. */
  corruptedCount: number;
  duplicatedCount: number;
  /** Microseconds that the transmitter was busy: bits on the air over the rate; 0 without a rate. */
  airtimeUs: number;
}

/** Statistics at the beginning. */
export function noStatistics(): DirectionStatistics {
  return {
    packetCount: 0,
    byteCount: 0,
    airByteCount: 0,
    deliveredPacketCount: 0,
    deliveredByteCount: 0,
    dropped: { queue: 0, outage: 0, loss: 0 },
    corruptedCount: 0,
    duplicatedCount: 0,
    airtimeUs: 0,
  };
}
