/**
 * What leaves: the machine behind `transmit` and `transmitted`.
 *
 * One packet at a time, in this order: CONNECT; short packets of the control region; the outbox, as far as the
 * window lets it. A packet that has left in part leaves whole before another.
 * After a resumed session the cursor is back at the head, and everything unacknowledged is sent again in its
 * order [MQTT-4.4.0-1], [MQTT-4.6.0-1].
 */
import {
  ACKNOWLEDGEMENT_CAPACITY,
  CONNECT_PACKET,
  CONTROL,
  CONTROL_SIZE,
  CURSOR,
  DELIVERED,
  DURABLE,
  IN_FLIGHT,
  LAST_SENT,
  LEAVING,
  LEAVING_SIZE,
  REST,
  SERVER_WINDOW,
  SESSION,
  STATE,
  UNSTORED,
  WINDOW,
} from "../layout.ts";
import { QOS2, STORE } from "../profile.ts";
import { MISUSE_RANGE, OK } from "../status.ts";
import { DISCONNECT, packetEnd, QOS } from "../wire/header.ts";
import { ACKNOWLEDGEMENT_SIZE, writeShort } from "../wire/short.ts";
import { leaveByAlias } from "./aliases.ts";
import { leaveAside } from "./aside.ts";
import { awaitResponse, step } from "./connection.ts";
import { entryFault } from "./limits.ts";
import { cursorAt, entryId, FREE, markSent, RELEASED, tailAt } from "./outbox.ts";
import { isAwaiting } from "./timers.ts";
import { CONNECTED, SENT } from "./transitions.ts";
import { isFive } from "./version.ts";

/** Bytes of the control region that one acknowledgement would leave to others; below zero it has to wait for `transmitted`. */
export function acknowledgementRoom(client: i32): i32 {
  return ACKNOWLEDGEMENT_CAPACITY - ACKNOWLEDGEMENT_SIZE - i32.load8_u(client + CONTROL_SIZE);
}

/** Queues a packet of wire/short.ts. */
export function queue(client: i32, first: i32, id: i32): void {
  const size: i32 = i32.load8_u(client + CONTROL_SIZE);
  i32.store8(client + CONTROL_SIZE, size + writeShort(client + CONTROL + size, first, id));
}

/** Queues the DISCONNECT of a client of 5.0 that has met a fault: nothing is queued behind it. */
export function queueReason(client: i32, code: i32): void {
  const size: i32 = i32.load8_u(client + CONTROL_SIZE);
  const at: i32 = client + CONTROL + size;
  i32.store8(at, DISCONNECT << 4);
  i32.store8(at + 1, 1);
  i32.store8(at + 2, code);
  i32.store8(client + CONTROL_SIZE, size + 3);
}

/** Bytes that may be written to the transport now, from `transmitAddress`; 0 for none. What has been begun comes first. */
export function transmit(client: i32): i32 {
  let size: i32 = i32.load(client + LEAVING_SIZE);
  if (STORE !== 0 && (i32.load8_u(client + UNSTORED) & i32.load(client + DURABLE)) !== 0) return 0;
  if (size === 0) {
    let at: i32 = i32.load8_u(client + STATE) === CONNECTED ? advance(client) : 0;
    size = i32.load8_u(client + CONTROL_SIZE);
    if (isFive(client) !== 0 && size === 0) {
      const asideSize: i32 = leaveAside(client);
      if (asideSize !== 0) return asideSize;
    }
    if (size !== 0 || at === 0) at = client + CONTROL;
    else size = packetEnd(at) - at;
    if (isFive(client) !== 0 && at !== client + CONTROL) {
      const headSize: i32 = leaveByAlias(client, at);
      if (headSize !== 0) return headSize;
    }
    leave(client, at, size);
  }
  return size;
}

/** The next bytes to leave are `size` from `at`. */
export function leave(client: i32, at: i32, size: i32): void {
  i32.store(client + LEAVING, at);
  i32.store(client + LEAVING_SIZE, size);
}

/** Whether the packet at the cursor is leaving: the host has its address, and some of it may be gone. */
export function isCursorLeaving(client: i32): i32 {
  if (isFive(client) !== 0 && i32.load(client + REST) !== 0) return 1;
  const leaving: i32 = i32.load(client + LEAVING);
  const behind: i32 = i32.load(client + CONNECT_PACKET) - leaving - 1;
  return ((i32.load(client + LEAVING_SIZE) - 1) | (leaving - i32.load(client + CURSOR)) | behind) < 0 ? 0 : 1;
}

/**
 * Moves the cursor to the next packet that leaves from the outbox, over ended entries and over PUBRELs, which leave by the
 * control region. Answers its address where the window lets it out, else 0.
 */
function advance(client: i32): i32 {
  while (cursorAt(client) < tailAt(client)) {
    const at: i32 = cursorAt(client);
    const first: i32 = i32.load8_u(at);
    if (QOS2 !== 0 && first === RELEASED) {
      // A delivered message still needs the room for its own acknowledgement.
      if (acknowledgementRoom(client) < i32.load8_u(client + DELIVERED) * ACKNOWLEDGEMENT_SIZE) return 0;
      queue(client, RELEASED, entryId(at));
      i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) + 1);
    } else if (first !== FREE) {
      // The window counts messages of QoS 1 and 2.
      const isFree: i32 = first > 0x7f || (first & QOS) === 0 ? 1 : 0;
      if (isFive(client) !== 0) {
        if (isFree === 0 && i32.load(client + IN_FLIGHT) >= i32.load(client + SERVER_WINDOW)) return 0;
        // The next event says why.
        if (entryFault(client, at) !== 0) return 0;
      }
      return (isFree | (i32.load(client + IN_FLIGHT) < i32.load(client + WINDOW) ? 1 : 0)) !== 0 ? at : 0;
    }
    i32.store(client + CURSOR, packetEnd(at));
  }
  return 0;
}

/** `count` bytes of what `transmit` offered have been written. Answers OK, or MISUSE_RANGE for more than was offered. */
export function transmitted(client: i32, count: i32, now: i32): i32 {
  const left: i32 = i32.load(client + LEAVING_SIZE) - count;
  const at: i32 = i32.load(client + LEAVING) + count;
  if ((count | left) < 0) return MISUSE_RANGE;
  leave(client, at, left);
  i32.store(client + LAST_SENT, now);
  if (left > 0 || count === 0) return OK;
  if (isFive(client) !== 0 && i32.load(client + REST) !== 0) {
    const rest: i32 = i32.load(client + REST);
    const behind: i32 = packetEnd(cursorAt(client));
    i32.store(client + REST, 0);
    leave(client, rest, behind - rest);
    // A message may have neither properties nor payload.
    if (rest === behind) packetSent(client, cursorAt(client), now);
    return OK;
  }
  if (at <= client + SESSION) {
    // More may have been queued behind what has left: the region begins anew when all of it is gone.
    const rest: i32 = client + CONTROL + i32.load8_u(client + CONTROL_SIZE) - at;
    i32.store(client + LEAVING_SIZE, rest);
    if (rest === 0) {
      i32.store8(client + CONTROL_SIZE, 0);
      step(client, SENT);
    }
  } else if (at <= i32.load(client + CONNECT_PACKET)) {
    packetSent(client, cursorAt(client), now);
  } else if (isFive(client) !== 0) {
    step(client, SENT);
  }
  return OK;
}

/** The packet at the cursor has left whole. */
function packetSent(client: i32, at: i32, now: i32): void {
  // Nothing was owed before: the wait for an answer begins with this packet.
  if (isAwaiting(client) === 0) awaitResponse(client, now);
  i32.store(client + CURSOR, packetEnd(at));
  i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) + markSent(client, at));
}
