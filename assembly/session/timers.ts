/**
 * Deadlines. Time is milliseconds as the host counts them, in 32 bits that wrap: only differences mean anything.
 *
 *     WAITING                     DEADLINE        then OPENING
 *     CONNECTING, DISCONNECTING   DEADLINE        then closed: ENDED_TIMEOUT
 *     CONNECTED                   DEADLINE        while something sent is unacknowledged; then closed
 *                                 PING_DEADLINE   while a PINGREQ is unanswered; then closed
 *                                 KEEP_ALIVE      after the earlier of the last byte sent and the last received: PINGREQ
 *
 * A client that pings only when it has sent nothing [MQTT-3.1.2-23] never finds out that a link is half open while
 * it publishes at QoS 0; so silence of the server counts as well.
 */
import {
  CURSOR,
  DEADLINE,
  HEAD,
  KEEP_ALIVE,
  LAST_RECEIVED,
  LAST_SENT,
  PING_DEADLINE,
  RESPONSE_TIMEOUT,
  STATE,
} from "../layout.ts";
import { ENDED_TIMEOUT, OK } from "../status.ts";
import { PINGREQ } from "../wire/header.ts";
import { fail, step } from "./connection.ts";
import { queueBare } from "./outbound.ts";
import { CONNECTED, CONNECTING, DISCONNECTING, DUE, WAITING } from "./transitions.ts";

/** What `nextTimeout` answers where no deadline is set. */
export const NEVER: i32 = 0x7fff_ffff;

/** Milliseconds until `timedOut` should be called, 0 where it is due, NEVER where nothing is awaited. */
export function nextTimeout(client: i32, now: i32): i32 {
  const wait: i32 = untilDeadline(client, now);
  const ping: i32 = untilPing(client, now);
  return wait < ping ? wait : ping;
}

/** Does what is due at `now`; harmless where nothing is. */
export function timedOut(client: i32, now: i32): void {
  const late: i32 = untilDeadline(client, now);
  const pinged: i32 = i32.load(client + PING_DEADLINE);
  if (late !== 0 && untilPing(client, now) !== 0) return;
  if (step(client, DUE) === OK) return;
  if (late === 0 || pinged !== 0) {
    fail(client, ENDED_TIMEOUT);
    return;
  }
  queueBare(client, PINGREQ);
  // Zero means none: an odd deadline is at most a millisecond late.
  i32.store(client + PING_DEADLINE, (now + i32.load(client + RESPONSE_TIMEOUT)) | 1);
}

function untilDeadline(client: i32, now: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  const owed: i32 = i32.load(client + CURSOR) - i32.load(client + HEAD);
  if (state !== WAITING && state !== CONNECTING && state !== DISCONNECTING && (state !== CONNECTED || owed === 0))
    return NEVER;
  return until(i32.load(client + DEADLINE), now);
}

function untilPing(client: i32, now: i32): i32 {
  const keepAlive: i32 = i32.load(client + KEEP_ALIVE);
  let due: i32 = i32.load(client + PING_DEADLINE);
  if (keepAlive === 0 || i32.load8_u(client + STATE) !== CONNECTED) return NEVER;
  if (due === 0) {
    const sent: i32 = i32.load(client + LAST_SENT);
    due = i32.load(client + LAST_RECEIVED);
    if (((sent - due) | 0) < 0) due = sent;
    due = (due + keepAlive) | 0;
  }
  return until(due, now);
}

/** Milliseconds from `now` to `deadline`, 0 where it has passed. */
function until(deadline: i32, now: i32): i32 {
  const wait: i32 = (deadline - now) | 0;
  return wait < 0 ? 0 : wait;
}
