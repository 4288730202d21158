/** A receiver at the end of one direction, in virtual time: what the tests of the link look through. */
import { Direction } from "../../host/link/direction.ts";
import { Handover } from "../../host/link/handover.ts";
import type { Packet } from "../../host/link/packet.ts";
import { RandomStream } from "../../host/link/random.ts";
import type { DirectionSpec, HandoverSpec } from "../../host/link/spec.ts";
import { VirtualTime } from "../../host/simulation/virtual-time.ts";

export const SEED = 42n;

/** A receiver that notes what becomes of numbered packets. */
export class Receiver {
  readonly arrivals: { index: number; timeUs: number; corrupted: boolean }[] = [];
  readonly dropped: number[] = [];
  readonly time = new VirtualTime();
  readonly direction: Direction;

  /** `handover` is what a link would share between its directions. */
  constructor(spec: DirectionSpec, handover?: HandoverSpec) {
    const shared = handover === undefined ? null : new Handover(handover, new RandomStream(SEED, "test/handover"));
    this.direction = new Direction(this.time, spec, SEED, "test", null, shared);
  }

  packet(index: number, sizeBytes: number): Packet {
    return {
      sizeBytes,
      airBytes: sizeBytes,
      arrived: corrupted => this.arrivals.push({ index, timeUs: this.time.nowUs, corrupted }),
      dropped: () => this.dropped.push(index),
      duplicated: () => {},
    };
  }

  /** Sends `count` packets, one every `everyUs`, and runs until all is quiet. */
  run(count: number, everyUs: number, sizeBytes: number): this {
    const sender = { due: (index: number) => this.direction.send(this.packet(index, sizeBytes)) };
    for (let index = 0; index < count; index += 1) this.time.at(index * everyUs, sender, index);
    this.time.runToEnd(10_000_000);
    return this;
  }

  get timesUs(): number[] {
    return this.arrivals.map(arrival => arrival.timeUs);
  }

  /** How long each packet that arrived was under way, when one was sent every `everyUs`. */
  delaysUs(everyUs: number): number[] {
    return this.arrivals.map(arrival => arrival.timeUs - arrival.index * everyUs);
  }
}
