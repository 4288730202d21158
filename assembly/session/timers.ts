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
import { ENDED_TIMEOUT } from "../status.ts";
import { PINGREQ } from "../wire/header.ts";
import { fail, step } from "./connection.ts";
import { queueBare } from "./outbound.ts";
import { CONNECTED, CONNECTING, DISCONNECTING, DUE, WAITING } from "./transitions.ts";

/** What `nextTimeout` answers where no deadline is set. */
export const NEVER: i32 = 0x7fff_ffff;

/** Milliseconds until `timedOut` should be called, 0 where it is due, NEVER where nothing is awaited. */
export function nextTimeout(client: i32, now: i32): i32 {
  let wait: i32 = NEVER;
  if (awaitsDeadline(client) !== 0) wait = until(i32.load(client + DEADLINE), now, wait);
  if (i32.load8_u(client + STATE) === CONNECTED) {
    const ping: i32 = i32.load(client + PING_DEADLINE);
    if (ping !== 0) wait = until(ping, now, wait);
    else if (i32.load(client + KEEP_ALIVE) !== 0) wait = until(pingDue(client), now, wait);
  }
  return wait;
}

/** Does what is due at `now`; harmless where nothing is. */
export function timedOut(client: i32, now: i32): void {
  const state: i32 = i32.load8_u(client + STATE);
  if (awaitsDeadline(client) !== 0 && until(i32.load(client + DEADLINE), now, NEVER) === 0) {
    if (state === WAITING) step(client, DUE);
    else fail(client, ENDED_TIMEOUT);
    return;
  }
  if (state !== CONNECTED) return;
  const ping: i32 = i32.load(client + PING_DEADLINE);
  if (ping !== 0) {
    if (until(ping, now, NEVER) === 0) fail(client, ENDED_TIMEOUT);
  } else if (i32.load(client + KEEP_ALIVE) !== 0 && until(pingDue(client), now, NEVER) === 0) {
    queueBare(client, PINGREQ);
    // Zero means none: an odd deadline is at most a millisecond late.
    i32.store(client + PING_DEADLINE, (now + i32.load(client + RESPONSE_TIMEOUT)) | 1);
  }
}

function awaitsDeadline(client: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  if (state === WAITING || state === CONNECTING || state === DISCONNECTING) return 1;
  return state === CONNECTED && i32.load(client + HEAD) < i32.load(client + CURSOR) ? 1 : 0;
}

function pingDue(client: i32): i32 {
  const sent: i32 = i32.load(client + LAST_SENT);
  const received: i32 = i32.load(client + LAST_RECEIVED);
  const earlier: i32 = ((sent - received) | 0) < 0 ? sent : received;
  return (earlier + i32.load(client + KEEP_ALIVE)) | 0;
}

/** Milliseconds from `now` to `deadline`, 0 where it has passed, at most `most`. */
function until(deadline: i32, now: i32, most: i32): i32 {
  const wait: i32 = (deadline - now) | 0;
  if (wait < 0) return 0;
  return wait < most ? wait : most;
}
