/** What an actor needs of the way to the server: connections, and ways to leave one without a word. */
import type { Dialler } from "../../simulation/index.ts";

export interface Line extends Dialler {
  /** The power is cut, and leaves nothing to say goodbye with. */
  vanish?(): void;
  /** Leaves the connection open to whoever listens to it, and makes way for the next. */
  freeze?(): void;
}
