/**
 * A look at a run while it happens: every event of its history, and every segment that an end puts on a link, with what becomes of it.
 *
 * Whoever watches changes nothing: the same seed is the same run, watched or not.
 */
import {
  FIN,
  type Link,
  type Packet,
  type PacketSink,
  type Scheduler,
  type Segment,
  SYN,
  TcpConnection,
  type TcpEndpoint,
  type TcpOptions,
} from "../link/index.ts";

/** A segment on its way: what is told of it when it is sent. */
export interface Sending {
  readonly isUp: boolean;
  readonly atUs: number;
  /** Lent for the call. */
  readonly segment: Segment;
  /** Bytes of its payload that have never been sent before. */
  readonly freshSize: number;
  /** It has been sent before, all of what it is for: data, SYN or FIN. */
  readonly isRepeat: boolean;
  /** The end that sends it: what it has written is there. */
  readonly source: TcpEndpoint;
}

/** Hears what becomes of a segment: when it arrived, or null when it never will. */
export type Fate = (arrivedUs: number | null) => void;

/** Looks at the segments of one sensor. */
export interface SegmentWatch {
  /** Answers who wants to know what becomes of it. */
  sent(sending: Sending): Fate | undefined;
}

/** Looks at a run. */
export interface Watch {
  /** An event of the history: a kind of event-log.ts, the sensor, the message, when. */
  event(kind: number, sensor: number, sequence: number, atUs: number): void;
  /** Who looks at the segments of that sensor; null for nobody. */
  segments(sensor: number): SegmentWatch | null;
}

/** A connection whose segments `watch` is shown. */
export function watched(scheduler: Scheduler, link: Link, options: TcpOptions, watch: SegmentWatch): TcpConnection {
  const connection: TcpConnection = new TcpConnection(scheduler, link, {
    ...options,
    through: (direction, isUp) =>
      new Tap(scheduler, direction, isUp, watch, () => (isUp ? connection.client : connection.server)),
  });
  return connection;
}

/** One direction of one connection. */
class Tap implements PacketSink {
  private readonly scheduler: Scheduler;
  private readonly direction: PacketSink;
  private readonly isUp: boolean;
  private readonly watch: SegmentWatch;
  private readonly source: () => TcpEndpoint;
  /** Behind the last sequence that has been sent. */
  private sentEnd = 0;

  constructor(
    scheduler: Scheduler,
    direction: PacketSink,
    isUp: boolean,
    watch: SegmentWatch,
    source: () => TcpEndpoint,
  ) {
    this.scheduler = scheduler;
    this.direction = direction;
    this.isUp = isUp;
    this.watch = watch;
    this.source = source;
  }

  send(packet: Packet): void {
    // Only ends of TCP stand before it.
    const segment = packet as Segment;
    const dataStart = segment.sequence + (segment.flags & SYN);
    const dataEnd = dataStart + segment.size;
    const end = dataEnd + (segment.flags & FIN ? 1 : 0);
    const fate = this.watch.sent({
      isUp: this.isUp,
      atUs: this.scheduler.nowUs,
      segment,
      freshSize: Math.max(0, dataEnd - Math.max(dataStart, this.sentEnd)),
      isRepeat: end > segment.sequence && end <= this.sentEnd,
      source: this.source(),
    });
    if (end > this.sentEnd) this.sentEnd = end;
    this.direction.send(fate === undefined ? packet : new Followed(packet, this.scheduler, fate));
  }
}

/** A packet whose fate somebody wants to know. */
class Followed implements Packet {
  readonly sizeBytes: number;
  readonly airBytes: number;
  private readonly packet: Packet;
  private readonly scheduler: Scheduler;
  private readonly fate: Fate;
  private told = false;

  constructor(packet: Packet, scheduler: Scheduler, fate: Fate) {
    this.sizeBytes = packet.sizeBytes;
    this.airBytes = packet.airBytes;
    this.packet = packet;
    this.scheduler = scheduler;
    this.fate = fate;
  }

  arrived(corrupted: boolean): void {
    this.tell(corrupted ? null : this.scheduler.nowUs);
    this.packet.arrived(corrupted);
  }

  dropped(): void {
    this.tell(null);
    this.packet.dropped();
  }

  duplicated(): void {
    this.packet.duplicated();
  }

  /** Of copies the first counts. */
  private tell(atUs: number | null): void {
    if (this.told) return;
    this.told = true;
    this.fate(atUs);
  }
}
