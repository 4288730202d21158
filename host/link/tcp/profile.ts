/**
 * TCP stacks as data, because an ESP32 does not stall like a server.
 *
 * `linux` is Linux 6.x with Reno, as it was measured (net/ipv4/tcp_*.c), `linux-cubic` the same with the congestion control that most distributions
 * choose, `lwip` the stack of ESP-IDF with its defaults (src/core/tcp*.c, opt.h), `rfc6298` a
 * stack that does what the RFCs say and no more (RFC 793, 1122, 5681, 6298, 6582).
 */

/** How a stack estimates the round trip and derives its retransmission time-out: see round-trip.ts. */
export type RoundTripMethod = "linux" | "lwip" | "rfc6298";

/** When a stack acknowledges what it received: see acknowledger.ts. */
export type AcknowledgementMethod = "linux" | "lwip" | "rfc1122";

/** How a stack's timers sit on its clock ticks: see timer-grid.ts. */
export type TimerGridSpec =
  | { kind: "wheel"; hz: number }
  | { kind: "tick"; slowUs: number; fastUs: number }
  | { kind: "exact" };

export interface TcpProfile {
  readonly name: string;
  readonly roundTrip: RoundTripMethod;
  readonly acknowledgement: AcknowledgementMethod;
  readonly timerGrid: TimerGridSpec;
  /** RFC 7323 timestamps: 12 bytes on every segment, used when both ends have them. */
  readonly timestamps: boolean;
  /** RFC 2018 selective acknowledgement with RFC 2883 duplicates, used when both ends have it. */
  readonly selectiveAcknowledgement: boolean;
  /** RFC 8985: tail loss probe and time-based loss detection; needs selective acknowledgement. */
  readonly rack: boolean;
  /** Small segments that follow one sent again go along in it (tcp_retrans_collapse): one time-out repairs them all. */
  readonly mergesRetransmissions: boolean;
  /** How the window grows and what a loss costs: see avoidance.ts. */
  readonly congestion: "cubic" | "reno";
  /** Bytes of options on a SYN. */
  readonly synOptionBytes: number;
  /** Time-out before the first round trip was measured, microseconds. */
  readonly initialRtoUs: number;
  readonly maximumRtoUs: number;
  /** SYN retransmissions: so many with the initial time-out, then so many more that double; then the attempt fails. */
  readonly synLinearRetries: number;
  readonly synRetries: number;
  readonly synAckRetries: number;
  /** Data: given up at the first time-out that comes this long after the first retransmission, or after so many retransmissions. */
  readonly giveUpUs: number;
  readonly dataRetries: number;
  /** RFC 6928 / RFC 5681 initial congestion window for a segment size, in segments. */
  readonly initialWindowSegments: (segmentSize: number) => number;
  /** What the congestion window counts: Linux whole segments however small, the others bytes (RFC 5681 2). */
  readonly windowUnit: "segments" | "bytes";
  /** What this end lets its peer have in flight at first, and at most, bytes: see receive-window.ts. */
  readonly receiveWindowBytes: number;
  readonly largestReceiveWindowBytes: number;
  /** What write() takes before anything is acknowledged, bytes. */
  readonly sendBufferBytes: number;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Linux 6.5 or later: tcp_retries2 = 15 as a time (924.6 s), SYN linear time-outs 4 then 6 doublings, HZ = 250. */
export const LINUX: TcpProfile = {
  name: "linux",
  roundTrip: "linux",
  acknowledgement: "linux",
  timerGrid: { kind: "wheel", hz: 250 },
  timestamps: true,
  selectiveAcknowledgement: true,
  rack: true,
  mergesRetransmissions: true,
  congestion: "reno",
  // MSS 4, SACK permitted 2, timestamps 10, no-operation 1, window scale 3.
  synOptionBytes: 20,
  initialRtoUs: 1_000_000,
  maximumRtoUs: 120_000_000,
  synLinearRetries: 4,
  synRetries: 6,
  synAckRetries: 5,
  giveUpUs: 924_600_000,
  dataRetries: NO_LIMIT,
  initialWindowSegments: () => 10,
  windowUnit: "segments",
  receiveWindowBytes: 65_536,
  // Half of tcp_rmem's 6 MB: the other half is for what the kernel keeps beside the bytes.
  largestReceiveWindowBytes: 3_145_728,
  sendBufferBytes: 4_194_304,
};

/** The same with CUBIC: only what is sent in bulk can tell the two apart. */
export const LINUX_CUBIC: TcpProfile = { ...LINUX, name: "linux-cubic", congestion: "cubic" };

/** lwIP as ESP-IDF configures it: LWIP_TCP_RTO_TIME 1500, TCP_MAXRTX 12, TCP_SYNMAXRTX 12, windows of four segments. */
export const LWIP: TcpProfile = {
  name: "lwip",
  roundTrip: "lwip",
  acknowledgement: "lwip",
  timerGrid: { kind: "tick", slowUs: 500_000, fastUs: 250_000 },
  timestamps: false,
  selectiveAcknowledgement: false,
  rack: false,
  mergesRetransmissions: false,
  congestion: "reno",
  synOptionBytes: 4,
  initialRtoUs: 1_500_000,
  maximumRtoUs: 0x7fff * 500_000,
  // tcp_slowtmr() leaves the time-out alone while the state is SYN_SENT.
  synLinearRetries: 12,
  synRetries: 0,
  synAckRetries: 12,
  giveUpUs: NO_LIMIT,
  dataRetries: 12,
  // LWIP_TCP_CALC_INITIAL_CWND: min(4 * mss, max(2 * mss, 4380)).
  initialWindowSegments: segmentSize =>
    Math.max(1, Math.floor(Math.min(4 * segmentSize, Math.max(2 * segmentSize, 4380)) / segmentSize)),
  windowUnit: "bytes",
  receiveWindowBytes: 5760,
  largestReceiveWindowBytes: 5760,
  sendBufferBytes: 5760,
};

/** The letter: 1 s minimum (RFC 6298 2.4), R2 of 100 s (RFC 1122 4.2.3.5) and 180 s for a SYN, ACKs delayed up to 500 ms. */
export const RFC6298: TcpProfile = {
  name: "rfc6298",
  roundTrip: "rfc6298",
  acknowledgement: "rfc1122",
  timerGrid: { kind: "exact" },
  timestamps: false,
  selectiveAcknowledgement: false,
  rack: false,
  mergesRetransmissions: false,
  congestion: "reno",
  synOptionBytes: 4,
  initialRtoUs: 1_000_000,
  maximumRtoUs: 60_000_000,
  synLinearRetries: 0,
  synRetries: 7,
  synAckRetries: 7,
  giveUpUs: 100_000_000,
  dataRetries: NO_LIMIT,
  initialWindowSegments: segmentSize => (segmentSize > 2190 ? 2 : segmentSize > 1095 ? 3 : 4),
  windowUnit: "bytes",
  receiveWindowBytes: 65_535,
  largestReceiveWindowBytes: 65_535,
  sendBufferBytes: 65_535,
};

/** `profile` with RFC 7323 timestamps, or without, where `timestamps` says so. */
export function stampedProfile(profile: TcpProfile, timestamps: boolean | undefined): TcpProfile {
  if (timestamps === undefined || timestamps === profile.timestamps) return profile;
  // On a SYN a lone option takes 12 bytes; among Linux's it shares its padding with two others, and leaves it to them.
  const synOptionBytes = profile.synOptionBytes + (timestamps ? 12 : profile.selectiveAcknowledgement ? -8 : -12);
  return { ...profile, timestamps, synOptionBytes };
}

/** The profiles by name. */
export const TCP_PROFILES: Readonly<Record<string, TcpProfile>> = {
  linux: LINUX,
  "linux-cubic": LINUX_CUBIC,
  lwip: LWIP,
  rfc6298: RFC6298,
};
