/**
 * Round-trip estimation: from samples to the retransmission time-out, by the three methods of the profiles.
 *
 * All arithmetic is on integers, with the shifts of the sources, because their roundings are what makes the stalls differ.
 */
import type { TcpProfile } from "./profile.ts";

export interface RoundTrip {
  /** The time-out before any back-off, microseconds. */
  readonly rtoUs: number;
  /** The smoothed round trip, or 0 before the first sample. */
  readonly smoothedUs: number;
  /**
   * Takes a measured round trip from `sentUs` to `nowUs`. `acknowledged` and `next` are the send sequence after the acknowledgement that
   * gave it and the next to be sent: Linux adjusts its variance once a window.
   */
  sample(sentUs: number, nowUs: number, acknowledged: number, next: number): void;
}

export function roundTrip(profile: TcpProfile): RoundTrip {
  switch (profile.roundTrip) {
    case "linux":
      return new LinuxRoundTrip(profile);
    case "lwip":
      return new LwipRoundTrip(profile);
    case "rfc6298":
      return new Rfc6298RoundTrip(profile);
  }
}

/** tcp_rtt_estimator() and __tcp_set_rto(): SRTT in eighths, deviation in quarters, and never less than 200 ms of variance. */
class LinuxRoundTrip implements RoundTrip {
  static readonly MINIMUM_US = 200_000;
  rtoUs: number;
  private readonly maximumUs: number;
  private smoothedEighths = 0;
  private deviation = 0;
  private largestDeviation = 0;
  private variance = 0;
  private windowEnd = 0;

  constructor(profile: TcpProfile) {
    this.rtoUs = profile.initialRtoUs;
    this.maximumUs = profile.maximumRtoUs;
  }

  get smoothedUs(): number {
    return Math.floor(this.smoothedEighths / 8);
  }

  sample(sentUs: number, nowUs: number, acknowledged: number, next: number): void {
    const roundTripUs = Math.max(1, nowUs - sentUs);
    if (this.smoothedEighths === 0) {
      this.smoothedEighths = roundTripUs * 8;
      this.deviation = roundTripUs * 2;
      this.variance = Math.max(this.deviation, LinuxRoundTrip.MINIMUM_US);
      this.largestDeviation = this.variance;
      this.windowEnd = next;
    } else {
      let error = roundTripUs - Math.floor(this.smoothedEighths / 8);
      this.smoothedEighths += error;
      if (error < 0) {
        // A round trip that falls must not look like variance: an eighth of it only.
        error = -error - Math.floor(this.deviation / 4);
        if (error > 0) error = Math.floor(error / 8);
      } else {
        error -= Math.floor(this.deviation / 4);
      }
      this.deviation += error;
      if (this.deviation > this.largestDeviation) {
        this.largestDeviation = this.deviation;
        if (this.largestDeviation > this.variance) this.variance = this.largestDeviation;
      }
      if (acknowledged > this.windowEnd) {
        if (this.largestDeviation < this.variance) {
          this.variance -= Math.floor((this.variance - this.largestDeviation) / 4);
        }
        this.windowEnd = next;
        this.largestDeviation = LinuxRoundTrip.MINIMUM_US;
      }
    }
    if (this.smoothedEighths < 1) this.smoothedEighths = 1;
    this.rtoUs = Math.min(Math.floor(this.smoothedEighths / 8) + this.variance, this.maximumUs);
  }
}

/** lwIP counts in ticks of 500 ms, so that a fast path still waits for three of them (tcp_receive(), after Jacobson 1988). */
class LwipRoundTrip implements RoundTrip {
  static readonly TICK_US = 500_000;
  rtoUs: number;
  smoothedUs = 0;
  private average = 0;
  private deviation: number;

  constructor(profile: TcpProfile) {
    this.rtoUs = profile.initialRtoUs;
    this.deviation = profile.initialRtoUs / LwipRoundTrip.TICK_US;
  }

  sample(sentUs: number, nowUs: number): void {
    const tickCount = Math.floor(nowUs / LwipRoundTrip.TICK_US) - Math.floor(sentUs / LwipRoundTrip.TICK_US);
    let error = tickCount - (this.average >> 3);
    this.average += error;
    if (error < 0) error = -error;
    this.deviation += error - (this.deviation >> 2);
    const ticks = (this.average >> 3) + this.deviation;
    this.rtoUs = Math.max(1, ticks) * LwipRoundTrip.TICK_US;
    this.smoothedUs = (this.average >> 3) * LwipRoundTrip.TICK_US;
  }
}

/** RFC 6298 section 2: alpha 1/8, beta 1/4, K 4, and 2.4's minimum of one second. */
class Rfc6298RoundTrip implements RoundTrip {
  static readonly MINIMUM_US = 1_000_000;
  rtoUs: number;
  smoothedUs = 0;
  private varianceUs = 0;
  private readonly maximumUs: number;

  constructor(profile: TcpProfile) {
    this.rtoUs = profile.initialRtoUs;
    this.maximumUs = profile.maximumRtoUs;
  }

  sample(sentUs: number, nowUs: number): void {
    const roundTripUs = Math.max(1, nowUs - sentUs);
    if (this.smoothedUs === 0) {
      this.smoothedUs = roundTripUs;
      this.varianceUs = Math.floor(roundTripUs / 2);
    } else {
      this.varianceUs += Math.floor((Math.abs(this.smoothedUs - roundTripUs) - this.varianceUs) / 4);
      this.smoothedUs += Math.floor((roundTripUs - this.smoothedUs) / 8);
    }
    const rtoUs = this.smoothedUs + 4 * this.varianceUs;
    this.rtoUs = Math.min(Math.max(rtoUs, Rfc6298RoundTrip.MINIMUM_US), this.maximumUs);
  }
}
