/**
 * A PUBLISH on its way to the host, in pieces where it is larger than the receive region.
 *
 * Header and topic of a large one stay at the front of the region, pieces of its payload follow one another behind them, and
 * it is acknowledged after the last (settle in session/inbound.ts). Three ways through, told apart by two flags:
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
  STREAM_LEFT,
  VIEW,
} from "../layout.ts";
import { INCOMPLETE, MALFORMED_ID, MALFORMED_SIZE } from "../status.ts";
import { bodyAt, packetEnd, QOS } from "../wire/header.ts";
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

/** `size` bytes from `start`, an offset from the record, are to come next. */
function expect(client: i32, flags: i32, start: i32, size: i32): i32 {
  clearFlag(client, FLAG_STREAM | FLAG_SKIP);
  setFlag(client, flags);
  i32.store(client + RECEIVED_START, start);
  i32.store(client + STREAM_LEFT, size);
  i32.store(client + PIECE_TOTAL, size);
  return NONE;
}

/** Begins with a PUBLISH whose header and topic are there. Answers NONE or what is wrong with it. */
export function beginPieces(client: i32, at: i32): i32 {
  const fault: i32 = decodePublish(at, client + VIEW);
  if (fault < 0) return fault;
  const start: i32 = i32.load(client + VIEW + VIEW_PAYLOAD) - client;
  i32.store(client + PIECE_OFFSET, 0);
  return expect(
    client,
    isDeliverable(client) === 0 ? FLAG_SKIP : FLAG_STREAM,
    start,
    i32.load(client + VIEW + VIEW_PAYLOAD_SIZE),
  );
}

/** Begins with a PUBLISH larger than the region, at its front. Answers NONE, INCOMPLETE, or what is wrong with it. */
export function beginLarge(client: i32, available: i32): i32 {
  const at: i32 = client + i32.load(client + RECEIVE);
  const body: i32 = bodyAt(at);
  if (available < body + 2 - at) return INCOMPLETE;
  const first: i32 = i32.load8_u(at);
  const topicSize: i32 = readU16(body);
  const payload: i32 = body + publishOverhead(first) + topicSize;
  if (payload > packetEnd(at)) return MALFORMED_SIZE;
  if (payload >= client + i32.load(client + END)) {
    i32.store(client + VIEW + VIEW_FLAGS, first & 0x0f);
    i32.store(client + VIEW + VIEW_ID, 0);
    i32.store(client + VIEW + VIEW_TOPIC, 0);
    i32.store(client + VIEW + VIEW_TOPIC_SIZE, topicSize);
    i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, packetEnd(at) - payload);
    return expect(client, FLAG_STREAM | FLAG_SKIP, body + 2 - client, topicSize);
  }
  return at + available < payload ? INCOMPLETE : beginPieces(client, at);
}

/** Takes what has come of the packet since. Answers an event, NONE, INCOMPLETE, or what is wrong. */
export function continueStream(client: i32): i32 {
  const flags: i32 = flagsOf(client) & (FLAG_STREAM | FLAG_SKIP);
  const start: i32 = i32.load(client + RECEIVED_START);
  const left: i32 = i32.load(client + STREAM_LEFT);
  let size: i32 = i32.load(client + RECEIVED_END) - start;
  if (size > left) size = left;
  // A piece is as large as the region allows; only the last is smaller.
  if (flags === FLAG_STREAM && size < left && receiveRoom(client) > 0) return INCOMPLETE;
  i32.store(client + RECEIVED_START, start + size);
  i32.store(client + STREAM_LEFT, left - size);
  if (flags === FLAG_STREAM) {
    i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, size);
    setFlag(client, FLAG_DELIVERED);
    return MESSAGE;
  }
  if (size < left) return INCOMPLETE;
  return flags === FLAG_SKIP ? endSkip(client) : endTopic(client);
}

/** The host has read a piece. Answers 1 where more of the message is to come, 0 where that was its last. */
export function endPiece(client: i32): i32 {
  const payload: i32 = i32.load(client + VIEW + VIEW_PAYLOAD) - client;
  if (i32.load(client + STREAM_LEFT) === 0) {
    clearFlag(client, FLAG_STREAM);
    return 0;
  }
  i32.store(client + PIECE_OFFSET, i32.load(client + PIECE_OFFSET) + i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
  i32.store(client + RECEIVED_START, payload);
  i32.store(client + RECEIVED_END, payload);
  return 1;
}

/** A topic that does not fit has been passed over: takes the identifier behind it, then skips the payload. */
function endTopic(client: i32): i32 {
  let start: i32 = i32.load(client + RECEIVED_START);
  if ((i32.load(client + VIEW + VIEW_FLAGS) & QOS) !== 0) {
    start += 2;
    if (i32.load(client + RECEIVED_END) < start) return INCOMPLETE;
    const id: i32 = readU16(client + start - 2);
    // [MQTT-2.3.1-1]
    if (id === 0) return MALFORMED_ID;
    i32.store(client + VIEW + VIEW_ID, id);
  }
  return expect(client, FLAG_SKIP, start, i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
}

/** A message that was not to be delivered has passed. */
function endSkip(client: i32): i32 {
  clearFlag(client, FLAG_SKIP);
  acknowledge(client);
  return i32.load(client + VIEW + VIEW_TOPIC) === 0 ? OVERSIZE : NONE;
}
