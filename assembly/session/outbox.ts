/**
 * The outbox: one packet after another, each as it will be sent, in the order in which the host gave them.
 *
 * It is the queue while offline, the window while online, and what is resent after a reconnect. A packet's own header
 * gives its size, so an entry costs no byte more than the packet. Its first byte tells what has become of it:
 *
 *     0x3_  PUBLISH; DUP is set once it has been sent whole
 *     0x62  a PUBLISH of QoS 2 that the server has received: from now on its PUBREL is sent instead
 *     0x82  SUBSCRIBE, 0xa2 UNSUBSCRIBE
 *     0x00  nothing; the room comes back when it is at the head, or when room is short
 *
 * In all of them the two bits of QoS tell whether there is an identifier: the flags that PUBREL, SUBSCRIBE and UNSUBSCRIBE
 * prescribe read as QoS 1, and that is how they are acknowledged.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { COMPOSED_END, CONNECT_PACKET, CURSOR, HEAD, LAST_ID, LEAVING, OUTBOX, REST, TAIL } from "../layout.ts";
import { ROOM } from "../profile.ts";
import { FULL, MISUSE_TOO_LARGE } from "../status.ts";
import { bodyAt, DUP, PUBLISH, packetEnd, QOS, sizeWithHeader, writeHeader } from "../wire/header.ts";
import { fieldsChanged, outboxChanged } from "./durability.ts";
import { isCursorLeaving } from "./outbound.ts";
import { isFive } from "./version.ts";

/** First byte of an entry that holds nothing. */
export const FREE: i32 = 0;
/** First byte of an entry whose PUBREC has come, and of its PUBREL. */
export const RELEASED: i32 = 0x62;

export function headAt(client: i32): i32 {
  return client + i32.load(client + HEAD);
}

export function tailAt(client: i32): i32 {
  return client + i32.load(client + TAIL);
}

/** Address of the first packet that has not been sent on this connection. */
export function cursorAt(client: i32): i32 {
  return i32.load(client + CURSOR);
}

/** Where the identifier of the entry at `at` stands: behind the topic or, in SUBSCRIBE and UNSUBSCRIBE, before the list. */
export function idAt(at: i32): i32 {
  const body: i32 = bodyAt(at);
  return i32.load8_u(at) > 0x7f ? body : body + 2 + readU16(body);
}

/** The packet identifier of the entry at `at`, or 0 where it has none. */
export function entryId(at: i32): i32 {
  return (i32.load8_u(at) & QOS) === 0 ? 0 : readU16(idAt(at));
}

/** Address of the entry with `id`, or 0. Before the cursor stands what has been sent on this connection. */
export function findEntry(client: i32, id: i32): i32 {
  for (let at: i32 = headAt(client); at < tailAt(client); at = packetEnd(at)) {
    if (entryId(at) === id) return at;
  }
  return 0;
}

/** Changes the first byte of an entry, which is its state. */
export function mark(client: i32, at: i32, first: i32): void {
  i32.store8(at, first);
  outboxChanged(client, at, at + 1);
}

/**
 * What may have been delivered says so when it is sent again [MQTT-3.3.1-1]; QoS 0, which promises at most once, ends.
 * Answers the number of messages that are to be acknowledged now, 1 or 0.
 */
export function markSent(client: i32, at: i32): i32 {
  const first: i32 = i32.load8_u(at);
  if ((first & QOS) === 0) release(client, at);
  else if (first >> 4 === PUBLISH) {
    mark(client, at, first | DUP);
    return 1;
  }
  return 0;
}

/** Ends an entry and gives back the room at the head. */
export function release(client: i32, at: i32): void {
  // QoS 0 does not outlive a power cut, so its end is not worth storing.
  if ((i32.load8_u(at) & QOS) !== 0) fieldsChanged(client);
  mark(client, at, FREE);
  at = headAt(client);
  while (at < tailAt(client) && i32.load8_u(at) === FREE) at = packetEnd(at);
  i32.store(client + HEAD, at - client);
  if (cursorAt(client) < at) i32.store(client + CURSOR, at);
}

/**
 * Room at the tail for a packet with `bodySize` bytes behind its fixed header, which is written, as are the first two of them,
 * the size of a topic or room for an identifier. Moves entries together when it must. Answers the address behind
 * those two; or FULL, or MISUSE_TOO_LARGE.
 */
export function reserve(client: i32, first: i32, bodySize: i32, start: i32): i32 {
  const size: i32 = sizeWithHeader(bodySize);
  const end: i32 = i32.load(client + CONNECT_PACKET);
  i32.store(client + COMPOSED_END, 0);
  if (size > end - i32.load(client + OUTBOX)) return MISUSE_TOO_LARGE;
  if (size > end - tailAt(client)) closeGaps(client);
  const at: i32 = tailAt(client);
  if (size > end - at) return FULL;
  i32.store(client + COMPOSED_END, at + size);
  const body: i32 = writeHeader(at, first, bodySize);
  writeU16(body, start);
  return body + 2;
}

/** Moves the entries to the front of the outbox, over the gaps that ended ones have left. */
function closeGaps(client: i32): void {
  let at: i32 = i32.load(client + OUTBOX);
  closeGap(client, at, headAt(client));
  i32.store(client + HEAD, at - client);
  while (ROOM !== 0 && at < tailAt(client)) {
    const next: i32 = packetEnd(at);
    if (i32.load8_u(at) === FREE) closeGap(client, at, next);
    else at = next;
  }
}

/** Moves all that stands from `source` on to `target`. */
export function closeGap(client: i32, target: i32, source: i32): void {
  const size: i32 = tailAt(client) - source;
  const gap: i32 = source - target;
  if (cursorAt(client) >= source) {
    if (isFive(client) !== 0 && i32.load(client + REST) !== 0) i32.store(client + REST, i32.load(client + REST) - gap);
    else if (isCursorLeaving(client) !== 0) i32.store(client + LEAVING, i32.load(client + LEAVING) - gap);
    i32.store(client + CURSOR, i32.load(client + CURSOR) - gap);
  }
  memory.copy(target, source, size);
  outboxChanged(client, target, target + size);
  i32.store(client + TAIL, target + size - client);
}

/** The identifier for the next packet, 1 to 65,535, or FULL where an old packet still has it. */
export function nextId(client: i32): i32 {
  const last: i32 = i32.load(client + LAST_ID) - (isFive(client) << 16);
  const next: i32 = (last % 0xffff) + 1;
  return findEntry(client, next) === 0 ? next : FULL;
}
