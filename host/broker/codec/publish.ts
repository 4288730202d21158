/**
 * PUBLISH (3.3): the packet that everything else exists for, so it is read and written without an object for each.
 *
 * `decodePublish` fills one view that its owner uses again for every packet; the topic's bytes are located but not
 * looked at, because a broker sees the same topic again and again and checks a name once (see ../topics.ts).
 */
import { DUP_FLAG, PUBLISH, QOS_SHIFT, type Qos, RETAIN_FLAG } from "./control.ts";
import { lengthSize, writeLength } from "./length.ts";
import { PROTOCOL_ERROR } from "./reasons.ts";
import { Violation } from "./violation.ts";

/** Where the fields of a PUBLISH lie in the received bytes. */
export interface PublishView {
  qos: Qos;
  isDup: boolean;
  isRetain: boolean;
  topicStart: number;
  topicEnd: number;
  /** 1 to 65535 at QoS 1 and 2, otherwise 0. */
  packetId: number;
  /** The payload lasts to the end of the packet. */
  payloadStart: number;
}

export function newPublishView(): PublishView {
  return {
    qos: 0,
    isDup: false,
    isRetain: false,
    topicStart: 0,
    topicEnd: 0,
    packetId: 0,
    payloadStart: 0,
  };
}

/**
 * Fills `view` from the body bytes[start, end) of a packet whose first byte is `first`. `payloadStart` is what follows
 * the packet identifier: of 5.0 the properties. The numbers are the same in 5.0 but one. Throws a Violation.
 */
export function decodePublish(
  view: PublishView,
  bytes: Uint8Array,
  first: number,
  start: number,
  end: number,
  isFive = false,
): void {
  const qos = (first >> QOS_SHIFT) & 3;
  if (qos === 3) throw new Violation("MQTT-3.3.1-4", "a QoS is 0, 1 or 2, not 3");
  const isDup = (first & DUP_FLAG) !== 0;
  if (qos === 0 && isDup) throw new Violation("MQTT-3.3.1-2", "DUP is 1 on a QoS 0 PUBLISH");
  // Of a length that is cut short too the end is beyond the packet's.
  let at = start + 2 + ((bytes[start] << 8) | bytes[start + 1]);
  if (at > end) throw new Violation("MQTT-3.3.2-1", "a PUBLISH ends inside its topic name");
  view.topicStart = start + 2;
  view.topicEnd = at;
  // [MQTT-2.3.1-5] at QoS 0 there is none; 5.0: [MQTT-2.2.1-2].
  view.packetId = 0;
  if (qos > 0) {
    const rule = isFive ? "MQTT-2.2.1-3" : "MQTT-2.3.1-1";
    if (at + 2 > end) throw new Violation(rule, "a PUBLISH ends inside its packet identifier");
    view.packetId = (bytes[at] << 8) | bytes[at + 1];
    if (view.packetId === 0)
      throw new Violation(rule, `a QoS ${qos} PUBLISH has the packet identifier 0`, PROTOCOL_ERROR);
    at += 2;
  }
  view.qos = qos as Qos;
  view.isDup = isDup;
  view.isRetain = (first & RETAIN_FLAG) !== 0;
  view.payloadStart = at;
}

/** The first byte of a PUBLISH. */
export function publishFlags(qos: Qos, isDup: boolean, isRetain: boolean): number {
  return (PUBLISH << 4) | (isDup ? DUP_FLAG : 0) | (qos << QOS_SHIFT) | (isRetain ? RETAIN_FLAG : 0);
}

/** The size of a PUBLISH without its payload. `topicSize` includes the topic's two bytes of length. */
export function publishHeaderSize(topicSize: number, qos: Qos, payloadSize: number): number {
  const fields = topicSize + (qos > 0 ? 2 : 0);
  return 1 + lengthSize(fields + payloadSize) + fields;
}

/**
 * Writes everything before the payload at `at` and returns the offset after it. `topic` is the encoded string with
 * its length in front.
 */
export function writePublishHeader(
  target: Uint8Array,
  at: number,
  first: number,
  topic: Uint8Array,
  packetId: number,
  payloadSize: number,
): number {
  const topicSize = topic.length;
  target[at] = first;
  let next = writeLength(target, at + 1, topicSize + (packetId > 0 ? 2 : 0) + payloadSize);
  copyBytes(target, next, topic, 0, topicSize);
  next += topicSize;
  if (packetId > 0) {
    target[next] = packetId >> 8;
    target[next + 1] = packetId & 0xff;
    next += 2;
  }
  return next;
}

/** Below this many bytes a loop beats the call into `set` and the view that it needs. */
const LOOP_SIZE = 40;

/** Copies source[start, end) to target at `at`. */
export function copyBytes(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): void {
  if (end - start > LOOP_SIZE) {
    target.set(source.subarray(start, end), at);
    return;
  }
  for (let index = start; index < end; index++) target[at++] = source[index];
}
