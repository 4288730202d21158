/**
 * What comes in: the receive region, cut into packets, one event at a time.
 *
 * The region holds bytes from RECEIVED_START to RECEIVED_END. A packet is read at the front, to which what is behind it moves
 * when it is done with. Messages are handed on by session/stream.ts, in pieces where they are
 * larger than the region; no other packet may be. What the other packets do is in session/packets.ts.
 */
import { END, LAST_RECEIVED, MODE, PINGED, RECEIVE, RECEIVED_END, RECEIVED_START, STATE, TOLD } from "../layout.ts";
import { LARGE } from "../profile.ts";
import { INCOMPLETE, MISUSE_RANGE, MISUSE_STATE, OK, UNEXPECTED_BEFORE_CONNACK, UNEXPECTED_SIZE } from "../status.ts";
import { AUTH, bodyAt, CONNACK, PUBLISH, wholeSize } from "../wire/header.ts";
import { awaitResponse, fail } from "./connection.ts";
import { NONE } from "./events.ts";
import { tick } from "./expiry.ts";
import { refuseNext } from "./limits.ts";
import { acknowledgementRoom, isCursorLeaving } from "./outbound.ts";
import { handle } from "./packets.ts";
import { beginMessage, continueStream, PIECES, SKIP, settle, takeMessage } from "./stream.ts";
import { CONNECTED, CONNECTING, DISCONNECTING } from "./transitions.ts";
import { isFive } from "./version.ts";

/** Bytes that still fit into the receive region. */
export function receiveRoom(client: i32): i32 {
  return i32.load(client + END) - i32.load(client + RECEIVED_END);
}

/** The host has written `size` bytes from the server to `receiveAddress`. */
export function received(client: i32, size: i32, now: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  if (state < CONNECTING) return MISUSE_STATE;
  if ((size | (receiveRoom(client) - size)) < 0) return MISUSE_RANGE;
  if (size === 0) return OK;
  i32.store(client + LAST_RECEIVED, now);
  // In the middle of a large message the server can answer nothing, and shows that it is there.
  if (LARGE !== 0 && i32.load8_u(client + MODE) !== 0) {
    i32.store8(client + PINGED, 0);
    awaitResponse(client, now);
  }
  // Once the connection is to end, what still comes in changes nothing.
  if (state < DISCONNECTING) i32.store(client + RECEIVED_END, i32.load(client + RECEIVED_END) + size);
  return OK;
}

/** The next event, or NONE where there is none until something else happens. */
export function nextEvent(client: i32, now: i32): i32 {
  settle(client);
  if (isFive(client) !== 0) tick(client, now);
  let event: i32 = NONE;
  while (event === NONE) {
    const state: i32 = i32.load8_u(client + STATE);
    // The states come in pairs, and the number of a pair is the event that tells of it: NONE, OPEN, CONNECTED, CLOSE.
    const pair: i32 = state >> 1;
    if (pair !== i32.load8_u(client + TOLD)) {
      i32.store8(client + TOLD, pair);
      return pair;
    }
    if (((CONNECTED - state) | acknowledgementRoom(client)) < 0) return NONE;
    if (isFive(client) !== 0 && state === CONNECTED && isCursorLeaving(client) === 0) {
      event = refuseNext(client);
      if (event !== NONE) return event;
    }
    const mode: i32 = LARGE === 0 ? 0 : i32.load8_u(client + MODE);
    event = (mode & (PIECES | SKIP)) !== 0 ? continueStream(client, mode) : nextPacket(client, state, now);
    if (event === INCOMPLETE) return NONE;
    if (event < NONE) {
      fail(client, event);
      event = NONE;
    }
  }
  return event;
}

/** Takes the next packet out of the region. Answers its event, NONE, INCOMPLETE, or what is wrong with it. */
function nextPacket(client: i32, state: i32, now: i32): i32 {
  const at: i32 = i32.load(client + RECEIVE);
  compact(client, at);
  const end: i32 = i32.load(client + RECEIVED_END);
  const size: i32 = wholeSize(at, end, isFive(client));
  const next: i32 = at + size;
  if (size < 0) return size;
  const type: i32 = i32.load8_u(at) >> 4;
  // [MQTT-3.2.0-1]
  if ((type - CONNACK) * (state - CONNECTED) !== 0) {
    // [MQTT-4.12.0-2]
    if (isFive(client) === 0 || type !== AUTH) return UNEXPECTED_BEFORE_CONNACK;
  }
  if (LARGE !== 0 && type === PUBLISH) return beginMessage(client, at, end);
  if (next > end) return next > i32.load(client + END) ? UNEXPECTED_SIZE : INCOMPLETE;
  i32.store(client + RECEIVED_START, next);
  if (LARGE === 0 && type === PUBLISH) return takeMessage(client, at);
  return handle(client, type, bodyAt(at), next, now);
}

/** Moves what has been received and not read to `front`. */
export function compact(client: i32, front: i32): void {
  const start: i32 = i32.load(client + RECEIVED_START);
  const size: i32 = i32.load(client + RECEIVED_END) - start;
  memory.copy(front, start, size);
  i32.store(client + RECEIVED_START, front);
  i32.store(client + RECEIVED_END, front + size);
}
