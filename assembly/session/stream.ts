/**
 * A PUBLISH larger than the receive region, in pieces.
 *
 * Its header and topic stay at the front of the region, pieces of its payload follow one another behind them, and it is
 * acknowledged after the last (settle in session/inbound.ts). Three ways through, told apart by two flags:
 *
 *     STREAM         each piece is a MESSAGE event, with its offset and the total
 *     SKIP           a message that is not to be delivered: a duplicate, or one that has to come again
 *     STREAM | SKIP  the topic itself does not fit: it is passed over, then the rest is skipped, and an
 *                    OVERSIZE event says so. Closing instead would meet the same message again, for ever.
 */
import { readU16 } from "../bytes.ts";
import {
  END,
  FLAG_DELIVERED,
  FLAG_SKIP,
  FLAG_STREAM,
  PIECE_OFFSET,
  PIECE_TOTAL,
  RECEIVE,
  RECEIVED_END,
  RECEIVED_START,
  STATE,
  STREAM_LEFT,
  VIEW,
} from "../layout.ts";
import { INCOMPLETE, MALFORMED_ID, MALFORMED_SIZE, UNEXPECTED_SIZE } from "../status.ts";
import { bodyAt, PUBLISH, packetEnd, QOS } from "../wire/header.ts";
import {
  decodePublish,
  publishOverhead,
  VIEW_FLAGS,
  VIEW_ID,
  VIEW_PAYLOAD,
  VIEW_PAYLOAD_SIZE,
  VIEW_TOPIC,
  VIEW_TOPIC_SIZE,
} from "../wire/publish.ts";
import { MESSAGE, NONE, OVERSIZE } from "./events.ts";
import { clearFlag, flagsOf, setFlag } from "./flags.ts";
import { receiveRoom } from "./inbound.ts";
import { acknowledge, isDeliverable } from "./packets.ts";
import { CONNECTED } from "./transitions.ts";

function setStream(client: i32, flags: i32): void {
  clearFlag(client, FLAG_STREAM | FLAG_SKIP);
  setFlag(client, flags);
}

/** Begins with the packet at `at`, of which `available` bytes are there. Answers NONE, INCOMPLETE, or what is wrong. */
export function beginStream(client: i32, at: i32, available: i32): i32 {
  const first: i32 = i32.load8_u(at);
  if (first >> 4 !== PUBLISH || i32.load8_u(client + STATE) !== CONNECTED) return UNEXPECTED_SIZE;
  const body: i32 = bodyAt(at);
  if (at + available < body + 2) return INCOMPLETE;
  const topicSize: i32 = readU16(body);
  const overhead: i32 = publishOverhead(first);
  const afterTopic: i32 = packetEnd(at) - body - 2 - topicSize;
  if (afterTopic < overhead - 2) return MALFORMED_SIZE;

  const front: i32 = client + i32.load(client + RECEIVE);
  const headerSize: i32 = body - at + overhead + topicSize;
  if (front + headerSize >= client + i32.load(client + END)) {
    i32.store(client + VIEW + VIEW_FLAGS, first & 0x0f);
    i32.store(client + VIEW + VIEW_ID, 0);
    i32.store(client + VIEW + VIEW_TOPIC, 0);
    i32.store(client + VIEW + VIEW_TOPIC_SIZE, topicSize);
    i32.store(client + PIECE_TOTAL, afterTopic);
    i32.store(client + STREAM_LEFT, topicSize);
    i32.store(client + RECEIVED_START, body + 2 - client);
    setStream(client, FLAG_STREAM | FLAG_SKIP);
    return NONE;
  }
  if (available < headerSize) return INCOMPLETE;
  memory.copy(front, at, available);
  const fault: i32 = decodePublish(front, front + headerSize, client + VIEW);
  if (fault < 0) return fault;
  const total: i32 = i32.load(client + VIEW + VIEW_PAYLOAD_SIZE);
  i32.store(client + PIECE_OFFSET, 0);
  i32.store(client + PIECE_TOTAL, total);
  i32.store(client + STREAM_LEFT, total);
  i32.store(client + RECEIVED_START, front + headerSize - client);
  i32.store(client + RECEIVED_END, front + available - client);
  setStream(client, isDeliverable(client) === 0 ? FLAG_SKIP : FLAG_STREAM);
  return NONE;
}

/** Takes what has come of the packet since. Answers an event, NONE, INCOMPLETE, or what is wrong. */
export function continueStream(client: i32): i32 {
  const flags: i32 = flagsOf(client) & (FLAG_STREAM | FLAG_SKIP);
  const start: i32 = i32.load(client + RECEIVED_START);
  const end: i32 = i32.load(client + RECEIVED_END);
  const left: i32 = i32.load(client + STREAM_LEFT);
  const size: i32 = end - start < left ? end - start : left;
  if (flags === FLAG_STREAM) {
    // A piece is as large as the region allows; only the last is smaller.
    if (size < left && receiveRoom(client) > 0) return INCOMPLETE;
    i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, size);
    setFlag(client, FLAG_DELIVERED);
    takePiece(client, size);
    return MESSAGE;
  }
  takePiece(client, size);
  if (size < left) return INCOMPLETE;
  return flags === FLAG_SKIP ? endSkip(client) : endTopic(client);
}

function takePiece(client: i32, size: i32): void {
  i32.store(client + RECEIVED_START, i32.load(client + RECEIVED_START) + size);
  i32.store(client + STREAM_LEFT, i32.load(client + STREAM_LEFT) - size);
}

/** The host has read a piece. Answers 1 where more of the message is to come, 0 where that was its last. */
export function endPiece(client: i32): i32 {
  if (i32.load(client + STREAM_LEFT) === 0) {
    setStream(client, 0);
    return 0;
  }
  const payload: i32 = i32.load(client + VIEW + VIEW_PAYLOAD) - client;
  i32.store(client + PIECE_OFFSET, i32.load(client + PIECE_OFFSET) + i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
  i32.store(client + RECEIVED_START, payload);
  i32.store(client + RECEIVED_END, payload);
  return 1;
}

/** A topic that does not fit has been passed over: takes the identifier behind it, then skips the payload. */
function endTopic(client: i32): i32 {
  let rest: i32 = i32.load(client + PIECE_TOTAL);
  if ((i32.load(client + VIEW + VIEW_FLAGS) & QOS) !== 0) {
    const start: i32 = i32.load(client + RECEIVED_START);
    if (i32.load(client + RECEIVED_END) - start < 2) return INCOMPLETE;
    const id: i32 = readU16(client + start);
    // [MQTT-2.3.1-1]
    if (id === 0) return MALFORMED_ID;
    i32.store(client + VIEW + VIEW_ID, id);
    i32.store(client + RECEIVED_START, start + 2);
    rest -= 2;
  }
  i32.store(client + PIECE_TOTAL, rest);
  i32.store(client + STREAM_LEFT, rest);
  setStream(client, FLAG_SKIP);
  return NONE;
}

/** A message that was not to be delivered has passed. */
function endSkip(client: i32): i32 {
  setStream(client, 0);
  acknowledge(client);
  return i32.load(client + VIEW + VIEW_TOPIC) === 0 ? OVERSIZE : NONE;
}
