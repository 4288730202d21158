/**
 * Who waits for what: every request given to the core, until it is settled.
 *
 * The core names a request by its packet identifier. A message of QoS 0 has none; those leave in the order in which they
 * came, so the first of them that is still waiting is the one that has just left.
 */
import type { PerigeeError } from "./errors.ts";
import type { Properties } from "./properties.ts";

/** What an acknowledgement of MQTT 5.0 says; in 3.1.1 0 and nothing. */
export interface Answer {
  readonly reasonCode: number;
  readonly properties: Properties;
}

/** Called once: `done` with the codes of a SUBACK or UNSUBACK (empty for anything else), or `failed`. */
export interface Completion {
  done(codes: Uint8Array, answer: Answer): void;
  failed(error: PerigeeError): void;
}

interface Unsent {
  readonly topic: string;
  readonly completion: Completion;
}

const NOBODY: Completion = { done() {}, failed() {} };
const NO_CODES = new Uint8Array(0);
const NO_ANSWER: Answer = { reasonCode: 0, properties: {} };

export class Requests {
  readonly #byId = new Map<number, Completion>();
  /** Messages of QoS 0 in the outbox, oldest first. */
  readonly #unsent = new Set<Unsent>();

  /** Requests with an answer outstanding, those that have not been sent yet included. */
  get answerCount(): number {
    return this.#byId.size;
  }

  get count(): number {
    return this.#byId.size + this.#unsent.size;
  }

  /** A request was committed; `id` is 0 for a message of QoS 0. */
  add(id: number, topic: string, completion: Completion): void {
    if (id !== 0) this.#byId.set(id, completion);
    else this.#unsent.add({ topic, completion });
  }

  done(id: number, codes: Uint8Array = NO_CODES, answer: Answer = NO_ANSWER): void {
    const completion = this.#byId.get(id);
    // A session that was restored has requests that nobody here waits for.
    this.#byId.delete(id);
    completion?.done(codes, answer);
  }

  /** Takes out who waits for `id`, or, with 0, for the oldest message of QoS 0; somebody who does nothing where nobody does. */
  take(id: number): Completion {
    const completion = this.#byId.get(id);
    this.#byId.delete(id);
    if (id !== 0) return completion ?? NOBODY;
    for (const unsent of this.#unsent) {
      this.#unsent.delete(unsent);
      return unsent.completion;
    }
    return NOBODY;
  }

  /** The oldest message of QoS 0 has left. */
  left(): void {
    for (const unsent of this.#unsent) {
      this.#unsent.delete(unsent);
      unsent.completion.done(NO_CODES, NO_ANSWER);
      return;
    }
  }

  /**
   * The core has dropped `id`, or, with 0, the oldest message of QoS 0 with `topic` (undefined: any topic), the very first
   * excepted while it is `isLeaving`.
   */
  dropped(id: number, topic: string | undefined, isLeaving: boolean, error: PerigeeError): void {
    if (id !== 0) {
      const completion = this.#byId.get(id);
      this.#byId.delete(id);
      completion?.failed(error);
      return;
    }
    let mayBeThis = !isLeaving;
    for (const unsent of this.#unsent) {
      if (mayBeThis && (topic === undefined || topic === unsent.topic)) {
        this.#unsent.delete(unsent);
        unsent.completion.failed(error);
        return;
      }
      mayBeThis = true;
    }
  }

  /** Nothing will be settled any more. */
  failAll(error: PerigeeError): void {
    const completions = [...this.#byId.values(), ...[...this.#unsent].map(unsent => unsent.completion)];
    this.#byId.clear();
    this.#unsent.clear();
    for (const completion of completions) completion.failed(error);
  }
}
