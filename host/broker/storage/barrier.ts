/**
 * What has not been written must not be told. While a change waits for the disk all output waits behind it, in order:
 * a PUBACK or PUBREC for a message, a PUBLISH whose identifier a subscriber will remember, a CONNACK that says that there
 * is a session. What several calls have caused is written together and leaves together.
 */
import { Buffer } from "node:buffer";
import type { Sink } from "../connection.ts";
import type { Journal } from "./journal.ts";

/** What one peer may have waiting here before it is as slow as one that does not read. */
const MAX_HELD_SIZE = 1024 * 1024;

interface Held {
  readonly epoch: number;
  /** Where it goes, and what the machine knows it as. */
  readonly sink: Sink;
  readonly before: Sink;
  /** Null: the sink is to be closed, for this reason. */
  readonly bytes: Uint8Array | null;
  readonly reason: string;
}

export class Barrier {
  readonly #journal: Journal;
  readonly #onFull: (before: Sink) => void;
  #held: Held[] = [];
  /** Bytes that wait, by the sink as the machine knows it. */
  readonly #sizes = new Map<Sink, number>();

  /** `onFull`: more waits for one peer than should. It may be told so again and again. */
  constructor(journal: Journal, onFull: (before: Sink) => void) {
    this.#journal = journal;
    this.#onFull = onFull;
  }

  /** The sink for the machine: what goes into it waits for its time. */
  before(sink: Sink): Sink {
    const isOpen = () => this.#held.length === 0 && (!this.#journal.isPending || this.#journal.isFailed);
    const before: Sink = {
      peer: sink.peer,
      identity: sink.identity,
      hold: isHeld => sink.hold?.(isHeld),
      send: (bytes, isLasting) => {
        if (isOpen()) sink.send(bytes, isLasting);
        else this.#hold(sink, before, isLasting ? bytes : Buffer.from(bytes), "");
      },
      close: reason => {
        if (isOpen()) sink.close(reason);
        else this.#hold(sink, before, null, reason);
      },
    };
    return before;
  }

  #hold(sink: Sink, before: Sink, bytes: Uint8Array | null, reason: string): void {
    this.#held.push({ epoch: this.#journal.pendingEpoch, sink, before, bytes, reason });
    const size = (this.#sizes.get(before) ?? 0) + (bytes?.length ?? 0);
    this.#sizes.set(before, size);
    if (size > MAX_HELD_SIZE) this.#onFull(before);
  }

  /** Lets go of all that waited for batches which are safe now. */
  release(): void {
    const { committedEpoch } = this.#journal;
    const held = this.#held;
    let count = 0;
    while (count < held.length && held[count].epoch <= committedEpoch) count++;
    this.#held = held.slice(count);
    for (let index = 0; index < count; index++) {
      const { sink, before, bytes, reason } = held[index];
      const size = (this.#sizes.get(before) ?? 0) - (bytes?.length ?? 0);
      if (size > 0) this.#sizes.set(before, size);
      else this.#sizes.delete(before);
      if (bytes === null) sink.close(reason);
      else sink.send(bytes, true);
    }
  }

  /** It will not be safe: what waits is not sent. Returns the sinks, as the machine knows them, that waited for it. */
  drop(): ReadonlySet<Sink> {
    const held = this.#held;
    this.#held = [];
    this.#sizes.clear();
    for (const { sink, bytes, reason } of held) if (bytes === null) sink.close(reason);
    return new Set(held.map(({ before }) => before));
  }
}
