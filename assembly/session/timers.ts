/**
 * Deadlines. Time is milliseconds as the host counts them, in 32 bits that wrap: only differences mean anything.
 *
 *     WAITING                     DEADLINE     then OPENING
 *     CONNECTING, DISCONNECTING   DEADLINE     then closed: ENDED_TIMEOUT
 *     CONNECTED                   DEADLINE     while a packet or a PINGREQ is unanswered; then closed
 *                                 KEEP_ALIVE   after the earlier of the last byte sent and the last received: PINGREQ
 *
 * A client that pings only when it has sent nothing [MQTT-3.1.2-23] never finds out that a link is half open while
 * it publishes at QoS 0; so silence of the server counts as well.
 */
import {
  ACKNOWLEDGEMENT_CAPACITY,
  CONTROL_SIZE,
  CURSOR,
  DEADLINE,
  KEEP_ALIVE,
  LAST_RECEIVED,
  LAST_SENT,
  PINGED,
  STATE,
} from "../layout.ts";
import { least } from "../least.ts";
import { ENDED_TIMEOUT } from "../status.ts";
import { PINGREQ } from "../wire/header.ts";
import { awaitResponse, fail, step } from "./connection.ts";
import { queue } from "./outbound.ts";
import { headAt } from "./outbox.ts";
import { CONNECTED, DUE } from "./transitions.ts";

/** What `nextTimeout` answers where no deadline is set. */
export const NEVER: i32 = 0x7fff_ffff;

/** One bit a state: WAITING, CONNECTING and DISCONNECTING. */
const AWAITING: i32 = 0x2a;

/** Whether DEADLINE is set: not 0 where it is. */
export function isAwaiting(client: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  if (state !== CONNECTED) return (AWAITING >> state) & 1;
  return (i32.load(client + CURSOR) - headAt(client)) | i32.load8_u(client + PINGED);
}

/** Milliseconds until `timedOut` should be called, 0 where it is due, NEVER where nothing is awaited. */
export function nextTimeout(client: i32, now: i32): i32 {
  const keepAlive: i32 = i32.load(client + KEEP_ALIVE);
  let wait: i32 = NEVER;
  if (isAwaiting(client) !== 0) wait = (i32.load(client + DEADLINE) - now) | 0;
  const isOff: i32 = (keepAlive === 0 ? 1 : 0) | i32.load8_u(client + PINGED);
  if (((i32.load8_u(client + STATE) - CONNECTED) | isOff) === 0) {
    const earlier: i32 = least((i32.load(client + LAST_SENT) - now) | 0, (i32.load(client + LAST_RECEIVED) - now) | 0);
    wait = least(wait, (keepAlive + earlier) | 0);
  }
  return wait < 0 ? 0 : wait;
}

/** Does what is due at `now`; harmless where nothing is. */
export function timedOut(client: i32, now: i32): void {
  if (nextTimeout(client, now) !== 0 || step(client, DUE) === 0) return;
  if (isAwaiting(client) === 0) awaitResponse(client, now);
  if (((i32.load(client + DEADLINE) - now) | 0) <= 0) {
    fail(client, ENDED_TIMEOUT);
    return;
  }
  // Where others wait already, one of them is this.
  if (i32.load8_u(client + CONTROL_SIZE) <= ACKNOWLEDGEMENT_CAPACITY) queue(client, PINGREQ << 4, 0);
  i32.store8(client + PINGED, 1);
}
