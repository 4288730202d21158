/**
 * Topic aliases, MQTT 5.0 section 3.3.2.3.4: a number of two bytes in place of a topic, for one connection.
 *
 * Of the client: the first message of a topic leaves with its topic and the next alias, those that follow with the alias alone,
 * as long as the server's maximum and the region last. The outbox holds every message whole, so that it can be sent
 * on another connection; what leaves in place of its head is written to the free end of the region, and behind it the rest
 * of the message leaves from where it stands. An entry of the region is room for a fixed header, then the topic, its alias
 * being its number. A head needs HEAD_MAX bytes behind the last entry, and what a new topic takes.
 *
 * Of the server: an entry is the alias, then the topic.
 */
import { readU16, writeU16 } from "../bytes.ts";
import {
  ALIASES_IN_TAIL,
  ALIASES_LAST,
  ALIASES_OUT,
  ALIASES_OUT_TAIL,
  END,
  EVENT_CODE,
  REST,
  SERVER_ALIASES,
  SERVER_PACKET,
  VIEW,
} from "../layout.ts";
import { ALIAS_INVALID, OK, UNEXPECTED_TOPIC } from "../status.ts";
import { bodyAt, PUBLISH, packetEnd, sizeWithHeader, writeHeader } from "../wire/header.ts";
import { ALIAS, ALIAS_MAXIMUM, propertiesAt, propertiesEnd } from "../wire/property.ts";
import { VIEW_TOPIC, VIEW_TOPIC_SIZE } from "../wire/publish.ts";
import { isSameText } from "../wire/text.ts";
import { varintSize, writeLength } from "../wire/varint.ts";
import { blockOf, ownLimit } from "./limits.ts";
import { leave } from "./outbound.ts";

/** Fixed header, no topic, identifier, size of the properties, alias. */
const HEAD_MAX: i32 = 16;
/** Bytes of the longest fixed header, and what a property with an alias takes. */
const HEADER_MAX: i32 = 5;
const ALIAS_SIZE: i32 = 3;

/** Lets the packet at `at` leave by an alias. Answers the bytes of the head that leaves first, or 0: it leaves as it is. */
export function leaveByAlias(client: i32, at: i32): i32 {
  const tail: i32 = i32.load(client + ALIASES_OUT_TAIL);
  const topic: i32 = bodyAt(at);
  let entry: i32 = i32.load(client + ALIASES_OUT);
  let alias: i32 = 1;
  if (i32.load8_u(at) >> 4 !== PUBLISH || i32.load(client + SERVER_ALIASES) === 0) return 0;
  const topicSize: i32 = readU16(topic);
  while (entry < tail && isSameText(entry + HEADER_MAX, topic) === 0) {
    entry += HEADER_MAX + 2 + readU16(entry + HEADER_MAX);
    alias += 1;
  }
  // A new one takes room, and the topic leaves once more.
  const newSize: i32 = entry < tail ? 0 : topicSize;
  const next: i32 = entry < tail ? tail : tail + HEADER_MAX + 2 + topicSize;
  if (next + HEAD_MAX > i32.load(client + ALIASES_LAST) || alias > i32.load(client + SERVER_ALIASES)) return 0;
  const block: i32 = blockOf(at);
  const properties: i32 = propertiesAt(block);
  const listSize: i32 = propertiesEnd(block) - properties + ALIAS_SIZE;
  const idSize: i32 = block - topic - 2 - topicSize;
  const headSize: i32 = 2 + newSize + idSize + varintSize(listSize) + ALIAS_SIZE;
  const bodySize: i32 = headSize + packetEnd(at) - properties;
  const size: i32 = sizeWithHeader(bodySize);
  if (topicSize <= ALIAS_SIZE || size > i32.load(client + SERVER_PACKET)) return 0;
  const start: i32 = tail + HEADER_MAX - (size - bodySize);
  let target: i32 = writeHeader(start, i32.load8_u(at), bodySize);
  writeU16(target, newSize);
  memory.copy(target + 2, topic + 2, newSize);
  target += 2 + newSize;
  memory.copy(target, block - idSize, idSize);
  target = writeLength(target + idSize, listSize, 0);
  i32.store8(target, ALIAS);
  writeU16(target + 1, alias);
  i32.store(client + ALIASES_OUT_TAIL, next);
  i32.store(client + REST, properties);
  leave(client, start, target + ALIAS_SIZE - start);
  return target + ALIAS_SIZE - start;
}

/** Remembers the topic of the message in the view by its alias, or finds it by that. Answers OK or what is wrong with the alias. */
export function resolveAlias(client: i32): i32 {
  const alias: i32 = i32.load(client + EVENT_CODE);
  const topicSize: i32 = i32.load(client + VIEW + VIEW_TOPIC_SIZE);
  let tail: i32 = i32.load(client + ALIASES_IN_TAIL);
  let entry: i32 = i32.load(client + END);
  if (alias === 0) return OK;
  // [MQTT-3.1.2-27]
  if (alias > ownLimit(client, ALIAS_MAXIMUM, 0)) return ALIAS_INVALID;
  while (entry < tail && readU16(entry) !== alias) entry += 4 + readU16(entry + 2);
  if (topicSize === 0) {
    if (entry === tail) return UNEXPECTED_TOPIC;
    i32.store(client + VIEW + VIEW_TOPIC, entry + 4);
    i32.store(client + VIEW + VIEW_TOPIC_SIZE, readU16(entry + 2));
    return OK;
  }
  if (entry < tail) {
    const behind: i32 = entry + 4 + readU16(entry + 2);
    memory.copy(entry, behind, tail - behind);
    tail -= behind - entry;
  }
  if (tail + 4 + topicSize <= i32.load(client + ALIASES_OUT)) {
    writeU16(tail, alias);
    memory.copy(tail + 2, i32.load(client + VIEW + VIEW_TOPIC) - 2, topicSize + 2);
    tail += 4 + topicSize;
  }
  i32.store(client + ALIASES_IN_TAIL, tail);
  return OK;
}

/** An alias is one connection's: a new one begins with none. */
export function forgetAliases(client: i32): void {
  i32.store(client + ALIASES_IN_TAIL, i32.load(client + END));
  i32.store(client + ALIASES_OUT_TAIL, i32.load(client + ALIASES_OUT));
}
