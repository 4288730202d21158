/**
 * What comes in: the receive region, cut into packets, one event at a time.
 *
 * The region holds bytes from RECEIVED_START to RECEIVED_END. Packets are read where they lie; what is left of one at the
 * end moves to the front when more is asked for. Messages are handed on by session/stream.ts, in pieces where they are
 * larger than the region; no other packet may be. What the other packets do is in session/packets.ts.
 */
import {
  END,
  FLAG_DELIVERED,
  FLAG_NEWS,
  FLAG_SKIP,
  FLAG_STREAM,
  LAST_RECEIVED,
  PING_DEADLINE,
  RECEIVE,
  RECEIVED_END,
  RECEIVED_START,
  STATE,
} from "../layout.ts";
import { INCOMPLETE, MISUSE_RANGE, MISUSE_STATE, OK, UNEXPECTED_BEFORE_CONNACK, UNEXPECTED_SIZE } from "../status.ts";
import { bodyAt, CONNACK, PUBLISH, packetSize } from "../wire/header.ts";
import { awaitResponse, fail } from "./connection.ts";
import { CLOSE, NONE, OPEN } from "./events.ts";
import { clearFlag, flagsOf } from "./flags.ts";
import { canAcknowledge } from "./outbound.ts";
import { acknowledge, handle } from "./packets.ts";
import { beginLarge, beginPieces, continueStream, endPiece } from "./stream.ts";
import { CONNECTED, CONNECTING, DISCONNECTING, OPENING } from "./transitions.ts";

/** Bytes that still fit into the receive region. */
export function receiveRoom(client: i32): i32 {
  return i32.load(client + END) - i32.load(client + RECEIVED_END);
}

/** The host has written `size` bytes from the server to `receiveAddress`. */
export function received(client: i32, size: i32, now: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  if (state < CONNECTING) return MISUSE_STATE;
  if (size < 0 || size > receiveRoom(client)) return MISUSE_RANGE;
  if (size === 0) return OK;
  i32.store(client + LAST_RECEIVED, now);
  // In the middle of a large message the server can answer nothing, and shows that it is there.
  if ((flagsOf(client) & (FLAG_STREAM | FLAG_SKIP)) !== 0) {
    i32.store(client + PING_DEADLINE, 0);
    awaitResponse(client, now);
  }
  // Once the connection is to end, what still comes in changes nothing.
  if (state < DISCONNECTING) i32.store(client + RECEIVED_END, i32.load(client + RECEIVED_END) + size);
  return OK;
}

/** The host is done with the message of the last event: it is acknowledged. */
export function settle(client: i32): void {
  if ((flagsOf(client) & FLAG_DELIVERED) === 0) return;
  clearFlag(client, FLAG_DELIVERED);
  if (endPiece(client) === 0) acknowledge(client);
}

/** The next event, or NONE where there is none until something else happens. */
export function nextEvent(client: i32, now: i32): i32 {
  settle(client);
  let event: i32 = NONE;
  while (event === NONE) {
    const flags: i32 = flagsOf(client);
    const state: i32 = i32.load8_u(client + STATE);
    clearFlag(client, FLAG_NEWS);
    if ((flags & FLAG_NEWS) !== 0) return state === OPENING ? OPEN : CLOSE;
    if ((state !== CONNECTING && state !== CONNECTED) || canAcknowledge(client) === 0) return NONE;
    event = (flags & (FLAG_STREAM | FLAG_SKIP)) !== 0 ? continueStream(client) : nextPacket(client, now);
    if (event === INCOMPLETE) {
      compact(client);
      return NONE;
    }
    if (event < NONE) {
      fail(client, event);
      event = NONE;
    }
  }
  return event;
}

/** Takes the next packet out of the region. Answers its event, INCOMPLETE, or what is wrong with it. */
function nextPacket(client: i32, now: i32): i32 {
  const at: i32 = client + i32.load(client + RECEIVED_START);
  const available: i32 = client + i32.load(client + RECEIVED_END) - at;
  const size: i32 = packetSize(at, available);
  if (size < 0) return size;
  const type: i32 = i32.load8_u(at) >> 4;
  // [MQTT-3.2.0-1]
  if (type !== CONNACK && i32.load8_u(client + STATE) === CONNECTING) return UNEXPECTED_BEFORE_CONNACK;
  if (size > i32.load(client + END) - i32.load(client + RECEIVE)) {
    if (type !== PUBLISH) return UNEXPECTED_SIZE;
    compact(client);
    return beginLarge(client, available);
  }
  if (size > available) return INCOMPLETE;
  if (type === PUBLISH) return beginPieces(client, at);
  i32.store(client + RECEIVED_START, at + size - client);
  return handle(client, type, bodyAt(at), at + size, now);
}

/** Moves what is left of a packet to the front of the region; while pieces are handed on the front has to stay. */
function compact(client: i32): void {
  const front: i32 = i32.load(client + RECEIVE);
  const start: i32 = i32.load(client + RECEIVED_START);
  const size: i32 = i32.load(client + RECEIVED_END) - start;
  if ((flagsOf(client) & (FLAG_STREAM | FLAG_SKIP)) === FLAG_STREAM) return;
  memory.copy(client + front, client + start, size);
  i32.store(client + RECEIVED_START, front);
  i32.store(client + RECEIVED_END, front + size);
}
