/**
 * Counts on the wire, from outside, what is unacknowledged in each direction: section 4.9 says when the count goes up and down.
 */
import type { Packet } from "../../client/packet-splitter.ts";

const PUBLISH = 3;
const PUBACK = 4;
const PUBREC = 5;
const PUBCOMP = 7;
/** Reason codes from here on are failures, section 2.4. */
const FAILURE = 0x80;

/** One direction of PUBLISH, and what comes back for it. */
class Quota {
  most = 0;
  #count = 0;

  published(): void {
    this.#count += 1;
    this.most = Math.max(this.most, this.#count);
  }

  /** Those that an earlier connection sent count for nothing. */
  answered(): void {
    this.#count = Math.max(0, this.#count - 1);
  }
}

/** Of one connection. */
export class FlowMeter {
  readonly #sent = new Quota();
  readonly #received = new Quota();

  get sentMost(): number {
    return this.#sent.most;
  }

  get receivedMost(): number {
    return this.#received.most;
  }

  sees(direction: "sent" | "received", { head, bodyAt }: Packet): void {
    const [own, other] = direction === "sent" ? [this.#sent, this.#received] : [this.#received, this.#sent];
    const type = head[0] >> 4;
    if (type === PUBLISH && (head[0] & 6) !== 0) own.published();
    else if (type === PUBACK || type === PUBCOMP) other.answered();
    else if (type === PUBREC && head[bodyAt + 2] >= FAILURE) other.answered();
  }
}
