/**
 * Which bytes of the session have changed since the host stored them.
 *
 * Durability is a barrier: while something is unstored, `transmit` offers nothing (session/outbound.ts), so what has left
 * the board is always what the store remembers. Two parts may be unstored at once, the fields at the front of the session
 * and the changed range of the outbox; the host stores both in one atomic record, then calls `stored`.
 */
import { CONNECT_PACKET, DIRTY_END, DIRTY_START, FLAG_UNSTORED, OUTBOX, SESSION } from "../layout.ts";
import { clearFlag, flagsOf, setFlag } from "./flags.ts";

/** The parts of `pendingStore`. */
export const PART_FIELDS: i32 = 0;
export const PART_OUTBOX: i32 = 1;

/** The fields of the session have changed. */
export function fieldsChanged(client: i32): void {
  setFlag(client, FLAG_UNSTORED);
}

/** Outbox bytes from address `start` to `end` have changed; they are stored with the next change of the fields. */
export function outboxChanged(client: i32, start: i32, end: i32): void {
  start -= client;
  end -= client;
  if (start < i32.load(client + DIRTY_START)) i32.store(client + DIRTY_START, start);
  if (end > i32.load(client + DIRTY_END)) i32.store(client + DIRTY_END, end);
}

/** Bytes of `part` that have to be stored, 0 for none. */
export function pendingStore(client: i32, part: i32): i32 {
  if ((flagsOf(client) & FLAG_UNSTORED) === 0) return 0;
  if (part === PART_FIELDS) return i32.load(client + OUTBOX) - SESSION;
  const size: i32 = i32.load(client + DIRTY_END) - i32.load(client + DIRTY_START);
  return part === PART_OUTBOX && size > 0 ? size : 0;
}

/** Where the unstored bytes of `part` stand. */
export function pendingStoreAddress(client: i32, part: i32): i32 {
  return client + (part === PART_FIELDS ? SESSION : i32.load(client + DIRTY_START));
}

/** All that `pendingStore` named is stored. Call it before any other input or command. */
export function stored(client: i32): void {
  clearFlag(client, FLAG_UNSTORED);
  i32.store(client + DIRTY_START, i32.load(client + CONNECT_PACKET));
  i32.store(client + DIRTY_END, 0);
}
