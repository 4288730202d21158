/**
 * A PUBLISH on its way to the host, in pieces where it is larger than the receive region.
 *
 * Header and topic of a large one stay at the front of the region, pieces of its payload follow one another behind them, and
 * it is acknowledged after the last. A piece is as large as the region allows; only the last is smaller. The modes:
 *
 *     PIECES      each piece is a MESSAGE event, with its offset and the total
 *     SKIP        a message that is not to be delivered: a duplicate, or one that has to come again
 *     OVERSIZED   the topic itself does not fit: what has come of it is cut out until the rest does, then the message is
 *                 skipped, and an OVERSIZE event says so. Closing instead would meet the same message again, for ever.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { DELIVERED, END, MODE, PIECE_SIZE, RECEIVED_END, RECEIVED_START, STREAM_LEFT, VIEW } from "../layout.ts";
import { least } from "../least.ts";
import { LARGE } from "../profile.ts";
import {
  INCOMPLETE,
  MALFORMED_PROPERTIES,
  MALFORMED_SIZE,
  OK,
  RECEIVE_MAXIMUM_EXCEEDED,
  UNEXPECTED_SIZE,
} from "../status.ts";
import { bodyAt, packetEnd } from "../wire/header.ts";
import { publishOverhead, readPublish, VIEW_PAYLOAD, VIEW_PAYLOAD_SIZE } from "../wire/publish.ts";
import { BYTES, NAME } from "../wire/text.ts";
import { readLength, writeLength } from "../wire/varint.ts";
import { resolveAlias } from "./aliases.ts";
import { MESSAGE, NONE, OVERSIZE } from "./events.ts";
import { compact, receiveRoom } from "./inbound.ts";
import { acknowledge, countMessage, isDeliverable } from "./packets.ts";
import { isFive } from "./version.ts";

// Bits of MODE, 0 while no payload is coming in.
export const PIECES: i32 = 1;
export const SKIP: i32 = 2;
const OVERSIZED: i32 = 4;

/** Begins with the PUBLISH at `at`, whose header and topic are there. Answers NONE or what is wrong with it. */
function beginPieces(client: i32, at: i32): i32 {
  const mode: i32 = i32.load8_u(client + MODE);
  // What is left of a topic that was cut may begin in the middle of a character.
  const fault: i32 = readPublish(at, client + VIEW, mode === 0 ? NAME : BYTES, isFive(client));
  if (fault !== OK) return fault;
  if (isFive(client) !== 0) {
    const wrong: i32 = resolveAlias(client);
    if (wrong !== OK) return wrong;
    if (countMessage(client) === 0) return RECEIVE_MAXIMUM_EXCEEDED;
  }
  i32.store8(client + MODE, mode | (mode !== 0 || isDeliverable(client) === 0 ? SKIP : PIECES));
  i32.store(client + RECEIVED_START, i32.load(client + VIEW + VIEW_PAYLOAD));
  i32.store(client + STREAM_LEFT, i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
  return NONE;
}

/** The whole PUBLISH at `at`, for a build without pieces. Answers its event or what is wrong with it. */
export function takeMessage(client: i32, at: i32): i32 {
  const fault: i32 = readPublish(at, client + VIEW, NAME, isFive(client));
  if (fault !== OK) return fault;
  i32.store(client + PIECE_SIZE, i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
  i32.store8(client + DELIVERED, 1);
  return MESSAGE;
}

/** Begins with the PUBLISH at `at`, of which what is before `end` is there. Answers NONE, INCOMPLETE, or what is wrong with it. */
export function beginMessage(client: i32, at: i32, end: i32): i32 {
  const body: i32 = bodyAt(at);
  const rest: i32 = packetEnd(at) - body;
  const overhead: i32 = publishOverhead(i32.load8_u(at));
  const available: i32 = end - body - 2;
  // Before there is a size of the topic, that of the packet tells whether it can come.
  if (overhead > rest) return MALFORMED_SIZE;
  if (available < 0) return INCOMPLETE;
  const topicSize: i32 = readU16(body);
  let payload: i32 = topicSize + overhead;
  if (payload > rest) return MALFORMED_SIZE;
  if (isFive(client) !== 0) {
    if (payload === rest) return MALFORMED_SIZE;
    const size: i32 = readLength(body + payload, end);
    if (size >= 0) payload += size;
    if (size < INCOMPLETE || payload > rest) return MALFORMED_PROPERTIES;
    // The server knows the Maximum Packet Size of CONNECT: topic and properties have to fit.
    if (body + least(payload + 1, rest) > i32.load(client + END)) return UNEXPECTED_SIZE;
    if (size < 0) return INCOMPLETE;
  }
  // No byte of payload would fit behind the topic; a message that ends with the region fits, though it has none.
  if (body + least(payload + 1, rest) > i32.load(client + END)) {
    // As if the packet had been sent without these bytes; its header is as long as before.
    const cut: i32 = least(topicSize, available);
    writeLength(at + 1, rest - cut, body - 1);
    writeU16(body, topicSize - cut);
    memory.copy(at + cut, at, body + 2 - at);
    i32.store(client + RECEIVED_START, at + cut);
    i32.store8(client + MODE, OVERSIZED);
    return cut === 0 ? INCOMPLETE : NONE;
  }
  return body + payload > end ? INCOMPLETE : beginPieces(client, at);
}

/** Takes what has come of the payload since. Answers an event, NONE or INCOMPLETE. */
export function continueStream(client: i32, mode: i32): i32 {
  const start: i32 = i32.load(client + RECEIVED_START);
  const left: i32 = i32.load(client + STREAM_LEFT);
  const size: i32 = least(i32.load(client + RECEIVED_END) - start, left);
  if (size < left && receiveRoom(client) > 0) return INCOMPLETE;
  i32.store(client + RECEIVED_START, start + size);
  i32.store(client + STREAM_LEFT, left - size);
  i32.store(client + PIECE_SIZE, size);
  i32.store8(client + DELIVERED, 1);
  if (mode === PIECES) return MESSAGE;
  settle(client);
  return size === left && mode !== SKIP ? OVERSIZE : NONE;
}

/** The host is done with the last piece. Makes room for the next, or acknowledges the message. */
export function settle(client: i32): void {
  if (i32.load8_u(client + DELIVERED) === 0) return;
  i32.store8(client + DELIVERED, 0);
  if (LARGE !== 0 && i32.load(client + STREAM_LEFT) !== 0) {
    compact(client, i32.load(client + VIEW + VIEW_PAYLOAD));
    return;
  }
  if (LARGE !== 0) i32.store8(client + MODE, 0);
  acknowledge(client);
}
