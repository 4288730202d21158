/**
 * Measures on the wire, from outside, how long a client says nothing, and how long its PINGREQ have no answer: section 3.1.2.10.
 */
import type { Packet } from "../../client/packet-splitter.ts";
import type { Ended } from "../history/index.ts";

const PINGREQ = 12;
const PINGRESP = 13;
const DISCONNECT = 14;

/** Of one connection. Moments are in ms. */
export class QuietMeter {
  /** The reason code of the server's DISCONNECT, where one has come. */
  reasonCode: number | undefined;
  #longestMs = 0;
  #spokenMs: number;
  #askedMs: number | null = null;

  constructor(nowMs: number) {
    this.#spokenMs = nowMs;
  }

  sees(direction: "sent" | "received", { head, bodyAt }: Packet, nowMs: number): void {
    const type = head[0] >> 4;
    if (direction === "sent") {
      this.#longestMs = Math.max(this.#longestMs, nowMs - this.#spokenMs);
      this.#spokenMs = nowMs;
      if (type === PINGREQ) this.#askedMs ??= nowMs;
    } else if (type === PINGRESP) this.#askedMs = null;
    // Without a body it is reason 0, section 3.14.2.1.
    else if (type === DISCONNECT) this.reasonCode = head[bodyAt] ?? 0;
  }

  at(nowMs: number): NonNullable<Ended["quiet"]> {
    const lastMs = nowMs - this.#spokenMs;
    return {
      longestMs: Math.max(this.#longestMs, lastMs),
      lastMs,
      unansweredMs: this.#askedMs === null ? 0 : nowMs - this.#askedMs,
    };
  }
}
