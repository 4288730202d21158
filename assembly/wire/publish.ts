/**
 * PUBLISH, section 3.3 of MQTT 3.1.1 and of 5.0.
 *
 * Decoding checks once and fills a view: words that point into the packet. Reading the view checks nothing and copies
 * nothing. The host writes topic and payload straight into their place in the outbox; wire/seal.ts checks them there.
 */
import { readU16 } from "../bytes.ts";
import { MALFORMED_ID, MALFORMED_SIZE, MALFORMED_TOPIC, OK, UNEXPECTED_TOPIC } from "../status.ts";
import { bodyAt, packetEnd, QOS } from "./header.ts";
import { ALIAS, blockEnd, IN_PUBLISH, numberOf } from "./property.ts";
import { textEnd } from "./text.ts";

/** The view, in bytes from its start; each field is a word. */
export const VIEW_FLAGS: i32 = 0;
export const VIEW_ID: i32 = 4;
export const VIEW_TOPIC: i32 = 8;
export const VIEW_TOPIC_SIZE: i32 = 12;
export const VIEW_PAYLOAD: i32 = 16;
export const VIEW_PAYLOAD_SIZE: i32 = 20;
export const VIEW_SIZE: i32 = 24;
// Of MQTT 5.0, behind what layout.ts puts there.
/** The property block: where its length stands, 0 for none. */
export const VIEW_PROPERTIES: i32 = 60;
/** The reason code; of PUBLISH the topic alias, 0 for none. */
export const VIEW_CODE: i32 = 64;

/** Bytes behind the fixed header that belong to neither topic nor payload. */
export function publishOverhead(flags: i32): i32 {
  return (flags & QOS) === 0 ? 2 : 4;
}

/**
 * Decodes a PUBLISH whose fixed header has been checked and which is there whole, or, of one that comes in pieces, at least
 * up to its payload. The payload's size in the view is that of the whole packet. The topic is a NAME, or BYTES that nobody
 * will read; with an alias it may be empty. `isFive` is 1 where there are properties. Answers OK or what is wrong.
 */
export function readPublish(at: i32, view: i32, kind: i32, isFive: i32): i32 {
  const flags: i32 = i32.load8_u(at) & 0x0f;
  const end: i32 = packetEnd(at);
  const topic: i32 = bodyAt(at) + 2;
  // [MQTT-3.3.2-1], [MQTT-3.3.2-2], [MQTT-4.7.3-1]
  let payload: i32 = textEnd(topic - 2, end, kind);
  if (isFive !== 0 && payload === MALFORMED_TOPIC && readU16(topic - 2) === 0) payload = topic;
  if (payload < 0) return payload;
  const topicSize: i32 = payload - topic;
  i32.store(view + VIEW_FLAGS, flags);
  i32.store(view + VIEW_TOPIC, topic);
  i32.store(view + VIEW_TOPIC_SIZE, topicSize);
  let id: i32 = 0;
  if ((flags & QOS) !== 0) {
    payload += 2;
    if (payload > end) return MALFORMED_SIZE;
    id = readU16(payload - 2);
    // [MQTT-2.3.1-1]
    if (id === 0) return MALFORMED_ID;
  }
  i32.store(view + VIEW_ID, id);
  if (isFive !== 0) {
    const block: i32 = payload;
    payload = blockEnd(block, end, IN_PUBLISH);
    if (payload < 0) return payload;
    const alias: i32 = payload - block === 1 ? 0 : numberOf(block, ALIAS, 0);
    if ((topicSize | alias) === 0) return UNEXPECTED_TOPIC;
    i32.store(view + VIEW_PROPERTIES, block);
    i32.store(view + VIEW_CODE, alias);
  }
  i32.store(view + VIEW_PAYLOAD, payload);
  i32.store(view + VIEW_PAYLOAD_SIZE, end - payload);
  return OK;
}
