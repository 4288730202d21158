/**
 * The log of a run as a hash: every event of the history, as sixteen bytes, through SHA-256.
 *
 * Two runs with the same hash have had the same history to the microsecond. A day of a fleet is millions of events: nothing is kept of them but
 * the state of the hash and one buffer. Bytes are put in order by hand, so that the machine's own order does not matter.
 */
import { createHash } from "node:crypto";

const EVENT_BYTES = 16;
const BUFFER_BYTES = 4096 * EVENT_BYTES;

/** The kinds of events, 1 to 7: three bits beside the sensor. */
export const INVOKED = 1;
export const REFUSED = 2;
export const SENT = 3;
export const ACKNOWLEDGED = 4;
export const DELIVERED = 5;
export const DISCONNECTED = 6;

export class EventLog {
  /** Events so far. */
  count = 0;
  private readonly hash = createHash("sha256");
  private readonly buffer = new DataView(new ArrayBuffer(BUFFER_BYTES));
  private filled = 0;

  /** Takes an event: one of the kinds, of a sensor (below 2^29), a message (below 2^32), and when. */
  add(kind: number, sensor: number, sequence: number, atUs: number): void {
    const { buffer } = this;
    const at = this.filled;
    buffer.setUint32(at, (sensor << 3) | kind, true);
    buffer.setUint32(at + 4, sequence, true);
    buffer.setUint32(at + 8, atUs >>> 0, true);
    buffer.setUint32(at + 12, Math.floor(atUs / 2 ** 32), true);
    this.filled = at + EVENT_BYTES;
    this.count += 1;
    if (this.filled === BUFFER_BYTES) this.flush();
  }

  /** The hash so far, 64 hexadecimal digits. More events may follow. */
  digest(): string {
    this.flush();
    return this.hash.copy().digest("hex");
  }

  private flush(): void {
    this.hash.update(new Uint8Array(this.buffer.buffer, 0, this.filled));
    this.filled = 0;
  }
}
