/**
 * Which bytes of the session have changed since the host stored them.
 *
 * Durability is a barrier: while something is unstored, `transmit` offers nothing (session/outbound.ts), so what has left
 * the board is always what the store remembers. Two parts may be unstored at once, the fields at the front of the session
 * and the changed range of the outbox; the host stores both in one atomic record, then calls `stored`.
 */
import { CONNECT_PACKET, DIRTY_END, DIRTY_START, OUTBOX, SESSION, UNSTORED } from "../layout.ts";
import { least } from "../least.ts";
import { STORE } from "../profile.ts";

/** The parts of `pendingStore`; the other is the outbox. */
export const PART_FIELDS: i32 = 0;

/** The fields of the session have changed. */
export function fieldsChanged(client: i32): void {
  if (STORE === 0) return;
  i32.store8(client + UNSTORED, 1);
}

/** Outbox bytes from address `start` to `end` have changed; they are stored with the next change of the fields. */
export function outboxChanged(client: i32, start: i32, end: i32): void {
  if (STORE === 0) return;
  i32.store(client + DIRTY_START, least(i32.load(client + DIRTY_START), start));
  if (end > i32.load(client + DIRTY_END)) i32.store(client + DIRTY_END, end);
}

/** Bytes of `part` that have to be stored, 0 for none. */
export function pendingStore(client: i32, part: i32): i32 {
  if (i32.load8_u(client + UNSTORED) === 0) return 0;
  const size: i32 =
    part === PART_FIELDS
      ? i32.load(client + OUTBOX) - (client + SESSION)
      : i32.load(client + DIRTY_END) - i32.load(client + DIRTY_START);
  return size < 0 ? 0 : size;
}

/** All that `pendingStore` named is stored. Call it before any other input or command. */
export function stored(client: i32): void {
  i32.store8(client + UNSTORED, 0);
  i32.store(client + DIRTY_START, i32.load(client + CONNECT_PACKET));
  i32.store(client + DIRTY_END, 0);
}
