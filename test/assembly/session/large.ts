/**
 * Messages too large for a receive region, and the pieces that come of them.
 */
import { generate } from "mqtt-packet";
import { expect } from "vitest";
import type { Event } from "./endpoint.ts";

/** Bytes of the receive region of the clients that get them. */
export const RECEIVE = 64;

export function message(qos: 0 | 1 | 2, topic: string, payload: string, messageId = 7, dup = false): Buffer {
  return generate({ cmd: "publish", topic, payload, qos, dup, retain: false, ...(qos > 0 ? { messageId } : {}) });
}

/** Text of which no part looks like another. */
export const text = (size: number): string =>
  Array.from({ length: size }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join("");

/** Puts pieces together; throws where one is missing, or not where it says. */
export function whole(events: readonly Event[]): { topic: string; text: string; qos: number }[] {
  const messages: { topic: string; text: string; qos: number }[] = [];
  let expected = 0;
  for (const event of events) {
    if (event.type !== "message") continue;
    expect(event.offset).toBe(expected);
    if (expected === 0) messages.push({ topic: event.topic, text: "", qos: event.qos });
    const last = messages[messages.length - 1];
    expect(event.topic).toBe(last.topic);
    last.text += event.text;
    expected += event.text.length;
    expect(expected).toBeLessThanOrEqual(event.total);
    if (expected === event.total) expected = 0;
  }
  expect(expected).toBe(0);
  return messages;
}
