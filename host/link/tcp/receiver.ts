/**
 * The receiving half of an endpoint: which bytes of a segment are new, when to acknowledge them, and whether the stream has ended.
 */
import type { Scheduler } from "../scheduler.ts";
import { Acknowledger } from "./acknowledger.ts";
import type { TcpProfile } from "./profile.ts";
import { Reassembly } from "./reassembly.ts";
import { ReceiveWindow } from "./receive-window.ts";
import { FIN, type Segment } from "./segment.ts";

export class Receiver {
  readonly reassembly = new Reassembly();
  readonly acknowledger: Acknowledger;
  readonly window: ReceiveWindow;
  /** The stream is complete: the FIN and all before it have come. */
  finished = false;
  private finSequence = -1;

  /** `acknowledge` sends a segment without data. */
  constructor(scheduler: Scheduler, profile: TcpProfile, acknowledge: () => void) {
    this.acknowledger = new Acknowledger(scheduler, profile, acknowledge);
    this.window = new ReceiveWindow(profile);
  }

  /**
   * Takes the payload and the FIN of a segment. Returns the number of bytes that are now in order beyond what was; they begin where
   * {@link Reassembly.next} stood before. The acknowledger is left to settle what is owed.
   */
  take(segment: Segment, rtoUs: number): number {
    const { reassembly, acknowledger } = this;
    const start = segment.sequence;
    const dataEnd = start + segment.size;
    const end = sequenceEnd(segment);
    if (end > dataEnd) this.finSequence = dataEnd;
    const from = reassembly.next;
    if (end <= from) {
      this.takeDuplicate(segment);
      return 0;
    }
    // RFC 5681 4.2: at once for what leaves a gap, and when a gap is filled in whole or in part.
    if (start > from) acknowledger.disturbed();
    else if (reassembly.gapped) acknowledger.hurry();
    reassembly.take(start, end);
    const finished = this.finSequence >= 0 && reassembly.next > this.finSequence;
    const size = (finished ? this.finSequence : reassembly.next) - from;
    if (size > 0) {
      this.window.received(segment.size);
      acknowledger.received(size, rtoUs);
    }
    if (finished && !this.finished) acknowledger.finished();
    this.finished = finished;
    return Math.max(size, 0);
  }

  /** Notes a segment of which every byte was here before. */
  takeDuplicate(segment: Segment): void {
    this.acknowledger.disturbed();
    const end = sequenceEnd(segment);
    // A probe of the window has no bytes that could have come twice.
    if (end > segment.sequence) this.reassembly.noteDuplicate(segment.sequence, end);
  }
}

/** The sequence after a segment: a FIN counts one. */
export function sequenceEnd(segment: Segment): number {
  return segment.sequence + segment.size + ((segment.flags & FIN) === 0 ? 0 : 1);
}
