/**
 * Storage as a broker has it once it is turned on: what has to be written, what waits for it, and what becomes of the
 * connections when it fails.
 */
import { QUOTA_EXCEEDED } from "../codec/reasons.ts";
import type { Connection, Sink } from "../connection.ts";
import { end } from "../departure.ts";
import type { Entrance } from "../entrance.ts";
import { drain } from "../outbound.ts";
import type { State } from "../state.ts";
import { Barrier } from "./barrier.ts";
import { Journal } from "./journal.ts";
import type { Batch, StoredRecord } from "./records.ts";
import { restore } from "./restore.ts";

export class Durability {
  readonly #state: State;
  readonly #journal = new Journal();
  readonly #barrier: Barrier;
  readonly #connections = new WeakMap<Sink, Connection>();
  /** Connections that wait for nothing but the barrier. */
  readonly #paused = new Set<Connection>();

  /** `wallMs` is the time since 1970 now. */
  constructor(state: State, wallMs: number) {
    this.#state = state;
    this.#barrier = new Barrier(this.#journal, before => this.#pause(before));
    this.#journal.wallOffsetMs = wallMs - state.nowMs;
    state.journal = this.#journal;
  }

  restore(
    records: Iterable<readonly [string, StoredRecord]>,
    entranceOf: (name: string) => Entrance | undefined,
  ): void {
    restore(this.#state, this.#journal, records, entranceOf);
  }

  /** The sink that the machine writes to: what depends on a change waits there. */
  before(sink: Sink): Sink {
    return this.#barrier.before(sink);
  }

  /** The connection that has the sink. */
  watch(connection: Connection): void {
    this.#connections.set(connection.sink, connection);
  }

  pendingWrites(): Batch | null {
    return this.#journal.seal();
  }

  /** A slow disk bounds what waits for a peer as a slow peer does: messages are queued, or dropped at QoS 0. */
  #pause(before: Sink): void {
    const connection = this.#connections.get(before);
    if (connection === undefined || connection.isPaused) return;
    connection.isPaused = true;
    this.#paused.add(connection);
  }

  written(): void {
    if (this.#journal.isFailed) this.#state.log("notice", "Storage works again.");
    this.#journal.commit();
    const paused = [...this.#paused];
    this.#paused.clear();
    // Before the release: should the transport be the slow one, it says so while it gets what has waited.
    for (const connection of paused) connection.isPaused = false;
    this.#barrier.release();
    for (const { isPaused, session } of paused) if (!isPaused && session !== null) drain(this.#state, session);
  }

  /** Who waits for what was not written, or has a session that is stored, is disconnected. */
  writeFailed(reason: string): void {
    const state = this.#state;
    if (!this.#journal.isFailed) {
      state.log("error", `Storage failed; until it works QoS 1 and 2 are refused: ${reason}`);
    }
    this.#journal.fail();
    const waiting = this.#barrier.drop();
    for (const connection of [...state.connections]) {
      const isStored = connection.session !== null && connection.session.journal !== null;
      if (isStored || waiting.has(connection.sink)) end(state, connection, `[storage] ${reason}`, QUOTA_EXCEEDED);
    }
  }
}
