/**
 * PUBLISH of 5.0 (3.3): the 3.1.1 packet with a property list before its payload.
 *
 * A broker passes most of the list on unaltered and in order [MQTT-3.3.2-4] [MQTT-3.3.2-15] [MQTT-3.3.2-16]
 * [MQTT-3.3.2-17] [MQTT-3.3.2-18] [MQTT-3.3.2-20]. So the list is checked against the table but not built as an object:
 * what is passed on stays the bytes that came, without the two properties that concern one hop or one moment only, the
 * alias and the expiry.
 */
import { PUBLISH, type Qos } from "./control.ts";
import { Fields } from "./fields.ts";
import { lengthSize, writeLength } from "./length.ts";
import { readListEnd, readPropertyRow, readValue, SeenProperties } from "./property-list.ts";
import { copyBytes, decodePublish, newPublishView, type PublishView } from "./publish.ts";
import { PROTOCOL_ERROR } from "./reasons.ts";
import { RULES_5 } from "./rules.ts";
import { Violation } from "./violation.ts";

export interface Publish5View extends PublishView {
  /** 0 when there is none. */
  topicAlias: number;
  /** Seconds, or -1 when the message does not expire. */
  messageExpiryS: number;
  /** The properties that go on to the subscribers as they are, a copy; null when there are none. */
  forwarded: Uint8Array | null;
}

export function newPublish5View(): Publish5View {
  return { ...newPublishView(), topicAlias: 0, messageExpiryS: -1, forwarded: null };
}

/** Sizes on the wire: an identifier and two or four bytes. */
const ALIAS_SIZE = 3;
const EXPIRY_SIZE = 5;

/** Fills `view`. `isFromClient` refuses what only a server sends. Throws a Violation. */
export function decodePublish5(
  view: Publish5View,
  bytes: Uint8Array,
  first: number,
  start: number,
  end: number,
  isFromClient: boolean,
): void {
  decodePublish(view, bytes, first, start, end, true);
  view.topicAlias = 0;
  view.messageExpiryS = -1;
  view.forwarded = null;
  if (view.payloadStart < end && bytes[view.payloadStart] === 0) view.payloadStart++;
  else readList(view, bytes, end, isFromClient);
  if (view.topicStart === view.topicEnd && view.topicAlias === 0) {
    throw new Violation("MQTT 3.3.2.1", "a PUBLISH with neither a topic nor a topic alias", PROTOCOL_ERROR);
  }
}

function readList(view: Publish5View, bytes: Uint8Array, end: number, isFromClient: boolean): void {
  const fields = new Fields(bytes, view.payloadStart, end, RULES_5);
  const listEnd = readListEnd(fields, PUBLISH);
  const listStart = fields.at;
  const seen = new SeenProperties();
  let aliasAt = -1;
  let expiryAt = -1;
  while (fields.at < listEnd) {
    const at = fields.at;
    const row = readPropertyRow(fields, listEnd, PUBLISH, seen);
    const value = readValue(fields, row, listEnd);
    if (row.name === "topicAlias") {
      aliasAt = at;
      view.topicAlias = value as number;
    } else if (row.name === "messageExpiryS") {
      expiryAt = at;
      view.messageExpiryS = value as number;
    } else if (row.name === "subscriptionIds" && isFromClient) {
      throw new Violation("MQTT-3.3.4-6", "a subscription identifier in a PUBLISH to the server", PROTOCOL_ERROR);
    }
  }
  view.payloadStart = listEnd;
  view.forwarded = withoutTwo(bytes, listStart, listEnd, aliasAt, expiryAt);
}

/** A copy of bytes[start, end) without the alias and the expiry, or null when nothing is left. */
function withoutTwo(bytes: Uint8Array, start: number, end: number, aliasAt: number, expiryAt: number) {
  const size = end - start - (aliasAt < 0 ? 0 : ALIAS_SIZE) - (expiryAt < 0 ? 0 : EXPIRY_SIZE);
  if (size === 0) return null;
  const copy = new Uint8Array(size);
  let to = 0;
  for (let at = start; at < end; ) {
    if (at === aliasAt) at += ALIAS_SIZE;
    else if (at === expiryAt) at += EXPIRY_SIZE;
    else copy[to++] = bytes[at++];
  }
  return copy;
}

/** What stands before the payload of a PUBLISH to one subscriber. */
export interface Publish5Header {
  first: number;
  /** Two bytes of length and the name. */
  topic: Uint8Array;
  qos: Qos;
  packetId: number;
  /** 0 for none. With `isAliasKnown` the name is left out. */
  alias: number;
  isAliasKnown: boolean;
  /** Seconds, or -1 for none. */
  messageExpiryS: number;
  forwarded: Uint8Array | null;
  subscriptionIds: readonly number[];
}

const SUBSCRIPTION_ID = 0x0b;
const MESSAGE_EXPIRY = 0x02;
const TOPIC_ALIAS = 0x23;
const NO_TOPIC = Uint8Array.of(0, 0);

/** The size of the property list without its length. */
export function listSize(header: Publish5Header): number {
  let size = header.forwarded === null ? 0 : header.forwarded.length;
  if (header.messageExpiryS >= 0) size += EXPIRY_SIZE;
  if (header.alias > 0) size += ALIAS_SIZE;
  const { subscriptionIds } = header;
  for (let index = 0; index < subscriptionIds.length; index++) size += 1 + lengthSize(subscriptionIds[index]);
  return size;
}

/** The Remaining Length of the packet. */
export function remainingLength(header: Publish5Header, size: number, payloadSize: number): number {
  const topicSize = header.isAliasKnown ? 2 : header.topic.length;
  return topicSize + (header.qos > 0 ? 2 : 0) + lengthSize(size) + size + payloadSize;
}

/** Writes everything before the payload at `at` and returns the offset after it. */
export function writePublish5Header(
  target: Uint8Array,
  at: number,
  header: Publish5Header,
  size: number,
  length: number,
): number {
  target[at] = header.first;
  let next = writeLength(target, at + 1, length);
  const topic = header.isAliasKnown ? NO_TOPIC : header.topic;
  copyBytes(target, next, topic, 0, topic.length);
  next += topic.length;
  if (header.qos > 0) {
    target[next++] = header.packetId >> 8;
    target[next++] = header.packetId & 0xff;
  }
  next = writeLength(target, next, size);
  if (header.messageExpiryS >= 0) {
    const expiryS = header.messageExpiryS;
    target[next++] = MESSAGE_EXPIRY;
    for (let shift = 24; shift >= 0; shift -= 8) target[next++] = (expiryS >>> shift) & 0xff;
  }
  if (header.forwarded !== null) {
    copyBytes(target, next, header.forwarded, 0, header.forwarded.length);
    next += header.forwarded.length;
  }
  for (const id of header.subscriptionIds) {
    target[next++] = SUBSCRIPTION_ID;
    next = writeLength(target, next, id);
  }
  if (header.alias > 0) {
    target[next++] = TOPIC_ALIAS;
    target[next++] = header.alias >> 8;
    target[next++] = header.alias & 0xff;
  }
  return next;
}
