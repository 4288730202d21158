/**
 * Listens to one connection for whoever is there. A transport keeps the listener that it was opened with; when its client freezes, what still
 * comes is for another.
 */
import type { Listener } from "../../simulation/index.ts";

export class Ear implements Listener {
  for: Listener;

  constructor(listener: Listener) {
    this.for = listener;
  }

  opened(): void {
    this.for.opened();
  }

  received(bytes: Uint8Array, offset: number, size: number): void {
    this.for.received(bytes, offset, size);
  }

  writable(): void {
    this.for.writable();
  }

  ended(): void {
    this.for.ended();
  }
}
