/**
 * Puts segments on the link: fills them in, counts them, and knows what each costs.
 */
import type { Headers } from "../headers.ts";
import type { PacketSink } from "../packet.ts";
import type { Scheduler } from "../scheduler.ts";
import type { TcpProfile } from "./profile.ts";
import type { Reassembly } from "./reassembly.ts";
import { type Segment, type SegmentPool, type SegmentTarget, takeBlank, takeReset } from "./segment.ts";

/** What an endpoint has sent. Bytes are IP bytes; data bytes are the application's, retransmissions included. */
export interface TcpStatistics {
  packetCount: number;
  byteCount: number;
  dataByteCount: number;
  retransmissionCount: number;
}

export class SegmentWriter {
  readonly statistics: TcpStatistics = { packetCount: 0, byteCount: 0, dataByteCount: 0, retransmissionCount: 0 };
  target: SegmentTarget | null = null;
  /** Both ends use timestamps; both acknowledge selectively. */
  stamped = false;
  selective = false;
  /** RFC 7323's TS.Recent: the stamp to echo, or -1. */
  recentStampMs = -1;
  private readonly scheduler: Scheduler;
  private readonly profile: TcpProfile;
  private readonly out: PacketSink;
  private readonly pool: SegmentPool;

  constructor(scheduler: Scheduler, profile: TcpProfile, out: PacketSink, pool: SegmentPool) {
    this.scheduler = scheduler;
    this.profile = profile;
    this.out = out;
    this.pool = pool;
  }

  /** What surrounds the payload of a segment. */
  get headers(): Headers {
    return this.pool.headers;
  }

  /** The handshake is over: only what both ends have is used. */
  agree(peer: TcpProfile): void {
    this.stamped = this.profile.timestamps && peer.timestamps;
    this.selective = this.profile.selectiveAcknowledgement && peer.selectiveAcknowledgement;
  }

  /** Sends a segment of the connection that acknowledges what `reassembly` has, and offers `window` bytes beyond. */
  write(sequence: number, size: number, flags: number, reassembly: Reassembly, window: number): void {
    const segment = takeBlank(this.pool, this.target, sequence, flags);
    segment.size = size;
    segment.acknowledgement = reassembly.next;
    segment.window = window;
    if (this.selective) reassembly.report(segment);
    const { headers } = this;
    segment.sizeBytes = headers.segmentBytes(size, this.stamped, segment.blockCount);
    segment.airBytes = headers.bare
      ? segment.sizeBytes
      : headers.segmentAirBytes(size, this.stamped, segment.blockCount);
    if (this.stamped) this.stamp(segment);
    this.send(segment);
  }

  /** Sends a SYN, or the answer to one, with those of its options that `offered` has too. */
  writeSynchronise(flags: number, acknowledgement: number, offered: TcpProfile): void {
    const segment = takeBlank(this.pool, this.target, 0, flags);
    segment.acknowledgement = acknowledgement;
    segment.window = this.profile.receiveWindowBytes;
    const { headers } = this;
    segment.sizeBytes =
      headers.segmentBytes(0, false, 0) + Math.min(this.profile.synOptionBytes, offered.synOptionBytes);
    segment.airBytes = headers.contextAirBytes(segment.sizeBytes);
    if (this.profile.timestamps && offered.timestamps) this.stamp(segment);
    this.send(segment);
  }

  /** Answers a segment that belongs to no connection. */
  writeReset(sequence: number): void {
    this.send(takeReset(this.pool, this.target, sequence));
  }

  private stamp(segment: Segment): void {
    segment.stampMs = Math.floor(this.scheduler.nowUs / 1000);
    segment.echoMs = this.recentStampMs;
  }

  private send(segment: Segment): void {
    const { statistics } = this;
    statistics.packetCount += 1;
    statistics.byteCount += segment.sizeBytes;
    statistics.dataByteCount += segment.size;
    this.out.send(segment);
  }
}
