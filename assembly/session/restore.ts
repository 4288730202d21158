/**
 * A session that comes back from the store after a power cut.
 *
 * The bytes are judged as if a stranger had written them, for a torn record looks like one. What was in the outbox may or
 * may not have left before the power went: it is sent again with DUP [MQTT-3.3.1-1], and QoS 0, which promises at
 * most once, is let go.
 */
import { readU16 } from "../bytes.ts";
import { CONNECT_PACKET, CURSOR, INBOUND_IDS, INBOUND_SIZE, OUTBOX, STATE } from "../layout.ts";
import { MALFORMED_FLAGS, MISUSE_SESSION, MISUSE_STATE, OK } from "../status.ts";
import { bodyAt, checkFirstByte, DUP, PUBLISH, PUBREL, packetEnd, QOS, REQUEST_FLAGS } from "../wire/header.ts";
import { fieldEnd, NAME } from "../wire/text.ts";
import { readVarint } from "../wire/varint.ts";
import { headAt, mark, release, tailAt } from "./outbox.ts";
import { IDLE } from "./transitions.ts";

/**
 * The host has put a saved session back into the session region of a client that was just initialized with the same
 * geometry. Answers OK, MISUSE_STATE, or MISUSE_SESSION: then initialize again and start without it.
 */
export function restored(client: i32): i32 {
  const end: i32 = tailAt(client);
  let at: i32 = headAt(client);
  const outbox: i32 = client + i32.load(client + OUTBOX);
  if (i32.load8_u(client + STATE) !== IDLE) return MISUSE_STATE;
  const inbound: i32 = readU16(client + INBOUND_SIZE);
  if (client + INBOUND_IDS + inbound > outbox || (inbound & 1) !== 0) return MISUSE_SESSION;
  if (at < outbox || end < at || end > client + i32.load(client + CONNECT_PACKET)) return MISUSE_SESSION;
  i32.store(client + CURSOR, at - client);
  while (at < end) {
    const next: i32 = entryEnd(at, end);
    if (next === 0) return MISUSE_SESSION;
    const first: i32 = i32.load8_u(at);
    if (first >> 4 === PUBLISH) {
      if ((first & QOS) === 0) release(client, at);
      else mark(client, at, first | DUP);
    }
    at = next;
  }
  return OK;
}

/** Address behind the entry at `at`, or 0 where it is not one that session/outbox.ts could have written. */
function entryEnd(at: i32, end: i32): i32 {
  if (readVarint(at + 1, end - at - 1) < 0) return 0;
  const next: i32 = packetEnd(at);
  const first: i32 = i32.load8_u(at);
  const type: i32 = first >> 4;
  let id: i32 = bodyAt(at);
  if (next > end) return 0;
  if (first === 0) return next;
  if (type === PUBLISH || type === PUBREL) id = fieldEnd(id, next, NAME);
  if (type === PUBLISH) {
    if (id === 0 || (first & QOS) === QOS) return 0;
    if ((first & QOS) === 0) return next;
  } else if ((first & 0x0f) !== REQUEST_FLAGS || checkFirstByte(first) === MALFORMED_FLAGS) {
    return 0;
  }
  return id === 0 || id + 2 > next || readU16(id) === 0 ? 0 : next;
}
