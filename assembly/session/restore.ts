/**
 * A session that comes back from the store after a power cut.
 *
 * The bytes are judged as if a stranger had written them, for a torn record looks like one. What was in the outbox may or
 * may not have left before the power went: it is sent again with DUP [MQTT-3.3.1-1], and QoS 0, which promises at
 * most once, is let go.
 */
import { readU16 } from "../bytes.ts";
import { CONNECT_PACKET, CURSOR, INBOUND_IDS, INBOUND_SIZE, OUTBOX, STATE } from "../layout.ts";
import { MISUSE_SESSION, MISUSE_STATE, OK } from "../status.ts";
import { bodyAt, DUP, PUBLISH, PUBREL, packetEnd, QOS } from "../wire/header.ts";
import { BYTES, fieldEnd } from "../wire/text.ts";
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
  if (client + INBOUND_IDS + readU16(client + INBOUND_SIZE) > outbox) return MISUSE_SESSION;
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
  const size: i32 = readVarint(at + 1, end - at - 1);
  if (size < 0 || packetEnd(at) > end) return 0;
  const type: i32 = i32.load8_u(at) >> 4;
  if (type === PUBLISH || type === PUBREL) end = fieldEnd(bodyAt(at), packetEnd(at), BYTES);
  // An identifier follows, or the packet is none of ours.
  return end === 0 || (type !== 0 && end < bodyAt(at) + 2) ? 0 : packetEnd(at);
}
