/**
 * Opening a connection: what the three segments mean, at the end that asks and at the end that listens (RFC 9293 3.5).
 */
import type { Scheduler } from "../scheduler.ts";
import type { TcpProfile } from "./profile.ts";
import { ACK, RST, type Segment, SYN } from "./segment.ts";
import type { SegmentWriter } from "./segment-writer.ts";
import type { Sender } from "./sender.ts";

/** tcp_invalid_ratelimit: repeated SYNs within this time get one answer. */
const REPEATED_SYN_US = 500_000;

export class Handshake {
  private readonly scheduler: Scheduler;
  private readonly sender: Sender;
  private readonly writer: SegmentWriter;
  private lastAnswerUs = -REPEATED_SYN_US;

  constructor(scheduler: Scheduler, sender: Sender, writer: SegmentWriter) {
    this.scheduler = scheduler;
    this.sender = sender;
    this.writer = writer;
  }

  /** Answers the SYN. */
  accept(segment: Segment): void {
    this.writer.recentStampMs = segment.stampMs;
    this.lastAnswerUs = this.scheduler.nowUs;
    this.sender.synchronise(SYN | ACK);
  }

  /** What came in answer to the SYN. */
  answered(segment: Segment): "refused" | "accepted" | "nothing" {
    if ((segment.flags & RST) !== 0) return "refused";
    if ((segment.flags & (SYN | ACK)) !== (SYN | ACK)) return "nothing";
    this.writer.recentStampMs = segment.stampMs;
    return "accepted";
  }

  /** What came in answer to the answer. A SYN once more is answered once more, with the stamp of the first, as Linux does: the peer's first round trip then includes its time-out. */
  confirmed(segment: Segment): "reset" | "confirmed" | "nothing" {
    if ((segment.flags & RST) !== 0) return "reset";
    if ((segment.flags & SYN) === 0) return "confirmed";
    const { nowUs } = this.scheduler;
    if (nowUs - this.lastAnswerUs >= REPEATED_SYN_US) {
      this.lastAnswerUs = nowUs;
      this.sender.resynchronise();
    }
    return "nothing";
  }

  /** Agrees on what both ends have, and starts to send. */
  establish(segment: Segment, peer: TcpProfile, mtuBytes: number): void {
    const { writer } = this;
    writer.agree(peer);
    const echoMs = writer.stamped ? segment.echoMs : -1;
    this.sender.establish(
      writer.headers.maximumPayload(mtuBytes, writer.stamped),
      writer.selective,
      segment.window,
      echoMs,
    );
  }
}
