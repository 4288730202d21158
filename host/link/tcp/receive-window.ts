/**
 * What a receiver lets its peer have in flight: a buffer that grows with the traffic, less what the application has not taken yet.
 *
 * Linux starts at half of tcp_rmem's default and adds two segments for every one that is worth it, until its largest buffer
 * (tcp_grow_window(), tcp(7)); stacks of small machines never grow. A right edge once offered is never taken back (RFC 9293 3.8.6).
 */
import type { TcpProfile } from "./profile.ts";

/** Segments smaller than this waste more buffer than they fill, and open nothing (tcp_rcv_established()). */
const SMALLEST_GROWTH = 128;

export class ReceiveWindow {
  /** Bytes that the application was given and has not taken. */
  waitingBytes = 0;
  private sizeBytes: number;
  private readonly largestBytes: number;
  private offeredEnd = 0;

  constructor(profile: TcpProfile) {
    this.sizeBytes = profile.receiveWindowBytes;
    this.largestBytes = profile.largestReceiveWindowBytes;
  }

  /** A segment of `size` bytes came, in order. */
  received(size: number): void {
    if (size >= SMALLEST_GROWTH && this.sizeBytes < this.largestBytes) {
      this.sizeBytes = Math.min(this.largestBytes, this.sizeBytes + 2 * size);
    }
  }

  /** The window to put on a segment that acknowledges everything before `next`. */
  offer(next: number): number {
    const end = next + this.sizeBytes - this.waitingBytes;
    if (end > this.offeredEnd) this.offeredEnd = end;
    return this.offeredEnd - next;
  }

  /** The application has taken enough that the peer should hear of it: RFC 9293 3.8.6.2.2, half the buffer or two segments. */
  worthTelling(next: number, segmentSize: number): boolean {
    const gain = next + this.sizeBytes - this.waitingBytes - this.offeredEnd;
    return gain >= Math.min(this.sizeBytes >> 1, 2 * segmentSize);
  }
}
