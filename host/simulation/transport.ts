/** How a client of the core reaches the broker: what its driver needs of a transport, whichever it is. */
export interface Transport {
  /** Takes up to `size` bytes from `offset`, and returns how many. With `more` the rest of the packet follows at once, for the same segment. */
  write(bytes: Uint8Array, offset: number, size: number, more: boolean): number;
  /** Ends it when what was written has left; `ended` follows. */
  end(): void;
  /** Gives the transport up at once. Nothing more is heard from it. */
  abort(): void;
}

/** Opens transports, one at a time: `opened`, `received` and `ended` of the driver follow. */
export interface Dialler {
  open(driver: Driver): Transport;
}

/** What a driver hears from its transport. Every call comes from within an event of the scheduler, never from within its own calls. */
export interface Driver {
  opened(): void;
  /** `size` bytes at `offset`, lent for the call. */
  received(bytes: Uint8Array, offset: number, size: number): void;
  writable(): void;
  /** The transport is over, or could not be opened. */
  ended(): void;
}
