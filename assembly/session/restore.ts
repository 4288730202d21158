/**
 * A session that comes back from the store after a power cut.
 *
 * The bytes are judged as if a stranger had written them, for a torn record looks like one, and a packet that a server cannot
 * read would be sent again for ever. What was in the outbox may or may not have left before the power went: it counts as
 * sent, so it is sent again with DUP [MQTT-3.3.1-1], and QoS 0, which promises at most once, is let go.
 */
import { readU16 } from "../bytes.ts";
import { CONNECT_PACKET, CURSOR, LAST_ID, OUTBOX, STATE } from "../layout.ts";
import { MISUSE_SESSION, MISUSE_STATE, OK, UNEXPECTED_TYPE } from "../status.ts";
import { bodyAt, checkFirstByte, PUBLISH, packetEnd, QOS } from "../wire/header.ts";
import { seal } from "../wire/seal.ts";
import { fieldEnd, NAME } from "../wire/text.ts";
import { readLength } from "../wire/varint.ts";
import { FREE, headAt, markSent, RELEASED, tailAt } from "./outbox.ts";
import { IDLE } from "./transitions.ts";
import { isFive } from "./version.ts";

/**
 * The host has put a saved session back into the session region of a client that was just initialized with the same
 * geometry. Answers OK, MISUSE_STATE, or MISUSE_SESSION: then initialize again and start without it.
 */
export function restored(client: i32): i32 {
  const tail: i32 = tailAt(client);
  let at: i32 = headAt(client);
  if (i32.load8_u(client + STATE) !== IDLE) return MISUSE_STATE;
  const isOutside: i32 = (at < i32.load(client + OUTBOX) ? 1 : 0) | (tail > i32.load(client + CONNECT_PACKET) ? 1 : 0);
  if ((isOutside | ((i32.load(client + LAST_ID) >> 16) ^ isFive(client))) !== 0 || tail < at) return MISUSE_SESSION;
  i32.store(client + CURSOR, at);
  while (at < tail) {
    const next: i32 = entryEnd(at, tail);
    if (next === 0) return MISUSE_SESSION;
    // Lists and properties are read again before they leave.
    if (isFive(client) !== 0 && i32.load8_u(at) !== FREE && i32.load8_u(at) !== RELEASED && seal(at, next, 0, 1) < 0)
      return MISUSE_SESSION;
    markSent(client, at);
    at = next;
  }
  return OK;
}

/** Address behind the entry at `at`, or 0 where it is not one that session/outbox.ts could have written before `end`. */
function entryEnd(at: i32, end: i32): i32 {
  if (readLength(at + 1, end) < 0) return 0;
  const next: i32 = packetEnd(at);
  const first: i32 = i32.load8_u(at);
  let id: i32 = bodyAt(at);
  if (next > end) return 0;
  if (first === FREE || first >> 1 === PUBLISH << 3) return next;
  // Every other entry has an identifier, and the flags of a type that both sides or only a client sends; among the faults
  // of a first byte only UNEXPECTED_TYPE has no bit beside its own.
  if ((first & QOS) === 0 || (checkFirstByte(first, 0) & ~UNEXPECTED_TYPE) !== 0) return 0;
  if (first < 0x80) id = fieldEnd(id, next, NAME);
  return id < 0 || id + 2 > next || readU16(id) === 0 ? 0 : next;
}
