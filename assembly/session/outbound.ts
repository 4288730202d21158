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
  DURABLE,
  FLAG_DELIVERED,
  FLAG_FRESH,
  FLAG_UNSTORED,
  IN_FLIGHT,
  LAST_SENT,
  PROGRESS,
  REASON,
  STATE,
  TRANSMIT,
  WINDOW,
} from "../layout.ts";
import { ENDED_DISCONNECT, MISUSE_RANGE, OK } from "../status.ts";
import { ACKNOWLEDGEMENT_SIZE, writeAcknowledgement } from "../wire/acknowledgement.ts";
import { DUP, PUBLISH, PUBREL, packetEnd, QOS } from "../wire/header.ts";
import { awaitResponse, step } from "./connection.ts";
import { flagsOf } from "./flags.ts";
import { cursorAt, entryId, headAt, mark, release, tailAt } from "./outbox.ts";
import { CONNECTED, CONNECTING, DISCONNECTING, SENT } from "./transitions.ts";

/** Whether an acknowledgement could be queued now: the caller waits for `transmitted` where it could not. */
export function canAcknowledge(client: i32): i32 {
  return i32.load(client + CONTROL_SIZE) + ACKNOWLEDGEMENT_SIZE <= ACKNOWLEDGEMENT_CAPACITY ? 1 : 0;
}

export function queueAcknowledgement(client: i32, type: i32, id: i32): void {
  const size: i32 = i32.load(client + CONTROL_SIZE);
  writeAcknowledgement(client + CONTROL + size, type, id);
  i32.store(client + CONTROL_SIZE, size + ACKNOWLEDGEMENT_SIZE);
}

/** Queues PINGREQ or DISCONNECT, sections 3.12 and 3.14. */
export function queueBare(client: i32, type: i32): void {
  const size: i32 = i32.load(client + CONTROL_SIZE);
  i32.store8(client + CONTROL + size, type << 4);
  i32.store8(client + CONTROL + size + 1, 0);
  i32.store(client + CONTROL_SIZE, size + 2);
}

/** Bytes that may be written to the transport now, from `transmitAddress`; 0 for none. */
export function transmit(client: i32): i32 {
  const state: i32 = i32.load8_u(client + STATE);
  const progress: i32 = i32.load(client + PROGRESS);
  const flags: i32 = flagsOf(client);
  let at: i32 = client + i32.load(client + CONNECT_PACKET);
  if (state < CONNECTING || state > DISCONNECTING) return 0;
  if ((flags & FLAG_UNSTORED) !== 0 && i32.load(client + DURABLE) !== 0) return 0;
  if (state !== CONNECTING) {
    if (progress === 0) {
      const online: i32 = state === CONNECTED && (flags & FLAG_FRESH) === 0 ? 1 : 0;
      if (online !== 0) resumePubrels(client);
      const controlSize: i32 = i32.load(client + CONTROL_SIZE);
      if (controlSize > 0) {
        i32.store(client + TRANSMIT, CONTROL);
        return controlSize;
      }
      if (online === 0 || mayAdvance(client) === 0) return 0;
    }
    at = cursorAt(client);
  }
  i32.store(client + TRANSMIT, at + progress - client);
  return packetEnd(at) - at - progress;
}

/** Moves the cursor over ended entries and over PUBRELs, which leave by the control region. */
function resumePubrels(client: i32): void {
  const tail: i32 = tailAt(client);
  for (let at: i32 = cursorAt(client); at < tail; at = packetEnd(at)) {
    const type: i32 = i32.load8_u(at) >> 4;
    if (type === PUBREL) {
      // A delivered message still needs the room for its own acknowledgement.
      if (canAcknowledge(client) === 0 || (flagsOf(client) & FLAG_DELIVERED) !== 0) return;
      queueAcknowledgement(client, PUBREL, entryId(at));
      i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) + 1);
    } else if (type !== 0) {
      return;
    }
    i32.store(client + CURSOR, packetEnd(at) - client);
  }
}

/** Whether there is a packet at the cursor that the window lets out. */
function mayAdvance(client: i32): i32 {
  const at: i32 = cursorAt(client);
  if (at === tailAt(client)) return 0;
  const first: i32 = i32.load8_u(at);
  if (first >> 4 === PUBREL) return 0;
  if (first >> 4 !== PUBLISH || (first & QOS) === 0) return 1;
  return i32.load(client + IN_FLIGHT) < i32.load(client + WINDOW) ? 1 : 0;
}

/** `count` bytes of what `transmit` offered last have been written. Answers OK, or MISUSE_RANGE for more than was offered. */
export function transmitted(client: i32, count: i32, now: i32): i32 {
  const offered: i32 = i32.load(client + TRANSMIT);
  const state: i32 = i32.load8_u(client + STATE);
  const isControl: i32 = offered === CONTROL ? 1 : 0;
  const at: i32 = state === CONNECTING ? client + i32.load(client + CONNECT_PACKET) : cursorAt(client);
  const progress: i32 = i32.load(client + PROGRESS) + count;
  let left: i32 = i32.load(client + CONTROL_SIZE) - count;
  if (offered === 0 || count < 0) return MISUSE_RANGE;
  if (isControl === 0) left = packetEnd(at) - at - progress;
  if (left < 0) return MISUSE_RANGE;
  i32.store(client + TRANSMIT, 0);
  i32.store(client + LAST_SENT, now);
  if (isControl === 0) {
    i32.store(client + PROGRESS, progress);
    if (left === 0 && state !== CONNECTING) packetSent(client, at, now);
    return OK;
  }
  memory.copy(client + CONTROL, client + CONTROL + count, left);
  i32.store(client + CONTROL_SIZE, left);
  if (left === 0 && state === DISCONNECTING) {
    i32.store(client + REASON, ENDED_DISCONNECT);
    step(client, SENT);
  }
  return OK;
}

/** The packet at the cursor has left whole. */
function packetSent(client: i32, at: i32, now: i32): void {
  const first: i32 = i32.load8_u(at);
  i32.store(client + PROGRESS, 0);
  // Nothing was owed before: the wait for an answer begins with this packet.
  if (at === headAt(client)) awaitResponse(client, now);
  i32.store(client + CURSOR, packetEnd(at) - client);
  if (first >> 4 !== PUBLISH) return;
  if ((first & QOS) === 0) {
    release(client, at);
    return;
  }
  // From here on it may have been delivered [MQTT-3.3.1-1].
  mark(client, at, first | DUP);
  i32.store(client + IN_FLIGHT, i32.load(client + IN_FLIGHT) + 1);
}
