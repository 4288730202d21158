/**
 * Messages between the socket and whoever iterates over them, in order. It is bounded by telling, not by refusing:
 * `isOver` is what the client stops reading for.
 */

import type { PerigeeError } from "./errors.ts";
import type { Message } from "./message.ts";

interface Waiter {
  resolve(result: IteratorResult<Message, undefined>): void;
  reject(error: PerigeeError): void;
}

export class Inbox {
  readonly #sizeMax: number;
  readonly #onRoom: () => void;
  #messages: Message[] = [];
  #headIndex = 0;
  #size = 0;
  #waiters: Waiter[] = [];
  #isEnded = false;
  #error: PerigeeError | undefined;

  /** `onRoom` is called whenever a message was taken. */
  constructor(sizeMax: number, onRoom: () => void) {
    this.#sizeMax = sizeMax;
    this.#onRoom = onRoom;
  }

  get isOver(): boolean {
    return this.#size > this.#sizeMax;
  }

  push(message: Message): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ value: message, done: false });
      return;
    }
    this.#messages.push(message);
    this.#size += message.payload.length + message.topic.length;
  }

  /** The next message, undefined where there is none now. */
  take(): Message | undefined {
    const message = this.#messages[this.#headIndex];
    if (message === undefined) return undefined;
    this.#headIndex++;
    // Shifting an array costs its length; so the front is cut off now and then.
    if (this.#headIndex * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#headIndex);
      this.#headIndex = 0;
    }
    this.#size -= message.payload.length + message.topic.length;
    this.#onRoom();
    return message;
  }

  /** The next message, as an iterator gives it: what is here is given out before the end is. */
  next(): Promise<IteratorResult<Message, undefined>> {
    const value = this.take();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Nothing will come any more, because of `error` if there is one. */
  end(error?: PerigeeError): void {
    this.#isEnded = true;
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve({ value: undefined, done: true });
      else waiter.reject(error);
    }
  }
}
