/**
 * A PUBLISH on its way to the host, in pieces where it is larger than the receive region.
 *
 * Header and topic of a large one stay at the front of the region, pieces of its payload follow one another behind them, and
 * it is acknowledged after the last. A piece is as large as the region allows; only the last is smaller. Three ways through:
 *
 *     PIECES   each piece is a MESSAGE event, with its offset and the total
 *     SKIP     a message that is not to be delivered: a duplicate, or one that has to come again
 *     TOPIC    the topic itself does not fit: it is passed over, then the rest is skipped, and an
 *              OVERSIZE event says so. Closing instead would meet the same message again, for ever.
 */
import { readU16 } from "../bytes.ts";
import {
  DELIVERED,
  END,
  MODE,
  PIECE_SIZE,
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
import { compact, receiveRoom } from "./inbound.ts";
import { acknowledge, isDeliverable } from "./packets.ts";

/** The modes; 0 while no PUBLISH is coming in. */
export const PIECES: i32 = 1;
const SKIP: i32 = 2;
const TOPIC: i32 = 3;

/** `size` bytes from `start`, an offset from the record, are to come next. */
function expect(client: i32, mode: i32, start: i32, size: i32): i32 {
  i32.store8(client + MODE, mode);
  i32.store(client + RECEIVED_START, start);
  i32.store(client + STREAM_LEFT, size);
  return NONE;
}

/** Begins with the PUBLISH at `at`, whose header and topic are there. Answers NONE or what is wrong with it. */
export function beginPieces(client: i32, at: i32): i32 {
  const fault: i32 = decodePublish(at, client + VIEW);
  if (fault < 0) return fault;
  return expect(
    client,
    isDeliverable(client) === 0 ? SKIP : PIECES,
    i32.load(client + VIEW + VIEW_PAYLOAD) - client,
    i32.load(client + VIEW + VIEW_PAYLOAD_SIZE),
  );
}

/** Begins with a PUBLISH that is not there whole. Answers NONE, INCOMPLETE, or what is wrong with it. */
export function beginPart(client: i32): i32 {
  const front: i32 = i32.load(client + RECEIVE);
  compact(client, front);
  const at: i32 = client + front;
  const end: i32 = client + i32.load(client + RECEIVED_END);
  const topic: i32 = bodyAt(at) + 2;
  if (topic > end) return INCOMPLETE;
  const first: i32 = i32.load8_u(at);
  const topicSize: i32 = readU16(topic - 2);
  const payload: i32 = topic - 2 + publishOverhead(first) + topicSize;
  if (payload > packetEnd(at)) return MALFORMED_SIZE;
  // No byte of payload would fit behind the topic; a message that ends with the region fits, though it has none.
  if (packetEnd(at) > client + i32.load(client + END) && payload >= client + i32.load(client + END)) {
    i32.store(client + VIEW + VIEW_FLAGS, first & 0x0f);
    i32.store(client + VIEW + VIEW_ID, 0);
    i32.store(client + VIEW + VIEW_TOPIC, 0);
    i32.store(client + VIEW + VIEW_TOPIC_SIZE, topicSize);
    i32.store(client + VIEW + VIEW_PAYLOAD, at);
    i32.store(client + VIEW + VIEW_PAYLOAD_SIZE, packetEnd(at) - payload);
    return expect(client, TOPIC, topic - client, topicSize);
  }
  return payload > end ? INCOMPLETE : beginPieces(client, at);
}

/** Takes what has come of the packet since. Answers an event, NONE, INCOMPLETE, or what is wrong. */
export function continueStream(client: i32): i32 {
  const mode: i32 = i32.load8_u(client + MODE);
  const start: i32 = i32.load(client + RECEIVED_START);
  const left: i32 = i32.load(client + STREAM_LEFT);
  let size: i32 = i32.load(client + RECEIVED_END) - start;
  if (size > left) size = left;
  if (size < left && receiveRoom(client) > 0) return INCOMPLETE;
  i32.store(client + RECEIVED_START, start + size);
  i32.store(client + STREAM_LEFT, left - size);
  if (mode === TOPIC && size === left) return endTopic(client);
  i32.store(client + PIECE_SIZE, size);
  i32.store8(client + DELIVERED, 1);
  if (mode === PIECES) return MESSAGE;
  settle(client);
  return i32.load8_u(client + MODE) === 0 && i32.load(client + VIEW + VIEW_TOPIC) === 0 ? OVERSIZE : NONE;
}

/** The host is done with the last piece. Makes room for the next, or acknowledges the message. */
export function settle(client: i32): void {
  if (i32.load8_u(client + DELIVERED) === 0) return;
  i32.store8(client + DELIVERED, 0);
  if (i32.load(client + STREAM_LEFT) !== 0) {
    compact(client, i32.load(client + VIEW + VIEW_PAYLOAD) - client);
    return;
  }
  i32.store8(client + MODE, 0);
  acknowledge(client);
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
  return expect(client, SKIP, start, i32.load(client + VIEW + VIEW_PAYLOAD_SIZE));
}
