/**
 * A link: two directions and, between them, what both feel at once: outages and handovers.
 *
 * A link carries the packets of any number of connections; they then share its rate, its queue and its losses. Sensors that each have a
 * terminal of their own get a link each, with a name each, so that their losses are drawn apart.
 */
import { Direction } from "./direction.ts";
import { durationUs } from "./duration.ts";
import { Handover } from "./handover.ts";
import { Headers } from "./headers.ts";
import { outageModel } from "./outage.ts";
import { RandomStream, type Seed } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import type { LinkSpec, NatSpec } from "./spec.ts";
import type { ToxicSpec } from "./toxics/toxic-spec.ts";

/** MTU when a link names none: Ethernet's. */
const DEFAULT_MTU_BYTES = 1500;

export class Link {
  /** From the sensor to the broker. */
  readonly up: Direction;
  /** From the broker to the sensor. */
  readonly down: Direction;
  /** Largest packet, in bytes at the IP level. */
  readonly mtuBytes: number;
  /** What surrounds a packet, for whoever makes them. */
  readonly headers: Headers;
  /** The address translator behind the link, which connections pass: see tcp/nat.ts. */
  readonly nat: NatSpec | null;
  /** What else becomes of connections: see spec.ts. */
  readonly halfOpenAfterUs: number | null;
  readonly enabled: boolean;
  /** The toxics of connections made from now on. */
  toxics: readonly ToxicSpec[];
  /** What draws upon which connections they act, and how. */
  readonly toxicRandom: RandomStream;

  /** `spec` has passed validateLink; `name` separates the random streams of links that share a seed. */
  constructor(scheduler: Scheduler, spec: LinkSpec, seed: Seed, name = "link") {
    const outage = outageModel(spec.outage, new RandomStream(seed, `${name}/outage`));
    const handover =
      spec.handover === undefined ? null : new Handover(spec.handover, new RandomStream(seed, `${name}/handover`));
    this.up = new Direction(scheduler, spec.up, seed, `${name}/up`, outage, handover);
    this.down = new Direction(scheduler, spec.down, seed, `${name}/down`, outage, handover);
    this.nat = spec.nat ?? null;
    this.halfOpenAfterUs = spec.halfOpen === undefined ? null : durationUs(spec.halfOpen.after, "halfOpen.after");
    this.enabled = spec.enabled ?? true;
    this.toxics = spec.toxics ?? [];
    this.toxicRandom = new RandomStream(seed, `${name}/toxics`);
    this.headers = new Headers(spec.headers);
    this.mtuBytes = spec.mtu ?? DEFAULT_MTU_BYTES;
  }

  /** Ends the weather in both directions for good: what a run needs that wants to see everything converge. */
  heal(): void {
    this.up.heal();
    this.down.heal();
  }
}
