/**
 * What differs between two congestion controls: how fast the window grows once slow start is over, how far a loss takes it back, and whether slow start
 * ends before there is one. Everything else of congestion control is in congestion.ts and the same for both.
 */
import { Cubic } from "./cubic.ts";
import type { TcpProfile } from "./profile.ts";

export interface CongestionAvoidance {
  /** The slow-start threshold after a loss at a window of so many segments. */
  threshold(windowCount: number): number;
  /** How many acknowledged segments the window now takes for one more; `ackedCount` were acknowledged at this moment. */
  segmentsForOne(windowCount: number, ackedCount: number, nowUs: number): number;
  /** A retransmission time-out: what was known of the path is old. */
  timedOut(): void;
  /** Sending goes on after nothing was outstanding for so long. */
  resumed(pauseUs: number): void;
  /** Takes a round trip. True when slow start should end at this window. `acknowledged` and `next` are the send sequence's. */
  measured(
    roundTripUs: number,
    nowUs: number,
    slowWindowCount: number | null,
    acknowledged: number,
    next: number,
  ): boolean;
}

/** Reno: half after a loss, and a segment more for a window acknowledged (RFC 5681 3.1). It keeps nothing, so one serves all. */
export const RENO: CongestionAvoidance = {
  threshold: windowCount => Math.max(windowCount >> 1, 2),
  segmentsForOne: windowCount => windowCount,
  timedOut() {},
  resumed() {},
  measured: () => false,
};

export function congestionAvoidance(profile: TcpProfile): CongestionAvoidance {
  return profile.congestion === "cubic" ? new Cubic() : RENO;
}
