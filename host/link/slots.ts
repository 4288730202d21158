/**
 * netem's `slot MIN [MAX] [packets N] [bytes N]`: packets that are due wait for the next slot, and leave together, as on a shared medium whose turn comes
 * now and then (sch_netem.c, get_slot_next()).
 */
import { durationUs } from "./duration.ts";
import type { RandomStream } from "./random.ts";
import type { SlotSpec } from "./spec.ts";

export class Slots {
  private readonly leastUs: number;
  private readonly spanUs: number;
  private readonly packetLimit: number;
  private readonly byteLimit: number;
  private readonly random: RandomStream;
  private openUs = 0;
  private packetsLeft: number;
  private bytesLeft: number;

  constructor(spec: SlotSpec, random: RandomStream) {
    this.leastUs = durationUs(spec.min, "slot.min");
    this.spanUs = durationUs(spec.max ?? spec.min, "slot.max") - this.leastUs;
    this.packetLimit = spec.packets ?? Number.MAX_SAFE_INTEGER;
    this.byteLimit = spec.bytes ?? Number.MAX_SAFE_INTEGER;
    this.random = random;
    this.packetsLeft = this.packetLimit;
    this.bytesLeft = this.byteLimit;
  }

  /** When a packet leaves that was sent at `nowUs` and would arrive at `dueUs`. */
  release(nowUs: number, dueUs: number, sizeBytes: number): number {
    if (this.packetsLeft <= 0 || this.bytesLeft <= 0) this.next(this.openUs);
    else if (this.openUs < dueUs) this.next(Math.max(nowUs, this.openUs));
    const releaseUs = Math.max(dueUs, this.openUs);
    this.packetsLeft -= 1;
    this.bytesLeft -= sizeBytes;
    return releaseUs;
  }

  private next(fromUs: number): void {
    this.openUs = fromUs + this.leastUs + (this.spanUs > 0 ? this.random.below(this.spanUs + 1) : 0);
    this.packetsLeft = this.packetLimit;
    this.bytesLeft = this.byteLimit;
  }
}
