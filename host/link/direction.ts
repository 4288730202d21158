/**
 * One direction of a link: what happens to a packet between two ends.
 *
 * In this order: admission to the queue, outage, loss (on the air, or in a handover), corruption, duplication, serialisation at the rate, delay and jitter,
 * delivery. Packets arrive in the order in which they were sent unless reordering was asked for: jitter makes a packet wait for the one before it, never overtake it.
 *
 * Whether a packet is lost is decided when it is sent, but it is lost *on the air*: it has used the transmitter and is paid for. A packet in an
 * outage uses nothing: a terminal that has lost the carrier keeps silent.
 */
import { DelayModel } from "./delay.ts";
import type { Handover } from "./handover.ts";
import { type LossModel, lossModel } from "./loss.ts";
import type { OutageModel } from "./outage.ts";
import { outageModel } from "./outage.ts";
import type { Packet } from "./packet.ts";
import { RandomStream, type Seed, thresholdOf } from "./random.ts";
import type { DueHandler, Scheduler } from "./scheduler.ts";
import { Slots } from "./slots.ts";
import type { DirectionSpec } from "./spec.ts";
import { type DirectionStatistics, noStatistics } from "./statistics.ts";
import { Transmitter } from "./transmitter.ts";

export class Direction implements DueHandler {
  private readonly counts = noStatistics();
  private readonly scheduler: Scheduler;
  private sharedOutage: OutageModel | null;
  private outage: OutageModel | null;
  private loss: LossModel | null;
  private readonly handover: Handover | null;
  private handoverThreshold: number;
  private readonly delay: DelayModel;
  private readonly transmitter: Transmitter;
  private readonly slots: Slots | null;
  private readonly random: {
    corrupt: RandomStream;
    duplicate: RandomStream;
    handover: RandomStream;
    reorder: RandomStream;
  };
  private corruptThreshold: number;
  private duplicateThreshold: number;
  private reorderThreshold: number;
  private readonly reorderGap: number;
  private sinceReordered = 0;
  private lastArrivalUs = 0;
  // Packets under way, by the slot that their event carries; bit 0 of the event's argument is "corrupted".
  private readonly underWay: (Packet | null)[] = [];
  private readonly freeSlots: number[] = [];

  /** `spec` has been validated. `name` is the prefix of the direction's random streams; `sharedOutage` and `handover` are those of the whole link. */
  constructor(
    scheduler: Scheduler,
    spec: DirectionSpec,
    seed: Seed,
    name: string,
    sharedOutage: OutageModel | null,
    handover: Handover | null = null,
  ) {
    const stream = (part: string) => new RandomStream(seed, `${name}/${part}`);
    this.scheduler = scheduler;
    this.sharedOutage = sharedOutage;
    this.outage = outageModel(spec.outage, stream("outage"));
    this.loss = lossModel(spec.loss, stream("loss"));
    this.handover = handover;
    this.handoverThreshold = handover?.lossThreshold ?? 0;
    this.delay = new DelayModel(spec.delay, stream("delay"));
    this.transmitter = new Transmitter(spec.rate, spec.limit);
    this.slots = spec.slot === undefined ? null : new Slots(spec.slot, stream("slot"));
    this.random = {
      corrupt: stream("corrupt"),
      duplicate: stream("duplicate"),
      handover: stream("handover"),
      reorder: stream("reorder"),
    };
    this.corruptThreshold = thresholdOf(spec.corrupt?.p ?? 0);
    this.duplicateThreshold = thresholdOf(spec.duplicate?.p ?? 0);
    this.reorderThreshold = thresholdOf(spec.reorder?.p ?? 0);
    this.reorderGap = spec.reorder?.gap ?? 1;
  }

  /** The counters, live. */
  get statistics(): Readonly<DirectionStatistics> {
    this.counts.airtimeUs = this.transmitter.airtimeUs;
    return this.counts;
  }

  /**
   * From now on nothing is lost, silenced, damaged, copied or overtaken. Rate, queue and delay stay, handovers' steps and spikes included: they
   * are the road, not the weather. (The satellite of a pass that never ends is nowhere: its range adds nothing any more.)
   */
  heal(): void {
    this.sharedOutage = null;
    this.outage = null;
    this.loss = null;
    this.handoverThreshold = 0;
    this.corruptThreshold = 0;
    this.duplicateThreshold = 0;
    this.reorderThreshold = 0;
  }

  /** Is told of every packet: when it was sent, its size, and how long it took, or null when it is lost. */
  observe: ((sentUs: number, sizeBytes: number, tookUs: number | null) => void) | null = null;

  /** What becomes of the n-th packet, over and over, instead of what the link would do: how long it takes, or null. */
  script: readonly (number | null)[] | null = null;
  private scriptIndex = 0;

  /** Takes a packet; it will be told what became of it, at once or later. */
  send(packet: Packet): void {
    const { counts, transmitter } = this;
    const nowUs = this.scheduler.nowUs;
    const { sizeBytes, airBytes } = packet;
    counts.packetCount += 1;
    counts.byteCount += sizeBytes;
    if (this.script !== null) {
      this.sendByScript(packet, this.script);
      return;
    }
    if (!transmitter.admits(nowUs, sizeBytes)) {
      counts.dropped.queue += 1;
      this.drop(packet);
      return;
    }
    if (this.sharedOutage?.silent(nowUs) || this.outage?.silent(nowUs)) {
      counts.dropped.outage += 1;
      this.drop(packet);
      return;
    }
    const lostOnAir = this.loss?.lost(nowUs, airBytes) ?? false;
    const lost = this.lostInHandover(nowUs) || lostOnAir;
    const corrupted = this.corruptThreshold > 0 && this.random.corrupt.chance(this.corruptThreshold);
    const duplicated = this.duplicateThreshold > 0 && this.random.duplicate.chance(this.duplicateThreshold);
    counts.airByteCount += airBytes;
    const departureUs = transmitter.send(nowUs, sizeBytes, airBytes);
    if (lost) {
      counts.dropped.loss += 1;
      this.drop(packet);
      return;
    }
    if (corrupted) counts.corruptedCount += 1;
    this.carry(packet, departureUs, corrupted);
    if (duplicated) {
      counts.duplicatedCount += 1;
      packet.duplicated();
      this.carry(packet, transmitter.send(nowUs, sizeBytes, airBytes), corrupted);
    }
  }

  due(argument: number): void {
    const slot = argument >> 1;
    const packet = this.underWay[slot] as Packet;
    this.underWay[slot] = null;
    this.freeSlots.push(slot);
    this.counts.deliveredPacketCount += 1;
    this.counts.deliveredByteCount += packet.sizeBytes;
    packet.arrived((argument & 1) === 1);
  }

  private lostInHandover(nowUs: number): boolean {
    if (this.handover === null || this.handoverThreshold === 0 || !this.handover.underWay(nowUs)) return false;
    return this.random.handover.chance(this.handoverThreshold);
  }

  /** What the way is longer by at this moment: the satellite's range, and what handovers add. */
  private detourUs(): number {
    const { nowUs } = this.scheduler;
    return (
      (this.sharedOutage?.delayUs?.(nowUs) ?? 0) +
      (this.outage?.delayUs?.(nowUs) ?? 0) +
      (this.handover?.delayUs(nowUs) ?? 0)
    );
  }

  private carry(packet: Packet, departureUs: number, corrupted: boolean): void {
    let arrivalUs = departureUs + this.delay.nextUs() + this.detourUs();
    if (this.slots !== null) arrivalUs = this.slots.release(this.scheduler.nowUs, arrivalUs, packet.sizeBytes);
    if (this.reorderThreshold > 0 && this.overtakes()) {
      arrivalUs = departureUs;
    } else {
      if (arrivalUs < this.lastArrivalUs) arrivalUs = this.lastArrivalUs;
      this.lastArrivalUs = arrivalUs;
    }
    this.observe?.(this.scheduler.nowUs, packet.sizeBytes, corrupted ? null : arrivalUs - this.scheduler.nowUs);
    this.deliver(packet, arrivalUs, corrupted);
  }

  private drop(packet: Packet): void {
    this.observe?.(this.scheduler.nowUs, packet.sizeBytes, null);
    packet.dropped();
  }

  private sendByScript(packet: Packet, script: readonly (number | null)[]): void {
    const tookUs = script[this.scriptIndex % script.length];
    this.scriptIndex += 1;
    if (tookUs === null) {
      this.counts.dropped.loss += 1;
      this.drop(packet);
      return;
    }
    const { nowUs } = this.scheduler;
    this.lastArrivalUs = Math.max(this.lastArrivalUs, nowUs + tookUs);
    this.observe?.(nowUs, packet.sizeBytes, this.lastArrivalUs - nowUs);
    this.deliver(packet, this.lastArrivalUs, false);
  }

  private deliver(packet: Packet, arrivalUs: number, corrupted: boolean): void {
    const slot = this.freeSlots.pop() ?? this.underWay.push(null) - 1;
    this.underWay[slot] = packet;
    this.scheduler.at(arrivalUs, this, slot * 2 + (corrupted ? 1 : 0));
  }

  private overtakes(): boolean {
    this.sinceReordered += 1;
    if (this.sinceReordered < this.reorderGap || !this.random.reorder.chance(this.reorderThreshold)) return false;
    this.sinceReordered = 0;
    return true;
  }
}
