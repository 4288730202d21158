/**
 * What has been sent and not yet acknowledged, in sequence order, with the scoreboard of RFC 6675 as Linux keeps it: a segment is sacked,
 * lost, or on its way again, and three counters say how many are.
 *
 * The queue of a thin stream holds one entry; it is an array that starts over at its front whenever it runs empty and is never cut shorter, and
 * entries are kept for the next segment: nothing is allocated for a message.
 */

export class Outstanding {
  sequence = 0;
  /** Sequence after the segment; a SYN and a FIN count one. */
  end = 0;
  /** Bytes of payload. */
  size = 0;
  flags = 0;
  /** When the last copy was sent. */
  sentUs = 0;
  /** The how-manieth transmission of the connection that was: what tells two of one microsecond apart. */
  ordinal = 0;
  /** More than one copy was sent. */
  retransmitted = false;
  /** A copy is under way that was sent because the one before was held for lost. */
  sentAgain = false;
  sacked = false;
  lost = false;
}

export class RetransmissionQueue {
  sackedCount = 0;
  lostCount = 0;
  sentAgainCount = 0;
  private readonly entries: Outstanding[] = [];
  private readonly spare: Outstanding[] = [];
  private head = 0;
  private transmissionCount = 0;
  private tail = 0;

  get count(): number {
    return this.tail - this.head;
  }

  /** Segments held to be in the network (RFC 6675's pipe). */
  get inFlightCount(): number {
    return this.count - this.sackedCount - this.lostCount + this.sentAgainCount;
  }

  /** Bytes of those segments; for the short queues of stacks that count bytes. */
  get inFlightBytes(): number {
    let bytes = 0;
    for (let index = this.head; index < this.tail; index += 1) {
      const { size, sacked, lost, sentAgain } = this.entries[index];
      if (!sacked && (!lost || sentAgain)) bytes += size;
    }
    return bytes;
  }

  /** The entry at `index` from the oldest. */
  at(index: number): Outstanding {
    return this.entries[this.head + index];
  }

  get oldest(): Outstanding {
    return this.entries[this.head];
  }

  get newest(): Outstanding {
    return this.entries[this.tail - 1];
  }

  push(sequence: number, size: number, flags: number, sequenceLength: number, nowUs: number): Outstanding {
    const entry = this.spare.pop() ?? new Outstanding();
    entry.sequence = sequence;
    entry.end = sequence + sequenceLength;
    entry.size = size;
    entry.flags = flags;
    entry.retransmitted = false;
    entry.sentAgain = false;
    entry.sacked = false;
    entry.lost = false;
    this.sent(entry, nowUs);
    this.entries[this.tail] = entry;
    this.tail += 1;
    return entry;
  }

  /** A copy of `entry` goes out now. */
  sent(entry: Outstanding, nowUs: number): void {
    entry.sentUs = nowUs;
    this.transmissionCount += 1;
    entry.ordinal = this.transmissionCount;
  }

  /** Takes the oldest entry out. It stays readable until the next push. */
  shift(): Outstanding {
    const entry = this.entries[this.head];
    this.head += 1;
    if (this.head === this.tail) {
      this.head = 0;
      this.tail = 0;
    } else if (this.head >= 256) {
      this.entries.copyWithin(0, this.head, this.tail);
      this.tail -= this.head;
      this.head = 0;
    }
    if (entry.sacked) this.sackedCount -= 1;
    if (entry.lost) this.lostCount -= 1;
    if (entry.sentAgain) this.sentAgainCount -= 1;
    this.spare.push(entry);
    return entry;
  }

  markSacked(entry: Outstanding): void {
    if (entry.lost) {
      entry.lost = false;
      this.lostCount -= 1;
    }
    if (entry.sentAgain) {
      entry.sentAgain = false;
      this.sentAgainCount -= 1;
    }
    entry.sacked = true;
    this.sackedCount += 1;
  }

  /** The copy last sent, whichever it was, is lost. */
  markLost(entry: Outstanding): void {
    if (entry.sentAgain) {
      entry.sentAgain = false;
      this.sentAgainCount -= 1;
    }
    if (!entry.lost) {
      entry.lost = true;
      this.lostCount += 1;
    }
  }

  markSentAgain(entry: Outstanding): void {
    if (entry.sentAgain) return;
    entry.sentAgain = true;
    this.sentAgainCount += 1;
  }

  /** Makes the entry at `index` and those after it one, as far as they fit `sizeLimit` bytes of payload together. */
  mergeFollowing(index: number, sizeLimit: number): void {
    const entry = this.at(index);
    while (index + 1 < this.count) {
      const next = this.at(index + 1);
      if (next.sacked || entry.size + next.size > sizeLimit) return;
      entry.size += next.size;
      entry.end = next.end;
      entry.flags |= next.flags;
      if (next.retransmitted) entry.retransmitted = true;
      if (next.lost) this.lostCount -= 1;
      if (next.sentAgain) this.sentAgainCount -= 1;
      this.entries.copyWithin(this.head + index + 1, this.head + index + 2, this.tail);
      this.tail -= 1;
      this.spare.push(next);
    }
  }

  /** Nothing was lost after all. */
  forgetLost(): void {
    for (let index = 0; index < this.count; index += 1) this.at(index).lost = false;
    this.lostCount = 0;
  }
}
