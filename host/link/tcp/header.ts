/**
 * What a segment costs beyond its payload, to the byte: IPv4 (RFC 791, no options) and TCP (RFC 9293) with the options that Linux and lwIP send.
 */

const IPV4_HEADER_BYTES = 20;
const TCP_HEADER_BYTES = 20;
/** RFC 7323: kind, length, two stamps, and two no-operations before it. */
const TIMESTAMP_OPTION_BYTES = 12;
/** RFC 2018: kind and length, two no-operations before it, eight bytes a block. */
const SACK_OPTION_BYTES = 4;
const SACK_BLOCK_BYTES = 8;

/** Blocks that fit beside timestamps: 40 bytes of options less 12, less 4, by 8. */
export const MAXIMUM_SACK_BLOCKS = 3;

/** Bytes of the IP packet of a segment that is no SYN. */
export function segmentBytes(payloadSize: number, timestamps: boolean, sackBlockCount: number): number {
  return (
    IPV4_HEADER_BYTES +
    TCP_HEADER_BYTES +
    (timestamps ? TIMESTAMP_OPTION_BYTES : 0) +
    (sackBlockCount > 0 ? SACK_OPTION_BYTES + SACK_BLOCK_BYTES * sackBlockCount : 0) +
    payloadSize
  );
}

/** Payload of a full segment on a path of `mtuBytes`: timestamps take their room from it. */
export function maximumPayload(mtuBytes: number, timestamps: boolean): number {
  return mtuBytes - IPV4_HEADER_BYTES - TCP_HEADER_BYTES - (timestamps ? TIMESTAMP_OPTION_BYTES : 0);
}
