/**
 * The connection: what happens on entering each state of session/transitions.ts, and the wait between two attempts.
 */
import {
  ATTEMPTS,
  BACKOFF_MAX,
  BACKOFF_MIN,
  CONTROL_SIZE,
  CURSOR,
  DEADLINE,
  FLAG_CLOSE,
  FLAG_OPEN,
  FLAG_UNSTORED,
  HEAD,
  IN_FLIGHT,
  LAST_RECEIVED,
  LAST_SENT,
  PING_DEADLINE,
  PROGRESS,
  RANDOM,
  REASON,
  RECEIVE,
  RECEIVED_END,
  RECEIVED_START,
  RESPONSE_TIMEOUT,
  STATE,
} from "../layout.ts";
import { ENDED_TRANSPORT, MISUSE_STATE, OK } from "../status.ts";
import { clearFlag, setFlag } from "./flags.ts";
import { settle } from "./inbound.ts";
import { CLOSED, CLOSING, FAILED, OPENED, OPENING, stateAfter, WAITING } from "./transitions.ts";

/** Takes one step, a row of session/transitions.ts. Answers OK, or MISUSE_STATE where there is no such step. */
export function step(client: i32, input: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  const next: i32 = stateAfter(state, input);
  if (next === state) return MISUSE_STATE;
  i32.store8(client + STATE, next);
  if (next === OPENING) setFlag(client, FLAG_OPEN);
  if (next >= CLOSING && state < CLOSING) {
    clearFlag(client, FLAG_OPEN);
    setFlag(client, FLAG_CLOSE);
  }
  return OK;
}

/** Begins to close the connection; `reason` is one of the answers below zero. */
export function fail(client: i32, reason: i32): void {
  if (step(client, FAILED) === OK) i32.store(client + REASON, reason);
}

/** The server has done something that it owed: the wait for the next thing begins anew. */
export function awaitResponse(client: i32, now: i32): void {
  i32.store(client + DEADLINE, (now + i32.load(client + RESPONSE_TIMEOUT)) | 0);
}

/** The transport is open. */
export function opened(client: i32, now: i32): i32 {
  if (step(client, OPENED) < 0) return MISUSE_STATE;
  i32.store(client + REASON, OK);
  i32.store(client + LAST_SENT, now);
  i32.store(client + LAST_RECEIVED, now);
  awaitResponse(client, now);
  return OK;
}

/** The transport is closed, by whomever, or could not be opened. */
export function closed(client: i32, now: i32): i32 {
  settle(client);
  const state: i32 = i32.load8_u(client + STATE);
  if (step(client, CLOSED) < 0) return MISUSE_STATE;
  if (state < CLOSING) i32.store(client + REASON, ENDED_TRANSPORT);
  clearFlag(client, ~FLAG_UNSTORED);
  i32.store(client + RECEIVED_START, i32.load(client + RECEIVE));
  i32.store(client + RECEIVED_END, i32.load(client + RECEIVE));
  i32.store(client + CONTROL_SIZE, 0);
  i32.store(client + PROGRESS, 0);
  i32.store(client + CURSOR, i32.load(client + HEAD));
  i32.store(client + IN_FLIGHT, 0);
  i32.store(client + PING_DEADLINE, 0);
  if (i32.load8_u(client + STATE) === WAITING) i32.store(client + DEADLINE, (now + backoff(client)) | 0);
  return OK;
}

/**
 * Milliseconds to wait before the next attempt: BACKOFF_MIN doubled with every failure up to BACKOFF_MAX, of which the
 * second half is drawn, so that a fleet that lost its link together does not come back together.
 */
function backoff(client: i32): i32 {
  const most: i32 = i32.load(client + BACKOFF_MAX);
  let wait: i32 = i32.load(client + BACKOFF_MIN);
  const attempts: i32 = i32.load8_u(client + ATTEMPTS);
  for (let attempt: i32 = 0; attempt < attempts && wait < most; attempt++) wait <<= 1;
  if (wait > most) wait = most;
  if (attempts < 30) i32.store8(client + ATTEMPTS, attempts + 1);
  const half: i32 = wait >> 1;
  return wait - ((random(client) & 0x7fff_ffff) % (half + 1));
}

/** Marsaglia's xorshift with shifts 13, 17, 5: full period, three instructions a word of state (J. Stat. Softw. 8/14, 2003). */
function random(client: i32): i32 {
  let state: i32 = i32.load(client + RANDOM);
  state ^= state << 13;
  state ^= (state >> 17) & 0x7fff;
  state ^= state << 5;
  i32.store(client + RANDOM, state);
  return state;
}
