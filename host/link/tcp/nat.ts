/**
 * A network address translator on the broker's side of the link, which forgets a connection that is silent for too long.
 *
 * Carriers and clouds keep a mapping for minutes (AWS 350 s, then a reset; Azure 4 min by default; GCP 20 min), though RFC 5382 REQ-5 asks for two hours and
 * four minutes. A translator that forgets and says nothing leaves the connection half open: each end believes in it, and only a keep-alive
 * shorter than the timeout prevents that, or finds it out.
 */
import { durationUs } from "../duration.ts";
import type { Packet, PacketSink } from "../packet.ts";
import type { DueHandler, Scheduler } from "../scheduler.ts";
import type { NatSpec } from "../spec.ts";
import { type Segment, type SegmentPool, type SegmentTarget, takeReset } from "./segment.ts";

/** The mapping of one connection. It takes what comes out of the link from the sensor, and what the broker's end sends. */
export class NatMapping implements SegmentTarget, PacketSink, DueHandler {
  private readonly scheduler: Scheduler;
  private readonly down: PacketSink;
  private readonly pool: SegmentPool;
  private readonly client: SegmentTarget;
  private readonly server: SegmentTarget;
  private readonly timeoutUs: number;
  private readonly resets: boolean;
  /** From then on the path is gone, whoever speaks. */
  private readonly deadUs: number;
  private lastUs: number;
  private forgotten = false;

  constructor(
    scheduler: Scheduler,
    spec: NatSpec | null,
    halfOpenAfterUs: number | null,
    down: PacketSink,
    pool: SegmentPool,
    client: SegmentTarget,
    server: SegmentTarget,
  ) {
    this.scheduler = scheduler;
    this.down = down;
    this.pool = pool;
    this.client = client;
    this.server = server;
    this.timeoutUs = spec === null ? Number.MAX_SAFE_INTEGER : durationUs(spec.timeout, "nat.timeout");
    this.resets = spec?.onExpiry === "rst";
    this.lastUs = scheduler.nowUs;
    this.deadUs = halfOpenAfterUs === null ? Number.MAX_SAFE_INTEGER : scheduler.nowUs + halfOpenAfterUs;
  }

  /** A segment of the sensor's. */
  receive(segment: Segment): void {
    if (this.passes()) this.server.receive(segment);
    else if (this.resets) this.down.send(takeReset(this.pool, this.client, segment.acknowledgement));
  }

  /** A packet of the broker's end. What is not let through never reaches the link. */
  send(packet: Packet): void {
    if (this.passes()) {
      this.down.send(packet);
      return;
    }
    packet.dropped();
    // The sender is in the middle of sending: it hears of it as the next event of this moment.
    if (this.resets) this.scheduler.at(this.scheduler.nowUs, this, 0);
  }

  due(): void {
    takeReset(this.pool, this.server, 0).arrived(false);
  }

  /** Whatever passes, either way, keeps the mapping alive; one that is gone stays gone. */
  private passes(): boolean {
    const { nowUs } = this.scheduler;
    if (nowUs - this.lastUs > this.timeoutUs || nowUs >= this.deadUs) this.forgotten = true;
    this.lastUs = nowUs;
    return !this.forgotten;
  }
}
