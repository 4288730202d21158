/**
 * A link as plain data, with netem's names where netem has them. Validation is in validate.ts, meaning in the model files.
 *
 * Times are {@link Duration}s (a number is milliseconds), rates are bits a second, probabilities 0 to 1, sizes bytes at the IP level.
 */
import type { Duration } from "./duration.ts";
import type { HeadersSpec } from "./headers.ts";
import type { ToxicSpec } from "./toxics/toxic-spec.ts";

/** Which packets are lost on the air: see loss.ts. */
export type LossSpec =
  | { model: "none" }
  | { model: "random"; p: number }
  | {
      model: "gemodel";
      p: number;
      r?: number;
      "1-h"?: number;
      "1-k"?: number;
      unit?: "packet";
    }
  | {
      model: "gemodel";
      unit: "time";
      meanGood: Duration;
      meanBad: Duration;
      lossGood: number;
      lossBad: number;
    }
  | { model: "gilbert"; lossRate: number; meanBurst: number }
  | {
      model: "state";
      p13: number;
      p31?: number;
      p32?: number;
      p23?: number;
      p14?: number;
    }
  | { model: "ber"; rate: number; unit?: "bit" | "byte" }
  | { model: "list"; drop: number[] };

/** How jitter scatters about the base: netem's names, and `exponential`, which only ever adds. See delay.ts for what `jitter` measures. */
export type JitterDistribution = "uniform" | "normal" | "pareto" | "paretonormal" | "exponential";

/** How long a packet travels after it has left the transmitter: see delay.ts. */
export type DelaySpec =
  | { base: Duration; jitter?: Duration; distribution?: JitterDistribution }
  /** The geometry of a bent pipe: a named orbit or a height in km, elevations in degrees, and a term for all that is not geometry. */
  | {
      orbit: string | number;
      elevation: number;
      feederElevation?: number;
      processing?: Duration;
      jitter?: Duration;
      distribution?: JitterDistribution;
    }
  /** A long tail on top of `base`, by its median and its 95th percentile. */
  | { base?: Duration; distribution: "lognormal"; median: Duration; p95: Duration }
  /** Measured delays on top of `base`, all equally likely. */
  | { base?: Duration; distribution: "table"; table: Duration[] };

/** What goes on the air beyond a packet: netem's `rate RATE [PACKETOVERHEAD [CELLSIZE [CELLOVERHEAD]]]`. A negative overhead is compression. */
export type OverheadSpec = { packetOverhead?: number; cellSize?: number; cellOverhead?: number };

/** The transmitter: so many bits a second, or mahimahi's trace, the milliseconds at which 1500 bytes may leave, over and over. See pace.ts. */
export type RateSpec = OverheadSpec & ({ bps: number } | { trace: number[] });

/** What may wait for the transmitter (and be in it); one packet more is dropped. */
export type LimitSpec = { packets?: number; bytes?: number };

/** Netem's reordering: with probability `p`, every `gap`-th packet overtakes those that are under way. */
export type ReorderSpec = { p: number; gap?: number };

/** netem's slots: packets that are due wait for the next one, and so many leave together. See slots.ts. */
export type SlotSpec = { min: Duration; max?: Duration; packets?: number; bytes?: number };

/** When nothing gets through at all: see outage.ts. */
export type OutageSpec =
  | { model: "none" }
  | { model: "on-off"; meanOn: Duration; meanOff: Duration }
  | { model: "periodic"; on: Duration; off: Duration; phase?: Duration }
  | { model: "windows"; windows: { start: Duration; end: Duration }[] }
  | { model: "passes"; windows: PassSpec[] };

/** A pass: service from `start` to `end`. `rangeKm` are distances to the satellite at equal steps, the first at `start`, the last at `end`. */
export type PassSpec = { start: Duration; end: Duration; rangeKm?: number[] };

/** A change of satellite or beam at a beat: see handover.ts. Pairs are the least and the most of a uniform draw, milliseconds one way. */
export type HandoverSpec = {
  period: Duration;
  /** When the beat falls: at multiples of the period for every link alike, or drawn for each link. `global` when absent. */
  phase?: "global" | "seeded";
  /** What the way to the next satellite is longer by, until the next handover. */
  stepMs?: [number, number];
  /** What a packet is late by, on top, while the handover lasts. */
  spikeMs?: [number, number];
  /** How many of the packets sent while the handover lasts are lost, 0 to 1. */
  lossBurst?: number;
  /** How long a handover lasts; spike and burst need it. */
  lasts?: Duration;
};

/** An address translator that forgets connections which are silent for longer than `timeout`, with a reset or without a word: see tcp/nat.ts. */
export type NatSpec = { timeout: Duration; onExpiry: "rst" | "silent" };

/** One direction of a link. What is absent is ideal: no delay, no loss, an endless rate. */
export interface DirectionSpec {
  delay?: DelaySpec;
  rate?: RateSpec;
  limit?: LimitSpec;
  loss?: LossSpec;
  corrupt?: { p: number };
  duplicate?: { p: number };
  reorder?: ReorderSpec;
  slot?: SlotSpec;
  outage?: OutageSpec;
}

/** A link: `up` from the sensor to the broker, `down` back. */
export interface LinkSpec {
  name?: string;
  /** Largest IP packet; TCP takes its segment size from it. 1500 when absent. */
  mtu?: number;
  /** What surrounds the bytes of TCP: see headers.ts. */
  headers?: HeadersSpec;
  /** An outage that silences both directions at once, as rain does. */
  outage?: OutageSpec;
  /** Handovers, which both directions feel at once. */
  handover?: HandoverSpec;
  nat?: NatSpec;
  /** From this age on a connection's path is gone, without a word: each end believes in the other until it asks. */
  halfOpen?: { after: Duration };
  /** What a proxy of TCP does to the bytes, in toxiproxy's words. */
  toxics?: ToxicSpec[];
  /** False refuses every connection, as a proxy of toxiproxy that is not enabled. */
  enabled?: boolean;
  up: DirectionSpec;
  down: DirectionSpec;
}

/** The fields of a direction, which may also stand beside `up` and `down` and then count for both. */
export const DIRECTION_FIELDS = [
  "delay",
  "rate",
  "limit",
  "loss",
  "corrupt",
  "duplicate",
  "reorder",
  "slot",
  "outage",
] as const;
