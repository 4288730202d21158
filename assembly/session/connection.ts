/**
 * The connection: what happens on entering each state of session/transitions.ts, and the wait between two attempts.
 */
import {
  ASIDE,
  BACKOFF,
  BACKOFF_MAX,
  BACKOFF_MIN,
  CONNECT_PACKET,
  CURSOR,
  DEADLINE,
  KEEP_ALIVE,
  RANDOM,
  REASON,
  RECEIVE,
  RECEIVED_END,
  RECEIVED_START,
  RESPONSE_TIMEOUT,
  REST,
  STATE,
  TOLD,
  UNACKNOWLEDGED,
  VIEW,
  VOLATILE,
} from "../layout.ts";
import { least } from "../least.ts";
import { V5 } from "../profile.ts";
import { ENDED_TRANSPORT, MISUSE_STATE, OK } from "../status.ts";
import { connectKeepAlive } from "../wire/connect.ts";
import { packetEnd } from "../wire/header.ts";
import { reasonFor } from "../wire/reason.ts";
import { forgetAliases } from "./aliases.ts";
import { OPEN } from "./events.ts";
import { leave, queueReason } from "./outbound.ts";
import { headAt } from "./outbox.ts";
import { settle } from "./stream.ts";
import { CLOSED, CONNECTING, change, FAILED, OPENED } from "./transitions.ts";
import { isFive } from "./version.ts";

/** Takes one step, a row of session/transitions.ts. Answers OK, or MISUSE_STATE where there is no such step. */
export function step(client: i32, input: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  const changed: i32 = change(state, input);
  i32.store8(client + STATE, state ^ changed);
  return changed === 0 ? MISUSE_STATE : OK;
}

/** Begins to close the connection; `reason` is one of the answers below zero. */
export function fail(client: i32, reason: i32): void {
  const state: i32 = i32.load8_u(client + STATE);
  if (step(client, FAILED) !== OK) return;
  i32.store(client + REASON, reason);
  if (isFive(client) !== 0) {
    i32.store(client + ASIDE, 0);
    // [MQTT-4.13.2-1]: the last packet of a connection says why; `transmit` still offers it.
    const code: i32 = reasonFor(reason);
    if (code !== 0 && state >= CONNECTING) queueReason(client, code);
  }
}

/** The server has done something that it owed: the wait for the next thing begins anew. */
export function awaitResponse(client: i32, now: i32): void {
  i32.store(client + DEADLINE, (now + i32.load(client + RESPONSE_TIMEOUT)) | 0);
}

/** The transport is open. */
export function opened(client: i32, now: i32): i32 {
  if (step(client, OPENED) !== OK) return MISUSE_STATE;
  // A host that has opened need not be told to any more.
  i32.store8(client + TOLD, OPEN);
  i32.store(client + REASON, OK);
  awaitResponse(client, now);
  const connect: i32 = i32.load(client + CONNECT_PACKET);
  // What a server of 5.0 put in its place ends with the connection.
  if (isFive(client) !== 0) i32.store(client + KEEP_ALIVE, connectKeepAlive(connect) * 1000);
  leave(client, connect, packetEnd(connect) - connect);
  return OK;
}

/** The transport is closed, by whomever, or could not be opened. */
export function closed(client: i32, now: i32): i32 {
  settle(client);
  fail(client, ENDED_TRANSPORT);
  beginAnew(client);
  if (step(client, CLOSED) !== OK) return MISUSE_STATE;
  i32.store(client + DEADLINE, (now + backoff(client)) | 0);
  return OK;
}

/** Forgets what belongs to one connection. */
export function beginAnew(client: i32): void {
  const receive: i32 = i32.load(client + RECEIVE);
  memory.fill(client + VOLATILE, 0, VIEW - VOLATILE);
  i32.store(client + RECEIVED_START, receive);
  i32.store(client + RECEIVED_END, receive);
  i32.store(client + CURSOR, headAt(client));
  if (V5 !== 0) {
    i32.store(client + REST, 0);
    i32.store(client + ASIDE, 0);
    i32.store(client + UNACKNOWLEDGED, 0);
    forgetAliases(client);
  }
}

/**
 * Milliseconds to wait before the next attempt: BACKOFF_MIN doubled with every failure up to BACKOFF_MAX, of which the
 * second half is drawn, so that a fleet that lost its link together does not come back together.
 */
function backoff(client: i32): i32 {
  const first: i32 = i32.load(client + BACKOFF_MIN);
  let wait: i32 = i32.load(client + BACKOFF);
  if (wait < first) wait = first;
  wait = least(wait, i32.load(client + BACKOFF_MAX));
  // WAITING is 1 and IDLE is 0: where no connection is wanted, the next wish begins anew.
  i32.store(client + BACKOFF, (wait * i32.load8_u(client + STATE)) << 1);
  // Marsaglia's linear congruential generator; only its lower bits are weak.
  const random: i32 = (i32.load(client + RANDOM) * 69069 + 1) | 0;
  i32.store(client + RANDOM, random);
  return wait - (((random >> 8) & 0x7f_ffff) % ((wait >> 1) + 1));
}
