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
 * Order is what the protocol lives on (section 4.6), and identifiers are given in order: so the one
 * given to the oldest packet is the only one that the next could collide with.
 */
import { readU16 } from "../bytes.ts";
import { COMPOSED, CONNECT_PACKET, CURSOR, HEAD, LAST_ID, LEAVING, OUTBOX, TAIL } from "../layout.ts";
import { FULL, MISUSE_TOO_LARGE, NOTHING } from "../status.ts";
import { bodyAt, DUP, PUBLISH, PUBREL, packetEnd, QOS } from "../wire/header.ts";
import { publishIdAt } from "../wire/publish.ts";
import { fieldsChanged, outboxChanged } from "./durability.ts";
import { isCursorLeaving } from "./outbound.ts";

/** First byte of an entry that holds nothing. */
const FREE: i32 = 0;

export function headAt(client: i32): i32 {
  return client + i32.load(client + HEAD);
}

export function tailAt(client: i32): i32 {
  return client + i32.load(client + TAIL);
}

/** Address of the first packet that has not been sent on this connection. */
export function cursorAt(client: i32): i32 {
  return client + i32.load(client + CURSOR);
}

/** The packet identifier of the entry at `at`, or 0 where it has none. */
export function entryId(at: i32): i32 {
  const first: i32 = i32.load8_u(at);
  const type: i32 = first >> 4;
  if (first === FREE || (type === PUBLISH && (first & QOS) === 0)) return 0;
  return readU16(type === PUBLISH || type === PUBREL ? publishIdAt(at) : bodyAt(at));
}

/** Address of the entry with `id` before `end`: before the cursor stands what has been sent on this connection. Or 0. */
export function findEntry(client: i32, id: i32, end: i32): i32 {
  for (let at: i32 = headAt(client); at < end; at = packetEnd(at)) {
    if (entryId(at) === id) return at;
  }
  return 0;
}

/** Changes the first byte of an entry, which is its state. */
export function mark(client: i32, at: i32, first: i32): void {
  i32.store8(at, first);
  outboxChanged(client, at, at + 1);
}

/** Ends an entry and gives back the room at the head. */
export function release(client: i32, at: i32): void {
  // QoS 0 does not outlive a power cut, so its end is not worth storing.
  if (entryId(at) !== 0) fieldsChanged(client);
  mark(client, at, FREE);
  const tail: i32 = tailAt(client);
  at = headAt(client);
  while (at < tail && i32.load8_u(at) === FREE) at = packetEnd(at);
  let head: i32 = at - client;
  // An empty outbox begins again at its front, unless a packet is being composed at the tail.
  if (at === tail && i32.load(client + COMPOSED) === 0) {
    head = i32.load(client + OUTBOX);
    i32.store(client + TAIL, head);
    i32.store(client + CURSOR, head);
  }
  i32.store(client + HEAD, head);
  if (i32.load(client + CURSOR) < head) i32.store(client + CURSOR, head);
}

/** Address at the tail where `size` bytes fit, or FULL, or MISUSE_TOO_LARGE. Moves entries together when it must. */
export function allocate(client: i32, size: i32): i32 {
  const end: i32 = client + i32.load(client + CONNECT_PACKET);
  if (size > end - client - i32.load(client + OUTBOX)) return MISUSE_TOO_LARGE;
  if (size > end - tailAt(client)) closeGaps(client);
  return size > end - tailAt(client) ? FULL : tailAt(client);
}

/** Moves the entries to the front of the outbox, over the gaps that ended ones have left. */
function closeGaps(client: i32): void {
  const leaving: i32 = isCursorLeaving(client);
  const cursor: i32 = cursorAt(client);
  const tail: i32 = tailAt(client);
  let target: i32 = client + i32.load(client + OUTBOX);
  let source: i32 = headAt(client);
  i32.store(client + HEAD, target - client);
  for (;;) {
    if (source === cursor) {
      i32.store(client + CURSOR, target - client);
      if (leaving !== 0) i32.store(client + LEAVING, i32.load(client + LEAVING) + target - source);
    }
    if (source === tail) break;
    const next: i32 = packetEnd(source);
    const size: i32 = next - source;
    if (i32.load8_u(source) !== FREE) {
      if (source !== target) {
        memory.copy(target, source, size);
        outboxChanged(client, target, target + size);
        fieldsChanged(client);
      }
      target += size;
    }
    source = next;
  }
  i32.store(client + TAIL, target - client);
}

/** The identifier for the next packet, 1 to 65,535, or FULL where the oldest packet still has it. */
export function nextId(client: i32): i32 {
  const next: i32 = (readU16(client + LAST_ID) % 0xffff) + 1;
  const tail: i32 = tailAt(client);
  for (let at: i32 = headAt(client); at < tail; at = packetEnd(at)) {
    const id: i32 = entryId(at);
    if (id !== 0) return id === next ? FULL : next;
  }
  return next;
}

/**
 * The oldest message that no byte of has ever been sent; with `topic` not 0, the oldest with that topic (its two-byte
 * size, then its text). Answers its address or NOTHING.
 */
export function findUnsent(client: i32, topic: i32): i32 {
  const tail: i32 = tailAt(client);
  let at: i32 = cursorAt(client);
  // A packet that is leaving has to leave whole.
  if (isCursorLeaving(client) !== 0) at = packetEnd(at);
  for (; at < tail; at = packetEnd(at)) {
    const first: i32 = i32.load8_u(at);
    if (first >> 4 === PUBLISH && (first & DUP) === 0 && (topic === 0 || isSameText(topic, bodyAt(at)) !== 0))
      return at;
  }
  return NOTHING;
}

/** Whether two texts, each with its two-byte size, are the same. */
function isSameText(a: i32, b: i32): i32 {
  const size: i32 = 2 + readU16(a);
  for (let index: i32 = 0; index < size; index++) {
    if (i32.load8_u(a + index) !== i32.load8_u(b + index)) return 0;
  }
  return 1;
}
