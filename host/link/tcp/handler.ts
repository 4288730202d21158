/** How a connection ended: both ends closed, the peer reset it, no answer to data, a reset instead of an answer to the SYN, no answer to the SYN. */
export type TcpCloseReason = "finished" | "reset" | "timed-out" | "refused" | "unreachable";

/** What an application hears from its end of a connection. Every call comes from within an event of the scheduler. */
export interface TcpHandler {
  /** The handshake is over at this end. */
  opened(): void;
  /** `size` bytes came, in order, at `offset` in `bytes`. They are only there during the call: copy what is to stay. */
  received(bytes: Uint8Array, offset: number, size: number): void;
  /** The peer will send no more. Without this method the endpoint closes its own half at once. */
  ended?(): void;
  /** There is room again, after a write that was not taken whole. */
  writable?(): void;
  /** The connection is over. The last call; none follows one's own `abort` or `vanish`. */
  closed(reason: TcpCloseReason): void;
}
