/**
 * PUBLISH, MQTT 3.1.1 section 3.3.
 *
 * Decoding checks once and fills a view: words that point into the packet. Reading the view checks nothing and copies
 * nothing. Encoding is in two steps, because the host writes topic and payload straight into their place:
 * `beginPublish` writes all that stands before the topic, `sealPublish` checks what the host wrote and adds the identifier.
 */
import { readU16, writeU16 } from "../bytes.ts";
import { MALFORMED_ID, MALFORMED_SIZE, MALFORMED_TOPIC, MALFORMED_UTF8, MISUSE_TOPIC, OK } from "../status.ts";
import { bodyAt, PUBLISH, packetEnd, QOS, writeHeader } from "./header.ts";
import { BYTES, fieldEnd, isText, NAME, TEXT } from "./text.ts";

/** The view, in bytes from its start; each field is a word. */
export const VIEW_FLAGS: i32 = 0;
export const VIEW_ID: i32 = 4;
export const VIEW_TOPIC: i32 = 8;
export const VIEW_TOPIC_SIZE: i32 = 12;
export const VIEW_PAYLOAD: i32 = 16;
export const VIEW_PAYLOAD_SIZE: i32 = 20;
export const VIEW_SIZE: i32 = 24;

/** Bytes behind the fixed header that belong to neither topic nor payload. */
export function publishOverhead(flags: i32): i32 {
  return (flags & QOS) === 0 ? 2 : 4;
}

/** Writes the header of a PUBLISH with `flags` (DUP, QoS, RETAIN) and answers where its topic goes. */
export function beginPublish(at: i32, flags: i32, topicSize: i32, payloadSize: i32): i32 {
  const topic: i32 = writeHeader(at, (PUBLISH << 4) | flags, publishOverhead(flags) + topicSize + payloadSize) + 2;
  writeU16(topic - 2, topicSize);
  return topic;
}

/**
 * Checks the topic that the host wrote [MQTT-3.3.2-1], [MQTT-3.3.2-2], and writes `id` where QoS asks for one
 * [MQTT-2.3.1-5]. Answers OK or MISUSE_TOPIC.
 */
export function sealPublish(at: i32, id: i32): i32 {
  const next: i32 = fieldEnd(bodyAt(at), packetEnd(at), NAME);
  if (next === 0) return MISUSE_TOPIC;
  if (id !== 0) writeU16(next, id);
  return OK;
}

/**
 * Decodes a PUBLISH whose fixed header has been checked and which is there whole, or, of one that comes in pieces, at least
 * up to its payload. The payload's size in the view is that of the whole packet. Answers OK or what is malformed.
 */
export function decodePublish(at: i32, view: i32): i32 {
  const flags: i32 = i32.load8_u(at) & 0x0f;
  const end: i32 = packetEnd(at);
  const body: i32 = bodyAt(at);
  let payload: i32 = fieldEnd(body, end, BYTES);
  if (payload === 0) return MALFORMED_SIZE;
  // [MQTT-3.3.2-1], [MQTT-3.3.2-2], [MQTT-4.7.3-1]; only a topic that is refused is read again, for the reason.
  if (isText(body + 2, payload, NAME) === 0) {
    return isText(body + 2, payload, TEXT) === 0 ? MALFORMED_UTF8 : MALFORMED_TOPIC;
  }
  i32.store(view + VIEW_TOPIC, body + 2);
  i32.store(view + VIEW_TOPIC_SIZE, payload - body - 2);
  let id: i32 = 0;
  if ((flags & QOS) !== 0) {
    payload += 2;
    if (payload > end) return MALFORMED_SIZE;
    id = readU16(payload - 2);
    // [MQTT-2.3.1-1]
    if (id === 0) return MALFORMED_ID;
  }
  i32.store(view + VIEW_FLAGS, flags);
  i32.store(view + VIEW_ID, id);
  i32.store(view + VIEW_PAYLOAD, payload);
  i32.store(view + VIEW_PAYLOAD_SIZE, end - payload);
  return OK;
}
