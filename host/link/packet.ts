/**
 * What a link carries: anything that has a size and wants to know what became of it.
 *
 * The link knows no TCP and no datagrams. A packet belongs to its sender, who may pool it: the link calls exactly one of
 * `arrived` and `dropped` for every time that the packet was sent, plus one for every copy that it announced by `duplicated`.
 */
export interface Packet {
  /** Bytes at the IP level, headers included. */
  readonly sizeBytes: number;
  /** Bytes on the air: in its frame, and with its headers compressed, where the link does that (headers.ts). */
  readonly airBytes: number;
  /** The packet reached the other end; `corrupted` when bits were flipped on the way. */
  arrived(corrupted: boolean): void;
  /** The packet will never arrive. */
  dropped(): void;
  /** The link made one copy more, which will have an `arrived` of its own. */
  duplicated(): void;
}

/** Where packets can be given to: a direction of a link, or what stands before one. */
export interface PacketSink {
  /** Takes a packet; it will be told what became of it, at once or later. */
  send(packet: Packet): void;
}
